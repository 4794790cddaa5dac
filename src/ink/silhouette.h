// silhouette.h - filled things with a surface, as in photographs: neither pen work nor digits.
//
// A thing has an outline along one axis, straight pieces between a few corners: standing and the
// same on both sides like a garment or a vase, now and then split below, or lying, with an upper and
// a lower edge of its own and perhaps open bands across. Its surface is plain, grained, striped, or
// patched. Which things exist is nobody's concern; no picture of a data set went into it.

#ifndef NN_INK_SILHOUETTE_H
#define NN_INK_SILHOUETTE_H

#include "base/rng.h"
#include "nn/ink.h"

void silhouette_paint(Rng *rng, NnDigit *digit);

#endif
