// `inkling bench errors`: the Errors view on the 10,000 test digits of MNIST, opened several times by a
// fresh program and then scrolled from end to end at several speeds.
//
// An opening counts from the key event to the end of the frame that shows the first pictures, and to
// the one that shows the network's answers. No answer comes from the cache: all are worked out.
#define _DEFAULT_SOURCE // setenv

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/bench_window.h"
#include "base/alloc.h"
#include "base/clock.h"

enum { OPENINGS = 5, FRAMES_MAX = 1 << 16, EVENTS = 16 };

static const double FRAME_S = 1.0 / 60, PATIENCE_S = 120;
// Lines of a wheel a frame, from reading to a fling.
static const float SPEEDS[] = {0.25f, 1, 4, 16};

typedef struct {
    Driver driver;
    UiInput input, real;
    UiEvent events[EVENTS];
    double frame_ms[FRAMES_MAX];
    size_t n_frames;
} Bench;

static void add_event(Bench *bench, UiEvent event) {
    event.pressure = 1;
    event.t_ms = clock_s() * 1000;
    bench->events[bench->input.n++] = event;
}

// One frame with the events so far. wait_ms: at most so long for a thread's news before it.
static void show(Bench *bench, int wait_ms) {
    Driver *driver = &bench->driver;
    int width, height;
    platform_collect(driver->platform, &bench->real, wait_ms);
    platform_frame_size(driver->platform, &width, &height);
    bench->input.events = bench->events;
    bench->input.capacity = EVENTS;
    bench->input.width = bench->real.width;
    bench->input.height = bench->real.height;
    bench->input.scale = bench->real.scale;
    bench->input.now_ms = clock_s() * 1000;
    driver_frame(driver, &bench->input, width, height);
    bench->input.n = 0;
}

static NnStatus too_slow(const Browse *browse, NnError *err) {
    if (browse->trouble.status != NN_OK && err != NULL) {
        *err = browse->trouble;
        return err->status;
    }
    return nn_fail(err, NN_ERR_FAILED, "The Errors view showed nothing within two minutes.");
}

// From the key to pictures and to answers.
static NnStatus open_view(Bench *bench, double *pictures_ms, double *answers_ms, NnError *err) {
    const Browse *browse = &bench->driver.app.browse;
    double start_s = clock_s();
    *pictures_ms = 0;
    add_event(bench, (UiEvent){.kind = EVENT_KEY, .key = '3', .mods = MOD_ALT});
    show(bench, 0);
    while (browse->answers == NULL) {
        show(bench, 1);
        double ms = (clock_s() - start_s) * 1000;
        *pictures_ms = browse->pictures != NULL && *pictures_ms <= 0 ? ms : *pictures_ms;
        if (browse->trouble.status != NN_OK || ms > PATIENCE_S * 1000) {
            return too_slow(browse, err);
        }
    }
    *answers_ms = (clock_s() - start_s) * 1000;
    *pictures_ms = *pictures_ms > 0 ? *pictures_ms : *answers_ms;
    return NN_OK;
}

// Everything the view has threads for is done: scrolling is measured, not the search for neighbours.
static void settle(Bench *bench) {
    App *app = &bench->driver.app;
    double end_s = clock_s() + PATIENCE_S;
    double begin_s = clock_s();
    while (clock_s() < end_s) {
        show(bench, 20);
        const Neighbours *search = app->neighbours.search;
        bool begun = clock_s() - begin_s > 1; // the search starts a moment after the window
        if (begun && !browse_busy(&app->browse) &&
            (search == NULL || neighbours_settle(app->neighbours.search, 0))) {
            break;
        }
    }
}

