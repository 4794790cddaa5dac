// study.h - every answer of a network over a data set, ready to be browsed: what the Errors view and
// `inkling eval --errors` show.
//
// A study holds no pictures: rows are indices into the data set it was made from.
//
//     NnStudy *study = nn_study_new(model, data, 0, NULL, NULL, err);
//     uint32_t *rows = ...;                                     // nn_study_count(study) of them
//     size_t n = nn_study_select(study, &(NnStudyFilter){.wrong_only = true, ...}, NULL, NN_SORT_LOSS, rows);
//
// Thread: a finished study is never written to and may be shared.

#ifndef NN_STUDY_H
#define NN_STUDY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nn/dataset.h"
#include "nn/epochs.h"
#include "nn/error.h"
#include "nn/metrics.h"
#include "nn/model.h"
#include "nn/recipe.h"

typedef struct {
    uint8_t label, predicted, runner_up;
    bool disputed;    // one of the 15 MNIST test labels most human checkers doubt
    float confidence; // calibrated probability of the answer
    float p_label;    // calibrated probability of the label
    float loss;       // -log p_label, nats
    float margin;     // logit of the label minus the largest other logit: negative when wrong
} NnStudyRow;

typedef struct NnStudy NnStudy;

// Evaluates, or reads the result of the same network on the same data from the user's cache (keyed by both hashes; a
// missing or broken cache is no error). progress may be NULL: done and total rows; returns false to stop, then
// NN_ERR_CANCELLED.
NnStudy *nn_study_new(const NnModel *model, const NnDataset *data, int threads,
                      bool (*progress)(size_t done, size_t total, void *user), void *user, NnError *err);

// Answers out of fold: the set is dealt into folds (2..100), and each is answered by a network trained from recipe (NULL: a
// small one, seconds for 60,000 digits) on the others; its validation and early stopping are left out. What searching a
// training set for wrong labels needs. The same seed gives the same bits on any number of threads. progress as above;
// stopping takes at most one batch once it was asked, which is 30 times a second. The network's hash is "".
NnStudy *nn_study_cross_validate(const NnDataset *data, const NnRecipe *recipe, int folds, uint64_t seed, int threads,
                                 bool (*progress)(size_t done, size_t total, void *user), void *user, NnError *err);

void nn_study_free(NnStudy *study); // NULL is fine

size_t nn_study_count(const NnStudy *study);
const NnStudyRow *nn_study_row(const NnStudy *study, size_t i);
const float *nn_study_probabilities(const NnStudy *study, size_t i); // (10) calibrated
const NnMetrics *nn_study_metrics(const NnStudy *study);
const char *nn_study_model_name(const NnStudy *study);
const char *nn_study_model_sha256(const NnStudy *study);
const char *nn_study_data_name(const NnStudy *study);
const char *nn_study_data_sha256(const NnStudy *study); // of its pictures and labels together
const char *nn_study_class_name(const NnStudy *study, int class); // "7", "sneaker"
float nn_study_threshold(const NnStudy *study); // "not sure" below this confidence; 0: none known

// How much the answers doubt label i, -2..2, above 0 for suspects (confident learning): by how much more another class
// exceeds what is usual for it than the label does. Fair only for answers to pictures the network has not learnt.
float nn_study_doubt(const NnStudy *study, size_t i);

// Coverage against accuracy: share of rows whose confidence reaches threshold, and the accuracy among them (0 when
// there are none).
void nn_study_coverage(const NnStudy *study, float threshold, double *coverage, double *accuracy);

typedef struct {
    size_t n;
    double confidence, accuracy; // means over the bin
} NnCalibrationBin;
void nn_study_calibration(const NnStudy *study, NnCalibrationBin *bins, size_t n_bins); // equal widths, (0, 1/n], ...

// --- triage: what a person said about a sample ---------------------------------------------------
// Kept per data set in the user's data folder, one appended and synced line a change, so that a crash loses nothing.

typedef enum { NN_TAG_NONE, NN_TAG_MODEL, NN_TAG_AMBIGUOUS, NN_TAG_LABEL, NN_TAG_CROPPED, NN_TAG_COUNT } NnTag;
const char *nn_tag_name(NnTag tag); // "model", "ambiguous", "label wrong", "cropped"

