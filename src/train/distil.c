#include "train/distil.h"

#include <string.h>

#include "base/alloc.h"
#include "base/simd.h"

enum { ROWS_MAX = 32 }; // a teacher is shown at a time: what it computes stays in the cache

// What a worker needs for itself.
typedef struct {
    NnWorkspace *work[NN_TEACHERS_MAX]; // of teachers alike, the first's
    float *inputs;                      // (ROWS_MAX, 784) as a teacher wants them
    float *answers;                     // (ROWS_MAX, 10) of one teacher
    float *means;                       // (rows, 10)
    NnSoftTargets soft;
} Desk;

// From a student's input to a teacher's: both are pixels less a mean, over a deviation.
typedef struct {
    bool same;
    float factor, shift;
} Translation;

struct Distil {
    const Teachers *teachers;
    Translation translations[NN_TEACHERS_MAX];
    int first_alike[NN_TEACHERS_MAX]; // the first teacher of the same layers
    int n_desks;
    Desk desks[]; // one a worker
};

static Translation translate(const NnArch *student, const NnArch *teacher) {
    double from = student->input_sd > 0 ? (double)student->input_sd : 1.0;
    double to = teacher->input_sd > 0 ? (double)teacher->input_sd : 1.0;
    double mean = (double)student->input_mean - (double)teacher->input_mean;
    return (Translation){
        .same = from == to && mean == 0.0,
        .factor = (float)(from / to),
        .shift = (float)(mean / to),
    };
}

static int first_alike(const Teachers *teachers, int i) {
    int first = 0;
    while (!nn_arch_alike(nn_model_arch(teachers->models[first]),
                          nn_model_arch(teachers->models[i]))) {
        first++;
    }
    return first;
}

static bool new_desk(Distil *d, Desk *desk, const NnRecipe *recipe, int rows, NnError *err) {
    desk->inputs = mem_new_aligned((size_t)ROWS_MAX * NN_PIXELS, sizeof(float));
    desk->answers = mem_new((size_t)ROWS_MAX * NN_CLASSES, sizeof(float));
    desk->means = mem_new((size_t)rows * NN_CLASSES, sizeof(float));
    desk->soft = (NnSoftTargets){
        .probabilities = desk->means,
        .weight = recipe->distil_weight,
        .temperature = recipe->distil_temperature,
    };
    bool whole = desk->inputs != NULL && desk->answers != NULL && desk->means != NULL;
    for (int i = 0; whole && i < d->teachers->n; i++) {
        int first = d->first_alike[i], most = rows < ROWS_MAX ? rows : ROWS_MAX;
        desk->work[i] = first < i ? desk->work[first]
                                  : nn_workspace_new(d->teachers->models[i], most, false, err);
        whole = desk->work[i] != NULL;
    }
    return whole;
}

Distil *distil_new(const Teachers *teachers, const NnRecipe *recipe, int rows, int n_workers,
                   NnError *err) {
    Distil *d = mem_new(1, sizeof *d + (size_t)n_workers * sizeof(Desk));
    bool whole = d != NULL;
    if (whole) {
        d->teachers = teachers;
        d->n_desks = n_workers;
        for (int i = 0; i < teachers->n; i++) {
            d->translations[i] = translate(&recipe->arch, nn_model_arch(teachers->models[i]));
            d->first_alike[i] = first_alike(teachers, i);
        }
    }
    for (int i = 0; whole && i < n_workers; i++) {
        whole = new_desk(d, &d->desks[i], recipe, rows, err);
    }
    if (!whole) {
        nn_fail(err, NN_ERR_NOMEM, "not enough memory for the %d teacher%s of \"%s\"", teachers->n,
                teachers->n == 1 ? "" : "s", recipe->name);
        distil_free(d);
        return NULL;
    }
    return d;
}

void distil_free(Distil *d) {
    for (int k = 0; d != NULL && k < d->n_desks; k++) {
        Desk *desk = &d->desks[k];
        for (int i = 0; i < d->teachers->n; i++) {
            if (d->first_alike[i] == i) {
                nn_workspace_free(desk->work[i]);
            }
        }
        mem_free(desk->means);
        mem_free(desk->answers);
        mem_free(desk->inputs);
    }
    mem_free(d);
}

NN_CLONES
static void convert(float *restrict out, const float *restrict in, size_t n, Translation t) {
    for (size_t i = 0; i < n; i++) {
        out[i] = t.factor * in[i] + t.shift;
    }
}

NN_CLONES
static void add(float *restrict sum, const float *restrict x, size_t n, float share) {
    for (size_t i = 0; i < n; i++) {
        sum[i] += share * x[i];
    }
}

// At most ROWS_MAX rows.
static void answer_rows(const Distil *d, Desk *desk, const float *inputs, int n, float *means) {
    const Teachers *teachers = d->teachers;
    size_t n_answers = (size_t)n * NN_CLASSES;
    memset(means, 0, n_answers * sizeof *means);
    for (int i = 0; i < teachers->n; i++) {
        const float *shown = inputs;
        if (!d->translations[i].same) {
            convert(desk->inputs, inputs, (size_t)n * NN_PIXELS, d->translations[i]);
            shown = desk->inputs;
        }
        const float *logits = nn_forward(teachers->models[i], desk->work[i], shown, n);
        nn_softmax(desk->answers, logits, n, NN_CLASSES, desk->soft.temperature);
        add(means, desk->answers, n_answers, 1.0f / (float)teachers->n);
    }
}

const NnSoftTargets *distil_answer(Distil *d, int worker, const float *inputs, int n) {
    Desk *desk = &d->desks[worker];
    for (int at = 0; at < n; at += ROWS_MAX) {
        int rows = n - at < ROWS_MAX ? n - at : ROWS_MAX;
        answer_rows(d, desk, inputs + (size_t)at * NN_PIXELS, rows,
                    desk->means + (size_t)at * NN_CLASSES);
    }
    return &desk->soft;
}
