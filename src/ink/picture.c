// A picture of a digit goes through the stages of a drawing. Its ink is not vectors, so placing is
// resampling, and the pen's width is brought about on a grid four times as fine as the digit.

#include <assert.h>
#include <math.h>
#include <string.h>

#include "ink/paper.h"
#include "ink/place.h"
#include "ink/thickness.h"
#include "nn/ink.h"

enum { FINE = NN_XRAY_SIDE / NN_SIDE };

static_assert((int)THICKNESS_SIDE == (int)NN_XRAY_SIDE, "one fine grid");

// --- pictures that are MNIST's already -----------------------------------------------------------

// 28x28 with the ink in a box of 20 (21 when it lies between pixels, as in our own digits) and its
// centre of mass within a pixel of the centre: so are all 70 000.
static bool is_mnist(const uint8_t *pixels) {
    int x0 = NN_SIDE, y0 = NN_SIDE, x1 = 0, y1 = 0;
    for (int y = 0; y < NN_SIDE; y++) {
        for (int x = 0; x < NN_SIDE; x++) {
            if (pixels[y * NN_SIDE + x] > 0) {
                x0 = x < x0 ? x : x0;
                y0 = y < y0 ? y : y0;
                x1 = x + 1 > x1 ? x + 1 : x1;
                y1 = y + 1 > y1 ? y + 1 : y1;
            }
        }
    }
    double x, y;
    const int box = 21;
    return x1 - x0 <= box && y1 - y0 <= box &&
           grid_centre_of_mass(pixels, NN_SIDE, NN_SIDE, &x, &y) &&
           fabs(x - 0.5 * NN_SIDE) <= 1.0 && fabs(y - 0.5 * NN_SIDE) <= 1.0;
}

static bool take_as_it_is(const uint8_t *grey, int width, int height, NnDigit *digit) {
    if (width != NN_SIDE || height != NN_SIDE) {
        return false;
    }
    memcpy(digit->pixels, grey, NN_PIXELS);
    if (is_mnist(digit->pixels)) {
        return true;
    }
    for (int i = 0; i < NN_PIXELS; i++) {
        digit->pixels[i] = (uint8_t)(255 - grey[i]);
    }
    return is_mnist(digit->pixels);
}

// --- the stages ----------------------------------------------------------------------------------

typedef struct {
    double pen;
    double shift_x, shift_y;
} PictureResult;

// The part of the paper that the 28x28 picture shows when scale pixels of it stand for one of the
// paper's.
static GridRect window(GridRect box, double scale) {
    double half = 0.5 * NN_SIDE / scale;
    double x = 0.5 * (box.x0 + box.x1), y = 0.5 * (box.y0 + box.y1);
    return (GridRect){x - half, y - half, x + half, y + half};
}

static void cut_out(const uint8_t *from, const Paper *paper, GridRect part, uint8_t *fine) {
    grid_resample(from, paper->width, paper->height, part, fine, NN_XRAY_SIDE, NN_XRAY_SIDE);
}

static void shrink_moved(const uint8_t *fine, double shift_x, double shift_y, int side,
                         uint8_t *out) {
    double x = -shift_x * FINE, y = -shift_y * FINE;
    grid_resample(fine, NN_XRAY_SIDE, NN_XRAY_SIDE,
                  (GridRect){x, y, x + NN_XRAY_SIDE, y + NN_XRAY_SIDE}, out, side, side);
}

