// study.c - evaluates a network for browsing, or finds its answers in the cache, and makes rows of
// them. Everything a row says follows from its logits, so the cache holds nothing else.

#include "nn/study.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <sha2.h>

#include "base/alloc.h"
#include "base/text.h"
#include "data/mine.h"
#include "train/evaluator.h"
#include "train/study_cache.h"
#include "train/study_impl.h"

// Rows between two looks at progress: a multiple of the evaluator's batch, or the answers would
// differ from nn_evaluate's.
enum { ROWS_A_LOOK = 8 * EVALUATOR_BATCH };

// Five people were shown every test digit that a confident network contradicts; most of them doubt
// these labels (counted from the votes published with Northcutt et al., "Pervasive label errors in
// test sets", 2021). Accuracy is always of all labels as they are.
static const uint16_t disputed[] = {947,  1621, 1901, 2130, 2462, 2597, 2654, 3520,
                                    3558, 5937, 6651, 6783, 8527, 9679, 9729};

bool study_is_mnist_test(const NnDataset *data) {
    static const char images[] = "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7";
    static const char labels[] = "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2";
    return strcmp(data->images_sha256, images) == 0 && strcmp(data->labels_sha256, labels) == 0;
}

bool study_disputed(size_t row) {
    for (size_t i = 0; i < sizeof disputed / sizeof disputed[0]; i++) {
        if (disputed[i] == row) {
            return true;
        }
    }
    return false;
}

void study_data_sha256(const NnDataset *data, char *out) {
    SHA2_CTX sha;
    SHA256Init(&sha);
    if (data->images_sha256[0] != '\0' && data->labels_sha256[0] != '\0') {
        // Known since the files were read: hashing the pictures again takes longer than opening a
        // study from the cache.
        char text[2 * STUDY_SHA + 32];
        int n = snprintf(text, sizeof text, "%s %s %zu", data->images_sha256, data->labels_sha256,
                         data->n);
        SHA256Update(&sha, (const uint8_t *)text, (size_t)n);
    } else {
        SHA256Update(&sha, data->images, data->n * NN_PIXELS);
        SHA256Update(&sha, data->labels, data->n);
    }
    SHA256End(&sha, out);
}

// --- rows ----------------------------------------------------------------------------------------

// The class with the largest value that is not `but`; the first of equals.
static int largest(const float *values, int but) {
    int found = but == 0 ? 1 : 0;
    for (int c = found + 1; c < NN_CLASSES; c++) {
        found = c != but && values[c] > values[found] ? c : found;
    }
    return found;
}

static NnStudyRow row_of(const float *logits, const float *probabilities, uint8_t label,
                         float temperature) {
    int predicted = largest(logits, -1);
    double t = temperature > 0.0f ? (double)temperature : 1.0, sum = 0.0;
    for (int c = 0; c < NN_CLASSES; c++) {
        sum += exp(((double)logits[c] - (double)logits[predicted]) / t);
    }
    // From the logits: where the probability of the label is too small for a float, the loss still
    // tells wrong from very wrong.
    double loss = log(sum) - ((double)logits[label] - (double)logits[predicted]) / t;
    return (NnStudyRow){
        .label = label,
        .predicted = (uint8_t)predicted,
        .runner_up = (uint8_t)largest(logits, predicted),
        .confidence = probabilities[predicted],
        .p_label = probabilities[label],
        .loss = (float)loss,
        .margin = logits[label] - logits[largest(logits, label)],
    };
}

static NnStatus allocate(NnStudy *study, size_t n, NnError *err) {
    study->n = n;
    study->rows = mem_new(n, sizeof *study->rows);
    study->probabilities = mem_new(n, NN_CLASSES * sizeof *study->probabilities);
    return study->rows != NULL && study->probabilities != NULL
               ? NN_OK
               : nn_fail(err, NN_ERR_NOMEM, "out of memory for the answers to %zu pictures", n);
}

NnStudy *study_of_logits(const NnDataset *data, const float *logits, float temperature,
                         NnError *err) {
    NnStudy *study = mem_new(1, sizeof *study);
    if (study == NULL || allocate(study, data->n, err) != NN_OK) {
        nn_fail(err, NN_ERR_NOMEM, "out of memory for the answers to %zu pictures", data->n);
        nn_study_free(study);
        return NULL;
    }
    bool may_be_disputed = study_is_mnist_test(data);
    memcpy(study->probabilities, logits, data->n * NN_CLASSES * sizeof *logits);
    for (size_t i = 0; i < data->n; i++) {
        float *p = study->probabilities + i * NN_CLASSES;
        nn_softmax(p, p, 1, NN_CLASSES, temperature);
        study->rows[i] = row_of(logits + i * NN_CLASSES, p, data->labels[i], temperature);
        study->rows[i].disputed = may_be_disputed && study_disputed(i);
    }
    nn_metrics_compute(&study->metrics, logits, data->labels, data->n, temperature);
    text_copy(study->data_name, sizeof study->data_name, data->name);
    for (int c = 0; c < NN_CLASSES; c++) {
        char digit[2] = {(char)('0' + c), '\0'};
        text_copy(study->class_names[c], sizeof study->class_names[c],
                  data->class_names != NULL ? data->class_names[c] : digit);
    }
    if (study_rank(study, err) != NN_OK) {
        nn_study_free(study);
        return NULL;
    }
    return study;
}

// --- evaluating ----------------------------------------------------------------------------------

typedef bool Progress(size_t done, size_t total, void *user);

