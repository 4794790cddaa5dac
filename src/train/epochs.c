// epochs.c - a run's predictions, read for a data set and told in words.
//
// A file of predictions is a row of bytes an epoch. For the training set its columns are the rows
// that were held out, in the order of the split; `column` finds them.

#include "nn/epochs.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "train/run_find.h"
#include "train/run_impl.h"

enum { ANSWERS_MAX_BYTES = 1 << 28 };

static const uint32_t NO_COLUMN = UINT32_MAX;

struct NnEpochs {
    int count;
    size_t n;         // rows of the data set
    size_t n_columns; // of the file
    uint8_t *answers; // (count, n_columns)
    uint8_t *labels;  // (n)
    uint32_t *column; // (n), NULL: column i is row i
    size_t tally[NN_LEARNING_COUNT];
};

const char *nn_learning_name(NnLearning learning) {
    static const char *const names[NN_LEARNING_COUNT] = {"", "never learnt", "forgotten", "learnt",
                                                         "always right"};
    NN_ASSERT((unsigned)learning < NN_LEARNING_COUNT);
    return names[learning];
}

// --- reading -------------------------------------------------------------------------------------

static bool is_data(const RunData *run, const NnDataset *data) {
    return run->n > 0 && run->n == data->n &&
           strcmp(run->images_sha256, data->images_sha256) == 0 &&
           strcmp(run->labels_sha256, data->labels_sha256) == 0;
}

// Which file has predictions for data, and how many columns. NULL: none has.
static const char *file_for(const RunIdentity *identity, const NnDataset *data, NnEpochs *epochs) {
    RunData validation;
    run_validation_data(identity, &validation);
    epochs->n_columns = data->n;
    if (identity->config.track_test && is_data(&identity->test, data)) {
        return RUN_TEST;
    }
    if (is_data(&validation, data)) {
        return RUN_VALIDATION;
    }
    if (validation.n == 0 || !is_data(&identity->train, data)) {
        return NULL;
    }
    epochs->n_columns = validation.n;
    return RUN_VALIDATION;
}

static NnStatus find_columns(NnEpochs *epochs, const RunIdentity *identity, NnError *err) {
    size_t n_held = epochs->n_columns;
    uint32_t *rows = run_validation_rows(identity, err);
    epochs->column = rows == NULL ? NULL : mem_new(epochs->n, sizeof *epochs->column);
    if (epochs->column == NULL) {
        mem_free(rows);
        return nn_fail(err, NN_ERR_NOMEM, "out of memory for the predictions of a run");
    }
    for (size_t i = 0; i < epochs->n; i++) {
        epochs->column[i] = NO_COLUMN;
    }
    for (size_t i = 0; i < n_held; i++) {
        epochs->column[rows[i]] = (uint32_t)i;
    }
    mem_free(rows);
    return NN_OK;
}

// A byte that is no class is no answer, whatever has been written there.
static void clean(uint8_t *answers, size_t n) {
    for (size_t i = 0; i < n; i++) {
        answers[i] = answers[i] < NN_CLASSES ? answers[i] : NN_EPOCHS_UNKNOWN;
    }
}

static NnStatus read_answers(NnEpochs *epochs, const char *folder, const char *name, NnError *err) {
    char path[RUN_PATH_SIZE];
    size_t size = 0;
    NnError cause = {0};
    epochs->answers = file_read(run_path(path, folder, name), ANSWERS_MAX_BYTES, &size, &cause);
    if (epochs->answers == NULL) {
        if (err != NULL) {
            *err = cause;
        }
        return cause.status;
    }
    epochs->count = (int)(size / epochs->n_columns); // part of a row is none
    clean(epochs->answers, (size_t)epochs->count * epochs->n_columns);
    return epochs->count > 0 ? NN_OK
                             : nn_fail_file(err, NN_ERR_NOT_FOUND, path, -1,
                                            "has no answers of a whole epoch yet");
}