static PictureResult picture_stage(const Paper *paper, const PlaceRules *rules, NnDigit *digit,
                                   uint8_t *picture) {
    uint8_t fine[NN_XRAY_PIXELS];
    const uint8_t *from = rules->crop ? paper->ink : paper->plain;
    GridRect part = rules->crop ? paper->box : (GridRect){0, 0, paper->width, paper->height};
    GridRect box = part;
    double scale = rules->box / fmax(box.x1 - box.x0, box.y1 - box.y0);
    if (rules->fit) {
        part = window(box, scale);
    }
    cut_out(from, paper, part, fine);
    PictureResult result = {.pen = thickness_of(fine) / FINE};
    if (!rules->own_pen && result.pen > 0.0) {
        if (rules->fit && rules->crop) {
            // The box is to hold the ink with its new pen: what grows with the scale is the shape
            // without it.
            double shape = fmax(rules->box - result.pen, 0.5 * rules->box);
            double factor = (rules->box - rules->pen) / shape;
            cut_out(from, paper, window(box, scale * factor), fine);
            result.pen = thickness_of(fine) / FINE;
        }
        double grow = 0.5 * (rules->pen - result.pen);
        if (fabs(grow) * FINE > 0.5) { // less is finer than the grid
            thickness_change(fine, grow * FINE, rules->pen * FINE);
            result.pen = rules->pen;
        }
    }
    shrink_moved(fine, 0, 0, NN_SIDE, digit->pixels);
    double x, y;
    if (rules->centre && grid_centre_of_mass(digit->pixels, NN_SIDE, NN_SIDE, &x, &y)) {
        result.shift_x = PLACE_CENTRE - x;
        result.shift_y = PLACE_CENTRE - y;
        shrink_moved(fine, result.shift_x, result.shift_y, NN_SIDE, digit->pixels);
    }
    if (picture != NULL) {
        shrink_moved(fine, result.shift_x, result.shift_y, NN_XRAY_SIDE, picture);
    }
    return result;
}

static void all_stages(const Paper *paper, const NnNormaliseOptions *options, bool empty,
                       NnXray *xray) {
    PictureResult result = {0};
    for (int stage = 0; stage < NN_STAGE_COUNT; stage++) {
        PlaceRules rules = place_rules(options, (NnStage)stage);
        result = picture_stage(paper, &rules, &xray->digit[stage], xray->picture[stage]);
        if (empty && stage > NN_STAGE_RAW) {
            memset(&xray->digit[stage], 0, sizeof xray->digit[stage]);
            memset(xray->picture[stage], 0, sizeof xray->picture[stage]);
        }
    }
    xray->pen_px = (float)result.pen;
    xray->shift_x = (float)result.shift_x;
    xray->shift_y = (float)result.shift_y;
    xray->empty = empty;
}

// Every stage of a picture that needs none shows it.
static void same_in_all(const NnDigit *digit, NnXray *xray) {
    memset(xray, 0, sizeof *xray);
    uint8_t fine[NN_XRAY_PIXELS];
    grid_resample(digit->pixels, NN_SIDE, NN_SIDE, (GridRect){0, 0, NN_SIDE, NN_SIDE}, fine,
                  NN_XRAY_SIDE, NN_XRAY_SIDE);
    for (int stage = 0; stage < NN_STAGE_COUNT; stage++) {
        xray->digit[stage] = *digit;
        memcpy(xray->picture[stage], fine, sizeof fine);
    }
    xray->pen_px = (float)(thickness_of(fine) / FINE);
}

NnStatus nn_picture_normalise(const uint8_t *grey, int width, int height,
                              const NnNormaliseOptions *options, NnDigit *digit, NnXray *xray,
                              NnError *err) {
    enum { LARGEST = 4096 };
    memset(digit, 0, sizeof *digit);
    if (width < 1 || height < 1 || width > LARGEST || height > LARGEST) {
        return nn_fail(err, NN_ERR_SHAPE, "a picture of %d x %d is not between 1 x 1 and %d x %d",
                       width, height, LARGEST, LARGEST);
    }
    if (take_as_it_is(grey, width, height, digit)) {
        if (xray != NULL) {
            same_in_all(digit, xray);
        }
        return NN_OK;
    }
    memset(digit, 0, sizeof *digit);
    Paper paper;
    NnStatus status = paper_read(&paper, grey, width, height, err);
    if (status == NN_OK) {
        PlaceRules rules = place_rules(options, NN_STAGE_CENTRE);
        (void)picture_stage(&paper, &rules, digit, NULL);
    }
    if (xray != NULL && status != NN_ERR_NOMEM) {
        all_stages(&paper, options, status != NN_OK, xray);
    }
    paper_release(&paper);
    return status;
}
