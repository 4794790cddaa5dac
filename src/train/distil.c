#include "train/distil.h"

#include <string.h>

#include "base/alloc.h"
#include "base/simd.h"
#include "nn/frozen.h"

// Rows a teacher is shown at a time in f32, those missing as zeros: a multiplication of fewer may add
// up in another order, and so do those of some CPUs in rows beyond a multiple of 6 or 8. What a
// convolution computes of more leaves the cache, and takes tens of megabytes a worker.
enum { ROWS_AT_ONCE = 24 };

// A kept probability is a multiple of 1 / KEPT_STEPS: half the memory of a float, and far finer than
// teachers agree.
static const float KEPT_STEPS = 65535.0f;

// What a worker needs for itself.
typedef struct {
    NnWorkspace *work[NN_TEACHERS_MAX]; // in f32; of teachers alike, the first's
    NnFrozen *frozen[NN_TEACHERS_MAX];  // in bf16
    void *room;                         // of those
    float *asked;                       // (ROWS_AT_ONCE, 784) pictures without an answer yet
    float *inputs;                      // (ROWS_AT_ONCE, 784) as a teacher wants them
    float *answers;                     // (ROWS_AT_ONCE, 10) of one teacher
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
    bool bf16;
    float usual_weight;
    size_t n_samples;
    uint16_t
        *kept; // (views, n_samples, 10) answers so far, in KEPT_STEPS; zeros: none; NULL: not kept
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

static bool new_works(const Distil *d, Desk *desk, NnError *err) {
    for (int i = 0; i < d->teachers->n; i++) {
        int first = d->first_alike[i];
        desk->work[i] = first < i
                            ? desk->work[first]
                            : nn_workspace_new(d->teachers->models[i], ROWS_AT_ONCE, false, err);
        if (desk->work[i] == NULL) {
            return false;
        }
    }
    return true;
}

static bool new_frozen(const Distil *d, Desk *desk, NnError *err) {
    size_t room = 0;
    for (int i = 0; i < d->teachers->n; i++) {
        desk->frozen[i] = nn_frozen_new(d->teachers->models[i], err);
        if (desk->frozen[i] == NULL) {
            return false;
        }
        size_t needed = nn_frozen_room(desk->frozen[i]);
        room = needed > room ? needed : room;
    }
    desk->room = mem_new_aligned(room, 1);
    return desk->room != NULL;
}

static bool new_desk(Distil *d, Desk *desk, const NnRecipe *recipe, int rows, NnError *err) {
    desk->asked = mem_new_aligned((size_t)ROWS_AT_ONCE * NN_PIXELS, sizeof(float));
    desk->inputs = mem_new_aligned((size_t)ROWS_AT_ONCE * NN_PIXELS, sizeof(float));
    desk->answers = mem_new((size_t)ROWS_AT_ONCE * NN_CLASSES, sizeof(float));
    desk->means = mem_new((size_t)rows * NN_CLASSES, sizeof(float));
    desk->weights = mem_new((size_t)rows, sizeof(float));
    desk->soft = (NnSoftTargets){
        .probabilities = desk->means,
        .weights = desk->weights,
        .temperature = recipe->distil_temperature,
    };
    return desk->asked != NULL && desk->inputs != NULL && desk->answers != NULL &&
           desk->means != NULL && desk->weights != NULL &&
           (d->bf16 ? new_frozen(d, desk, err) : new_works(d, desk, err));
}

// Zeros, of which no page is taken before an answer is kept in it. True without need of any, too.
static bool new_kept(Distil *d, const NnRecipe *recipe) {
    if (recipe->distil_views == 0) {
        return true;
    }
    d->kept = mem_new(d->n_samples * (size_t)recipe->distil_views, NN_CLASSES * sizeof *d->kept);
    return d->kept != NULL;
}

Distil *distil_new(const Teachers *teachers, const NnRecipe *recipe, size_t n_samples, int rows,
                   int n_workers, NnError *err) {
    Distil *d = mem_new(1, sizeof *d + (size_t)n_workers * sizeof(Desk));
    bool whole = d != NULL;
    if (whole) {
        d->teachers = teachers;
        d->n_desks = n_workers;
        d->bf16 = recipe->precision == NN_PRECISION_BF16;
        d->usual_weight = recipe->distil_weight;
        for (int i = 0; i < teachers->n; i++) {
            d->translations[i] = translate(&recipe->arch, nn_model_arch(teachers->models[i]));
            d->first_alike[i] = first_alike(teachers, i);
        }
        d->n_samples = n_samples;
        whole = new_kept(d, recipe);
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
            nn_frozen_free(desk->frozen[i]);
        }
        mem_free(desk->room);
        mem_free(desk->weights);
        mem_free(desk->means);
        mem_free(desk->answers);
        mem_free(desk->inputs);
        mem_free(desk->asked);
    }
    if (d != NULL) {
        mem_free(d->kept);
    }
    mem_free(d);
}

