// epochs.h - what a network answered to each picture after every epoch of its run: when it was
// learnt, whether it was forgotten.
//
// A run in a folder keeps its predictions (nn/run.h): those of the pictures it holds out, and of the
// test set where it tracks that. The words are those of Toneva et al., "An empirical study of example
// forgetting during deep neural network learning" (ICLR 2019): a forgetting event is a right answer
// followed by a wrong one. They look at every minibatch of training pictures; here are the ends of
// epochs, of pictures that are not trained on, so there are fewer events.
//
//     if (nn_run_find(model, NULL, folder, sizeof folder, NULL, NULL)) {
//         NnEpochs *epochs = nn_epochs_open(folder, data, err);
//         NnEpochsWord word = nn_epochs_word(epochs, row);
//
// Thread: an open NnEpochs is never written to and may be shared.

#ifndef NN_EPOCHS_H
#define NN_EPOCHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nn/dataset.h"
#include "nn/error.h"
#include "nn/model.h"

typedef enum {
    NN_LEARNING_UNKNOWN,   // no answer is kept
    NN_LEARNING_NEVER,     // none was right
    NN_LEARNING_FORGOTTEN, // at least once, whatever came after
    NN_LEARNING_LEARNT,    // wrong at first, then right to the end
    NN_LEARNING_ALWAYS,    // all were right
    NN_LEARNING_COUNT,
} NnLearning;

const char *nn_learning_name(NnLearning learning); // "never learnt", "forgotten", ...

// Epochs count from 1; 0 says that there is none.
typedef struct {
    NnLearning learning;
    int learnt;       // epoch of the first right answer
    int right_since;  // epoch from which on all answers are right
    int forgotten;    // number of forgetting events ..
    int forgotten_at; // .. and the epoch of the last one
} NnEpochsWord;

typedef struct NnEpochs NnEpochs;

enum { NN_EPOCHS_UNKNOWN = 255 }; // in the place of an answer that is not kept

// The predictions of the run in folder for data: its test set, the training set (of which only the
// rows held out have answers), or its validation split as nn_run_validation gives it.
// NN_ERR_NOT_FOUND: it has none of these pictures.
NnEpochs *nn_epochs_open(const char *folder, const NnDataset *data, NnError *err);
void nn_epochs_free(NnEpochs *epochs); // NULL is fine

int nn_epochs_count(const NnEpochs *epochs);
size_t nn_epochs_rows(const NnEpochs *epochs);                           // of the data set
uint8_t nn_epochs_answer(const NnEpochs *epochs, int epoch, size_t row); // epoch from 1
NnEpochsWord nn_epochs_word(const NnEpochs *epochs, size_t row);
size_t nn_epochs_tally(const NnEpochs *epochs, NnLearning learning); // rows of which this is true

// --- whose run it was ----------------------------------------------------------------------------

// The run that keeps these very weights and is at path: its folder, or a file in it.
bool nn_run_near(const NnModel *model, const char *path, char *folder, size_t size);

// The same near path ("" or NULL: nowhere), else the newest of the runs of the window and of `inkling train --keep`.
// Every alike run's weights are read for it: still_wanted(user), asked before each file, ends that with false; NULL: to the end.
bool nn_run_find(const NnModel *model, const char *path, char *folder, size_t size,
                 bool (*still_wanted)(void *user), void *user);

// The pictures the network's run held out, in their order. They follow from the run's settings, or
// from the recipe and the seed the network's file names; folder: the run's, NULL: there is none.
// NN_ERR_NOT_FOUND: neither is known, or nothing was held out.
NnDataset *nn_run_validation(const NnModel *model, const char *folder, NnError *err);

#endif
