// training.h - the run the Train view shows: its settings, its data, its runner, and what is known of
// it, kept where the view can read it.
//
// training_step() brings it up to date once before each build; it waits for nobody. Two moments can
// be on view: the newest weights, or the end of an epoch (`at`): answers, matrix and weights then
// are that epoch's.
// Thread: UI, but for the reading of the data set.

#ifndef INKLING_APP_TRAINING_H
#define INKLING_APP_TRAINING_H

#include <stdatomic.h>
#include <stdbool.h>

#include "app/data_shelf.h"
#include "app/train_bins.h"
#include "app/train_form.h"
#include "base/arena.h"
#include "base/thread.h"
#include "nn/run.h"
#include "nn/runner.h"
#include "train/doctor.h"

enum { TRAINING_NEWEST = -1, TRAINING_TEMPLATES = 64, TRAINING_ADVICE = 256, TRAINING_PATH = 1024 };

// Steps in the order of their place on the x axis. NaN at a gap.
typedef struct {
    TrainStep *steps; // (n)
    size_t n, capacity;
    size_t averaged_from; // the running means are over the points from here on
    TrainBins bins;       // the same, as it is drawn
} TrainPath;

typedef struct {
    const NnEpochPoint **points; // (n) of the runner
    size_t n, capacity;
} TrainEpochs;

typedef struct {
    Thread thread;
    atomic_bool done;
    char name[32];
    DataShelf *shelf;
    const NnDataset *data; // read when done
    NnError trouble;
    void (*wake)(void *user);
    void *user;
} TrainLoader;

// What the network of an epoch said to the drawing.
typedef struct {
    bool known;
    int digit;
    float confidence;
} TrainWord;

// The sample of a cell of the matrix that looks most like the mean of them all.
typedef struct {
    bool known; // there is one
    int label, answered, epoch, branch;
    size_t row, count;
    float mean[NN_PIXELS]; // scratch: of the cell's samples
} TrainTypical;

typedef struct {
    char folder[TRAINING_PATH]; // of all runs; "": none are kept
    bool resumable;             // the newest one is not over: ..
    bool resumes;               // .. the next start takes it up
    char path[TRAINING_PATH];   // its folder, ..
    NnRunConfig config;
    int epochs; // .. and how many it has done
} TrainRuns;

typedef struct {
    DataShelf *shelf; // borrowed
    void (*wake)(void *user);
    void *wake_user;
    int threads;              // of the runner; 0: all cores
    int memory_mb, folder_mb; // of past epochs; 0: as the runner has it

    char **names; // of the recipes
    size_t n_names;
    int chosen;
    TrainForm form;
    bool opened; // the view has been on the screen
    TrainRuns runs;

    TrainLoader loader;
    bool loading;
    const NnDataset *data;     // of loader.name; NULL: not read, or with trouble
    const NnDataset *run_data; // the one the runner reads, maybe the same
    NnError data_trouble;      // status NN_OK: none
    bool start_when_read;
    NnOrderKind start_order; // with it

    NnRunner *runner; // NULL: nothing has been started
    NnRecipe recipe;  // of the run
    uint64_t seed;
    NnRunnerState state; // the newest; all zero without a runner
    double taken_ms;     // when it was taken over
    double examined_ms;  // by the doctor
    size_t seen_points, seen_epochs;
    int seen_branch;
    TrainPath path, left; // the current branch from its start; what was left behind
    TrainEpochs epochs, left_epochs;
    Arena scratch;
    DoctorVerdict verdict;
    char advice[TRAINING_ADVICE]; // of the doctor, "" none

    NnModel *newest, *past; // past: of the epoch `at`
    NnWorkspace *work;
    bool branches;        // a branch with these settings has been asked for
    NnRecipe next_recipe; // it becomes recipe when it has come about

    bool awaits;                // an order's effect has not been seen yet ..
    NnRunnerState awaited_from; // .. since this state
    int rewinds;                // and branches, asked of this runner
    bool stayed; // one of them came to nothing; state.message says why. The app's to clear

    bool has_newest, has_past;
    int at;           // epoch on view, TRAINING_NEWEST
    unsigned version; // counts changes of the weights on view

    NnAnswer answer; // to the drawing, by the weights on view
    bool has_answer;
    unsigned answered_look, answered_version;
    TrainWord *story; // (story_n) by epoch, 0 the start
    int story_n, story_next;
    unsigned story_look;
    bool story_waits; // for the end of the stroke

    TrainTypical typical;
    uint8_t shades[TRAINING_TEMPLATES][NN_PIXELS]; // first-layer weights, 128: nothing
    int n_shades;
    unsigned shades_version;
} Training;

void training_init(Training *training, DataShelf *shelf, void (*wake)(void *user), void *wake_user);
void training_release(Training *training); // stops the run within a batch

// Runs are kept in folder from now on; before training_open, which looks for one to take up.
void training_keep_runs(Training *training, const char *folder);
void training_take_up(Training *training); // its settings; the next start goes on with it

// The view is opened: recipes are listed, the data set is read.
void training_open(Training *training);

bool training_choose(Training *training, int recipe, NnError *err);

// digit: what is drawn (look counts its changes), NULL: nothing. drawing: more of it comes at once.
void training_step(Training *training, const NnDigit *digit, unsigned look, bool drawing,
                   double now_ms);
bool training_wants_frame(const Training *training); // more of the story is to be found out

// Starts, or starts anew once a run is over, or goes on after a pause. With an order of one batch
// or epoch only that is done.
NnStatus training_start(Training *training, NnOrderKind order, NnError *err) NN_MUST_CHECK;
void training_order(Training *training, NnOrder order); // nothing without a runner

// Goes back to the end of an epoch (0: the start), to train on from there: with the settings of the
// form where these are others and a branch can have them, else with those of the run.
void training_branch(Training *training, int epoch);

// The form's settings are others than the run's, and a branch from that epoch would have them.
bool training_can_change(const Training *training, int epoch);
// While aside, a core is left to the window.
void training_step_aside(Training *training, bool aside);
void training_retry_data(Training *training);
void training_show(Training *training, int epoch); // TRAINING_NEWEST

bool training_active(const Training *training);    // a run that can go on
bool training_running(const Training *training);   // at this moment
bool training_goes_back(const Training *training); // over epochs that are kept no more
bool training_settled(const Training *training); // nothing is being read or trained, or about to be
bool training_differs(const Training *training); // the form says other than the run

const NnModel *training_model(const Training *training);       // on view; NULL: none yet
const char *const *training_classes(const Training *training); // (10) their names
int training_last_epoch(const Training *training);             // done on this branch

// The figures of the moment on view: the epoch's, or the newest ones measured. NULL: none.
typedef struct {
    int epoch;  // 0: the start
    bool whole; // over all of the validation split
    const size_t (*confusion)[NN_CLASSES];
    double accuracy[NN_CLASSES]; // NaN: no sample
} TrainMeasured;
bool training_measured(const Training *training, TrainMeasured *measured);

void training_need_templates(Training *training); // brings shades up to date

bool training_typical_is(const Training *training, int label, int answered);

// Of the last epoch kept at the moment on view. training->typical.known is false without a sample.
void training_find_typical(Training *training, int label, int answered);

// --- between its own files ---------------------------------------------------------------------

void training_take_series(Training *training, double now_ms); // training_series.c
void training_forget_series(Training *training);
void training_release_series(Training *training);
void training_look(Training *training, const NnDigit *digit, unsigned look,
                   bool drawing);                                      // training_look.c
void training_find_run(Training *training);                            // training_runs.c
bool training_new_folder(Training *training, char *path, size_t size); // false: nothing is kept

#endif
