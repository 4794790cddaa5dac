// kernels_dnnl_frozen.c - convolutions that learn no more, by oneDNN: one primitive, its weights in
// the order it asked for, with what follows as its "post-ops".

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "nn/error.h"
#include "nn/kernels.h"
#include "nn/kernels_dnnl_api.h"
#include "nn/kernels_dnnl_conv.h"

struct FrozenConv {
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    dnnl_primitive_t run;
    dnnl_memory_t x, y, w, bias, scratch;
    void *w_data, *bias_data, *scratch_data;
};

// A memory object of the layout the primitive wants; with data of its own unless that is NULL.
static bool memory_of(dnnl_memory_t *memory, void **data, const FrozenConv *conv,
                      const_dnnl_primitive_desc_t desc, dnnl_query_t what) {
    DnnlDesc layout = dnnl_primitive_desc_query_md(desc, what, 0);
    if (data != NULL) {
        *data = mem_new_aligned(dnnl_memory_desc_get_size(layout), 1);
    }
    return (data == NULL || *data != NULL) &&
           dnnl_memory_create(memory, layout, conv->engine, data != NULL ? *data : NULL) ==
               dnnl_success;
}

static bool attr_init(dnnl_primitive_attr_t *attr, const KernelsFrozenDesc *desc) {
    dnnl_post_ops_t after = NULL;
    bool ok =
        dnnl_primitive_attr_create(attr) == dnnl_success &&
        dnnl_primitive_attr_set_scratchpad_mode(*attr, dnnl_scratchpad_mode_user) == dnnl_success &&
        dnnl_post_ops_create(&after) == dnnl_success &&
        (!desc->adds || dnnl_api_append_sum(after) == dnnl_success) &&
        (!desc->relu || dnnl_api_append_relu(after) == dnnl_success) &&
        dnnl_primitive_attr_set_post_ops(*attr, after) == dnnl_success;
    if (after != NULL) {
        dnnl_post_ops_destroy(after);
    }
    return ok;
}

// From plain floats to the order and type of conv->w.
static bool take_weights(FrozenConv *conv, const KernelsFrozenDesc *desc,
                         const_dnnl_primitive_attr_t attr) {
    const KernelsConvShape *s = &desc->shape;
    const dnnl_dims_t dims = {s->out_channels, s->channels, s->kernel, s->kernel};
    DnnlDesc from, to;
    dnnl_memory_t plain = NULL;
    dnnl_primitive_desc_t reorder = NULL;
    dnnl_primitive_t run = NULL;
    bool ok = dnnl_api_memory(&plain, 4, dims, dnnl_f32, dnnl_oihw, conv->engine) == dnnl_success &&
              dnnl_memory_set_data_handle(plain, (void *)(uintptr_t)desc->w) == dnnl_success &&
              dnnl_memory_get_memory_desc(plain, &from) == dnnl_success &&
              dnnl_memory_get_memory_desc(conv->w, &to) == dnnl_success &&
              dnnl_reorder_primitive_desc_create(&reorder, from, conv->engine, to, conv->engine,
                                                 attr) == dnnl_success &&
              dnnl_primitive_create(&run, reorder) == dnnl_success;
    if (ok) {
        const dnnl_exec_arg_t args[] = {{DNNL_ARG_FROM, plain}, {DNNL_ARG_TO, conv->w}};
        ok = dnnl_primitive_execute(run, conv->stream, 2, args) == dnnl_success;
    }
    if (run != NULL) {
        dnnl_primitive_destroy(run);
    }
    if (reorder != NULL) {
        dnnl_primitive_desc_destroy(reorder);
    }
    if (plain != NULL) {
        dnnl_memory_destroy(plain);
    }
    return ok;
}

