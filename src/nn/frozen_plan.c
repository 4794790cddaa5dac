#include "nn/frozen_plan.h"

#include "nn/arch_shape.h"
#include "nn/fuse.h"
#include "nn/kernels_bf16.h"
#include "nn/kernels_frozen.h"

// Pictures at a time. Few leave what convolutions compute in the cache, and few are asked in vain
// behind the last of a shard; a dense layer wants many for each weight it reads. Matrix products in f32
// take 4, 6 or 8 rows together, by the CPU, and add up in another order in what is left over: hence a
// multiple of all of them where they might be used.
enum { ROWS_SPATIAL = 8, ROWS = 24, LINE = 64 };

typedef struct {
    size_t size;
    int until; // the last step that needs it
} Place;

typedef struct {
    FrozenPlan *plan;
    const NnArch *arch;
    const Layout *layout;
    Place places[FROZEN_PLACES_MAX];
} Maker;

// --- steps ---------------------------------------------------------------------------------------

static bool folds_next(const NnArch *arch, int layer) {
    return arch->layers[layer].kind == NN_LAYER_CONV && fuse_takes_next(arch, layer);
}

// A picture's one channel gives a product too little to do: bf16 would gain nothing there.
static bool is_fused(const NnArch *arch, const FrozenStep *step) {
    const NnLayer *last = &arch->layers[step->gives];
    return arch->layers[step->layer].kind == NN_LAYER_CONV && step->source >= 0 &&
           !last->residual && (last->activation == NN_ACT_NONE || last->activation == NN_ACT_RELU);
}

static size_t count(NnShape shape) {
    return (size_t)shape.channels * (size_t)shape.height * (size_t)shape.width;
}

static void list_steps(FrozenPlan *plan, const NnArch *arch, const Layout *layout) {
    bool dense = true;
    plan->blocked = kernels_bf16_is_fast(); // the library's kernels are at home on them
    for (int i = 0; i < arch->n_layers; i++) {
        FrozenStep *step = &plan->steps[plan->n_steps];
        *step = (FrozenStep){
            .layer = i,
            .gives = folds_next(arch, i) ? i + 1 : i,
            .source = arch_source(arch, i),
            .wide = FROZEN_NONE,
            .rounded = FROZEN_NONE,
            .between = FROZEN_NONE,
            .argmax = FROZEN_NONE,
            .values = count(layout->out[i]),
        };
        step->add = arch->layers[step->gives].add - 1;
        step->fused = is_fused(arch, step);
        if (step->fused) {
            plan->blocked = plan->blocked && layout->in[i].channels % FROZEN_BLOCK == 0 &&
                            layout->out[i].channels % FROZEN_BLOCK == 0;
        }
        dense = dense && arch->layers[i].kind == NN_LAYER_DENSE;
        plan->step_of[i] = FROZEN_NONE;
        plan->step_of[step->gives] = plan->n_steps++;
        i = step->gives;
    }
    plan->B = dense || !kernels_bf16_is_fast() ? ROWS : ROWS_SPATIAL;
}

// --- places --------------------------------------------------------------------------------------

// The largest one that is free from `now` on, or a new one.
static int take(Maker *m, size_t size, int now, int until) {
    int best = FROZEN_NONE;
    for (int i = 0; i < m->plan->n_places; i++) {
        if (m->places[i].until < now &&
            (best == FROZEN_NONE || m->places[i].size > m->places[best].size)) {
            best = i;
        }
    }
    if (best == FROZEN_NONE) {
        best = m->plan->n_places++;
        m->places[best] = (Place){0};
    }
    Place *place = &m->places[best];
    place->size = size > place->size ? size : place->size;
    place->until = until;
    return best;
}

static bool reads_rounded(const Maker *m, const FrozenStep *step) {
    return step->fused || m->arch->layers[step->layer].kind == NN_LAYER_DENSE;
}

// The last step that takes a layer's output as bf16, or as floats; none: no step does.
static int last_use(const Maker *m, int layer, bool rounded) {
    int last = FROZEN_NONE;
    for (int i = 0; i < m->plan->n_steps; i++) {
        const FrozenStep *step = &m->plan->steps[i];
        bool residual = m->arch->layers[step->gives].residual; // its input is added as floats
        bool source =
            step->source == layer && (reads_rounded(m, step) == rounded || (residual && !rounded));
        bool added = layer >= 0 && step->add == layer && step->fused == rounded;
        last = source || added ? i : last;
    }
    return last;
}

static void place_step(Maker *m, int k) {
    FrozenPlan *plan = m->plan;
    FrozenStep *step = &plan->steps[k];
    size_t B = (size_t)plan->B, n = B * step->values;
    int rounded = last_use(m, step->gives, true), wide = last_use(m, step->gives, false);
    wide = k == plan->n_steps - 1 ? k : wide; // the logits
    if (rounded != FROZEN_NONE || step->fused) {
        step->rounded = take(m, n * sizeof(Bf16), k, rounded > k ? rounded : k);
    }
    if (wide != FROZEN_NONE || !step->fused) {
        step->wide = take(m, n * sizeof(float), k, wide > k ? wide : k);
    }
    NnShape out = m->layout->out[step->gives];
    bool blocks = plan->blocked && out.channels % FROZEN_BLOCK == 0 && out.height * out.width > 1;
    if (blocks && step->rounded != FROZEN_NONE && step->wide != FROZEN_NONE) {
        step->between = take(m, n * sizeof(Bf16), k, k);
    }
    if (m->arch->layers[step->layer].kind == NN_LAYER_MAX_POOL) {
        step->argmax = take(m, n, k, k);
    }
}

void frozen_plan_make(FrozenPlan *plan, const NnArch *arch, const Layout *layout) {
    *plan = (FrozenPlan){.picture = FROZEN_NONE};
    list_steps(plan, arch, layout);
    Maker m = {.plan = plan, .arch = arch, .layout = layout};
    size_t pixels = (size_t)plan->B * NN_PIXELS;
    int last = last_use(&m, -1, true);
    plan->filled = take(&m, pixels * sizeof(float), 0, plan->n_steps);
    if (last != FROZEN_NONE) {
        plan->picture = take(&m, pixels * sizeof(Bf16), 0, last);
    }
    for (int k = 0; k < plan->n_steps; k++) {
        place_step(&m, k);
    }
    for (int i = 0; i < plan->n_places; i++) {
        plan->offset[i] = plan->room;
        plan->room += (m.places[i].size + LINE - 1) / LINE * LINE;
    }
}
