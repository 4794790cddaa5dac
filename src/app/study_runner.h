// study_runner.h - loads data sets and evaluates networks on them, on a thread of its own.
//
// The newest order wins: an evaluation that is no longer wanted is cancelled within a batch. What
// is done is handed over through one atomic pointer, first the pictures, as soon as they are read,
// then the answers as well. Pictures and answers are counted, so that either side may let go first;
// nobody ever waits for the other.
//
//     study_runner_order(runner, &(StudyOrder){.source = STUDY_MNIST_TEST, .owned_model = copy});
//     StudyOutcome *outcome = study_runner_take(runner);   // each frame; NULL: nothing new
//
// Thread: UI, except what runs inside. The functions of StudyPictures and StudyAnswers: any.

#ifndef INKLING_APP_STUDY_RUNNER_H
#define INKLING_APP_STUDY_RUNNER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/data_shelf.h"
#include "nn/study.h"

enum { STUDY_PATH_SIZE = 1024 };

typedef enum {
    STUDY_MNIST_TEST,
    STUDY_VALIDATION, // what the network's run held out
    STUDY_MNIST_TRAIN,
    STUDY_FASHION,
    STUDY_MINE,
    STUDY_FILES, // an IDX pair of the person's own
    STUDY_SOURCE_COUNT,
} StudySource;

typedef struct {
    StudySource source;
    char images[STUDY_PATH_SIZE], labels[STUDY_PATH_SIZE]; // STUDY_FILES
    NnModel *owned_model;             // evaluated, then freed; NULL: model_path
    char model_path[STUDY_PATH_SIZE]; // read by the thread
    bool fresh;                       // read the files again even if they are the last ones read
    char origin[STUDY_PATH_SIZE]; // where its run may be: the model's file or a run's folder; ""
    bool tags_in_memory;          // nothing is kept of what is tagged
} StudyOrder;

typedef struct {
    atomic_int holders;
    const NnDataset *data; // the shelf's, or ..
    NnDataset *own;        // .. the same, read from files of the person's own
    DataShelf *shelf;
} StudyPictures;

typedef struct {
    atomic_int holders;
    NnStudy *study;
} StudyAnswers;

void study_pictures_drop(StudyPictures *pictures); // NULL is fine; the last holder frees
void study_answers_drop(StudyAnswers *answers);

typedef struct {
    unsigned order;          // which one this answers
    StudyPictures *pictures; // held; NULL when they could not be read
    StudyAnswers *answers;   // held; NULL while they are being worked out, or with trouble
    NnTriage *triage;        // owned; NULL without answers
    NnError trouble;         // status NN_OK: none
    NnError triage_trouble;  // answers are there, but tags cannot be kept
} StudyOutcome;

void study_outcome_free(StudyOutcome *outcome); // with what is still in it

// The answers of earlier epochs, found after the answers themselves.
typedef struct {
    unsigned order;
    NnEpochs *epochs; // owned
} StudyEpochs;

typedef struct {
    unsigned order;
    size_t done, total; // 0 of 0: reading files
} StudyProgress;

// A contact sheet of n rows, written on the thread since a large one takes seconds.
typedef struct {
    NnStatus status;
    NnError err;
    char path[STUDY_PATH_SIZE];
} StudySheet;

typedef struct StudyRunner StudyRunner;

// The shelf outlives the runner and all pictures. wake(user) is called from the thread when there is
// news; may be NULL. NULL: no memory or no thread.
StudyRunner *study_runner_new(DataShelf *shelf, void (*wake)(void *user), void *user);
void study_runner_free(StudyRunner *self); // stops and joins; NULL is fine

// Takes the model that order owns. Returns the order's number, never 0.
unsigned study_runner_order(StudyRunner *self, const StudyOrder *order);
void study_runner_cancel(StudyRunner *self); // nothing is wanted any more

StudyOutcome *study_runner_take(StudyRunner *self); // the caller's; NULL: nothing new

// The caller's; false: nothing new. To be asked before study_runner_take in a frame: the answers
// these epochs belong to are then there as well.
bool study_runner_take_epochs(StudyRunner *self, StudyEpochs *epochs);
bool study_runner_idle(StudyRunner *self); // nothing is being worked on, or about to be
StudyProgress study_runner_progress(StudyRunner *self);

// Holds pictures and answers itself. False when one is still being written, or out of memory.
bool study_runner_sheet(StudyRunner *self, StudyPictures *pictures, StudyAnswers *answers,
                        const uint32_t *rows, size_t n, const char *path);
bool study_runner_take_sheet(StudyRunner *self, StudySheet *sheet); // true once when one is done

#endif
