// frozen.c - a frozen network's weights and its steps, one after the other.
//
// Letters as in model.h. Convolutions in bf16 read and write the room's places directly; all other
// layers compute in floats by the functions of forward.c, with their bf16 forms made beside.

#include "nn/frozen.h"

#include <string.h>

#include "base/alloc.h"
#include "nn/activate.h"
#include "nn/batch_norm.h"
#include "nn/frozen_plan.h"
#include "nn/fuse.h"
#include "nn/kernels.h"
#include "nn/kernels_bf16.h"
#include "nn/kernels_frozen.h"
#include "nn/model_impl.h"
#include "nn/spatial.h"

// What a step computes with: one of the kernels, or none.
typedef struct {
    KernelsFrozen *fused;
    KernelsConv *conv;
    KernelsBf16 *dense;
    float *w, *bias; // folded; not of fused steps
    Bf16 *w16;       // of a dense one, instead of w
    float *norm;     // (NORM_ROWS, C)
} Gear;

struct NnFrozen {
    NnArch arch;
    Layout layout;
    FrozenPlan plan;
    Gear gears[NN_LAYERS_MAX]; // of the steps
    float *zeros;              // as many as the longest row of pixels: no bias
};

// --- making --------------------------------------------------------------------------------------

static bool make_norm(Gear *gear, const NnModel *model, int layer) {
    size_t C = (size_t)model->layout.out[layer].channels;
    gear->norm = mem_new_aligned(NORM_ROWS * C, sizeof *gear->norm);
    if (gear->norm != NULL) {
        batch_norm_recall(gear->norm, model->params + model->layout.mean_offset[layer],
                          model->params + model->layout.variance_offset[layer], (int)C);
    }
    return gear->norm != NULL;
}

static bool make_conv(NnFrozen *f, Gear *gear, const FrozenStep *step) {
    const NnLayer *layer = &f->arch.layers[step->layer];
    NnShape in = f->layout.in[step->layer];
    KernelsConvShape shape = {in.channels,   in.height,     in.width,      layer->channels,
                              layer->kernel, layer->stride, layer->padding};
    if (!step->fused) {
        gear->conv = kernels_conv_new(&shape, f->plan.B, false);
        return gear->conv != NULL;
    }
    gear->fused = kernels_frozen_new(&(KernelsFrozenDesc){
        .shape = shape,
        .B = f->plan.B,
        .adds = step->add >= 0,
        .relu = f->arch.layers[step->gives].activation == NN_ACT_RELU,
        .blocked = f->plan.blocked,
        .w = gear->w,
        .bias = gear->bias,
    });
    mem_free(gear->w);
    mem_free(gear->bias);
    gear->w = gear->bias = NULL;
    return gear->fused != NULL;
}

static bool make_dense(NnFrozen *f, Gear *gear, const NnLayer *layer, size_t n) {
    gear->dense = kernels_bf16_dense_new(layer->n_in, layer->n_out, f->plan.B);
    gear->w16 = mem_new_aligned(n, sizeof *gear->w16);
    if (gear->dense == NULL || gear->w16 == NULL) {
        return false;
    }
    bf16_round(gear->w16, gear->w, n);
    mem_free(gear->w);
    gear->w = NULL;
    return true;
}

static bool make_step(NnFrozen *f, const NnModel *model, int k) {
    const FrozenStep *step = &f->plan.steps[k];
    Gear *gear = &f->gears[k];
    LayoutFan fan = layout_fan(&f->layout, &f->arch, step->layer);
    if (fan.O == 0) {
        return true;
    }
    gear->w = mem_new_aligned(fan.O * fan.I, sizeof *gear->w);
    gear->bias = mem_new_aligned(fan.O, sizeof *gear->bias);
    if (gear->w == NULL || gear->bias == NULL) {
        return false;
    }
    memcpy(gear->w, nn_model_weight(model, step->layer), fan.O * fan.I * sizeof *gear->w);
    memcpy(gear->bias, nn_model_bias(model, step->layer), fan.O * sizeof *gear->bias);
    if (step->gives != step->layer) {
        fuse_weights(gear->w, gear->bias, fan, model, step->gives);
    }
    const NnLayer *layer = &f->arch.layers[step->layer];
    switch (layer->kind) {
    case NN_LAYER_CONV:
        return make_conv(f, gear, step);
    case NN_LAYER_BATCH_NORM:
        return make_norm(gear, model, step->layer);
    default:
        return make_dense(f, gear, layer, fan.O * fan.I);
    }
}

