// run_bench.h - a small run in a folder of its own, for the tests of runs.

#ifndef TESTS_TRAIN_RUN_BENCH_H
#define TESTS_TRAIN_RUN_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "nn/run.h"
#include "support/temp.h"
#include "train/synthetic.h"

enum { N = 300, VALIDATION = 60, TEST = 50, EPOCHS = 4, STEPS = 4 };

typedef struct {
    char root[TEMP_PATH], folder[TEMP_PATH];
    NnDataset data, test;
    NnRunConfig config;
} Bench;

static inline int set_up(void **state) {
    Bench *b = calloc(1, sizeof *b);
    temp_folder(b->root);
    temp_path(b->folder, b->root, "run");
    b->data = synthetic(N, 1, 20);
    b->test = synthetic(TEST, 2, 20);
    b->config =
        (NnRunConfig){.recipe = small_recipe(), .seed = 3, .track_test = true, .keep_mb = 16};
    b->config.recipe.epochs = EPOCHS;
    b->config.recipe.validation = VALIDATION;
    b->config.recipe.ema = 0.9f;
    *state = b;
    return 0;
}

static inline int tear_down(void **state) {
    Bench *b = *state;
    temp_remove(b->root);
    synthetic_release(&b->data);
    synthetic_release(&b->test);
    free(b);
    return 0;
}

static inline void count_warnings(const NnError *warning, void *user) {
    assert_true(warning->status != NN_OK && warning->message[0] != '\0');
    ++*(int *)user;
}

static inline NnRunDesc desc_of(const Bench *b, int *warnings) {
    return (NnRunDesc){.folder = b->folder,
                       .config = &b->config,
                       .train = &b->data,
                       .test = &b->test,
                       .threads = 2,
                       .resume = true,
                       .on_warning = warnings != NULL ? count_warnings : NULL,
                       .user = warnings};
}

static inline NnRun *open_run(const Bench *b, int *warnings) {
    NnError err = {0};
    NnRunDesc desc = desc_of(b, warnings);
    NnRun *run = nn_run_new(&desc, &err);
    if (run == NULL) {
        fail_msg("%s", err.message);
    }
    return run;
}

static inline bool stop_at(void *user) {
    int *left = user;
    return (*left)-- == 0;
}

// Trains for so many batches (-1: to the end) and lets go.
static inline void train_for(const Bench *b, int batches) {
    NnRun *run = open_run(b, NULL);
    int left = batches;
    NnStatus status = nn_run_train(
        run, &(NnObserver){.should_stop = batches >= 0 ? stop_at : NULL, .user = &left}, NULL);
    assert_int_equal(status, batches >= 0 ? NN_ERR_CANCELLED : NN_OK);
    nn_run_free(run);
}

static inline NnRunResult result_of(const char *folder) {
    NnRunState state;
    NnRunResult result;
    assert_int_equal(nn_run_read(folder, &state, NULL, &result, NULL), NN_OK);
    assert_int_equal(state, result.state);
    return result;
}

// The weights of the same settings without a folder.
static inline void expected_hash(const Bench *b, char *hash) {
    NnTrainer *trainer = nn_trainer_new(
        &(NnTrainerDesc){.recipe = &b->config.recipe, .train = &b->data, .seed = b->config.seed},
        NULL);
    assert_non_null(trainer);
    assert_int_equal(nn_trainer_run(trainer, NULL, NULL), NN_OK);
    nn_model_sha256(nn_trainer_model(trainer), hash);
    nn_trainer_free(trainer);
}

#endif
