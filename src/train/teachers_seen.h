// teachers_seen.h - whether a network's teachers, or the one it began as, have learnt from the pictures
// that measure it. Such figures flatter: it has been told the answers.

#ifndef NN_TRAIN_TEACHERS_SEEN_H
#define NN_TRAIN_TEACHERS_SEEN_H

#include <stdbool.h>

#include "nn/dataset.h"
#include "train/start.h"

typedef struct {
    const NnDataset *train;
    const uint32_t *rows; // (n) of train, held out
    size_t n;
} Held;

// A sentence about the first network that has, or of which it is not known; false with "" in out: none.
bool teachers_seen(const Teachers *teachers, const NnTeacherNames *names, const Held *held,
                   char *out, size_t size);
bool start_seen(const Start *start, const char *name, const Held *held, char *out, size_t size);

#endif
