// data_shelf.h - data sets that several views read, each in memory once.
//
// Whoever wants a set takes it and gives it back; the last one to do so frees it. A set whose file
// has changed since it was read is read anew, beside the old one if that is still in use.
//
//     const NnDataset *data = data_shelf_take(shelf, "mnist", NN_SPLIT_TRAIN, &err);
//     data_shelf_give_back(shelf, data);
//
// Thread: any. Taking reads files where nobody has done so yet, so not the UI's; the others never wait.

#ifndef INKLING_APP_DATA_SHELF_H
#define INKLING_APP_DATA_SHELF_H

#include "nn/dataset.h"

typedef struct DataShelf DataShelf;

DataShelf *data_shelf_new(void);        // NULL: out of memory
void data_shelf_free(DataShelf *shelf); // NULL is fine; everything has been given back

// As nn_dataset_load.
const NnDataset *data_shelf_take(DataShelf *shelf, const char *name, NnSplit split, NnError *err);
// Once more what has been taken and not given back; returns data.
const NnDataset *data_shelf_hold(DataShelf *shelf, const NnDataset *data);
void data_shelf_give_back(DataShelf *shelf, const NnDataset *data); // NULL is fine

#endif
