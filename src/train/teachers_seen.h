// teachers_seen.h - whether a student's teachers have learnt from the pictures that measure it. Such
// figures flatter: the student has been told the answers.

#ifndef NN_TRAIN_TEACHERS_SEEN_H
#define NN_TRAIN_TEACHERS_SEEN_H

#include <stdbool.h>

#include "nn/dataset.h"
#include "train/teachers.h"

// A sentence about the first teacher that has, or of which it is not known; false with "" in out:
// none. held (n_held) are the rows of train that are held out.
bool teachers_seen(const Teachers *teachers, const NnTeacherNames *names, const NnDataset *train,
                   const uint32_t *held, size_t n_held, char *out, size_t size);

#endif
