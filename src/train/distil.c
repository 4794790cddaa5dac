#include "train/distil.h"

#include <string.h>

#include "base/alloc.h"
#include "base/simd.h"

// What a convolution computes of more rows leaves the cache, and takes tens of megabytes a worker;
// dense layers want all the rows there are, as they read their weights again for each lot.
enum { PICTURES_AT_ONCE = 32 };

// What a worker needs for itself.
typedef struct {
    NnWorkspace *work[NN_TEACHERS_MAX]; // of teachers alike, the first's
    float *inputs;                      // (rows, 784) as a teacher wants them
    float *answers;                     // (rows, 10) of one teacher
    float *means;                       // (rows, 10)
    float *weights;                     // (rows)
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
    int at_once[NN_TEACHERS_MAX];     // rows a teacher is shown at a time
    float usual_weight;
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

static int rows_at_once(const NnArch *arch, int rows) {
    bool dense = true;
    for (int i = 0; i < arch->n_layers; i++) {
        dense = dense && arch->layers[i].kind == NN_LAYER_DENSE;
    }
    return dense || rows < PICTURES_AT_ONCE ? rows : PICTURES_AT_ONCE;
}

static bool new_desk(Distil *d, Desk *desk, const NnRecipe *recipe, int rows, NnError *err) {
    desk->inputs = mem_new_aligned((size_t)rows * NN_PIXELS, sizeof(float));
    desk->answers = mem_new((size_t)rows * NN_CLASSES, sizeof(float));
    desk->means = mem_new((size_t)rows * NN_CLASSES, sizeof(float));
    desk->weights = mem_new((size_t)rows, sizeof(float));
    desk->soft = (NnSoftTargets){
        .probabilities = desk->means,
        .weights = desk->weights,
        .temperature = recipe->distil_temperature,
    };
    bool whole = desk->inputs != NULL && desk->answers != NULL && desk->means != NULL &&
                 desk->weights != NULL;
    for (int i = 0; whole && i < d->teachers->n; i++) {
        int first = d->first_alike[i];
        desk->work[i] = first < i
                            ? desk->work[first]
                            : nn_workspace_new(d->teachers->models[i], d->at_once[i], false, err);
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
        d->usual_weight = recipe->distil_weight;
        for (int i = 0; i < teachers->n; i++) {
            d->translations[i] = translate(&recipe->arch, nn_model_arch(teachers->models[i]));
            d->first_alike[i] = first_alike(teachers, i);
            d->at_once[i] = rows_at_once(nn_model_arch(teachers->models[i]), rows);
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
        mem_free(desk->weights);
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

// Adds teacher i's share of the mean.
static void ask(const Distil *d, Desk *desk, int i, const float *inputs, int n) {
    const NnModel *teacher = d->teachers->models[i];
    if (!d->translations[i].same) {
        convert(desk->inputs, inputs, (size_t)n * NN_PIXELS, d->translations[i]);
        inputs = desk->inputs;
    }
    for (int at = 0; at < n; at += d->at_once[i]) {
        int rows = n - at < d->at_once[i] ? n - at : d->at_once[i];
        const float *logits =
            nn_forward(teacher, desk->work[i], inputs + (size_t)at * NN_PIXELS, rows);
        nn_softmax(desk->answers + (size_t)at * NN_CLASSES, logits, rows, NN_CLASSES,
                   desk->soft.temperature);
    }
    add(desk->means, desk->answers, (size_t)n * NN_CLASSES, 1.0f / (float)d->teachers->n);
}

static float teachers_share(SampleKind kind, float usual) {
    switch (kind) {
    case SAMPLE_DATA:
        return usual;
    case SAMPLE_BLEND:
        return 1.0f;
    default:
        return 0.0f;
    }
}

const NnSoftTargets *distil_answer(Distil *d, int worker, const float *inputs,
                                   const SampleKind *kinds, int n) {
    Desk *desk = &d->desks[worker];
    for (int i = 0; i < n; i++) {
        desk->weights[i] = teachers_share(kinds[i], d->usual_weight);
    }
    memset(desk->means, 0, (size_t)n * NN_CLASSES * sizeof *desk->means);
    for (int i = 0; i < d->teachers->n; i++) {
        ask(d, desk, i, inputs, n);
    }
    return &desk->soft;
}
