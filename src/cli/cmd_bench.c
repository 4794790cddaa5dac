// cmd_bench.c - `bench`, and of it `bench infer`: from a new stroke point to ten probabilities, one point after the
// other as a hand would deliver them, and pictures a second in batches.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/file.h"
#include "cli/bench_train.h"
#include "cli/cmd_window.h"
#include "cli/signals.h"

enum { SAMPLES_MAX = 1 << 20, BATCH_PICTURES = 1 << 14 };

typedef struct {
    const Reader *reader;
    NnInk *recorded, *drawn;
    float *point_us, *forward_us; // (SAMPLES_MAX)
    size_t n;
    NnDigit last; // a digit to measure the forward pass with
} Latency;

static float microseconds(uint64_t from_ns, uint64_t to_ns) {
    return (float)((double)(to_ns - from_ns) / 1e3);
}

static int by_size(const void *a, const void *b) {
    float x = *(const float *)a;
    float y = *(const float *)b;
    return (x > y) - (x < y);
}

// The value below which a share of the n samples lies; sorts them.
static double percentile(float *samples, size_t n, double part) {
    qsort(samples, n, sizeof *samples, by_size);
    size_t at = (size_t)(part * (double)(n - 1) + 0.5);
    return (double)samples[at];
}

// Draws the recorded strokes once more, timing what every new point costs.
static bool time_drawing(Latency *l) {
    nn_ink_reset(l->drawn);
    for (size_t s = 0; s < nn_ink_stroke_count(l->recorded); s++) {
        NnStroke stroke = nn_ink_stroke(l->recorded, s);
        if (!nn_ink_begin(l->drawn, NN_INK_DRAW, NN_DEFAULT_PEN)) {
            return false;
        }
        for (size_t i = 0; i < stroke.n && l->n < SAMPLES_MAX; i++) {
            NnDigit digit;
            NnAnswer answer;
            uint64_t start = clock_ns();
            if (!nn_ink_extend(l->drawn, stroke.points[i])) {
                return false;
            }
            if (nn_ink_normalise(l->drawn, NULL, &digit)) {
                nn_classify(l->reader->model, l->reader->work, &digit, &answer);
            }
            uint64_t end = clock_ns();
            nn_classify(l->reader->model, l->reader->work, &digit, &answer);
            l->forward_us[l->n] = microseconds(end, clock_ns());
            l->point_us[l->n++] = microseconds(start, end);
            l->last = digit;
        }
        nn_ink_end(l->drawn);
    }
    return true;
}

static NnStatus measure_latency(Latency *l, const char *path, double seconds, NnError *err) {
    double until = clock_s() + seconds;
    do {
        NnStrokeFile *file = nn_strokes_open(path, err);
        NnStatus status = file != NULL ? NN_OK : err->status;
        size_t before = l->n;
        bool more = file != NULL;
        while (more && status == NN_OK && signals_caught() == 0) {
            int label;
            status = nn_strokes_next(file, l->recorded, NN_DEFAULT_PEN, &label, &more, err);
            if (status == NN_OK && more && !time_drawing(l)) {
                status = nn_fail(err, NN_ERR_NOMEM, "out of memory while drawing strokes");
            }
        }
        nn_strokes_close(file);
        if (status != NN_OK) {
            return status;
        }
        if (l->n == before && l->n < SAMPLES_MAX && signals_caught() == 0) {
            return nn_fail_file(err, NN_ERR_FORMAT, path, -1, "there is no drawing in it");
        }
    } while (clock_s() < until && l->n < SAMPLES_MAX && signals_caught() == 0);
    return NN_OK;
}

// Pictures a second through the evaluator, the best of what fits into the time.
static NnStatus measure_batches(const NnModel *model, const NnDigit *digit, int threads,
                                double seconds, double *images_per_s, NnError *err) {
    uint8_t *images = mem_new_aligned(BATCH_PICTURES, NN_PIXELS);
    uint8_t *labels = mem_new(BATCH_PICTURES, 1);
    float *logits = mem_new_aligned(BATCH_PICTURES, NN_CLASSES * sizeof *logits);
    bool ready = images != NULL && labels != NULL && logits != NULL;
    NnStatus status =
        ready ? NN_OK : nn_fail(err, NN_ERR_NOMEM, "out of memory for %d pictures", BATCH_PICTURES);
    for (size_t i = 0; ready && i < BATCH_PICTURES; i++) {
        memcpy(images + i * NN_PIXELS, digit->pixels, NN_PIXELS);
    }
    NnDataset data = {.name = "bench", .n = BATCH_PICTURES, .images = images, .labels = labels};
    double until = clock_s() + seconds;
    *images_per_s = 0;
    while (ready && status == NN_OK) {
        double start = clock_s();
        status = nn_evaluate(model, &data, threads, logits, signals_should_stop, NULL, err);
        double end = clock_s();
        double rate = BATCH_PICTURES / (end - start);
        *images_per_s = status == NN_OK && rate > *images_per_s ? rate : *images_per_s;
        if (end >= until) {
            break;
        }
    }
    mem_free(images);
    mem_free(labels);
    mem_free(logits);
    return status;
}

