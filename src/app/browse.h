// browse.h - what the Errors view shows, worked out: the network's answers over the chosen data
// set, the rows that pass the filters, and what there is to say about the one looked at.
//
// The view keeps the question (ErrorsQuery, the sample), Browse the answers to it. browse_step()
// brings them up to date, once before each build; everything slow happens on the runner's thread.
// Thread: UI.

#ifndef INKLING_APP_BROWSE_H
#define INKLING_APP_BROWSE_H

#include "app/recogniser.h"
#include "app/study_runner.h"
#include "app/toast.h"

enum { BROWSE_BINS = 10, BROWSE_CURVE = 101, BROWSE_MODELS_MAX = 128, BROWSE_LISTS = 2 };

typedef enum { SHOW_WRONG, SHOW_ALL, SHOW_COUNT } ErrorsShow;

typedef struct {
    int label, predicted; // -1: any
} ErrorsCell;

// What is asked for. All conditions hold together.
typedef struct {
    ErrorsShow show;
    ErrorsCell cell;   // both set: one cell of the matrix; one of them: a row or a column
    ErrorsCell second; // compared with the first; label -1: none
    float low, high;   // confidence
    bool disputed;
    int half;     // 0 both, 1 first, 2 second
    int tag;      // as NnStudyFilter has it
    int duel;     // cell of the duel, -1: any
    int learning; // NnLearning, 0: any
    NnStudySort sort;
} ErrorsQuery;

void errors_query_init(ErrorsQuery *query);
bool errors_query_equal(const ErrorsQuery *a, const ErrorsQuery *b);
bool errors_query_narrows(const ErrorsQuery *query); // more than wrong or all

typedef struct {
    uint32_t *rows; // (count of the data set)
    size_t n;
    int64_t at; // place of the sample in it, -1: not there
} BrowseList;

typedef struct {
    char name[64];
    char path[STUDY_PATH_SIZE];
    bool named; // a recipe may call it by its name; else by its path
} BrowseModel;

typedef struct {
    DataShelf *shelf;         // borrowed
    void (*wake)(void *user); // from any thread; may be NULL
    void *wake_user;
    StudyRunner *runner; // NULL until the view is first opened

    StudySource source;
    char images[STUDY_PATH_SIZE],
        labels[STUDY_PATH_SIZE]; // of STUDY_FILES; "" while one is missing
    bool fresh;                  // the files are to be read again
    bool chosen;                 // by the person; else it follows the network's training data
    bool tags_in_memory;         // what is tagged is not kept

    unsigned order, rival_order; // running; 0: none
    unsigned generation;         // of the network the answers come from
    StudyPictures *pictures;
    StudyAnswers *answers, *rival;
    NnTriage *triage;
    unsigned answered;              // the order that answers are of
    NnEpochs *epochs;               // of the network's run; NULL: not known
    NnError trouble, rival_trouble; // status NN_OK: none

    BrowseModel models[BROWSE_MODELS_MAX]; // there are to use, compare with, learn from
    int n_models;
    int model; // the rival, -1: none

    // derived from answers
    size_t n_disputed, right_undisputed;
    NnCalibrationBin bins[BROWSE_BINS];
    float coverage[BROWSE_CURVE],
        curve_accuracy[BROWSE_CURVE]; // per cent, at thresholds 0, 0.01 .. 1
    NnDuel duel;
    uint8_t *cells;   // (n) of the duel
    uint8_t *members; // (n) scratch: rows of one duel cell, of one way of learning
    bool has_duel;

    ErrorsQuery applied;
    BrowseList list[BROWSE_LISTS];
    int n_lists;
    bool stale; // the lists, whatever the query

    int64_t sample; // explained below, -1: none
    int sample_rival;
    unsigned sample_generation, looks; // counts samples looked at, so that others notice a new one
    NnDigit digit;
    WhyReading why;
} Browse;

void browse_init(Browse *browse, DataShelf *shelf, void (*wake)(void *user), void *wake_user);
void browse_release(Browse *browse);

// sample is the row the view looks at: moved to the first of its list when it is no longer in it.
// side: which list that is. rival: of why, -1 the label or the runner-up.
void browse_step(Browse *browse, Recogniser *recogniser, const ErrorsQuery *query, int side,
                 int64_t *sample, int rival, Toasts *toasts, double now_ms);

void browse_choose(Browse *browse, StudySource source); // also: once more, from the files
void browse_files(Browse *browse, const char *images, const char *labels);
// Those that come with the program and the person's own, by name. False: there are more than fit.
bool browse_find_models(Browse *browse);
int browse_model_of(const Browse *browse, const char *path); // its place in the list, -1: not there
void browse_rival(Browse *browse, int model);                // -1: none
int browse_add_model(Browse *browse, const char *path);      // its place in the list, -1: full

bool browse_busy(const Browse *browse);             // an evaluation is running, or a run looked for
const NnStudy *browse_study(const Browse *browse);  // NULL: none yet
const NnDataset *browse_data(const Browse *browse); // NULL: none yet
const char *browse_training_set(const Browse *browse);   // whose pictures are like those on view
const char *const *browse_classes(const Browse *browse); // (10)
const char *browse_class(const Browse *browse, int label);
const char *browse_source_name(StudySource source); // "MNIST test"

#endif
