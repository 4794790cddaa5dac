#include "nn/kernels_dnnl_api.h"

#if DNNL_VERSION_MAJOR < 3

static dnnl_status_t describe(dnnl_memory_desc_t *desc, int rank, const dnnl_dims_t dims,
                              dnnl_data_type_t type, dnnl_format_tag_t tag) {
    return dnnl_memory_desc_init_by_tag(desc, rank, dims, type, tag);
}

dnnl_status_t dnnl_api_conv(dnnl_primitive_desc_t *made, ConvPass pass,
                            const KernelsConvShape *shape, int B, bool bf16, dnnl_engine_t engine,
                            const_dnnl_primitive_attr_t attr, const_dnnl_primitive_desc_t forward) {
    int K = shape->kernel, S = shape->stride, P = shape->padding, O = shape->out_channels;
    const dnnl_data_type_t read = bf16 ? dnnl_bf16 : dnnl_f32;
    const dnnl_data_type_t x_type = pass == CONV_DATA ? dnnl_f32 : read;
    const dnnl_data_type_t w_type = pass == CONV_WEIGHTS ? dnnl_f32 : read;
    const dnnl_data_type_t y_type = pass == CONV_FORWARD ? dnnl_f32 : read;
    const dnnl_dims_t x_dims = {B, shape->channels, shape->height, shape->width};
    const dnnl_dims_t y_dims = {B, O, kernels_conv_size(shape->height, K, S, P),
                                kernels_conv_size(shape->width, K, S, P)};
    const dnnl_dims_t w_dims = {O, shape->channels, K, K}, bias_dims = {O};
    const dnnl_dims_t strides = {S, S}, padding = {P, P};
    dnnl_memory_desc_t x, y, w, bias;
    dnnl_status_t status = describe(&x, 4, x_dims, x_type, dnnl_nhwc);
    status = status != dnnl_success ? status : describe(&y, 4, y_dims, y_type, dnnl_nhwc);
    status = status != dnnl_success ? status : describe(&w, 4, w_dims, w_type, dnnl_format_tag_any);
    status = status != dnnl_success ? status : describe(&bias, 1, bias_dims, dnnl_f32, dnnl_a);
    if (status != dnnl_success) {
        return status;
    }
    dnnl_convolution_desc_t conv;
    if (pass == CONV_FORWARD) {
        status = dnnl_convolution_forward_desc_init(&conv, dnnl_forward_training,
                                                    dnnl_convolution_direct, &x, &w, &bias, &y,
                                                    strides, padding, padding);
    } else if (pass == CONV_WEIGHTS) {
        status = dnnl_convolution_backward_weights_desc_init(&conv, dnnl_convolution_direct, &x, &w,
                                                             bf16 ? &bias : NULL, &y, strides,
                                                             padding, padding);
    } else {
        status = dnnl_convolution_backward_data_desc_init(&conv, dnnl_convolution_direct, &x, &w,
                                                          &y, strides, padding, padding);
    }
    return status != dnnl_success ? status
                                  : dnnl_primitive_desc_create(made, &conv, attr, engine, forward);
}

dnnl_status_t dnnl_api_frozen_conv(dnnl_primitive_desc_t *made, const KernelsFrozenDesc *desc,
                                   dnnl_engine_t engine, const_dnnl_primitive_attr_t attr) {
    const KernelsConvShape *s = &desc->shape;
    int K = s->kernel, S = s->stride, P = s->padding, O = s->out_channels;
    const dnnl_dims_t x_dims = {desc->B, s->channels, s->height, s->width};
    const dnnl_dims_t y_dims = {desc->B, O, kernels_conv_size(s->height, K, S, P),
                                kernels_conv_size(s->width, K, S, P)};
    const dnnl_dims_t w_dims = {O, s->channels, K, K}, bias_dims = {O};
    const dnnl_dims_t strides = {S, S}, padding = {P, P};
    const dnnl_format_tag_t tag = desc->blocked ? dnnl_nChw16c : dnnl_nhwc;
    dnnl_memory_desc_t x, y, w, bias;
    dnnl_convolution_desc_t conv;
    dnnl_status_t status = describe(&x, 4, x_dims, dnnl_bf16, tag);
    status = status != dnnl_success ? status : describe(&y, 4, y_dims, dnnl_bf16, tag);
    status =
        status != dnnl_success ? status : describe(&w, 4, w_dims, dnnl_bf16, dnnl_format_tag_any);
    status = status != dnnl_success ? status : describe(&bias, 1, bias_dims, dnnl_f32, dnnl_a);
    status = status != dnnl_success
                 ? status
                 : dnnl_convolution_forward_desc_init(&conv, dnnl_forward_inference,
                                                      dnnl_convolution_direct, &x, &w, &bias, &y,
                                                      strides, padding, padding);
    return status != dnnl_success ? status
                                  : dnnl_primitive_desc_create(made, &conv, attr, engine, NULL);
}

dnnl_status_t dnnl_api_product(dnnl_primitive_desc_t *made, const DnnlProduct *shape,
                               dnnl_engine_t engine, const_dnnl_primitive_attr_t attr) {
    const dnnl_dims_t a_dims = {shape->M, shape->K}, b_dims = {shape->K, shape->N};
    const dnnl_dims_t c_dims = {shape->M, shape->N};
    dnnl_memory_desc_t a, b, c;
    dnnl_matmul_desc_t product;
    dnnl_status_t status =
        describe(&a, 2, a_dims, dnnl_bf16, shape->transpose_a ? dnnl_ba : dnnl_ab);
    status = status != dnnl_success
                 ? status
                 : describe(&b, 2, b_dims, dnnl_bf16, shape->transpose_b ? dnnl_ba : dnnl_ab);
    status = status != dnnl_success ? status : describe(&c, 2, c_dims, dnnl_f32, dnnl_ab);
    status = status != dnnl_success ? status : dnnl_matmul_desc_init(&product, &a, &b, NULL, &c);
    return status != dnnl_success ? status
                                  : dnnl_primitive_desc_create(made, &product, attr, engine, NULL);
}

dnnl_status_t dnnl_api_append_sum(dnnl_post_ops_t post_ops) {
    return dnnl_post_ops_append_sum(post_ops, 1.0f);
}

dnnl_status_t dnnl_api_append_relu(dnnl_post_ops_t post_ops) {
    return dnnl_post_ops_append_eltwise(post_ops, 1.0f, dnnl_eltwise_relu, 0.0f, 0.0f);
}

dnnl_status_t dnnl_api_memory(dnnl_memory_t *made, int rank, const dnnl_dims_t dims,
                              dnnl_data_type_t type, dnnl_format_tag_t tag, dnnl_engine_t engine) {
    dnnl_memory_desc_t desc;
    dnnl_status_t status = describe(&desc, rank, dims, type, tag);
    return status != dnnl_success ? status
                                  : dnnl_memory_create(made, &desc, engine, DNNL_MEMORY_NONE);
}

#endif