static bool make_zeros(NnFrozen *f) {
    size_t longest = 1;
    for (int i = 0; i < f->arch.n_layers; i++) {
        size_t row = (size_t)f->layout.out[i].width * (size_t)f->layout.out[i].channels;
        longest = row > longest ? row : longest;
    }
    f->zeros = mem_new(longest, sizeof *f->zeros);
    return f->zeros != NULL;
}

NnFrozen *nn_frozen_new(const NnModel *model, NnError *err) {
    NnFrozen *f = mem_new(1, sizeof *f);
    if (f != NULL) {
        f->arch = model->arch;
        f->layout = model->layout;
        frozen_plan_make(&f->plan, &f->arch, &f->layout);
        bool made = make_zeros(f);
        for (int k = 0; made && k < f->plan.n_steps; k++) {
            made = make_step(f, model, k);
        }
        if (made) {
            return f;
        }
    }
    nn_fail(err, NN_ERR_NOMEM, "not enough memory to ask a network about many pictures");
    nn_frozen_free(f);
    return NULL;
}

void nn_frozen_free(NnFrozen *f) {
    if (f == NULL) {
        return;
    }
    for (int k = 0; k < f->plan.n_steps; k++) {
        Gear *gear = &f->gears[k];
        kernels_frozen_free(gear->fused);
        kernels_conv_free(gear->conv);
        kernels_bf16_free(gear->dense);
        mem_free(gear->w);
        mem_free(gear->w16);
        mem_free(gear->bias);
        mem_free(gear->norm);
    }
    mem_free(f->zeros);
    mem_free(f);
}

size_t nn_frozen_room(const NnFrozen *f) {
    return f->plan.room;
}

// --- answering -----------------------------------------------------------------------------------

typedef struct {
    NnFrozen *f;
    unsigned char *room;
    const float *inputs; // (B, 784)
} Pass;

static float *floats(const Pass *p, int place) {
    return place == FROZEN_NONE ? NULL : (float *)(void *)(p->room + p->f->plan.offset[place]);
}

static Bf16 *bf16s(const Pass *p, int place) {
    return place == FROZEN_NONE ? NULL : (Bf16 *)(void *)(p->room + p->f->plan.offset[place]);
}

static const FrozenStep *step_of(const Pass *p, int layer) {
    return &p->f->plan.steps[p->f->plan.step_of[layer]];
}

static const float *wide(const Pass *p, int layer) {
    return layer < 0 ? p->inputs : floats(p, step_of(p, layer)->wide);
}

static Bf16 *rounded(const Pass *p, int layer) {
    return bf16s(p, layer < 0 ? p->f->plan.picture : step_of(p, layer)->rounded);
}

// Between (B, H, W, C) and (B, C / 16, H, W, 16).
static void to_blocks(Bf16 *restrict to, const Bf16 *restrict from, NnShape shape, int B) {
    ptrdiff_t G = shape.channels / FROZEN_BLOCK, P = (ptrdiff_t)shape.height * shape.width;
    for (ptrdiff_t b = 0; b < B; b++) {
        for (ptrdiff_t p = 0; p < P; p++) {
            for (ptrdiff_t g = 0; g < G; g++, from += FROZEN_BLOCK) {
                memcpy(to + ((b * G + g) * P + p) * FROZEN_BLOCK, from, FROZEN_BLOCK * sizeof *to);
            }
        }
    }
}

static void from_blocks(Bf16 *restrict to, const Bf16 *restrict from, NnShape shape, int B) {
    ptrdiff_t G = shape.channels / FROZEN_BLOCK, P = (ptrdiff_t)shape.height * shape.width;
    for (ptrdiff_t b = 0; b < B; b++) {
        for (ptrdiff_t p = 0; p < P; p++) {
            for (ptrdiff_t g = 0; g < G; g++, to += FROZEN_BLOCK) {
                memcpy(to, from + ((b * G + g) * P + p) * FROZEN_BLOCK, FROZEN_BLOCK * sizeof *to);
            }
        }
    }
}

