// bf16.h - floats rounded to bfloat16: the upper half of a float, 8 bits of exponent and 7 of
// mantissa. Private to the engine.

#ifndef NN_NN_BF16_H
#define NN_NN_BF16_H

#include <stddef.h>
#include <stdint.h>

typedef uint16_t Bf16;

// Round to nearest, ties to even. Infinities stay, what is too large becomes one, a NaN stays a NaN.
// Numbers too small for full precision (below 1.2e-38) become zero where the CPU's instruction does
// that; all others are the same on every CPU.
void bf16_round(Bf16 *to, const float *from, size_t n);

void bf16_round_plain(Bf16 *to, const float *from, size_t n); // as where there is no instruction

void bf16_widen(float *to, const Bf16 *from, size_t n); // exact

#endif
