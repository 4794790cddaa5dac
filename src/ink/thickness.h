// thickness.h - how wide the strokes of a picture are, and making them wider or narrower.

#ifndef NN_INK_THICKNESS_H
#define NN_INK_THICKNESS_H

#include <stdint.h>

enum { THICKNESS_SIDE = 112 }; // pictures are this size squared

// Mean width in pixels of what is more than half covered, 0 when nothing is.
double thickness_of(const uint8_t *picture);

// Moves every outline out (grow > 0) or in by grow pixels. Going in, what is thinner than that
// keeps a core of width keep, so that no stroke is broken.
void thickness_change(uint8_t *picture, double grow, double keep);

#endif
