// kernels_dnnl_conv.c - convolution by oneDNN's primitives.
//
// A primitive is made for one batch size and one pass. Weights are turned into the layout it asked
// for before each run, gradients back after it: some thousand numbers against millions of products.
// The scratchpad is ours ("user" mode): the library's own belongs to the thread that made the
// primitive, and running one elsewhere crashes.

#include "nn/kernels_conv.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "base/simd.h"
#include "nn/error.h"
#include "nn/kernels.h"
#include "nn/kernels_dnnl_api.h"
#include "nn/kernels_dnnl_conv.h"

enum { LANES = 16 };

// One pass at one batch size. x, y and w: the pictures, the outputs and the weights, or their
// gradients.
typedef struct {
    dnnl_primitive_t run, reorder; // reorder NULL: the plain layout will do
    dnnl_memory_t x, y, w, bias, scratch;
    dnnl_memory_t plain; // (O, C, K, K)
} Pass;

typedef struct {
    int B;
    Pass passes[CONV_PASSES];
} Set;

typedef struct {
    void *data;
    size_t size;
} Buffer;

struct KernelsConv {
    KernelsConvShape shape;
    int max_batch;
    bool bf16; // of what it reads
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    dnnl_primitive_attr_t attr;
    Set sets[2]; // for max_batch and for the last other size asked for
    // For whichever pass runs.
    Buffer scratch;
    Buffer weights; // in the layout of the primitive
};

static void memory_release(dnnl_memory_t *memory) {
    if (*memory != NULL) {
        dnnl_memory_destroy(*memory);
    }
}

static void pass_release(Pass *pass) {
    if (pass->run != NULL) {
        dnnl_primitive_destroy(pass->run);
    }
    if (pass->reorder != NULL) {
        dnnl_primitive_destroy(pass->reorder);
    }
    dnnl_memory_t *memories[] = {&pass->x,    &pass->y,       &pass->w,
                                 &pass->bias, &pass->scratch, &pass->plain};
    for (size_t i = 0; i < sizeof memories / sizeof memories[0]; i++) {
        memory_release(memories[i]);
    }
    *pass = (Pass){0};
}

// A memory object of the layout the primitive wants for one of its arguments.
static bool memory_of(dnnl_memory_t *memory, const KernelsConv *conv,
                      const_dnnl_primitive_desc_t desc, dnnl_query_t what) {
    DnnlDesc layout = dnnl_primitive_desc_query_md(desc, what, 0);
    return dnnl_memory_create(memory, layout, conv->engine, DNNL_MEMORY_NONE) == dnnl_success;
}

static bool reserve(Buffer *buffer, size_t size) {
    if (size > buffer->size) {
        void *larger = mem_new_aligned(size, 1);
        if (larger == NULL) {
            return false;
        }
        mem_free(buffer->data);
        *buffer = (Buffer){larger, size};
    }
    return true;
}

static bool reorder_init(Pass *pass, KernelsConv *conv, bool to_plain) {
    const KernelsConvShape *s = &conv->shape;
    const dnnl_dims_t dims = {s->out_channels, s->channels, s->kernel, s->kernel};
    DnnlDesc plain, own;
    dnnl_data_type_t type = conv->bf16 && !to_plain ? dnnl_bf16 : dnnl_f32;
    if (dnnl_api_memory(&pass->plain, 4, dims, type, dnnl_oihw, conv->engine) != dnnl_success ||
        dnnl_memory_get_memory_desc(pass->plain, &plain) != dnnl_success ||
        dnnl_memory_get_memory_desc(pass->w, &own) != dnnl_success) {
        return false;
    }
    if (dnnl_memory_desc_equal(plain, own)) {
        return true;
    }
    dnnl_primitive_desc_t desc;
    if (!reserve(&conv->weights, dnnl_memory_desc_get_size(own)) ||
        dnnl_reorder_primitive_desc_create(&desc, to_plain ? own : plain, conv->engine,
                                           to_plain ? plain : own, conv->engine,
                                           conv->attr) != dnnl_success) {
        return false;
    }
    dnnl_status_t status = dnnl_primitive_create(&pass->reorder, desc);
    dnnl_primitive_desc_destroy(desc);
    return status == dnnl_success;
}

