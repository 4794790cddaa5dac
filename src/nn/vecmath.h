// vecmath.h - exp, tanh, erf and the logistic function as straight-line code, so loops over them
// vectorise.
//
// They need no libm, so the same weights give the same bits whatever C library a system has.
// Errors, measured over all of the range in tests/nn/test_activate.c: exp 2 ulp, the others 3e-7
// absolute.

#ifndef NN_NN_VECMATH_H
#define NN_NN_VECMATH_H

#include "base/simd.h"

NN_INLINE float vec_exp(float x) {
    // exp(x) = 2^n exp(r), |r| <= ln(2)/2; Cephes' polynomial for exp(r). Results below the
    // smallest normal number stay at it: nobody here needs denormals, and they are slow.
    x = x < -87.33f ? -87.33f : x;
    x = x > 88.37f ? 88.37f : x;
    const float round_shift = 12582912.0f; // 1.5 * 2^23: adding it rounds to the nearest integer
    float n = (x * 1.44269504088896341f + round_shift) - round_shift;
    float r = (x - n * 0.693359375f) - n * -2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * (r * r) + r + 1.0f;
    uint32_t bits = ((uint32_t)(int32_t)n + 127u)
                    << 23; // unsigned: NaN comes here, too, and stays NaN
    float power;
    memcpy(&power, &bits, sizeof power);
    return p * power;
}

NN_INLINE float vec_sigmoid(float x) {
    return 1.0f / (1.0f + vec_exp(-x));
}

NN_INLINE float vec_tanh(float x) {
    return 1.0f - 2.0f / (1.0f + vec_exp(2.0f * x));
}

NN_INLINE float vec_erf(float x) {
    // 1 - t exp(-x^2 + P(t)), t = 1 / (1 + |x| / 2): the Chebyshev fit of Numerical Recipes' erfcc,
    // relative error of erfc below 1.2e-7.
    float z = x < 0.0f ? -x : x;
    float t = 1.0f / (1.0f + 0.5f * z);
    float p = 0.17087277f;
    p = p * t - 0.82215223f;
    p = p * t + 1.48851587f;
    p = p * t - 1.13520398f;
    p = p * t + 0.27886807f;
    p = p * t - 0.18628806f;
    p = p * t + 0.09678418f;
    p = p * t + 0.37409196f;
    p = p * t + 1.00002368f;
    p = p * t - 1.26551223f;
    float e = 1.0f - t * vec_exp(p - z * z);
    return x < 0.0f ? -e : e;
}

#endif
