// train_fixture.h - a small data set in the place of MNIST's training digits: ten classes, each a
// pattern of blocks under noise, so that a small network learns them within an epoch or two.

#ifndef INKLING_TESTS_TRAIN_FIXTURE_H
#define INKLING_TESTS_TRAIN_FIXTURE_H

#include "app_fixture.h"

#include "base/rng.h"
#include "nn/dataset.h"

enum { TRAIN_PICTURES = 1200 };

static inline void make_training_data(AppFixture *fixture) {
    char folder[300], images[400], labels[400];
    (void)snprintf(folder, sizeof folder, "%s/mnist", fixture->folder);
    (void)snprintf(images, sizeof images, "%s/train-images-idx3-ubyte", folder);
    (void)snprintf(labels, sizeof labels, "%s/train-labels-idx1-ubyte", folder);
    assert_int_equal(folder_make(folder, NULL), NN_OK);
    uint8_t *pixels = calloc(TRAIN_PICTURES, NN_PIXELS), *names = calloc(TRAIN_PICTURES, 1);
    for (size_t i = 0; i < TRAIN_PICTURES; i++) {
        Rng rng = rng_at(5, RNG_STREAM_TEST, i);
        uint32_t class = rng_below(&rng, NN_CLASSES);
        for (uint32_t p = 0; p < NN_PIXELS; p++) {
            uint32_t block = p / NN_SIDE / 4 * 7 + p % NN_SIDE / 4;
            bool ink = (block * 2654435761u >> (8 + class)) & 1u;
            pixels[i * NN_PIXELS + p] = (uint8_t)((ink ? 100u : 0u) + rng_below(&rng, 156));
        }
        // Some labels are wrong, so that the matrix has errors to show.
        bool wrong = rng_below(&rng, 20) == 0;
        names[i] = (uint8_t)(wrong ? rng_below(&rng, NN_CLASSES) : class);
    }
    size_t n = TRAIN_PICTURES;
    assert_int_equal(nn_idx_write(images, pixels, 3, (size_t[]){n, NN_SIDE, NN_SIDE}, NULL), NN_OK);
    assert_int_equal(nn_idx_write(labels, names, 1, (size_t[]){n}, NULL), NN_OK);
    free(pixels);
    free(names);
}

static inline int train_setup(void **state) {
    AppFixture *fixture = calloc(1, sizeof *fixture);
    fixture_folder(fixture);
    make_training_data(fixture);
    assert_int_equal(setenv("INKLING_DATA", fixture->folder, 1), 0);
    *state = fixture;
    return 0;
}

static inline void set_field(AppFixture *fixture, TrainField field, const char *text) {
    app_apply(&fixture->app,
              &(Action){.kind = ACTION_TRAIN_FIELD, .index = (int)field, .text = text});
}

// The view with its data read, and a network that trains in milliseconds.
static inline void open_train(AppFixture *fixture, float width, float height, float scale) {
    fixture_open(fixture, false, true, width, height, scale);
    fixture_play(fixture, "key alt+2");
    fixture_play(fixture, "settle");
    set_field(fixture, FIELD_LAYERS, "16");
    set_field(fixture, FIELD_DROPOUT, "0");
    set_field(fixture, FIELD_VALIDATION, "200");
    set_field(fixture, FIELD_BATCH, "50");
    set_field(fixture, FIELD_EPOCHS, "6");
    assert_true(train_form_sound(&fixture->app.training.form));
    script_settle(&fixture->script);
}

static inline bool shows(const App *app, const char *text) {
    const DrawList *list = app_draws(app);
    for (size_t i = 0; i < list->n; i++) {
        if (list->commands[i].kind == DRAW_TEXT &&
            strstr(list->commands[i].u.text.utf8, text) != NULL) {
            return true;
        }
    }
    return false;
}

#endif