static bool pass_init(Pass *pass, ConvPass kind, KernelsConv *conv, int B) {
    static const dnnl_query_t x_of[] = {dnnl_query_src_md, dnnl_query_src_md,
                                        dnnl_query_diff_src_md};
    static const dnnl_query_t w_of[] = {dnnl_query_weights_md, dnnl_query_diff_weights_md,
                                        dnnl_query_weights_md};
    static const dnnl_query_t y_of[] = {dnnl_query_dst_md, dnnl_query_diff_dst_md,
                                        dnnl_query_diff_dst_md};
    dnnl_primitive_desc_t forward = NULL, desc = NULL;
    bool ok = dnnl_api_conv(&forward, CONV_FORWARD, &conv->shape, B, conv->bf16, conv->engine,
                            conv->attr, NULL) == dnnl_success;
    if (ok && kind != CONV_FORWARD) {
        ok = dnnl_api_conv(&desc, kind, &conv->shape, B, conv->bf16, conv->engine, conv->attr,
                           forward) == dnnl_success;
    }
    const_dnnl_primitive_desc_t used = kind == CONV_FORWARD ? forward : desc;
    const dnnl_dims_t bias = {conv->shape.out_channels};
    if (ok) {
        DnnlDesc scratch = dnnl_primitive_desc_query_md(used, dnnl_query_scratchpad_md, 0);
        ok =
            dnnl_primitive_create(&pass->run, used) == dnnl_success &&
            memory_of(&pass->x, conv, used, x_of[kind]) &&
            memory_of(&pass->y, conv, used, y_of[kind]) &&
            memory_of(&pass->w, conv, used, w_of[kind]) &&
            memory_of(&pass->scratch, conv, used, dnnl_query_scratchpad_md) &&
            dnnl_api_memory(&pass->bias, 1, bias, dnnl_f32, dnnl_a, conv->engine) == dnnl_success &&
            reserve(&conv->scratch, dnnl_memory_desc_get_size(scratch)) &&
            reorder_init(pass, conv, kind == CONV_WEIGHTS);
    }
    if (desc != NULL) {
        dnnl_primitive_desc_destroy(desc);
    }
    if (forward != NULL) {
        dnnl_primitive_desc_destroy(forward);
    }
    if (!ok) {
        pass_release(pass);
    }
    return ok;
}

static void set_release(Set *set) {
    for (int i = 0; i < CONV_PASSES; i++) {
        pass_release(&set->passes[i]);
    }
    *set = (Set){0};
}

// The pass for B rows, made now if it was not asked for before.
static Pass *find_pass(KernelsConv *conv, ConvPass kind, int B) {
    Set *set = &conv->sets[B == conv->max_batch ? 0 : 1];
    if (set->B != B) {
        set_release(set);
        set->B = B;
    }
    Pass *pass = &set->passes[kind];
    if (pass->run == NULL) {
        bool made = pass_init(pass, kind, conv, B);
        NN_ASSERT(made); // a smaller batch than one that worked: only memory may be short
    }
    return pass;
}

static KernelsConv *make(const KernelsConvShape *shape, int max_batch, bool training, bool bf16) {
    kernels_thread_begin(); // primitives are made for as many threads as there are now
    KernelsConv *conv = mem_new(1, sizeof *conv);
    if (conv == NULL) {
        return NULL;
    }
    conv->shape = *shape;
    conv->max_batch = max_batch;
    conv->bf16 = bf16;
    conv->sets[0].B = max_batch;
    bool ok = dnnl_engine_create(&conv->engine, dnnl_cpu, 0) == dnnl_success &&
              dnnl_stream_create(&conv->stream, conv->engine, dnnl_stream_default_flags) ==
                  dnnl_success &&
              dnnl_primitive_attr_create(&conv->attr) == dnnl_success &&
              dnnl_primitive_attr_set_scratchpad_mode(conv->attr, dnnl_scratchpad_mode_user) ==
                  dnnl_success;
    for (int kind = 0; ok && kind < (training ? CONV_PASSES : CONV_FORWARD + 1); kind++) {
        ok = pass_init(&conv->sets[0].passes[kind], (ConvPass)kind, conv, max_batch);
    }
    if (!ok) {
        kernels_conv_free(conv);
        return NULL;
    }
    return conv;
}

