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
    // exp(x) = 2^n exp(r), |r| <= ln(2)/2, and exp(r) = 1 + r + r^2 q(r) with q of degree 4 fitted
    // for the smallest relative error, 3e-9. Results below the smallest normal number stay at it:
    // nobody here needs denormals, and they are slow.
    x = x < -87.33f ? -87.33f : x;
    x = x > 88.37f ? 88.37f : x;
    const float round_shift = 12582912.0f; // 1.5 * 2^23: adding it rounds to the nearest integer
    float shifted = x * 1.44269504088896341f + round_shift;
    float n = shifted - round_shift;
    float r = (x - n * 0.693359375f) -
              n * -2.12194440e-4f; // ln 2 in two parts: n times the first is exact
    float q = 1.395048322e-3f;
    q = q * r + 8.368890142e-3f;
    q = q * r + 4.166620591e-2f;
    q = q * r + 1.666651883e-1f;
    q = q * r + 5.000000095e-1f;
    float p = q * (r * r) + r + 1.0f;
    // The low bits of `shifted` are n in two's complement; the exponent of 2^n is n + 127. No
    // conversion to int: NaN comes here, too, and has to stay NaN.
    uint32_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits + 127u) << 23;
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
    // erfc(z) = t exp(P(t) - z^2) with t = 1 / (1 + z / 2); P of degree 6 fitted over z = 0 .. 4.2,
    // behind which erfc is below 3e-9: error of erfc at most 6e-9.
    float z = x < 0.0f ? -x : x;
    float t = 1.0f / (1.0f + 0.5f * z);
    float p = -1.687737675e-1f;
    p = p * t + 9.040635147e-1f;
    p = p * t - 1.808073507f;
    p = p * t + 1.404170230f;
    p = p * t - 1.764220644e-1f;
    p = p * t + 1.121709041f;
    p = p * t - 1.276673452f;
    float e = 1.0f - t * vec_exp(p - z * z);
    return x < 0.0f ? -e : e;
}

#endif
