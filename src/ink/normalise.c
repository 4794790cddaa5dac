// From strokes to 28x28. MNIST's makers had black and white scans of 128x128, scaled them into
// 20x20 with anti-aliasing and moved the centre of mass to the centre. We have the pen's way
// itself: it is placed first and drawn once where it belongs, so nothing is resampled and the pen
// is as wide as we say.

#include "ink/normalise.h"

#include <math.h>
#include <string.h>

#include "ink/grid.h"

// Drawn at twice the size and averaged. MNIST's grey levels are those of averaged pixels: drawn at
// once at 28x28 the faintest eighth of them has 7 % of the ink's pixels, at twice 11 %, at four
// times 12 %, in MNIST 11 %. Answers do not depend on it.
enum { ZOOM = 2, FINE_SIDE = NN_SIDE * ZOOM };

static void shrink(const uint8_t *fine, NnDigit *digit) {
    for (int y = 0; y < NN_SIDE; y++) {
        for (int x = 0; x < NN_SIDE; x++) {
            unsigned sum = ZOOM * ZOOM / 2;
            for (int v = 0; v < ZOOM; v++) {
                for (int u = 0; u < ZOOM; u++) {
                    sum += fine[(y * ZOOM + v) * FINE_SIDE + x * ZOOM + u];
                }
            }
            digit->pixels[y * NN_SIDE + x] = (uint8_t)(sum / (ZOOM * ZOOM));
        }
    }
}

static void draw(const NnInk *ink, const Placement *placement, int side, uint8_t *pixels) {
    RasterMask mask = {.pixels = pixels, .width = side, .height = side, .stride = side};
    memset(pixels, 0, (size_t)side * (size_t)side);
    place_draw(ink, placement, (double)side / NN_SIDE, &mask);
}

// The stretched stage with the pen drawn with: the brush is no longer round, so the ink is drawn in
// its own shape and the picture stretched. move_x and move_y in pixels of 28x28.
static void draw_stretched(const NnInk *ink, const Placement *placement, double move_x,
                           double move_y, int side, uint8_t *pixels) {
    uint8_t shape[NN_XRAY_PIXELS];
    double width = NN_SIDE / placement->scale_x, height = NN_SIDE / placement->scale_y;
    double scale = NN_SIDE / fmax(width, height);
    Placement upright = {
        .scale_x = scale,
        .scale_y = scale,
        .shift_x = placement->shift_x / placement->scale_x * scale,
        .shift_y = placement->shift_y / placement->scale_y * scale,
        .pen_scale = scale,
        .mean_pressure_width = placement->mean_pressure_width,
    };
    draw(ink, &upright, NN_XRAY_SIDE, shape);
    double zoom = (double)NN_XRAY_SIDE / NN_SIDE * scale;
    double left = -move_x / NN_SIDE * width * zoom, top = -move_y / NN_SIDE * height * zoom;
    GridRect from = {left, top, left + width * zoom, top + height * zoom};
    grid_resample(shape, NN_XRAY_SIDE, NN_XRAY_SIDE, from, pixels, side, side);
}

bool normalise_stage(const NnInk *ink, const PlaceRules *rules, NnDigit *digit, uint8_t *picture,
                     StageResult *result) {
    *result = (StageResult){0};
    if (nn_ink_is_empty(ink)) {
        memset(digit, 0, sizeof *digit);
        if (picture != NULL) {
            memset(picture, 0, NN_XRAY_PIXELS);
        }
        return false;
    }
    Placement placement = place_ink(ink, rules);
    bool round = placement.pen > 0.0 || placement.pen_scale > 0.0;
    if (rules->centre) {
        // The centre is found at the network's resolution and the ink drawn again from the vectors,
        // a fraction of a pixel further.
        if (round) {
            draw(ink, &placement, NN_SIDE, digit->pixels);
        } else {
            draw_stretched(ink, &placement, 0, 0, NN_SIDE, digit->pixels);
        }
        double x, y;
        if (grid_centre_of_mass(digit->pixels, NN_SIDE, NN_SIDE, &x, &y)) {
            result->shift_x = PLACE_CENTRE - x;
            result->shift_y = PLACE_CENTRE - y;
        }
    }
    if (!round) {
        draw_stretched(ink, &placement, result->shift_x, result->shift_y, NN_SIDE, digit->pixels);
        if (picture != NULL) {
            draw_stretched(ink, &placement, result->shift_x, result->shift_y, NN_XRAY_SIDE,
                           picture);
        }
    } else {
        uint8_t fine[FINE_SIDE * FINE_SIDE];
        placement.shift_x += result->shift_x;
        placement.shift_y += result->shift_y;
        draw(ink, &placement, FINE_SIDE, fine);
        shrink(fine, digit);
        if (picture != NULL) {
            draw(ink, &placement, NN_XRAY_SIDE, picture);
        }
    }
    result->pen = placement.mean_pen;
    return true;
}

bool nn_ink_normalise(const NnInk *ink, const NnNormaliseOptions *options, NnDigit *digit) {
    PlaceRules rules = place_rules(options, NN_STAGE_CENTRE);
    StageResult result;
    return normalise_stage(ink, &rules, digit, NULL, &result);
}

void nn_ink_draw(const NnInk *ink, uint8_t *mask, int size) {
    const Placement canvas = {.scale_x = NN_SIDE, .scale_y = NN_SIDE, .pen_scale = NN_SIDE};
    draw(ink, &canvas, size, mask);
}
