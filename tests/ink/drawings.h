// drawings.h - drawings the tests of this folder share.

#ifndef TESTS_INK_DRAWINGS_H
#define TESTS_INK_DRAWINGS_H

#include "nn/ink.h"
#include "support/near.h"

static inline NnInk *new_ink(void) {
    NnError err = {0};
    NnInk *ink = nn_ink_new(&err);
    assert_non_null(ink);
    return ink;
}

// One stroke through n points (x, y), 10 ms apart, pressure 1.
static inline void add_stroke(NnInk *ink, NnInkTool tool, float width, const float *xy, size_t n) {
    assert_true(nn_ink_begin(ink, tool, width));
    for (size_t i = 0; i < n; i++) {
        assert_true(nn_ink_extend(
            ink, (NnInkPoint){
                     .x = xy[2 * i], .y = xy[2 * i + 1], .pressure = 1, .t_ms = 10.0f * (float)i}));
    }
    nn_ink_end(ink);
}

// A shape like a 5: an arc in 40 points and a bar above it, with its middle at (x, y).
static inline void add_five(NnInk *ink, float x, float y, float scale, float width) {
    assert_true(nn_ink_begin(ink, NN_INK_DRAW, width));
    assert_true(nn_ink_extend(
        ink, (NnInkPoint){.x = x - 0.10f * scale, .y = y - 0.2f * scale, .pressure = 1}));
    for (int i = 0; i < 40; i++) {
        float angle = -1.9f + 4.4f * (float)i / 39.0f;
        assert_true(nn_ink_extend(ink, (NnInkPoint){.x = x + 0.12f * scale * cosf(angle),
                                                    .y = y + (0.1f + 0.12f * sinf(angle)) * scale,
                                                    .pressure = 1,
                                                    .t_ms = 10.0f + 10.0f * (float)i}));
    }
    nn_ink_end(ink);
    const float bar[] = {x - 0.1f * scale, y - 0.2f * scale, x + 0.12f * scale, y - 0.22f * scale};
    add_stroke(ink, NN_INK_DRAW, width, bar, 2);
}

#endif
