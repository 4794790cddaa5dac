#include "cli/transform.h"

NnStatus strokes_redraw(const NnInk *from, const StrokeTransform *change, NnInk *to, NnError *err) {
    const float centre = 0.5f;
    nn_ink_reset(to);
    for (size_t s = 0; s < nn_ink_stroke_count(from); s++) {
        NnStroke stroke = nn_ink_stroke(from, s);
        bool drawn = nn_ink_begin(to, NN_INK_DRAW, change->brush);
        for (size_t i = 0; drawn && i < stroke.n; i++) {
            NnInkPoint point = stroke.points[i];
            point.x = centre + (point.x - centre) * change->scale + change->dx;
            point.y = centre + (point.y - centre) * change->scale + change->dy;
            drawn = nn_ink_extend(to, point);
        }
        if (!drawn) {
            return nn_fail(err, NN_ERR_NOMEM, "out of memory while drawing strokes");
        }
        nn_ink_end(to);
    }
    return NN_OK;
}
