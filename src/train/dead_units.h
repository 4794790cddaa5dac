// dead_units.h - counts the ReLU units that no picture of a set excites: these learn nothing more.

#ifndef NN_TRAIN_DEAD_UNITS_H
#define NN_TRAIN_DEAD_UNITS_H

#include "nn/dataset.h"
#include "nn/model.h"

typedef struct DeadUnits DeadUnits;

// For models of this one's shape. NULL: out of memory.
DeadUnits *dead_units_new(const NnModel *model);
void dead_units_free(DeadUnits *units); // NULL is fine

// hidden: all ReLU units. No allocation.
void dead_units_count(DeadUnits *units, const NnModel *model, const NnDataset *data, int *dead,
                      int *hidden);

#endif