KernelsConv *kernels_conv_new(const KernelsConvShape *shape, int max_batch, bool training) {
    return make(shape, max_batch, training, false);
}

KernelsConv *dnnl_conv_bf16_new(const KernelsConvShape *shape, int max_batch) {
    return make(shape, max_batch, true, true);
}

void kernels_conv_free(KernelsConv *conv) {
    if (conv == NULL) {
        return;
    }
    set_release(&conv->sets[0]);
    set_release(&conv->sets[1]);
    if (conv->attr != NULL) {
        dnnl_primitive_attr_destroy(conv->attr);
    }
    if (conv->stream != NULL) {
        dnnl_stream_destroy(conv->stream);
    }
    if (conv->engine != NULL) {
        dnnl_engine_destroy(conv->engine);
    }
    mem_free(conv->scratch.data);
    mem_free(conv->weights.data);
    mem_free(conv);
}

// oneDNN takes pointers to what it only reads without const.
static void set_data(dnnl_memory_t memory, const void *data) {
    dnnl_status_t status = dnnl_memory_set_data_handle(memory, (void *)(uintptr_t)data);
    NN_ASSERT(status == dnnl_success);
}

static void execute(const KernelsConv *conv, const_dnnl_primitive_t primitive, int n,
                    const dnnl_exec_arg_t *args) {
    dnnl_status_t status = dnnl_primitive_execute(primitive, conv->stream, n, args);
    NN_ASSERT(status == dnnl_success);
}

static void reorder(const KernelsConv *conv, const Pass *pass, bool to_plain) {
    const dnnl_exec_arg_t args[] = {{DNNL_ARG_FROM, to_plain ? pass->w : pass->plain},
                                    {DNNL_ARG_TO, to_plain ? pass->plain : pass->w}};
    execute(conv, pass->reorder, 2, args);
}

// Weights to read, in the layout the pass wants.
static void give_weights(const KernelsConv *conv, const Pass *pass, const void *w) {
    if (pass->reorder != NULL) {
        set_data(pass->plain, w);
        set_data(pass->w, conv->weights.data);
        reorder(conv, pass, false);
    } else {
        set_data(pass->w, w);
    }
}

// total (C) = sum of rows (R, C), top to bottom. The library's own order, at a quarter of its time: it
// keeps the sums in memory.
NN_CLONES
static void sum_rows(float *restrict total, const float *restrict rows, size_t R, size_t C) {
    for (size_t first = 0; first < C; first += LANES) {
        size_t n = C - first < LANES ? C - first : LANES;
        float sum[LANES] = {0};
        for (size_t r = 0; r < R && n == LANES; r++) {
            for (size_t c = 0; c < LANES; c++) {
                sum[c] += rows[r * C + first + c];
            }
        }
        for (size_t r = 0; r < R && n < LANES; r++) {
            for (size_t c = 0; c < n; c++) {
                sum[c] += rows[r * C + first + c];
            }
        }
        memcpy(total + first, sum, n * sizeof *sum);
    }
}

// The passes, whose operands are floats or bf16 as the convolution was made for.

static void forward(KernelsConv *conv, float *y, const void *x, const void *w, const float *bias,
                    int B) {
    const Pass *pass = find_pass(conv, CONV_FORWARD, B);
    give_weights(conv, pass, w);
    set_data(pass->x, x);
    set_data(pass->y, y);
    set_data(pass->bias, bias);
    set_data(pass->scratch, conv->scratch.data);
    const dnnl_exec_arg_t args[] = {{DNNL_ARG_SRC, pass->x},
                                    {DNNL_ARG_WEIGHTS, pass->w},
                                    {DNNL_ARG_BIAS, pass->bias},
                                    {DNNL_ARG_DST, pass->y},
                                    {DNNL_ARG_SCRATCHPAD, pass->scratch}};
    execute(conv, pass->run, 5, args);
}

