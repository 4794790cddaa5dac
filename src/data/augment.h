// augment.h - random changes to a training picture that a person's hand might have made.
//
// A pure function of (seed, epoch, sample): any worker makes any sample's picture in any order, and
// the Data view's preview shows exactly what training sees.
//
//     augment_floats(&recipe.augment, pixels, seed, epoch, row, scale, offset, inputs);
//
// Thread: reentrant, no memory of its own.

#ifndef NN_DATA_AUGMENT_H
#define NN_DATA_AUGMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "nn/ink.h"
#include "nn/recipe.h"

bool augment_is_none(const NnAugment *augment); // nothing would ever change

// out (784) = picture * scale + offset, the picture's values being 0..255 but not whole numbers.
void augment_floats(const NnAugment *augment, const uint8_t *pixels, uint64_t seed, uint64_t epoch,
                    uint64_t sample, float scale, float offset, float *out);

// The same picture rounded to bytes.
void augment_bytes(const NnAugment *augment, const uint8_t *pixels, uint64_t seed, uint64_t epoch,
                   uint64_t sample, uint8_t *out);

#endif
