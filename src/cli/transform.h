// transform.h - drawing recorded strokes once more, larger, elsewhere or with another pen: what
// shows that the answer does not depend on it.

#ifndef INKLING_CLI_TRANSFORM_H
#define INKLING_CLI_TRANSFORM_H

#include "nn/ink.h"

typedef struct {
    float brush;  // pen width as a fraction of the canvas
    float scale;  // about the centre of the canvas
    float dx, dy; // afterwards, in fractions of the canvas
} StrokeTransform;

// Draws from's strokes into to, which is emptied first, point after point as the mouse does.
NnStatus strokes_redraw(const NnInk *from, const StrokeTransform *change, NnInk *to,
                        NnError *err) NN_MUST_CHECK;

#endif