static NnStatus evaluate(const NnModel *model, const NnDataset *data, int threads, float *logits,
                         Progress *progress, void *user, NnError *err) {
    Workers *workers = workers_new(threads, err);
    if (workers == NULL) {
        return NN_ERR_NOMEM;
    }
    NnStatus status = NN_ERR_NOMEM;
    Evaluator *evaluator = evaluator_new(model, workers, err);
    if (evaluator != NULL) {
        status = NN_OK;
        size_t step = (size_t)workers_count(workers) * ROWS_A_LOOK;
        for (size_t done = 0; done < data->n && status == NN_OK; done += step) {
            if (progress != NULL && !progress(done, data->n, user)) {
                status = nn_fail(err, NN_ERR_CANCELLED, "the evaluation was cancelled");
                break;
            }
            size_t left = data->n - done;
            NnDataset part = nn_dataset_slice(data, done, left < step ? left : step);
            (void)evaluator_run(evaluator, model, &part, logits + done * NN_CLASSES, NULL, NULL);
        }
        if (status == NN_OK && progress != NULL) {
            (void)progress(data->n, data->n, user); // too late to stop
        }
    }
    evaluator_free(evaluator);
    workers_free(workers);
    return status;
}

NnStudy *nn_study_new(const NnModel *model, const NnDataset *data, int threads, Progress *progress,
                      void *user, NnError *err) {
    float *logits = mem_new_aligned(data->n, NN_CLASSES * sizeof *logits);
    if (logits == NULL) {
        nn_fail(err, NN_ERR_NOMEM, "out of memory for the answers to %zu pictures", data->n);
        return NULL;
    }
    char model_sha256[STUDY_SHA];
    StudyKey key = study_key(model, data);
    NnStatus status = NN_OK;
    if (!study_cache_read(&key, logits, model_sha256)) {
        status = evaluate(model, data, threads, logits, progress, user, err);
        if (status == NN_OK) {
            nn_model_sha256(model, model_sha256);
            study_cache_write(&key, logits, model_sha256);
        }
    }
    const NnArch *arch = nn_model_arch(model);
    NnStudy *study = status == NN_OK ? study_of_logits(data, logits, arch->temperature, err) : NULL;
    mem_free(logits);
    if (study != NULL) {
        study->threshold = arch->threshold;
        text_copy(study->model_name, sizeof study->model_name, arch->name);
        text_copy(study->model_sha256, sizeof study->model_sha256, model_sha256);
        text_copy(study->data_sha256, sizeof study->data_sha256, key.data_sha256);
    }
    return study;
}

void nn_study_free(NnStudy *study) {
    if (study != NULL) {
        for (int sort = 0; sort < NN_SORT_COUNT; sort++) {
            mem_free(study->order[sort]);
        }
        mem_free(study->doubt);
        mem_free(study->probabilities);
        mem_free(study->rows);
        mem_free(study);
    }
}

// --- what it says --------------------------------------------------------------------------------

size_t nn_study_count(const NnStudy *study) {
    return study->n;
}

const NnStudyRow *nn_study_row(const NnStudy *study, size_t i) {
    NN_ASSERT(i < study->n);
    return &study->rows[i];
}

const float *nn_study_probabilities(const NnStudy *study, size_t i) {
    NN_ASSERT(i < study->n);
    return study->probabilities + i * NN_CLASSES;
}

const NnMetrics *nn_study_metrics(const NnStudy *study) {
    return &study->metrics;
}

const char *nn_study_model_name(const NnStudy *study) {
    return study->model_name;
}

const char *nn_study_model_sha256(const NnStudy *study) {
    return study->model_sha256;
}

const char *nn_study_data_name(const NnStudy *study) {
    return study->data_name;
}

const char *nn_study_data_sha256(const NnStudy *study) {
    return study->data_sha256;
}

const char *nn_study_triage_key(const NnStudy *study) {
    return strcmp(study->data_name, MINE_FOLDER) == 0 ? study->data_name : study->data_sha256;
}

const char *nn_study_class_name(const NnStudy *study, int class) {
    NN_ASSERT(class >= 0 && class < NN_CLASSES);
    return study->class_names[class];
}

float nn_study_doubt(const NnStudy *study, size_t i) {
    NN_ASSERT(i < study->n);
    return study->doubt[i];
}

float nn_study_threshold(const NnStudy *study) {
    return study->threshold;
}

void nn_study_coverage(const NnStudy *study, float threshold, double *coverage, double *accuracy) {
    size_t answered = 0, right = 0;
    for (size_t i = 0; i < study->n; i++) {
        const NnStudyRow *row = &study->rows[i];
        bool sure = row->confidence >= threshold;
        answered += sure;
        right += sure && row->predicted == row->label;
    }
    *coverage = study->n > 0 ? (double)answered / (double)study->n : 0.0;
    *accuracy = answered > 0 ? (double)right / (double)answered : 0.0;
}

void nn_study_calibration(const NnStudy *study, NnCalibrationBin *bins, size_t n_bins) {
    NN_ASSERT(n_bins > 0);
    memset(bins, 0, n_bins * sizeof *bins);
    for (size_t i = 0; i < study->n; i++) {
        const NnStudyRow *row = &study->rows[i];
        double place = ceil((double)row->confidence * (double)n_bins) - 1.0;
        size_t bin = place >= (double)n_bins ? n_bins - 1 : place > 0.0 ? (size_t)place : 0;
        bins[bin].n++;
        bins[bin].confidence += (double)row->confidence;
        bins[bin].accuracy += row->predicted == row->label ? 1.0 : 0.0;
    }
    for (size_t i = 0; i < n_bins; i++) {
        if (bins[i].n > 0) {
            bins[i].confidence /= (double)bins[i].n;
            bins[i].accuracy /= (double)bins[i].n;
        }
    }
}
