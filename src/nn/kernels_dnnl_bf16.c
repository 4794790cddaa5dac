// kernels_dnnl_bf16.c - products of bf16 matrices by oneDNN's matmul primitive.
//
// A primitive is made for one shape. All matrices are plain rows: the primitive interleaves what it
// needs while it reads, which costs some percent and saves a second copy of weights and activations.
// The scratchpad is ours, see kernels_dnnl_conv.c.

#include <stddef.h>
#include <stdint.h>

#include "base/alloc.h"
#include "nn/error.h"
#include "nn/kernels.h"
#include "nn/kernels_bf16_library.h"
#include "nn/kernels_dnnl_api.h"
#include "nn/kernels_dnnl_conv.h"

typedef struct {
    dnnl_primitive_t run; // NULL: not made yet
    dnnl_memory_t a, b, c, scratch;
} Product;

typedef struct {
    int B;
    Product products[BF16_PRODUCTS];
} Set;

struct Bf16Dense {
    int I, O, max_batch;
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    dnnl_primitive_attr_t plain, adding;
    Set sets[2];   // for max_batch and for the last other size asked for
    void *scratch; // for whichever product runs
    size_t scratch_size;
};

static void product_release(Product *product) {
    if (product->run != NULL) {
        dnnl_primitive_destroy(product->run);
    }
    dnnl_memory_t memories[] = {product->a, product->b, product->c, product->scratch};
    for (size_t i = 0; i < sizeof memories / sizeof memories[0]; i++) {
        if (memories[i] != NULL) {
            dnnl_memory_destroy(memories[i]);
        }
    }
    *product = (Product){0};
}

static bool reserve(Bf16Dense *dense, size_t size) {
    if (size > dense->scratch_size) {
        void *larger = mem_new_aligned(size, 1);
        if (larger == NULL) {
            return false;
        }
        mem_free(dense->scratch);
        dense->scratch = larger;
        dense->scratch_size = size;
    }
    return true;
}

static bool product_init(Product *product, Bf16Product kind, Bf16Dense *dense, int B) {
    int I = dense->I, O = dense->O;
    DnnlProduct shape = {.M = B, .N = I, .K = O};
    if (kind == BF16_FORWARD) {
        shape = (DnnlProduct){.transpose_b = true, .M = B, .N = O, .K = I};
    } else if (kind == BF16_WEIGHTS) {
        shape = (DnnlProduct){.transpose_a = true, .M = O, .N = I, .K = B};
    }
    dnnl_primitive_desc_t desc = NULL;
    bool ok =
        dnnl_api_product(&desc, &shape, dense->engine,
                         kind == BF16_DATA_ADDED ? dense->adding : dense->plain) == dnnl_success;
    if (ok) {
        DnnlDesc a = dnnl_primitive_desc_query_md(desc, dnnl_query_src_md, 0);
        DnnlDesc b = dnnl_primitive_desc_query_md(desc, dnnl_query_weights_md, 0);
        DnnlDesc c = dnnl_primitive_desc_query_md(desc, dnnl_query_dst_md, 0);
        DnnlDesc scratch = dnnl_primitive_desc_query_md(desc, dnnl_query_scratchpad_md, 0);
        dnnl_engine_t engine = dense->engine;
        ok = dnnl_primitive_create(&product->run, desc) == dnnl_success &&
             dnnl_memory_create(&product->a, a, engine, DNNL_MEMORY_NONE) == dnnl_success &&
             dnnl_memory_create(&product->b, b, engine, DNNL_MEMORY_NONE) == dnnl_success &&
             dnnl_memory_create(&product->c, c, engine, DNNL_MEMORY_NONE) == dnnl_success &&
             dnnl_memory_create(&product->scratch, scratch, engine, DNNL_MEMORY_NONE) ==
                 dnnl_success &&
             reserve(dense, dnnl_memory_desc_get_size(scratch));
        dnnl_primitive_desc_destroy(desc);
    }
    if (!ok) {
        product_release(product);
    }
    return ok;
}

static void set_release(Set *set) {
    for (int i = 0; i < BF16_PRODUCTS; i++) {
        product_release(&set->products[i]);
    }
    *set = (Set){0};
}

