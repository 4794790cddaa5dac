// evaluator.h - logits of a whole data set on workers that already run. The trainer validates with
// it.

#ifndef NN_TRAIN_EVALUATOR_H
#define NN_TRAIN_EVALUATOR_H

#include <stdbool.h>

#include "nn/dataset.h"
#include "nn/model.h"
#include "train/workers.h"

// A product's rounding depends on its rows, so this number is part of the answer.
enum { EVALUATOR_BATCH = 128 };

typedef struct Evaluator Evaluator;

// For models of this one's shape. Borrows workers.
Evaluator *evaluator_new(const NnModel *model, Workers *workers, NnError *err);
void evaluator_free(Evaluator *evaluator); // NULL is fine

// logits (n, 10). False when should_stop (may be NULL) said so. No allocation.
bool evaluator_run(Evaluator *evaluator, const NnModel *model, const NnDataset *data, float *logits,
                   bool (*should_stop)(void *user), void *user);

#endif
