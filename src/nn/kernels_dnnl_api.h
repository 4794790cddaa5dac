// kernels_dnnl_api.h - the little that oneDNN 2 and 3 spell differently. Private to kernels_dnnl_*.
//
// Version 3 made memory descriptors opaque and dropped the operation descriptors. Exactly one of
// kernels_dnnl_v2.c and kernels_dnnl_v3.c has contents.

#ifndef NN_NN_KERNELS_DNNL_API_H
#define NN_NN_KERNELS_DNNL_API_H

#include <dnnl.h>

#include "nn/kernels_conv.h"
#include "nn/kernels_frozen.h"

#if DNNL_VERSION_MAJOR >= 3
typedef const_dnnl_memory_desc_t DnnlDesc;
#else
typedef const dnnl_memory_desc_t *DnnlDesc;
#endif

typedef enum { CONV_FORWARD, CONV_WEIGHTS, CONV_DATA, CONV_PASSES } ConvPass;

// The direct algorithm on B pictures with channels last, weights as the library likes them. With
// bf16 that is what all read, but the bias; what is written is f32. The gradient of the bias comes with
// CONV_WEIGHTS in bf16 alone.
// forward: the forward pass of the same convolution, which the backward ones want to see; else NULL.
dnnl_status_t dnnl_api_conv(dnnl_primitive_desc_t *made, ConvPass pass,
                            const KernelsConvShape *shape, int B, bool bf16, dnnl_engine_t engine,
                            const_dnnl_primitive_attr_t attr, const_dnnl_primitive_desc_t forward);

// The same for evaluation alone, all in bf16 but the bias.
dnnl_status_t dnnl_api_frozen_conv(dnnl_primitive_desc_t *made, const KernelsFrozenDesc *desc,
                                   dnnl_engine_t engine, const_dnnl_primitive_attr_t attr);

// c (M, N) = op(a) op(b): a and b plain rows of bf16, c of f32. op(a) is (M, K), op(b) (K, N).
typedef struct {
    bool transpose_a, transpose_b;
    int M, N, K;
} DnnlProduct;

dnnl_status_t dnnl_api_product(dnnl_primitive_desc_t *made, const DnnlProduct *shape,
                               dnnl_engine_t engine, const_dnnl_primitive_attr_t attr);

// Results are added to what is there.
dnnl_status_t dnnl_api_append_sum(dnnl_post_ops_t post_ops);

dnnl_status_t dnnl_api_append_relu(dnnl_post_ops_t post_ops);

// A memory object without memory, in the layout a tag names.
dnnl_status_t dnnl_api_memory(dnnl_memory_t *made, int rank, const dnnl_dims_t dims,
                              dnnl_data_type_t type, dnnl_format_tag_t tag, dnnl_engine_t engine);

#endif
