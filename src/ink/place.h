// place.h - where the ink of a drawing goes in the 28x28 picture, and how wide its pen is there.
//
// The stages of the normalisation are four independent decisions: what is looked at (the canvas, or
// the ink alone), how it is fitted (stretched over everything, or into a box with its shape kept),
// how wide the pen is, and whether the centre of mass moves to the centre. Leaving out a stage
// leaves out its decision.

#ifndef NN_INK_PLACE_H
#define NN_INK_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/raster.h"
#include "nn/ink.h"

// Where the centre of mass goes, in both directions: MNIST's makers moved it by whole pixels, which
// left it anywhere in [14, 15), evenly (measured on all 70 000), so its mean is the middle of a
// pixel.
#define PLACE_CENTRE 14.5

typedef struct {
    bool crop, fit, own_pen, centre; // own_pen: the pen's width is the one drawn with
    double box, pen;                 // in pixels of the 28x28 picture
} PlaceRules;

// options may be NULL; the stages after last are left out as well.
PlaceRules place_rules(const NnNormaliseOptions *options, NnStage last);

// Pixel = canvas * scale + shift.
typedef struct {
    double scale_x, scale_y;
    double shift_x, shift_y;
    double pen;       // pixels at the drawing's mean pressure width, or 0:
    double pen_scale; // pixels per unit of the width drawn with
    double mean_pressure_width;
    double mean_pen; // pixels, whichever of the two it comes from
} Placement;

// Everything but the centre of mass. The drawing must not be empty. Where a picture with the pen
// drawn with is stretched, the scales differ and the pen is no longer round: pen_scale is then 0 as
// well.
Placement place_ink(const NnInk *ink, const PlaceRules *rules);

// Draws with a round pen into a mask that has zoom pixels for one of the placement's.
void place_draw(const NnInk *ink, const Placement *placement, double zoom, RasterMask *mask);

#endif
