#include "ink/place.h"

#include <math.h>
#include <stddef.h>

static const double DEFAULT_BOX = 20.0;
static const double DEFAULT_PEN = 2.5;

// Ink smaller than this fraction of the pen it was drawn with is a tap, not a shape: the little way
// the hand moved is not magnified to twenty pixels.
static const double TAP = 0.25;

PlaceRules place_rules(const NnNormaliseOptions *options, NnStage last) {
    unsigned skip = options != NULL ? options->skip : 0;
    for (int stage = (int)last + 1; stage < NN_STAGE_COUNT; stage++) {
        skip |= 1u << stage;
    }
    PlaceRules rules = {
        .crop = (skip & 1u << NN_STAGE_CROP) == 0,
        .fit = (skip & 1u << NN_STAGE_SCALE) == 0,
        .own_pen = (skip & 1u << NN_STAGE_PEN) != 0,
        .centre = (skip & 1u << NN_STAGE_CENTRE) == 0,
        .box = DEFAULT_BOX,
        .pen = DEFAULT_PEN,
    };
    if (options != NULL && options->box_px > 0.0f) {
        rules.box = fmin(fmax((double)options->box_px, 4.0), NN_SIDE);
    }
    if (options != NULL && options->pen_px > 0.0f) {
        rules.pen = (double)options->pen_px;
    }
    // Narrower leaves only a trace of grey; as wide as the box leaves no room for the shape.
    rules.pen = fmin(fmax(rules.pen, 0.5), 0.5 * rules.box);
    return rules;
}

// --- measuring the ink ---------------------------------------------------------------------------

typedef struct {
    double low, high;       // outermost ink, the pen's width included
    double low_at, high_at; // the points that reach there
} Span;

static void widen(Span *span, double at, double centre, double radius) {
    if (centre - radius < span->low) {
        span->low = centre - radius;
        span->low_at = at;
    }
    if (centre + radius > span->high) {
        span->high = centre + radius;
        span->high_at = at;
    }
}

static double radius_at(const Placement *placement, float width, NnInkPoint point) {
    double pressure_width = (double)nn_ink_pressure_width(point.pressure);
    double pen = placement->pen > 0.0 ? placement->pen / placement->mean_pressure_width
                                      : placement->pen_scale * (double)width;
    return 0.5 * pen * pressure_width;
}

static void measure(const NnInk *ink, const Placement *placement, Span *x, Span *y) {
    *x = (Span){(double)INFINITY, -(double)INFINITY, 0, 0};
    *y = *x;
    for (size_t i = 0; i < nn_ink_stroke_count(ink); i++) {
        NnStroke stroke = nn_ink_stroke(ink, i);
        for (size_t k = 0; k < stroke.n; k++) {
            NnInkPoint point = stroke.points[k];
            double radius = radius_at(placement, stroke.width, point);
            double at_x = (double)point.x, at_y = (double)point.y;
            widen(x, at_x, at_x * placement->scale_x + placement->shift_x, radius);
            widen(y, at_y, at_y * placement->scale_y + placement->shift_y, radius);
        }
    }
}

// Mean of the pressure's factor along the way the pen went, and of the width drawn with.
static double mean_pressure_width(const NnInk *ink, double *mean_width) {
    double way = 0.0, sum = 0.0, width_sum = 0.0;
    double n_points = 0.0, point_sum = 0.0, point_width_sum = 0.0;
    for (size_t i = 0; i < nn_ink_stroke_count(ink); i++) {
        NnStroke stroke = nn_ink_stroke(ink, i);
        for (size_t k = 0; k < stroke.n; k++) {
            double here = (double)nn_ink_pressure_width(stroke.points[k].pressure);
            n_points += 1.0;
            point_sum += here;
            point_width_sum += (double)stroke.width;
            if (k > 0) {
                NnInkPoint p = stroke.points[k - 1], q = stroke.points[k];
                double dx = (double)q.x - (double)p.x, dy = (double)q.y - (double)p.y;
                double step = sqrt(dx * dx + dy * dy);
                double before = (double)nn_ink_pressure_width(p.pressure);
                way += step;
                sum += 0.5 * step * (before + here);
                width_sum += step * (double)stroke.width;
            }
        }
    }
    *mean_width = way > 0.0 ? width_sum / way : point_width_sum / n_points;
    return way > 0.0 ? sum / way : point_sum / n_points;
}

// --- placing it ----------------------------------------------------------------------------------

// The scales at which the ink, drawn with a pen of a given number of pixels, fills target pixels.
// Its extent grows with the scale along a convex line of straight pieces (which point is outermost
// may depend on the pressure there), so a few Newton steps end exactly on it.
static void fill_with_pen(const NnInk *ink, Placement *placement, double target,
                          double smallest_extent) {
    Span x, y;
    double largest = target / smallest_extent;
    placement->scale_x = largest;
    placement->scale_y = largest;
    for (int step = 0; step < 4; step++) {
        measure(ink, placement, &x, &y);
        double extent_x = fmax(x.high_at - x.low_at, smallest_extent);
        double extent_y = fmax(y.high_at - y.low_at, smallest_extent);
        double change_x = (target - (x.high - x.low)) / extent_x;
        double change_y = (target - (y.high - y.low)) / extent_y;
        placement->scale_x = fmin(fmax(placement->scale_x + change_x, 0.0), largest);
        placement->scale_y = fmin(fmax(placement->scale_y + change_y, 0.0), largest);
        if (fabs(change_x) * extent_x < 1e-4 && fabs(change_y) * extent_y < 1e-4) {
            break;
        }
    }
}