NN_CLONES
static void convert(float *restrict out, const float *restrict in, size_t n, Translation t) {
    for (size_t i = 0; i < n; i++) {
        out[i] = t.factor * in[i] + t.shift;
    }
}

static void answer_one(const Distil *d, Desk *desk, int teacher, const float *inputs, int n) {
    if (d->bf16) {
        nn_frozen_answer(desk->frozen[teacher], desk->room, desk->answers, inputs, n);
    } else {
        const float *logits =
            nn_forward(d->teachers->models[teacher], desk->work[teacher], inputs, ROWS_AT_ONCE);
        memcpy(desk->answers, logits, (size_t)n * NN_CLASSES * sizeof *logits);
    }
    nn_softmax(desk->answers, desk->answers, n, NN_CLASSES, desk->soft.temperature);
}

// Of n of the ROWS_AT_ONCE pictures asked. Each answer is 1 in sum.
static void ask(const Distil *d, Desk *desk, float *answer[ROWS_AT_ONCE], int n) {
    float share = 1.0f / (float)d->teachers->n;
    for (int i = 0; i < d->teachers->n; i++) {
        const float *inputs = desk->asked;
        if (!d->translations[i].same) {
            convert(desk->inputs, inputs, (size_t)ROWS_AT_ONCE * NN_PIXELS, d->translations[i]);
            inputs = desk->inputs;
        }
        answer_one(d, desk, i, inputs, n);
        for (int row = 0; row < n; row++) {
            for (int c = 0; c < NN_CLASSES; c++) {
                answer[row][c] += share * desk->answers[row * NN_CLASSES + c];
            }
        }
    }
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

static uint16_t *kept_answer(const Distil *d, const DistilShard *shard, int row) {
    return d->kept + ((size_t)shard->view * d->n_samples + shard->samples[row]) * NN_CLASSES;
}

static bool is_kept(const uint16_t *kept) {
    unsigned any = 0;
    for (int c = 0; c < NN_CLASSES; c++) {
        any |= kept[c];
    }
    return any != 0;
}

// Rounded when it is new, so that it is the same when it comes again.
static void keep(const Distil *d, Desk *desk, const DistilShard *shard, int row) {
    uint16_t *kept = kept_answer(d, shard, row);
    float *answer = desk->means + (size_t)row * NN_CLASSES;
    bool known = is_kept(kept);
    for (int c = 0; c < NN_CLASSES; c++) {
        kept[c] = known ? kept[c] : (uint16_t)(answer[c] * KEPT_STEPS + 0.5f);
        answer[c] = (float)kept[c] / KEPT_STEPS;
    }
}

// Asks the teachers about those pictures whose answer counts and is not known.
static void ask_all(const Distil *d, Desk *desk, const DistilShard *shard) {
    float *answer[ROWS_AT_ONCE];
    int n = 0;
    for (int row = 0; row < shard->n; row++) {
        if (desk->weights[row] == 0 || (d->kept != NULL && is_kept(kept_answer(d, shard, row)))) {
            continue;
        }
        memcpy(desk->asked + (size_t)n * NN_PIXELS, shard->inputs + (size_t)row * NN_PIXELS,
               NN_PIXELS * sizeof *desk->asked);
        answer[n++] = desk->means + (size_t)row * NN_CLASSES;
        if (n == ROWS_AT_ONCE) {
            ask(d, desk, answer, n);
            n = 0;
        }
    }
    if (n > 0) {
        memset(desk->asked + (size_t)n * NN_PIXELS, 0,
               (size_t)(ROWS_AT_ONCE - n) * NN_PIXELS * sizeof *desk->asked);
        ask(d, desk, answer, n);
    }
}

const NnSoftTargets *distil_answer(Distil *d, int worker, const DistilShard *shard) {
    Desk *desk = &d->desks[worker];
    for (int i = 0; i < shard->n; i++) {
        desk->weights[i] = teachers_share(shard->kinds[i], d->usual_weight);
    }
    memset(desk->means, 0, (size_t)shard->n * NN_CLASSES * sizeof *desk->means);
    ask_all(d, desk, shard);
    for (int i = 0; d->kept != NULL && i < shard->n; i++) {
        if (desk->weights[i] != 0) {
            keep(d, desk, shard, i);
        }
    }
    return &desk->soft;
}