static void run_fused(const Pass *p, const FrozenStep *step, KernelsFrozen *conv) {
    const FrozenPlan *plan = &p->f->plan;
    size_t n = (size_t)plan->B * step->values;
    Bf16 *y = bf16s(p, step->rounded);
    if (step->add >= 0) {
        memcpy(y, rounded(p, step->add), n * sizeof *y);
    }
    kernels_frozen_run(conv, y, rounded(p, step->source));
    if (step->between != FROZEN_NONE) {
        from_blocks(bf16s(p, step->between), y, p->f->layout.out[step->gives], plan->B);
        y = bf16s(p, step->between);
    }
    if (step->wide != FROZEN_NONE) {
        bf16_widen(floats(p, step->wide), y, n);
    }
}

// What a layer of its kind computes, before the activation.
static void run_kind(const Pass *p, const FrozenStep *step, Gear *gear, float *y) {
    const NnLayer *layer = &p->f->arch.layers[step->layer];
    const float *x = wide(p, step->source);
    NnShape in = p->f->layout.in[step->layer];
    int B = p->f->plan.B;
    switch (layer->kind) {
    case NN_LAYER_CONV:
        kernels_conv_forward(gear->conv, y, x, gear->w, gear->bias, B);
        break;
    case NN_LAYER_MAX_POOL:
        max_pool_forward(y, (uint8_t *)(void *)floats(p, step->argmax), x, in, layer->kernel, B);
        break;
    case NN_LAYER_AVERAGE_POOL:
        average_pool_forward(y, x, in, B);
        break;
    case NN_LAYER_BATCH_NORM:
        batch_norm_apply(y, x, gear->norm, gear->w, gear->bias,
                         (size_t)B * (size_t)in.height * (size_t)in.width, in.channels);
        break;
    case NN_LAYER_FLATTEN:
        flatten_forward(y, x, in, B);
        break;
    default:
        kernels_bf16_dense_forward(gear->dense, y, rounded(p, step->source), gear->w16, B);
        break;
    }
}

static void run_wide(const Pass *p, const FrozenStep *step, Gear *gear) {
    const NnLayer *layer = &p->f->arch.layers[step->gives];
    NnShape out = p->f->layout.out[step->gives];
    int B = p->f->plan.B;
    float *y = floats(p, step->wide);
    size_t n = (size_t)B * step->values;
    run_kind(p, step, gear, y);
    if (step->add >= 0) {
        activate_add(y, wide(p, step->add), n);
    }
    if (layer->kind == NN_LAYER_DENSE) {
        activate_forward(layer->activation, y, gear->bias, NULL, B, layer->n_out);
    } else if (layer->activation != NN_ACT_NONE) {
        activate_forward(layer->activation, y, p->f->zeros, NULL, B * out.height,
                         out.width * out.channels);
    }
    if (layer->residual) {
        activate_add(y, wide(p, step->source), n);
    }
    if (step->rounded != FROZEN_NONE) {
        Bf16 *to = bf16s(p, step->rounded), *flat = bf16s(p, step->between);
        bf16_round(flat != NULL ? flat : to, y, n);
        if (flat != NULL) {
            to_blocks(to, flat, out, B);
        }
    }
}

// Of a whole number of pictures at a time.
static void answer_some(NnFrozen *f, void *room, float *logits, const float *inputs, int n) {
    Pass p = {.f = f, .room = room, .inputs = inputs};
    if (n < f->plan.B) {
        float *filled = floats(&p, f->plan.filled);
        memset(filled, 0, (size_t)f->plan.B * NN_PIXELS * sizeof *filled);
        memcpy(filled, inputs, (size_t)n * NN_PIXELS * sizeof *filled);
        p.inputs = filled;
    }
    if (f->plan.picture != FROZEN_NONE) {
        bf16_round(bf16s(&p, f->plan.picture), p.inputs, (size_t)f->plan.B * NN_PIXELS);
    }
    for (int k = 0; k < f->plan.n_steps; k++) {
        const FrozenStep *step = &f->plan.steps[k];
        if (step->fused) {
            run_fused(&p, step, f->gears[k].fused);
        } else {
            run_wide(&p, step, &f->gears[k]);
        }
    }
    memcpy(logits, wide(&p, f->arch.n_layers - 1), (size_t)n * NN_CLASSES * sizeof *logits);
}

void nn_frozen_answer(NnFrozen *f, void *room, float *logits, const float *inputs, int n) {
    kernels_thread_begin();
    for (int first = 0; first < n; first += f->plan.B) {
        int rows = n - first < f->plan.B ? n - first : f->plan.B;
        answer_some(f, room, logits + (size_t)first * NN_CLASSES,
                    inputs + (size_t)first * NN_PIXELS, rows);
    }
}