static NnStatus report(Cli *cli, Latency *l, double images_per_s, NnError *err) {
    double median = percentile(l->point_us, l->n, 0.5);
    double p99 = percentile(l->point_us, l->n, 0.99);
    double forward = percentile(l->forward_us, l->n, 0.5);
    if (args_has(&cli->args, "json")) {
        return json_print(json_pack("{s:{s:f, s:f}, s:f, s:f, s:I}", "latency_us", "median", median,
                                    "p99", p99, "forward_us", forward, "images_per_s", images_per_s,
                                    "points", (json_int_t)l->n),
                          err);
    }
    printf("new point to answer   median %.1f µs, p99 %.1f µs  (%zu points)\n", median, p99, l->n);
    printf("forward pass alone    median %.1f µs\n", forward);
    printf("in batches            %.0f pictures/s\n", images_per_s);
    return NN_OK;
}

static NnStatus measure(Cli *cli, Latency *l, const char *strokes, NnError *err) {
    const double otherwise_s = 2;
    double seconds = args_real(&cli->args, "seconds", otherwise_s);
    if (l->recorded == NULL || l->drawn == NULL || l->point_us == NULL || l->forward_us == NULL) {
        return nn_fail(err, NN_ERR_NOMEM, "out of memory for the measurements");
    }
    double images_per_s = 0;
    NnStatus status = measure_latency(l, strokes, seconds / 2, err);
    if (status == NN_OK) {
        status =
            measure_batches(l->reader->model, &l->last, (int)args_int(&cli->args, "threads", 0),
                            seconds / 2, &images_per_s, err);
    }
    return status == NN_OK ? report(cli, l, images_per_s, err) : status;
}

static NnStatus bench_infer(Cli *cli, NnError *err) {
    const Args *args = &cli->args;
    char path[512];
    const char *strokes = args_text(args, "strokes");
    if (strokes == NULL) {
        if (!share_path(path, sizeof path, "assets", "drawings/digits.jsonl")) {
            nn_fail(err, NN_ERR_NOT_FOUND, "the drawings that come with inkling are not there");
            nn_error_hint(err, "give a file of your own with --strokes");
            return NN_ERR_NOT_FOUND;
        }
        strokes = path;
    }
    signals_catch();
    Reader reader;
    NnStatus status = reader_open(&reader, args_text(args, "model"), err);
    if (status == NN_OK) {
        Latency l = {
            .reader = &reader,
            .recorded = nn_ink_new(err),
            .drawn = nn_ink_new(err),
            .point_us = mem_new(SAMPLES_MAX, sizeof *l.point_us),
            .forward_us = mem_new(SAMPLES_MAX, sizeof *l.forward_us),
        };
        status = measure(cli, &l, strokes, err);
        mem_free(l.point_us);
        mem_free(l.forward_us);
        nn_ink_free(l.recorded);
        nn_ink_free(l.drawn);
    }
    reader_release(&reader);
    return status;
}

NnStatus cmd_bench(Cli *cli, NnError *err) {
    const char *what = args_operand(&cli->args, 0);
    if (strcmp(what, "train") == 0) {
        return bench_train(cli, err);
    }
    if (strcmp(what, "time-to") == 0) {
        return bench_time_to(cli, err);
    }
    if (args_operand(&cli->args, 1) == NULL && strcmp(what, "errors") == 0) {
        return bench_errors(cli, err);
    }
    if (args_operand(&cli->args, 1) != NULL) {
        return nn_fail(err, NN_ERR_USAGE, "bench %s takes no recipe", what);
    }
    return strcmp(what, "ui") == 0 ? bench_ui(cli, err) : bench_infer(cli, err);
}
