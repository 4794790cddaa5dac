// app.h - the window: what the command line starts, renders and measures.
//
//     AppOptions options = {.model_path = "mine.safetensors"};
//     status = app_main(&options, &err);                                 // inkling
//     status = app_render(&options, "7.script", "draw.png", &err);       // inkling render draw
//     status = app_bench_ui(&options, NULL, 10.0, &bench, &err);               // inkling bench ui
//
// Thread: main.

#ifndef INKLING_APP_APP_H
#define INKLING_APP_APP_H

#include <stdbool.h>
#include <stddef.h>

#include "nn/error.h"

typedef enum { APP_VIEW_DRAW, APP_VIEW_TRAIN, APP_VIEW_ERRORS, APP_VIEW_DATA, APP_VIEW_COUNT } AppView;

// "draw". False for a name that is no view.
bool app_view_parse(const char *name, AppView *view);
const char *app_view_name(AppView view);

// Zero everywhere means: what was set last time, else the default.
typedef struct {
    AppView view;
    const char *model_path; // weights to use; an unreadable file is an error of app_main
    const char *panel;      // of Draw: "steps", "why", "looks" or "time"
    const char *theme;      // "light" or "dark"
    const char *projector;  // "on" or "off"
    const char *renderer;   // "software" (the default) or "accelerated"
    const char *font_path;  // a regular font file
    // Appended there: {"canvas": [left, top, side]} in logical pixels, and for each finished stroke
    // a line
    // {"strokes", "points", "digit" (null: none), "confidence", "sure", "probabilities",
    // "latency_ms"}. Of the Errors view whenever one of it changes: {"errors": data set, "n", "wrong",
    // "listed": [first list, second], "cell", "second": [label, answer], "sample", "label", "answer",
    // "tag", "tab", "low", "high": confidence asked for, "matrix", "grid", "filter": [left, top, width,
    // height]}. Of every file: {"saved": path}.
    const char *log_path;
    int width, height; // logical pixels; 0: as last time, else 1280x800
    float scale;       // device pixels per logical pixel; 0: what the screen says
    bool exact_font;   // DejaVu Sans by file: what pixel tests ask for
    bool fresh;        // neither read nor write settings, session and my digits' writer
} AppOptions;

// Opens the window and runs it until it is closed. Without a display: NN_ERR_FAILED with a hint.
NnStatus app_main(const AppOptions *options, NnError *err) NN_MUST_CHECK;

// Plays script_path (NULL: nothing happens; format in script.h) with a fixed clock and writes the
// view as it looks at the end to out_path. Needs no display. Always starts fresh: settings and
// session of the person are neither read nor written.
NnStatus app_render(const AppOptions *options, const char *script_path, const char *out_path,
                    NnError *err) NN_MUST_CHECK;

typedef struct {
    int frames; // drawn while measuring
    double frame_p50_ms, frame_p99_ms,
        frame_max_ms;         // work of a frame: build, apply, compose, present
    double ink_p99_ms;        // from a pointer event to its ink presented
    double mallocs_per_frame; // requests to base/alloc by any thread, once warmed up: 0
    double rss_mb;            // resident memory at the end
    double first_frame_ms;    // from the call to the first frame presented
    int motion_hz;            // highest event rate that was fed
    const char *driver;       // "window" or "dummy"
    // While a recipe trains, else 0: samples a second without and with the window, and from the
    // order to start until the curve has a point.
    double headless_per_s, train_per_s, first_point_ms;
} AppBench;

// Of five openings by a fresh program: the middle one and the slowest.
typedef struct {
    double pictures_ms, pictures_max_ms; // from the key to the first pictures on the screen
    double answers_ms, answers_max_ms;   // to the network's answers to all of them
    size_t rows;                         // in the list that is scrolled
    int frames;
    double frame_p50_ms, frame_p99_ms, frame_max_ms; // work of a frame while scrolling
    double mallocs_per_frame;
    double rss_mb; // the most there was, with the search for nearest training digits
    const char *driver;
} AppBenchErrors;

// Opens the Errors view on MNIST's test digits without a cache, and scrolls all of them for so many
// seconds of real time.
NnStatus app_bench_errors(const AppOptions *options, double seconds, AppBenchErrors *result,
                          NnError *err) NN_MUST_CHECK;

// Draws scripted strokes for seconds of real time, the rate of motion events going from 125 to 1000
// a second. Uses the window where there is a display, else SDL's dummy driver.
// recipe: trained at full speed meanwhile, in the Train view; NULL: none.
NnStatus app_bench_ui(const AppOptions *options, const char *recipe, double seconds,
                      AppBench *result, NnError *err) NN_MUST_CHECK;

#endif