static bool init(FrozenConv *conv, const KernelsFrozenDesc *desc) {
    dnnl_primitive_attr_t attr = NULL, none = NULL;
    dnnl_primitive_desc_t made = NULL;
    const dnnl_dims_t O = {desc->shape.out_channels};
    size_t bias_size = (size_t)desc->shape.out_channels * sizeof(float);
    conv->bias_data = mem_new_aligned(bias_size, 1);
    bool ok =
        conv->bias_data != NULL && dnnl_engine_create(&conv->engine, dnnl_cpu, 0) == dnnl_success &&
        dnnl_stream_create(&conv->stream, conv->engine, dnnl_stream_default_flags) ==
            dnnl_success &&
        attr_init(&attr, desc) && dnnl_primitive_attr_create(&none) == dnnl_success &&
        dnnl_api_frozen_conv(&made, desc, conv->engine, attr) == dnnl_success &&
        dnnl_primitive_create(&conv->run, made) == dnnl_success &&
        memory_of(&conv->x, NULL, conv, made, dnnl_query_src_md) &&
        memory_of(&conv->y, NULL, conv, made, dnnl_query_dst_md) &&
        memory_of(&conv->w, &conv->w_data, conv, made, dnnl_query_weights_md) &&
        memory_of(&conv->scratch, &conv->scratch_data, conv, made, dnnl_query_scratchpad_md) &&
        dnnl_api_memory(&conv->bias, 1, O, dnnl_f32, dnnl_a, conv->engine) == dnnl_success &&
        dnnl_memory_set_data_handle(conv->bias, conv->bias_data) == dnnl_success &&
        take_weights(conv, desc, none);
    if (ok) {
        memcpy(conv->bias_data, desc->bias, bias_size);
    }
    if (made != NULL) {
        dnnl_primitive_desc_destroy(made);
    }
    if (none != NULL) {
        dnnl_primitive_attr_destroy(none);
    }
    if (attr != NULL) {
        dnnl_primitive_attr_destroy(attr);
    }
    return ok;
}

FrozenConv *dnnl_frozen_new(const KernelsFrozenDesc *desc) {
    kernels_thread_begin(); // primitives are made for as many threads as there are now
    FrozenConv *conv = mem_new(1, sizeof *conv);
    if (conv != NULL && !init(conv, desc)) {
        dnnl_frozen_free(conv);
        return NULL;
    }
    return conv;
}

void dnnl_frozen_free(FrozenConv *conv) {
    if (conv == NULL) {
        return;
    }
    dnnl_memory_t memories[] = {conv->x, conv->y, conv->w, conv->bias, conv->scratch};
    for (size_t i = 0; i < sizeof memories / sizeof memories[0]; i++) {
        if (memories[i] != NULL) {
            dnnl_memory_destroy(memories[i]);
        }
    }
    if (conv->run != NULL) {
        dnnl_primitive_destroy(conv->run);
    }
    if (conv->stream != NULL) {
        dnnl_stream_destroy(conv->stream);
    }
    if (conv->engine != NULL) {
        dnnl_engine_destroy(conv->engine);
    }
    mem_free(conv->w_data);
    mem_free(conv->bias_data);
    mem_free(conv->scratch_data);
    mem_free(conv);
}

// oneDNN takes pointers to what it only reads without const.
static void set_data(dnnl_memory_t memory, const void *data) {
    dnnl_status_t status = dnnl_memory_set_data_handle(memory, (void *)(uintptr_t)data);
    NN_ASSERT(status == dnnl_success);
}

void dnnl_frozen_run(FrozenConv *conv, Bf16 *y, const Bf16 *x) {
    set_data(conv->x, x);
    set_data(conv->y, y);
    const dnnl_exec_arg_t args[] = {{DNNL_ARG_SRC, conv->x},
                                    {DNNL_ARG_WEIGHTS, conv->w},
                                    {DNNL_ARG_BIAS, conv->bias},
                                    {DNNL_ARG_DST, conv->y},
                                    {DNNL_ARG_SCRATCHPAD, conv->scratch}};
    dnnl_status_t status = dnnl_primitive_execute(conv->run, conv->stream, 5, args);
    NN_ASSERT(status == dnnl_success);
}