static void scroll(Bench *bench, double seconds, AppBenchErrors *result) {
    App *app = &bench->driver.app;
    const size_t n_speeds = sizeof SPEEDS / sizeof SPEEDS[0];
    app_apply(app, &(Action){.kind = ACTION_STUDY_SHOW});
    for (int i = 0; i < 30; i++) { // what is shown for the first time fills caches
        show(bench, 0);
    }
    result->rows = app->browse.list[0].n;
    UiRect grid = app->errors.grid;
    float x = grid.x + grid.w / 2, y = grid.y + grid.h / 2, way = -1;
    uint64_t requests = 0;
    double start_s = clock_s(), at = -1;
    for (double now_s = start_s; now_s < start_s + seconds && bench->n_frames < FRAMES_MAX;) {
        size_t speed = (size_t)((now_s - start_s) / seconds * (double)n_speeds);
        speed = speed < n_speeds ? speed : n_speeds - 1;
        if ((double)app->errors.scroll[0] == at) { // at an end: back
            way = -way;
        }
        at = (double)app->errors.scroll[0];
        add_event(bench, (UiEvent){.kind = EVENT_MOVE, .x = x, .y = y});
        add_event(bench, (UiEvent){.kind = EVENT_WHEEL, .x = x, .y = y, .dy = way * SPEEDS[speed]});
        uint64_t before = mem_request_count();
        show(bench, 0);
        double done_s = clock_s();
        requests += mem_request_count() - before;
        bench->frame_ms[bench->n_frames++] = (done_s - now_s) * 1000;
        double left_s = FRAME_S - (done_s - now_s);
        if (left_s > 0) {
            clock_sleep_ms((uint32_t)(left_s * 1000));
        }
        now_s = clock_s();
    }
    result->frames = (int)bench->n_frames;
    result->mallocs_per_frame =
        bench->n_frames > 0 ? (double)requests / (double)bench->n_frames : 0;
    result->frame_p50_ms = bench_percentile(bench->frame_ms, bench->n_frames, 0.5);
    result->frame_p99_ms = bench_percentile(bench->frame_ms, bench->n_frames, 0.99);
    result->frame_max_ms = bench_percentile(bench->frame_ms, bench->n_frames, 1);
}

// A program of its own each time: nothing of an earlier opening is in memory. The last one scrolls.
static NnStatus open_and_scroll(Bench *bench, const AppOptions *options, double seconds,
                                AppBenchErrors *result, NnError *err) {
    double pictures[OPENINGS], answers[OPENINGS];
    NnStatus status = NN_OK;
    for (int i = 0; i < OPENINGS && status == NN_OK; i++) {
        status = bench_window_open(&bench->driver, options, &result->driver, err);
        if (status != NN_OK) {
            break;
        }
        for (int k = 0; k < 10; k++) { // the window has settled, as before a click
            show(bench, 5);
        }
        status = open_view(bench, &pictures[i], &answers[i], err);
        if (status == NN_OK && i == OPENINGS - 1) {
            settle(bench);
            scroll(bench, seconds, result);
            result->rss_mb = bench_rss_mb();
        }
        driver_close(&bench->driver);
    }
    if (status == NN_OK) {
        result->pictures_ms = bench_percentile(pictures, OPENINGS, 0.5);
        result->pictures_max_ms = bench_percentile(pictures, OPENINGS, 1);
        result->answers_ms = bench_percentile(answers, OPENINGS, 0.5);
        result->answers_max_ms = bench_percentile(answers, OPENINGS, 1);
    }
    return status;
}

NnStatus app_bench_errors(const AppOptions *options, double seconds, AppBenchErrors *result,
                          NnError *err) {
    memset(result, 0, sizeof *result);
    Bench *bench = mem_new(1, sizeof *bench);
    const char *before = getenv("XDG_CACHE_HOME");
    char *kept = before != NULL ? mem_copy_text(before) : NULL;
    if (bench == NULL || (before != NULL && kept == NULL)) {
        mem_free(bench);
        return nn_fail(err, NN_ERR_NOMEM, "Out of memory while measuring the window.");
    }
    (void)setenv("XDG_CACHE_HOME", "/dev/null", 1); // nothing can be kept there
    NnStatus status = open_and_scroll(bench, options, seconds, result, err);
    if (kept != NULL) {
        (void)setenv("XDG_CACHE_HOME", kept, 1);
    } else {
        (void)unsetenv("XDG_CACHE_HOME");
    }
    mem_free(kept);
    mem_free(bench);
    return status;
}