static void backward_weights(KernelsConv *conv, float *d_w, float *d_bias, const void *dy,
                             const void *x, int B) {
    const Pass *pass = find_pass(conv, CONV_WEIGHTS, B);
    if (pass->reorder != NULL) {
        set_data(pass->plain, d_w);
        set_data(pass->w, conv->weights.data);
    } else {
        set_data(pass->w, d_w);
    }
    set_data(pass->x, x);
    set_data(pass->y, dy);
    set_data(pass->scratch, conv->scratch.data);
    const dnnl_exec_arg_t args[] = {{DNNL_ARG_SRC, pass->x},
                                    {DNNL_ARG_DIFF_WEIGHTS, pass->w},
                                    {DNNL_ARG_DIFF_DST, pass->y},
                                    {DNNL_ARG_SCRATCHPAD, pass->scratch},
                                    {DNNL_ARG_DIFF_BIAS, pass->bias}};
    if (conv->bf16) {
        set_data(pass->bias, d_bias);
        execute(conv, pass->run, 5, args);
    } else {
        const KernelsConvShape *s = &conv->shape;
        int H = kernels_conv_size(s->height, s->kernel, s->stride, s->padding);
        int W = kernels_conv_size(s->width, s->kernel, s->stride, s->padding);
        execute(conv, pass->run, 4, args);
        sum_rows(d_bias, dy, (size_t)B * (size_t)H * (size_t)W, (size_t)s->out_channels);
    }
    if (pass->reorder != NULL) {
        reorder(conv, pass, true);
    }
}

static void backward_data(KernelsConv *conv, float *dx, const void *dy, const void *w, int B) {
    const Pass *pass = find_pass(conv, CONV_DATA, B);
    give_weights(conv, pass, w);
    set_data(pass->x, dx);
    set_data(pass->y, dy);
    set_data(pass->scratch, conv->scratch.data);
    const dnnl_exec_arg_t args[] = {{DNNL_ARG_DIFF_SRC, pass->x},
                                    {DNNL_ARG_WEIGHTS, pass->w},
                                    {DNNL_ARG_DIFF_DST, pass->y},
                                    {DNNL_ARG_SCRATCHPAD, pass->scratch}};
    execute(conv, pass->run, 4, args);
}

void kernels_conv_forward(KernelsConv *conv, float *y, const float *x, const float *w,
                          const float *bias, int B) {
    NN_ASSERT(!conv->bf16);
    forward(conv, y, x, w, bias, B);
}

void kernels_conv_backward_weights(KernelsConv *conv, float *d_w, float *d_bias, const float *dy,
                                   const float *x, int B) {
    NN_ASSERT(!conv->bf16);
    backward_weights(conv, d_w, d_bias, dy, x, B);
}

void kernels_conv_backward_data(KernelsConv *conv, float *dx, const float *dy, const float *w,
                                int B) {
    NN_ASSERT(!conv->bf16);
    backward_data(conv, dx, dy, w, B);
}

void dnnl_conv_bf16_forward(KernelsConv *conv, float *y, const Bf16 *x, const Bf16 *w,
                            const float *bias, int B) {
    NN_ASSERT(conv->bf16);
    forward(conv, y, x, w, bias, B);
}

void dnnl_conv_bf16_backward_weights(KernelsConv *conv, float *d_w, float *d_bias, const Bf16 *dy,
                                     const Bf16 *x, int B) {
    NN_ASSERT(conv->bf16);
    backward_weights(conv, d_w, d_bias, dy, x, B);
}

void dnnl_conv_bf16_backward_data(KernelsConv *conv, float *dx, const Bf16 *dy, const Bf16 *w,
                                  int B) {
    NN_ASSERT(conv->bf16);
    backward_data(conv, dx, dy, w, B);
}
