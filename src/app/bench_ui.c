// `inkling bench ui`: draws digits at the rates pens and mice report, in real time, and times every
// frame.
#include <math.h>
#include <string.h>

#include "app/bench_train.h"
#include "app/bench_window.h"
#include "base/alloc.h"
#include "base/clock.h"

enum { EVENTS_MAX = 256, SAMPLES_MAX = 1 << 16 };

static const int RATES_HZ[] = {125, 250, 500, 1000};
static const double STROKE_S = 1.2, PAUSE_S = 0.25; // of each digit
// Not measured: one digit drawn and cleared, which fills the caches of text and pictures and takes
// the window past what it does once after its start.
static const double WARM_UP_S = 1.45;
static const double FRAME_S = 1.0 / 60;

typedef struct {
    Driver driver;
    UiInput input; // made up by the benchmark
    UiInput real;  // what the window says; only its size counts
    UiEvent events[EVENTS_MAX];
    double frame_ms[SAMPLES_MAX], ink_ms[SAMPLES_MAX];
    size_t n_frames, n_inks;
    bool down, cleared;
    double next_event_s; // when the pen reports next
} Bench;

// Something like an 8 that fills most of the canvas: curves, crossings, all speeds.
static void pen_at(UiRect square, double phase, float *x, float *y) {
    double a = 2 * 3.14159265358979 * phase;
    *x = square.x + square.w * (0.5f + 0.22f * (float)sin(2 * a));
    *y = square.y + square.h * (0.5f - 0.36f * (float)cos(a));
}

static void add_event(Bench *bench, UiEvent event) {
    if (bench->input.n < EVENTS_MAX) {
        event.pressure = 1;
        bench->events[bench->input.n++] = event;
    }
}

// All events due by now_s. They carry the time at which a device would have sent them.
static void collect(Bench *bench, double start_s, double now_s, int rate_hz) {
    UiRect square = bench->driver.app.draw.square;
    bench->input.n = 0;
    while (bench->next_event_s <= now_s) {
        double t = bench->next_event_s - start_s;
        double in_digit = fmod(t, STROKE_S + PAUSE_S);
        UiEvent event = {.t_ms = bench->next_event_s * 1000};
        pen_at(square, fmin(in_digit / STROKE_S, 1), &event.x, &event.y);
        if (in_digit < STROKE_S && !bench->down) {
            bench->down = true;
            bench->cleared = false;
            event.kind = EVENT_DOWN;
            event.button = BUTTON_LEFT;
        } else if (in_digit >= STROKE_S + PAUSE_S / 2 && !bench->cleared) {
            bench->cleared = true;
            event.kind = EVENT_KEY;
            event.key = 'c';
        } else if (in_digit >= STROKE_S && bench->down) {
            bench->down = false;
            event.kind = EVENT_UP;
            event.button = BUTTON_LEFT;
        } else {
            event.kind = EVENT_MOVE;
        }
        add_event(bench, event);
        bench->next_event_s += 1.0 / rate_hz;
    }
}

static void show(Bench *bench, double now_s) {
    Driver *driver = &bench->driver;
    int width, height;
    platform_collect(driver->platform, &bench->real, 0); // keeps the window alive
    platform_frame_size(driver->platform, &width, &height);
    bench->input.events = bench->events;
    bench->input.capacity = EVENTS_MAX;
    bench->input.width = bench->real.width;
    bench->input.height = bench->real.height;
    bench->input.scale = bench->real.scale;
    bench->input.now_ms = now_s * 1000;
    driver_frame(driver, &bench->input, width, height);
}

static void show_now(void *user) {
    show(user, clock_s());
}