static NnStatus open_for(NnEpochs *epochs, const char *folder, const RunIdentity *identity,
                         const NnDataset *data, NnError *err) {
    const char *name = file_for(identity, data, epochs);
    if (name == NULL) {
        return nn_fail_file(err, NN_ERR_NOT_FOUND, folder, -1,
                            "holds no answers to the pictures of %s", data->name);
    }
    epochs->n = data->n;
    epochs->labels = mem_new(data->n, 1);
    if (epochs->labels == NULL) {
        return nn_fail(err, NN_ERR_NOMEM, "out of memory for the predictions of a run");
    }
    memcpy(epochs->labels, data->labels, data->n);
    NnStatus status = read_answers(epochs, folder, name, err);
    if (status == NN_OK && epochs->n_columns != epochs->n) {
        status = find_columns(epochs, identity, err);
    }
    for (size_t i = 0; status == NN_OK && i < epochs->n; i++) {
        epochs->tally[nn_epochs_word(epochs, i).learning]++;
    }
    return status;
}

NnEpochs *nn_epochs_open(const char *folder, const NnDataset *data, NnError *err) {
    char path[RUN_PATH_SIZE];
    RunIdentity *identity = mem_new(1, sizeof *identity);
    NnEpochs *epochs = mem_new(1, sizeof *epochs);
    NnStatus status =
        identity != NULL && epochs != NULL
            ? run_config_read(run_path(path, folder, RUN_CONFIG), identity, err)
            : nn_fail(err, NN_ERR_NOMEM, "out of memory for the predictions of a run");
    if (status == NN_OK) {
        status = open_for(epochs, folder, identity, data, err);
    }
    mem_free(identity);
    if (status != NN_OK) {
        nn_epochs_free(epochs);
        return NULL;
    }
    return epochs;
}

void nn_epochs_free(NnEpochs *epochs) {
    if (epochs != NULL) {
        mem_free(epochs->answers);
        mem_free(epochs->labels);
        mem_free(epochs->column);
        mem_free(epochs);
    }
}

// --- asking --------------------------------------------------------------------------------------

int nn_epochs_count(const NnEpochs *epochs) {
    return epochs->count;
}

size_t nn_epochs_rows(const NnEpochs *epochs) {
    return epochs->n;
}

uint8_t nn_epochs_answer(const NnEpochs *epochs, int epoch, size_t row) {
    NN_ASSERT(epoch >= 1 && epoch <= epochs->count && row < epochs->n);
    size_t column = epochs->column != NULL ? epochs->column[row] : row;
    return column < epochs->n_columns
               ? epochs->answers[(size_t)(epoch - 1) * epochs->n_columns + column]
               : NN_EPOCHS_UNKNOWN;
}

// Epochs without an answer are passed over: a run that was damaged has gaps.
NnEpochsWord nn_epochs_word(const NnEpochs *epochs, size_t row) {
    NnEpochsWord word = {0};
    int known = 0, right = 0;
    bool was_right = false;
    for (int epoch = 1; epoch <= epochs->count; epoch++) {
        uint8_t answer = nn_epochs_answer(epochs, epoch, row);
        if (answer == NN_EPOCHS_UNKNOWN) {
            continue;
        }
        bool is_right = answer == epochs->labels[row];
        known++;
        right += is_right;
        if (is_right && word.learnt == 0) {
            word.learnt = epoch;
        }
        if (is_right && !was_right) {
            word.right_since = epoch;
        }
        if (was_right && !is_right) {
            word.forgotten++;
            word.forgotten_at = epoch;
            word.right_since = 0;
        }
        was_right = is_right;
    }
    word.learning = known == 0           ? NN_LEARNING_UNKNOWN
                    : right == 0         ? NN_LEARNING_NEVER
                    : word.forgotten > 0 ? NN_LEARNING_FORGOTTEN
                    : right == known     ? NN_LEARNING_ALWAYS
                                         : NN_LEARNING_LEARNT;
    return word;
}

size_t nn_epochs_tally(const NnEpochs *epochs, NnLearning learning) {
    NN_ASSERT((unsigned)learning < NN_LEARNING_COUNT);
    return epochs->tally[learning];
}