typedef struct NnTriage NnTriage;

enum { NN_TRIAGE_NOTE_MAX = 500 }; // bytes of UTF-8, one line

// What a data set's file goes by: its hash; of one that only grows (my digits) its name, or each new digit would start a
// new file.
const char *nn_study_triage_key(const NnStudy *study);

// NN_ERR_FORMAT names the line of the file that cannot be understood; nothing is written to it then.
// Thread: one at a time; two programs may have the same file open.
NnTriage *nn_triage_open(const char *key, size_t n, NnError *err);
NnTriage *nn_triage_new(size_t n, NnError *err); // in memory alone: for pictures and measurements
void nn_triage_close(NnTriage *triage);
NnTag nn_triage_tag(const NnTriage *triage, size_t row);
const char *nn_triage_note(const NnTriage *triage, size_t row); // "" when none
NnStatus nn_triage_set_tag(NnTriage *triage, size_t row, NnTag tag, NnError *err) NN_MUST_CHECK;
NnStatus nn_triage_set_note(NnTriage *triage, size_t row, const char *note, NnError *err) NN_MUST_CHECK;
// Takes the last change back, those of earlier sessions too. False when there is nothing to undo, err then untouched, or
// when it could not be written. row: the one that changed.
bool nn_triage_undo(NnTriage *triage, size_t *row, NnError *err);
size_t nn_triage_count(const NnTriage *triage, NnTag tag);

// --- selecting -----------------------------------------------------------------------------------

typedef enum { NN_SORT_LOSS, NN_SORT_MARGIN, NN_SORT_CONFIDENCE, NN_SORT_INDEX, NN_SORT_DOUBT, NN_SORT_COUNT } NnStudySort;

// All conditions must hold. Zero-initialised keeps everything but for the classes: -1 is any.
typedef struct {
    bool wrong_only, right_only, disputed_only;
    int label, predicted;           // -1: any
    float confidence_low, confidence_high; // high 0: no upper end
    int half;                       // 1 first half of the set, 2 second, 0 both
    int tag;                        // NnTag + 1; 0: any, NN_TAG_NONE + 1: untagged
    const uint8_t *members;         // (n) non-zero: kept; NULL: all. The cells of a duel
} NnStudyFilter;

// Rows that pass, most interesting first (largest loss, smallest margin, lowest confidence, smallest index, most doubtful
// label). rows has room for nn_study_count. triage may be NULL. Ties go by index.
size_t nn_study_select(const NnStudy *study, const NnStudyFilter *filter, const NnTriage *triage,
                       NnStudySort sort, uint32_t *rows);

// --- two networks on the same data ---------------------------------------------------------------

typedef struct {
    size_t both_right, only_a, only_b, both_wrong;
    double p_value; // McNemar, two-sided: exact binomial up to 25 discordant rows, else chi-squared with continuity correction
} NnDuel;

// cells (n) gets 0 both right, 1 only a, 2 only b, 3 both wrong; may be NULL. False if they are not of the same data.
bool nn_study_duel(const NnStudy *a, const NnStudy *b, NnDuel *duel, uint8_t *cells);

// --- files ---------------------------------------------------------------------------------------

// triage and epochs may be NULL. With epochs there are columns for when each picture was learnt and forgotten, and for
// its answers in the order of the epochs ("-": not kept).
NnStatus nn_study_write_csv(const NnStudy *study, const uint32_t *rows, size_t n, const NnTriage *triage,
                            const NnEpochs *epochs, const char *path, NnError *err) NN_MUST_CHECK;
NnStatus nn_study_write_sheet(const NnStudy *study, const NnDataset *data, const uint32_t *rows, size_t n,
                              const char *path, NnError *err) NN_MUST_CHECK; // contact sheet, PNG
// Counts of errors, rows true, columns answered. Either path may be NULL.
NnStatus nn_study_write_matrix(const NnStudy *study, const char *png_path, const char *csv_path, NnError *err) NN_MUST_CHECK;
NnStatus nn_study_write_metrics(const NnStudy *study, const char *csv_path, NnError *err) NN_MUST_CHECK;

#endif