static void measure(Bench *bench, double seconds, AppBench *result) {
    const size_t n_rates = sizeof RATES_HZ / sizeof RATES_HZ[0];
    double start_s = clock_s(), end_s = start_s + WARM_UP_S + seconds;
    bench->next_event_s = start_s;
    uint64_t requests = 0;
    const Training *training = &bench->driver.app.training;
    uint64_t first_step = 0;
    double first_step_s = 0;
    for (double now_s = start_s; now_s < end_s;) {
        double share = (now_s - start_s - WARM_UP_S) / seconds;
        size_t rate = share <= 0 ? 0 : (size_t)(share * (double)n_rates);
        rate = rate < n_rates ? rate : n_rates - 1;
        collect(bench, start_s, now_s, RATES_HZ[rate]);
        uint64_t before = mem_request_count();
        show(bench, now_s);
        double done_s = clock_s();
        bool counts = now_s - start_s >= WARM_UP_S && bench->n_frames < SAMPLES_MAX;
        if (counts && bench->n_frames == 0) {
            first_step = training->state.steps_done;
            first_step_s = done_s;
        }
        if (counts) {
            bench->frame_ms[bench->n_frames++] = (done_s - now_s) * 1000;
            requests += mem_request_count() - before;
        }
        for (size_t i = 0; counts && i < bench->input.n && bench->n_inks < SAMPLES_MAX; i++) {
            if (bench->down && bench->events[i].kind == EVENT_MOVE) {
                bench->ink_ms[bench->n_inks++] = done_s * 1000 - bench->events[i].t_ms;
            }
        }
        double left_s = FRAME_S - (done_s - now_s);
        if (left_s > 0) {
            clock_sleep_ms((uint32_t)(left_s * 1000));
        }
        now_s = clock_s();
    }
    if (training->runner != NULL) {
        double steps = (double)(training->state.steps_done - first_step);
        result->train_per_s = steps * training->recipe.batch / (clock_s() - first_step_s);
    }
    result->frames = (int)bench->n_frames;
    result->mallocs_per_frame =
        bench->n_frames > 0 ? (double)requests / (double)bench->n_frames : 0;
    result->motion_hz = RATES_HZ[n_rates - 1];
    result->ink_p99_ms = bench_percentile(bench->ink_ms, bench->n_inks, 0.99);
    result->frame_p50_ms = bench_percentile(bench->frame_ms, bench->n_frames, 0.5);
    result->frame_p99_ms = bench_percentile(bench->frame_ms, bench->n_frames, 0.99);
    result->frame_max_ms = bench_percentile(bench->frame_ms, bench->n_frames, 1);
}

static NnStatus measure_training(Bench *bench, const TrainForm *form, double seconds,
                                 AppBench *result, NnError *err) {
    NnStatus status =
        bench_train_start(&bench->driver.app, form, show_now, bench, &result->first_point_ms, err);
    if (status == NN_OK) {
        measure(bench, seconds, result);
    }
    return status;
}

static NnStatus measure_window(const AppOptions *options, const TrainForm *form, double seconds,
                               AppBench *result, NnError *err) {
    uint64_t start = clock_ns();
    Bench *bench = mem_new(1, sizeof *bench);
    if (bench == NULL) {
        return nn_fail(err, NN_ERR_NOMEM, "Out of memory while measuring the window.");
    }
    NnStatus status = bench_window_open(&bench->driver, options, &result->driver, err);
    if (status == NN_OK) {
        show(bench, clock_s());
        result->first_frame_ms = (double)(clock_ns() - start) / 1e6;
        if (form != NULL) {
            status = measure_training(bench, form, seconds, result, err);
        } else {
            measure(bench, seconds, result);
        }
        result->rss_mb = bench_rss_mb();
        driver_close(&bench->driver);
    }
    mem_free(bench);
    return status;
}

// The recipe's speed alone is measured before and after, since machines get faster and slower by
// the minute.
NnStatus app_bench_ui(const AppOptions *options, const char *recipe, double seconds,
                      AppBench *result, NnError *err) {
    memset(result, 0, sizeof *result);
    if (recipe == NULL) {
        return measure_window(options, NULL, seconds, result, err);
    }
    TrainForm form;
    double alone_s = fmin(fmax(seconds / 8, 0.5), 5), before = 0, after = 0;
    NnStatus status = bench_train_recipe(recipe, &form, err);
    status = status == NN_OK ? bench_train_headless(&form, alone_s, &before, err) : status;
    status = status == NN_OK ? measure_window(options, &form, seconds, result, err) : status;
    status = status == NN_OK ? bench_train_headless(&form, alone_s, &after, err) : status;
    result->headless_per_s = (before + after) / 2;
    return status;
}