Placement place_ink(const NnInk *ink, const PlaceRules *rules) {
    double mean_width;
    Placement placement = {
        .mean_pressure_width = mean_pressure_width(ink, &mean_width),
        .scale_x = 1.0,
        .scale_y = 1.0,
        .pen_scale = 1.0,
    };
    Span x = {0, 1, 0, 1}, y = x; // the canvas
    double target = rules->fit ? rules->box : NN_SIDE;
    if (rules->own_pen) {
        if (rules->crop) {
            measure(ink, &placement, &x, &y);
        }
        placement.scale_x = target / (x.high - x.low);
        placement.scale_y = target / (y.high - y.low);
    } else {
        placement.pen = rules->pen;
        placement.scale_x = target;
        placement.scale_y = target;
        if (rules->crop) {
            double tap = TAP * mean_width * placement.mean_pressure_width;
            fill_with_pen(ink, &placement, target, tap);
        }
    }
    if (rules->fit) {
        double scale = fmin(placement.scale_x, placement.scale_y);
        placement.scale_x = scale;
        placement.scale_y = scale;
    }
    bool round = fabs(placement.scale_x - placement.scale_y) < 1e-6 * placement.scale_x;
    placement.pen_scale = rules->own_pen && round ? placement.scale_x : 0.0;
    placement.mean_pen = rules->own_pen ? mean_width * placement.mean_pressure_width *
                                              sqrt(placement.scale_x * placement.scale_y)
                                        : placement.pen;
    if (rules->own_pen) { // the box was measured on the canvas
        placement.shift_x = 0.5 * NN_SIDE - 0.5 * (x.low + x.high) * placement.scale_x;
        placement.shift_y = 0.5 * NN_SIDE - 0.5 * (y.low + y.high) * placement.scale_y;
        return placement;
    }
    if (rules->crop) {
        measure(ink, &placement, &x, &y);
    } else {
        x.high = placement.scale_x;
        y.high = placement.scale_y;
    }
    placement.shift_x = 0.5 * NN_SIDE - 0.5 * (x.low + x.high);
    placement.shift_y = 0.5 * NN_SIDE - 0.5 * (y.low + y.high);
    return placement;
}

// --- drawing it ----------------------------------------------------------------------------------

// As long as a straight line from the last corner passes within STRAIGHT of every point since, one
// segment is drawn for all of them: pens report far more points than a 28x28 picture has room for.
typedef struct {
    double x, y, radius;
} Corner;

typedef struct {
    Corner from, to;  // the segment so far
    double ux, uy;    // its direction as the first point gave it
    double along;     // how far it has come that way
    double low, high; // slopes against that direction that pass near enough to every point
} Run;

static const double STRAIGHT = 0.02; // pixels of the 28x28 picture

static Run run_from(Corner from, Corner to, double tolerance) {
    double dx = to.x - from.x, dy = to.y - from.y;
    double length = sqrt(dx * dx + dy * dy);
    Run run = {.from = from, .to = to, .along = length};
    if (length > 0.0) {
        run.ux = dx / length;
        run.uy = dy / length;
        run.low = fmax(-1.0, -tolerance / length);
        run.high = fmin(1.0, tolerance / length);
    }
    return run;
}

// Lengthens the segment to the next point, or leaves it alone and says no.
static bool run_take(Run *run, Corner next, double tolerance) {
    double dx = next.x - run->from.x, dy = next.y - run->from.y;
    double along = dx * run->ux + dy * run->uy;
    double across = dy * run->ux - dx * run->uy;
    if (along <= run->along || across < run->low * along || across > run->high * along ||
        fabs(run->to.radius - run->from.radius) > tolerance ||
        fabs(next.radius - run->from.radius) > tolerance) {
        return false;
    }
    run->to = next;
    run->along = along;
    run->low = fmax(run->low, (across - tolerance) / along);
    run->high = fmin(run->high, (across + tolerance) / along);
    return true;
}

static void run_draw(const Run *run, RasterMask *mask) {
    raster_segment(mask, (float)run->from.x, (float)run->from.y, (float)run->from.radius,
                   (float)run->to.x, (float)run->to.y, (float)run->to.radius);
}

static Corner corner_at(const NnStroke *stroke, size_t i, const Placement *placement, double zoom) {
    NnInkPoint point = stroke->points[i];
    return (Corner){
        zoom * ((double)point.x * placement->scale_x + placement->shift_x),
        zoom * ((double)point.y * placement->scale_y + placement->shift_y),
        zoom * radius_at(placement, stroke->width, point),
    };
}

void place_draw(const NnInk *ink, const Placement *placement, double zoom, RasterMask *mask) {
    double tolerance = STRAIGHT * zoom;
    for (size_t i = 0; i < nn_ink_stroke_count(ink); i++) {
        NnStroke stroke = nn_ink_stroke(ink, i);
        Corner first = corner_at(&stroke, 0, placement, zoom);
        Run run = run_from(first, first, tolerance);
        for (size_t k = 1; k < stroke.n; k++) {
            Corner next = corner_at(&stroke, k, placement, zoom);
            if (k == 1) {
                run = run_from(first, next, tolerance);
            } else if (!run_take(&run, next, tolerance)) {
                run_draw(&run, mask);
                run = run_from(run.to, next, tolerance);
            }
        }
        run_draw(&run, mask);
    }
}
