// normalise.h - one stage of the normalisation, at the network's resolution and at the eye's.

#ifndef NN_INK_NORMALISE_H
#define NN_INK_NORMALISE_H

#include "ink/place.h"

typedef struct {
    double shift_x, shift_y; // of the centre of mass, in pixels of 28x28
    double pen;              // mean width in the same pixels
} StageResult;

// The drawing under these rules: digit 28x28, and picture NN_XRAY_SIDE squared unless NULL. False,
// and everything paper, where there is no ink.
bool normalise_stage(const NnInk *ink, const PlaceRules *rules, NnDigit *digit, uint8_t *picture,
                     StageResult *result);

#endif
