// sweep.h - many runs that belong together: recipes x settings x seeds, and the table they make.
//
// assets/sweeps/NAME.json:
//
//     {"name": "l2-linear", "title": "Three penalties on a linear network", "track_test": true,
//      "runs": [{"recipe": "linear", "set": {"epochs": 30}, "vary": {"l2": [0, 1e-4, 1e-1]},
//                "seeds": 3, "folds": 0, "reported": {"source": "paper 004", "test_loss": 0.3}}]}
//
// "recipe" is a name or a list of them; "set" holds settings as --set takes them; "vary" lists of
// values, every combination of which makes a configuration. "seeds" is a list, or n for 1 .. n.
// With "folds" each seed is a k-fold cross-validation: k runs. "reported" says what a paper gives
// for the configurations of its entry, a number or [mean, sd] under the name of a figure.
//
// Each run is a run in a folder (run.h) of its own, whose name follows from what the run is: the
// same settings and seed are always found again, and nothing else is. So runs can be made in any
// order, by any number of processes, and the table is made from what there is.

#ifndef NN_SWEEP_H
#define NN_SWEEP_H

#include "nn/run.h"

// What is known of a finished run. The test figures are those of the network the run gave; the
// lowest test loss over the epochs, and what belongs to it, are known with track_test alone and
// select nothing here.
typedef enum {
    NN_SWEEP_EPOCHS,
    NN_SWEEP_SECONDS,
    NN_SWEEP_TRAIN_LOSS, // of the last epoch
    NN_SWEEP_TRAIN_ACCURACY,
    NN_SWEEP_VAL_LOSS, // of the validation split or the fold, as the network gave it
    NN_SWEEP_VAL_ACCURACY,
    NN_SWEEP_TEST_LOSS,
    NN_SWEEP_TEST_ACCURACY,
    NN_SWEEP_TEST_PRECISION, // means over the classes
    NN_SWEEP_TEST_RECALL,
    NN_SWEEP_TEST_F1,
    NN_SWEEP_LOWEST_LOSS,     // the lowest tracked test loss
    NN_SWEEP_LOWEST_EPOCH,    // its epoch
    NN_SWEEP_LOWEST_ACCURACY, // the test accuracy after that epoch
    NN_SWEEP_PEAK_ACCURACY,   // the highest tracked test accuracy
    NN_SWEEP_FIGURES,
} NnSweepFigure;

const char *nn_sweep_figure_name(NnSweepFigure figure); // "test_loss"

// How values of several runs lie; sd is of a sample (n - 1). NaN where n is too small.
typedef struct {
    size_t n;
    double mean, sd, low, high;
} NnSpread;

NnSpread nn_spread(const double *values, size_t n); // values that are no numbers are left out

typedef struct {
    char source[64]; // "paper 004, section 4"; "" for none
    char note[256];
    double value[NN_SWEEP_FIGURES], sd[NN_SWEEP_FIGURES]; // NaN: not reported
} NnReported;

typedef enum {
    NN_VERDICT_NONE,     // nothing reported, or nothing measured
    NN_VERDICT_REACHED,  // the mean is as good or better
    NN_VERDICT_WITHIN,   // worse by no more than one sd, ours or the paper's
    NN_VERDICT_MISSED,
} NnVerdict;

// Of a figure that has a better side; NN_VERDICT_NONE for epochs and seconds.
NnVerdict nn_sweep_verdict(const NnReported *reported, NnSweepFigure figure,
                           const NnSpread *measured);

// One configuration: a recipe with its settings, trained with every seed.
typedef struct {
    char recipe_name[256]; // as the file has it: a name or a path
    NnRecipe recipe;       // with the settings
    char **settings;       // (n_settings) "l2=0.0001", as --set takes them
    size_t n_settings;
    char label[128]; // "linear, l2 0.0001": the recipe and what varies
    int folds;       // 0: the recipe's own validation split
    uint64_t *seeds;
    size_t n_seeds;
    NnReported reported;
    size_t first_run, n_runs;
} NnSweepConfig;

typedef struct {
    size_t config;
    uint64_t seed;
    int fold; // 1 .. folds; 0: none
    char id[112];
} NnSweepRun;

typedef struct {
    char name[64];
    char title[128];
    bool track_test;
    NnSweepConfig *configs;
    size_t n_configs;
    NnSweepRun *runs; // in the file's order: configurations, then seeds, then folds
    size_t n_runs;
} NnSweep;

enum { NN_SWEEP_RUNS_MAX = 100000 };

// By name, from the program's share folder; a name with a slash, or that ends in ".json", is a path.
// What is wrong is named with its key and line. NULL on failure.
NnSweep *nn_sweep_find(const char *name, NnError *err);
NnSweep *nn_sweep_parse(const char *text, size_t n, const char *path, NnError *err);

// One configuration of a recipe that is at hand.
NnSweep *nn_sweep_of(const NnRecipe *recipe, const uint64_t *seeds, size_t n_seeds, int folds,
                     bool track_test, NnError *err);
void nn_sweep_free(NnSweep *sweep); // NULL is fine

// Names of the shipped sweeps, sorted; free with nn_recipe_names_free.
char **nn_sweep_names(size_t *count);

// What the i-th run is. Nothing of past epochs is kept: a table needs none of it.
NnRunConfig nn_sweep_run_config(const NnSweep *sweep, size_t i);

// --- the table -----------------------------------------------------------------------------------

typedef struct {
    NnRunState state;
    int epochs_done;
    double figure[NN_SWEEP_FIGURES]; // NaN where unknown
    char message[512];               // why it failed, or why its folder cannot be read
} NnSweepOutcome;

// Of a run whose end and epochs are at hand.
void nn_sweep_outcome(NnSweepOutcome *outcome, const NnRunResult *result,
                      const NnEpochRecord *records, size_t n_records);

// Of the run in FOLDER/id, whether or not it is being trained at this moment. A folder that cannot
// be read, or that holds another run, counts as failed.
void nn_sweep_look(const NnSweep *sweep, size_t i, const char *folder, NnSweepOutcome *outcome);

// Of all runs of a configuration that are done. outcomes (n_runs).
NnSpread nn_sweep_spread(const NnSweep *sweep, size_t config, const NnSweepOutcome *outcomes,
                         NnSweepFigure figure);

#endif
