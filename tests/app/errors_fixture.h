// errors_fixture.h - a small data set in the place of MNIST's test digits: 200 random pictures with random
// labels, so that nearly every cell of the matrix holds something.

#ifndef INKLING_TESTS_ERRORS_FIXTURE_H
#define INKLING_TESTS_ERRORS_FIXTURE_H

#include "app_fixture.h"

#include "base/alloc.h"
#include "base/rng.h"

enum { PICTURES = 200 };

static inline void write_pair(const char *images, const char *labels, size_t n, uint64_t seed) {
    Rng rng = rng_at(seed, RNG_STREAM_TEST, 0);
    uint8_t *pixels = calloc(n, NN_PIXELS), *names = calloc(n, 1);
    for (size_t i = 0; i < n; i++) {
        names[i] = (uint8_t)rng_below(&rng, NN_CLASSES);
        for (int k = 0; k < 60; k++) { // blots: neither blank nor noise
            size_t x = 4 + rng_below(&rng, 19), y = 4 + rng_below(&rng, 19);
            pixels[i * NN_PIXELS + y * NN_SIDE + x] = 255;
            pixels[i * NN_PIXELS + y * NN_SIDE + x + 1] = (uint8_t)rng_below(&rng, 256);
        }
    }
    assert_int_equal(nn_idx_write(images, pixels, 3, (size_t[]){n, NN_SIDE, NN_SIDE}, NULL), NN_OK);
    assert_int_equal(nn_idx_write(labels, names, 1, (size_t[]){n}, NULL), NN_OK);
    free(pixels);
    free(names);
}

static inline void data_path(const AppFixture *fixture, const char *name, char *path, size_t size) {
    (void)snprintf(path, size, "%s/%s", fixture->folder, name);
}

static inline void make_data(AppFixture *fixture) {
    char images[400], labels[400];
    data_path(fixture, "mnist", images, sizeof images);
    assert_int_equal(folder_make(images, NULL), NN_OK);
    data_path(fixture, "mnist/t10k-images-idx3-ubyte", images, sizeof images);
    data_path(fixture, "mnist/t10k-labels-idx1-ubyte", labels, sizeof labels);
    write_pair(images, labels, PICTURES, 7);
    assert_int_equal(setenv("INKLING_DATA", fixture->folder, 1), 0);
}

static inline int errors_setup(void **state) {
    AppFixture *fixture = calloc(1, sizeof *fixture);
    fixture_folder(fixture);
    make_data(fixture);
    *state = fixture;
    return 0;
}

static inline void open_errors(AppFixture *fixture, float width, float height, float scale) {
    fixture_open(fixture, false, true, width, height, scale);
    fixture_play(fixture, "key alt+3");
    fixture_play(fixture, "settle");
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
