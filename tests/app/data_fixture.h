// data_fixture.h - the window's core with a small data set in the place of MNIST's training digits.

#ifndef INKLING_TESTS_DATA_FIXTURE_H
#define INKLING_TESTS_DATA_FIXTURE_H

#include "errors_fixture.h"

static inline int data_setup(void **state) {
    AppFixture *fixture = calloc(1, sizeof *fixture);
    char images[400], labels[400];
    fixture_folder(fixture);
    data_path(fixture, "mnist", images, sizeof images);
    assert_int_equal(folder_make(images, NULL), NN_OK);
    data_path(fixture, "mnist/train-images-idx3-ubyte", images, sizeof images);
    data_path(fixture, "mnist/train-labels-idx1-ubyte", labels, sizeof labels);
    write_pair(images, labels, PICTURES, 9);
    assert_int_equal(setenv("INKLING_DATA", fixture->folder, 1), 0);
    *state = fixture;
    return 0;
}

// Few drawings of each form are tried: a hundred take seconds under the sanitizers.
enum { TRIES = 3 };

static inline void open_data(AppFixture *fixture, float width, float height, float scale) {
    fixture_open(fixture, false, true, width, height, scale);
    fixture->app.gallery.tries = TRIES;
    fixture_play(fixture, "key alt+5");
    fixture_play(fixture, "settle");
    script_settle(&fixture->script);
}

static inline void choose_source(AppFixture *fixture, DataSource source) {
    app_apply(&fixture->app, &(Action){.kind = ACTION_DATA_SOURCE, .index = (int)source});
    fixture_play(fixture, "settle");
    script_settle(&fixture->script);
}

#endif
