// study_fixture.h - user folders of a test's own, made-up pictures, and small networks for them.

#ifndef TESTS_TRAIN_STUDY_FIXTURE_H
#define TESTS_TRAIN_STUDY_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "nn/nn.h"
#include "nn/study.h"
#include "support/temp.h"
#include "train/synthetic.h"

static char folder[TEMP_PATH];

static inline int set_up_folders(void **state) {
    (void)state;
    temp_folder(folder);
    setenv("HOME", folder, 1);
    unsetenv("XDG_CACHE_HOME");
    unsetenv("XDG_DATA_HOME");
    return 0;
}

static inline int remove_folders(void **state) {
    (void)state;
    temp_remove(folder);
    return 0;
}

// 784-12-10 with random weights, large enough that answers are of all kinds.
static inline NnModel *random_model(uint64_t seed) {
    NnArch arch = {.name = "random",
                   .n_layers = 2,
                   .layers = {{.n_in = 784, .n_out = 12, .activation = NN_ACT_RELU},
                              {.n_in = 12, .n_out = 10}},
                   .input_mean = 0.4f,
                   .input_sd = 0.3f,
                   .temperature = 1.7f,
                   .threshold = 0.4f};
    NnModel *model = nn_model_new(&arch, NULL);
    assert_non_null(model);
    nn_model_init(model, NN_INIT_HE_NORMAL, seed);
    return model;
}

static inline NnStudy *study_of(const NnModel *model, const NnDataset *data) {
    NnError err = {0};
    NnStudy *study = nn_study_new(model, data, 2, NULL, NULL, &err);
    if (study == NULL) {
        fail_msg("%s", err.message);
    }
    return study;
}

#endif
