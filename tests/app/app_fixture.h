// app_fixture.h - the window's core without a window or a font: a folder of its own for everything
// it writes, a small network, scripted input. Every character is 0.56 em wide, as Inter's are on
// average.

#ifndef INKLING_TESTS_APP_FIXTURE_H
#define INKLING_TESTS_APP_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/app_state.h"
#include "app/script.h"
#include "base/file.h"

typedef struct {
    char folder[256];
    char weights[300]; // of a network 784-24-10, untrained
    App app;
    Script script;
    bool open;
} AppFixture;

static inline UiTextSize fixture_measure(void *user, Font font, const char *utf8, size_t n) {
    (void)user;
    float characters = 0;
    for (size_t i = 0; i < n; i++) {
        characters += ((unsigned char)utf8[i] & 0xC0) != 0x80;
    }
    return (UiTextSize){characters * font.size * 0.56f, font.size * 0.97f, font.size * 0.24f};
}

static inline void fixture_frame(void *user, const UiInput *input) {
    app_frame(user, input);
}

static inline void fixture_folder(AppFixture *fixture) {
    memset(fixture, 0, sizeof *fixture);
    const char *base = getenv("TMPDIR");
    (void)snprintf(fixture->folder, sizeof fixture->folder, "%s/inkling-app-XXXXXX",
                   base != NULL ? base : "/tmp");
    assert_non_null(mkdtemp(fixture->folder));
    const char *variables[] = {"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME",
                               "XDG_CACHE_HOME"};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(setenv(variables[i], fixture->folder, 1), 0);
    }
    NnArch arch = {.name = "small",
                   .n_layers = 2,
                   .layers = {{.n_in = NN_PIXELS, .n_out = 24, .activation = NN_ACT_RELU},
                              {.n_in = 24, .n_out = NN_CLASSES}},
                   .threshold = 0.05f};
    NnModel *model = nn_model_new(&arch, NULL);
    assert_non_null(model);
    nn_model_init(model, NN_INIT_HE_NORMAL, 1);
    (void)snprintf(fixture->weights, sizeof fixture->weights, "%s/small.safetensors",
                   fixture->folder);
    assert_int_equal(nn_model_save(model, fixture->weights, NULL, 0, NULL), NN_OK);
    nn_model_free(model);
}

static inline void fixture_open(AppFixture *fixture, bool remember, bool with_model, float width,
                                float height, float scale) {
    NnError err = {0};
    AppDesc desc = {.measure = fixture_measure,
                    .model_path = with_model ? fixture->weights : NULL,
                    .shipped_model = "none.safetensors",
                    .pictures_folder = fixture->folder,
                    .remember = remember};
    if (app_init(&fixture->app, &desc, &err) != NN_OK) {
        fail_msg("%s", err.message);
    }
    fixture->open = true;
    script_start(&fixture->script, &fixture->app, width, height, scale, fixture_frame,
                 &fixture->app);
}

static inline void fixture_close(AppFixture *fixture) {
    if (fixture->open) {
        app_release(&fixture->app);
        fixture->open = false;
    }
}

static inline void fixture_play(AppFixture *fixture, const char *line) {
    NnError err = {0};
    if (script_line(&fixture->script, line, "test", 1, &err) != NN_OK) {
        fail_msg("%s", err.message);
    }
}

static inline int fixture_setup(void **state) {
    AppFixture *fixture = calloc(1, sizeof *fixture);
    fixture_folder(fixture);
    *state = fixture;
    return 0;
}

// The folder holds files of ours alone.
static inline int fixture_teardown(void **state) {
    AppFixture *fixture = *state;
    fixture_close(fixture);
    char command[400];
    (void)snprintf(command, sizeof command, "rm -rf '%s'", fixture->folder);
    int status = system(command);
    free(fixture);
    return status;
}

#define SEVEN                                                                                      \
    "stroke 0.3 0.25 0.4 0.25 0.5 0.25 0.6 0.25 0.7 0.26 0.65 0.4 0.58 0.55 0.52 0.7 0.48 0.85"

#endif