static bool attr_init(dnnl_primitive_attr_t *attr, bool adds) {
    dnnl_post_ops_t sum = NULL;
    bool ok =
        dnnl_primitive_attr_create(attr) == dnnl_success &&
        dnnl_primitive_attr_set_scratchpad_mode(*attr, dnnl_scratchpad_mode_user) == dnnl_success;
    if (adds) {
        ok = ok && dnnl_post_ops_create(&sum) == dnnl_success &&
             dnnl_api_append_sum(sum) == dnnl_success &&
             dnnl_primitive_attr_set_post_ops(*attr, sum) == dnnl_success;
        if (sum != NULL) {
            dnnl_post_ops_destroy(sum);
        }
    }
    return ok;
}

static void dense_free(Bf16Dense *dense) {
    if (dense == NULL) {
        return;
    }
    set_release(&dense->sets[0]);
    set_release(&dense->sets[1]);
    dnnl_primitive_attr_t attrs[] = {dense->plain, dense->adding};
    for (size_t i = 0; i < sizeof attrs / sizeof attrs[0]; i++) {
        if (attrs[i] != NULL) {
            dnnl_primitive_attr_destroy(attrs[i]);
        }
    }
    if (dense->stream != NULL) {
        dnnl_stream_destroy(dense->stream);
    }
    if (dense->engine != NULL) {
        dnnl_engine_destroy(dense->engine);
    }
    mem_free(dense->scratch);
    mem_free(dense);
}

static Bf16Dense *dense_new(int I, int O, int max_batch) {
    kernels_thread_begin(); // primitives are made for as many threads as there are now
    Bf16Dense *dense = mem_new(1, sizeof *dense);
    if (dense == NULL) {
        return NULL;
    }
    dense->I = I;
    dense->O = O;
    dense->max_batch = max_batch;
    dense->sets[0].B = max_batch;
    bool ok = dnnl_engine_create(&dense->engine, dnnl_cpu, 0) == dnnl_success &&
              dnnl_stream_create(&dense->stream, dense->engine, dnnl_stream_default_flags) ==
                  dnnl_success &&
              attr_init(&dense->plain, false) && attr_init(&dense->adding, true);
    for (int kind = 0; ok && kind < BF16_PRODUCTS; kind++) {
        ok = product_init(&dense->sets[0].products[kind], (Bf16Product)kind, dense, max_batch);
    }
    if (!ok) {
        dense_free(dense);
        return NULL;
    }
    return dense;
}

// The product for B rows, made now if it was not asked for before.
static const Product *find_product(Bf16Dense *dense, Bf16Product kind, int B) {
    Set *set = &dense->sets[B == dense->max_batch ? 0 : 1];
    if (set->B != B) {
        set_release(set);
        set->B = B;
    }
    Product *product = &set->products[kind];
    if (product->run == NULL) {
        bool made = product_init(product, kind, dense, B);
        NN_ASSERT(made); // a smaller batch than one that worked: only memory may be short
    }
    return product;
}

// oneDNN takes pointers to what it only reads without const.
static void set_data(dnnl_memory_t memory, const void *data) {
    dnnl_status_t status = dnnl_memory_set_data_handle(memory, (void *)(uintptr_t)data);
    NN_ASSERT(status == dnnl_success);
}

static void dense_run(Bf16Dense *dense, Bf16Product kind, float *c, const Bf16 *a, const Bf16 *b,
                      int B) {
    const Product *product = find_product(dense, kind, B);
    set_data(product->a, a);
    set_data(product->b, b);
    set_data(product->c, c);
    set_data(product->scratch, dense->scratch);
    const dnnl_exec_arg_t args[] = {{DNNL_ARG_SRC, product->a},
                                    {DNNL_ARG_WEIGHTS, product->b},
                                    {DNNL_ARG_DST, product->c},
                                    {DNNL_ARG_SCRATCHPAD, product->scratch}};
    dnnl_status_t status = dnnl_primitive_execute(product->run, dense->stream, 4, args);
    NN_ASSERT(status == dnnl_success);
}

const Bf16Library *bf16_library(void) {
    static const Bf16Library library = {
        .dense_new = dense_new,
        .dense_free = dense_free,
        .dense_run = dense_run,
        .conv_new = dnnl_conv_bf16_new,
        .conv_forward = dnnl_conv_bf16_forward,
        .conv_backward_weights = dnnl_conv_bf16_backward_weights,
        .conv_backward_data = dnnl_conv_bf16_backward_data,
        .frozen_new = dnnl_frozen_new,
        .frozen_free = dnnl_frozen_free,
        .frozen_run = dnnl_frozen_run,
    };
    // Newer instruction sets contain this one and its bits.
    unsigned wanted = dnnl_cpu_isa_avx512_core_bf16;
    return ((unsigned)dnnl_get_effective_cpu_isa() & wanted) == wanted ? &library : NULL;
}
