// How a form becomes a drawing. First the control points move, each a little and all together along
// a smooth warp, so that what belongs together stays together; then a curve is laid through them,
// its corners rounded as by haste, and shaken; at last the whole is stretched, slanted, turned and
// put somewhere on the canvas.
//
// One number, the haste of the hand, scales everything that is disorder rather than style: most
// drawings are neat, a few are careless, and a careless one is careless everywhere.

#include "nn/style.h"

#include <math.h>

#include "base/rng.h"
#include "ink/style_forms.h"

enum {
    WAVES = 2,
    CURVE_MAX = 256, // points of one stroke
};

static const float STEP = 3.0f;         // units between two points of the curve
static const float ROUNDING_MAX = 9;    // passes of smoothing, each as wide as a step
static const float MS_PER_POINT = 8.0f; // a tablet's rate
static const float LIFT_MS = 120.0f;

// About the normalisation's own pen of 2.5 pixels, so that a picture with another pen, as MNIST's are,
// is nothing special.
static const float PEN_PX_LOW = 1.8f, PEN_PX_HIGH = 3.8f;

typedef struct {
    float x, y;
} Spot;

// How one hand draws one digit.
typedef struct {
    float haste; // 0..1
    float mode_a, mode_b;
    float wave_x[WAVES], wave_y[WAVES], phase[WAVES], push_x[WAVES], push_y[WAVES];
    float middle; // moves what is half way up, up or down, ends staying: the sizes of two loops
    float taper;  // foot wider than head, or the other way
    float xx, xy, yx, yy; // stretch, slant, turn
    int rounding;         // passes of smoothing
    float tremor;         // units
    float press_first, press_last;
} Hand;

static Hand random_hand(const StyleForm *form, Rng *rng) {
    Hand hand = {0};
    float u = rng_uniform(rng, 0, 1);
    hand.haste = u * sqrtf(u);
    hand.mode_a = rng_uniform(rng, -1, 1);
    hand.mode_b = rng_uniform(rng, -1, 1);
    float reach = 3.0f + 6.0f * hand.haste;
    for (int i = 0; i < WAVES; i++) {
        float length = rng_uniform(rng, 70, 180), angle = rng_uniform(rng, 0, 6.2831853f);
        hand.wave_x[i] = 6.2831853f / length * cosf(angle);
        hand.wave_y[i] = 6.2831853f / length * sinf(angle);
        hand.phase[i] = rng_uniform(rng, 0, 6.2831853f);
        hand.push_x[i] = reach * rng_uniform(rng, -1, 1);
        hand.push_y[i] = reach * rng_uniform(rng, -1, 1);
    }
    hand.middle = 0.5f * rng_uniform(rng, -1, 1);
    hand.taper = 0.4f * rng_uniform(rng, -1, 1);
    // The logarithm of the width, since half and double are equally rare.
    float wide = expf(rng_uniform(rng, logf(form->narrow), 0.4f));
    float slant = 0.12f + 0.25f * rng_normal(rng);
    slant = fminf(fmaxf(slant, -0.4f), 0.7f) + form->lean * rng_uniform(rng, 0, 1);
    float turn = 0.1f * rng_normal(rng);
    float cosine = cosf(turn), sine = sinf(turn);
    hand.xx = wide * cosine;
    hand.xy = -slant * cosine - sine; // y points down: leaning right is x against y
    hand.yx = wide * sine;
    hand.yy = -slant * sine + cosine;
    hand.rounding = (int)rng_uniform(rng, 0, ROUNDING_MAX * (0.3f + 0.7f * hand.haste) + 1.0f);
    hand.tremor = rng_uniform(rng, 0, 0.4f + 0.5f * hand.haste);
    bool presses = rng_uniform(rng, 0, 1) < 0.25f;
    hand.press_first = rng_uniform(rng, 0.55f, 1.0f);
    hand.press_last = rng_uniform(rng, 0.55f, 1.0f);
    if (!presses) { // as a mouse
        hand.press_first = 1.0f;
        hand.press_last = 1.0f;
    }
    return hand;
}

// Where the hand puts a control point, in units, before stretch and slant.
static Spot placed(const Hand *hand, const StylePoint *point, Rng *rng) {
    float jitter = 1.5f + 3.5f * hand->haste;
    float x = (float)point->x + hand->mode_a * (float)point->ax + hand->mode_b * (float)point->bx +
              jitter * rng_uniform(rng, -1, 1);
    float y = (float)point->y + hand->mode_a * (float)point->ay + hand->mode_b * (float)point->by +
              jitter * rng_uniform(rng, -1, 1);
    Spot at = {x, y};
    for (int i = 0; i < WAVES; i++) {
        float wave = sinf(hand->wave_x[i] * x + hand->wave_y[i] * y + hand->phase[i]);
        at.x += hand->push_x[i] * wave;
        at.y += hand->push_y[i] * wave;
    }
    float v = at.y / 100.0f;
    at.y += 100.0f * hand->middle * fmaxf(v * (1.0f - v), 0.0f);
    at.x = 30.0f + (at.x - 30.0f) * (1.0f + hand->taper * (v - 0.5f));
    return at;
}

// --- the curve -----------------------------------------------------------------------------------

static float distance(Spot a, Spot b) {
    return hypotf(b.x - a.x, b.y - a.y) + 1e-3f; // never 0, so that directions exist
}

static Spot direction(Spot a, Spot b) {
    float d = distance(a, b);
    return (Spot){(b.x - a.x) / d, (b.y - a.y) / d};
}

// Directions of a smooth curve at the points first .. last: in between those of the circle-like
// weighting by distance, at the ends such that the curve neither bends more nor less there.
static void tangents(const Spot *spots, int first, int last, Spot *tangent) {
    for (int i = first + 1; i < last; i++) {
        float before = distance(spots[i - 1], spots[i]), after = distance(spots[i], spots[i + 1]);
        Spot in = direction(spots[i - 1], spots[i]), out = direction(spots[i], spots[i + 1]);
        float share = before / (before + after);
        tangent[i] = (Spot){in.x + share * (out.x - in.x), in.y + share * (out.y - in.y)};
    }
    Spot start = direction(spots[first], spots[first + 1]);
    Spot end = direction(spots[last - 1], spots[last]);
    if (last - first == 1) {
        tangent[first] = start;
        tangent[last] = end;
        return;
    }
    tangent[first] = (Spot){1.5f * start.x - 0.5f * tangent[first + 1].x,
                            1.5f * start.y - 0.5f * tangent[first + 1].y};
    tangent[last] = (Spot){1.5f * end.x - 0.5f * tangent[last - 1].x,
                           1.5f * end.y - 0.5f * tangent[last - 1].y};
}

// Appends the cubic Hermite curve from a to b, a itself left out.
static int append_piece(Spot a, Spot ta, Spot b, Spot tb, Spot *curve, int n) {
    float length = distance(a, b);
    int steps = (int)(length / STEP) + 1;
    for (int k = 1; k <= steps && n < CURVE_MAX; k++) {
        float t = (float)k / (float)steps, t2 = t * t, t3 = t2 * t;
        float h00 = 2 * t3 - 3 * t2 + 1, h01 = 3 * t2 - 2 * t3;
        float h10 = (t3 - 2 * t2 + t) * length, h11 = (t3 - t2) * length;
        curve[n++] = (Spot){h00 * a.x + h01 * b.x + h10 * ta.x + h11 * tb.x,
                            h00 * a.y + h01 * b.y + h10 * ta.y + h11 * tb.y};
    }
    return n;
}

// The curve through n spots, broken where corner says so.
static int lay_curve(const Spot *spots, const bool *corner, int n, Spot *curve) {
    int length = 0;
    curve[length++] = spots[0];
    for (int first = 0; first + 1 < n;) {
        int last = first + 1;
        while (last + 1 < n && !corner[last]) {
            last++;
        }
        Spot tangent[STYLE_POINTS_MAX + 2];
        tangents(spots, first, last, tangent);
        for (int i = first; i < last; i++) {
            length =
                append_piece(spots[i], tangent[i], spots[i + 1], tangent[i + 1], curve, length);
        }
        first = last;
    }
    return length;
}

// Rounds corners and evens out the rest; the ends stay.
static void smooth(Spot *curve, int n, int passes) {
    for (int pass = 0; pass < passes; pass++) {
        Spot before = curve[0];
        for (int i = 1; i + 1 < n; i++) {
            Spot here = curve[i];
            curve[i].x = 0.25f * (before.x + curve[i + 1].x) + 0.5f * here.x;
            curve[i].y = 0.25f * (before.y + curve[i + 1].y) + 0.5f * here.y;
            before = here;
        }
    }
}

// A wandering that forgets itself within a few steps.
static void shake(Spot *curve, int n, float tremor, Rng *rng) {
    Spot off = {0, 0};
    for (int i = 0; i < n; i++) {
        off.x = 0.8f * off.x + tremor * rng_uniform(rng, -1, 1);
        off.y = 0.8f * off.y + tremor * rng_uniform(rng, -1, 1);
        curve[i].x += off.x;
        curve[i].y += off.y;
    }
}

// --- strokes -------------------------------------------------------------------------------------

typedef struct {
    Spot spots[CURVE_MAX];
    int n;
} Curve;

enum { STROKES_MAX = 3 };

// Takes the points of one stroke, up to the lift, and returns how many those were.
static size_t draw_stroke(const Hand *hand, const StylePoint *points, Rng *rng, Curve *curve) {
    Spot spots[STYLE_POINTS_MAX + 2];
    bool corner[STYLE_POINTS_MAX + 2];
    size_t taken = 0;
    int n = 1; // the first place is for a hook
    bool lifted = false;
    while (!lifted) {
        const StylePoint *point = &points[taken++];
        lifted = point->joint == STYLE_LIFT;
        corner[n] = point->joint == STYLE_CORNER;
        spots[n++] = placed(hand, point, rng);
    }
    NN_ASSERT(n > 2); // a stroke of a form has two points at least
    // Ends come too late or too early.
    float slack = 1.0f + 4.0f * hand->haste, length = distance(spots[1], spots[2]);
    Spot back = direction(spots[2], spots[1]), on = direction(spots[n - 2], spots[n - 1]);
    float early = fmaxf(slack * rng_uniform(rng, -1, 1), -0.3f * length);
    float late =
        fmaxf(slack * rng_uniform(rng, -1, 1), -0.3f * distance(spots[n - 2], spots[n - 1]));
    spots[1].x += early * back.x;
    spots[1].y += early * back.y;
    spots[n - 1].x += late * on.x;
    spots[n - 1].y += late * on.y;
    // The pen is already moving when it lands, and still when it leaves.
    bool hook = rng_uniform(rng, 0, 1) < 0.12f, flick = rng_uniform(rng, 0, 1) < 0.12f;
    Spot hook_by = {rng_uniform(rng, -6, 6), rng_uniform(rng, -6, 6)};
    Spot flick_by = {rng_uniform(rng, -6, 6), rng_uniform(rng, -6, 6)};
    spots[0] = (Spot){spots[1].x + hook_by.x, spots[1].y + hook_by.y};
    corner[0] = false;
    corner[1] = true;
    if (flick) {
        corner[n - 1] = true;
        spots[n] = (Spot){spots[n - 1].x + flick_by.x, spots[n - 1].y + flick_by.y};
        corner[n] = false;
        n++;
    }
    int first = hook ? 0 : 1;
    curve->n = lay_curve(spots + first, corner + first, n - first, curve->spots);
    smooth(curve->spots, curve->n, hand->rounding);
    shake(curve->spots, curve->n, hand->tremor, rng);
    for (int i = 0; i < curve->n; i++) {
        Spot at = curve->spots[i];
        curve->spots[i] =
            (Spot){hand->xx * at.x + hand->xy * at.y, hand->yx * at.x + hand->yy * at.y};
    }
    return taken;
}

typedef struct {
    float x0, y0, x1, y1;
} Box;

static Box box_of(const Curve *curves, int n) {
    Box box = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < curves[i].n; k++) {
            Spot at = curves[i].spots[k];
            box.x0 = fminf(box.x0, at.x);
            box.y0 = fminf(box.y0, at.y);
            box.x1 = fmaxf(box.x1, at.x);
            box.y1 = fmaxf(box.y1, at.y);
        }
    }
    return box;
}

// Puts the curves onto the canvas at a random size and place, wholly inside.
static bool put(const Hand *hand, const Curve *curves, int n_curves, Rng *rng, NnInk *ink) {
    float width = NN_DEFAULT_PEN * expf(rng_uniform(rng, -0.7f, 0.7f));
    float size = rng_uniform(rng, 0.3f, 0.85f);
    Box box = box_of(curves, n_curves);
    float longer = fmaxf(fmaxf(box.x1 - box.x0, box.y1 - box.y0), 1.0f);
    float scale = size / longer, margin = 0.5f * width + 0.001f;
    float left = rng_uniform(rng, margin, 1.0f - margin - scale * (box.x1 - box.x0));
    float top = rng_uniform(rng, margin, 1.0f - margin - scale * (box.y1 - box.y0));
    float t_ms = 0;
    bool done = true;
    for (int i = 0; i < n_curves && done; i++) {
        const Curve *curve = &curves[i];
        done = nn_ink_begin(ink, NN_INK_DRAW, width);
        for (int k = 0; k < curve->n && done; k++) {
            float along = (float)k / (float)(curve->n > 1 ? curve->n - 1 : 1);
            done =
                nn_ink_extend(ink, (NnInkPoint){
                                       .x = left + scale * (curve->spots[k].x - box.x0),
                                       .y = top + scale * (curve->spots[k].y - box.y0),
                                       .pressure = hand->press_first +
                                                   along * (hand->press_last - hand->press_first),
                                       .t_ms = t_ms,
                                   });
            t_ms += MS_PER_POINT;
        }
        nn_ink_end(ink);
        t_ms += LIFT_MS;
    }
    return done;
}

// --- forms ---------------------------------------------------------------------------------------

size_t nn_style_count(void) {
    return style_form_count;
}

NnStyleForm nn_style_form(size_t form) {
    NN_ASSERT(form < style_form_count);
    return (NnStyleForm){style_forms[form].digit, style_forms[form].name};
}

// The numbers of a drawing are one sequence: which form, how wide a pen, then the hand.
typedef struct {
    Rng rng;
    float choice, pen;
} Start;

static Start start_at(uint64_t seed, uint64_t index) {
    Start start = {.rng = rng_at(seed, RNG_STREAM_STYLE, index)};
    start.choice = rng_uniform(&start.rng, 0, 1);
    start.pen = rng_uniform(&start.rng, PEN_PX_LOW, PEN_PX_HIGH);
    return start;
}

size_t nn_style_random(int digit, uint64_t seed, uint64_t index) {
    NN_ASSERT(digit >= 0 && digit <= 9);
    size_t first = 0, n = 0;
    float sum = 0;
    for (size_t i = 0; i < style_form_count; i++) {
        if (style_forms[i].digit == digit) {
            first = n == 0 ? i : first;
            sum += style_forms[i].weight;
            n++;
        }
    }
    float left = start_at(seed, index).choice * sum;
    size_t form = first;
    while (form + 1 < first + n && left >= style_forms[form].weight) {
        left -= style_forms[form].weight;
        form++;
    }
    return form;
}

bool nn_style_draw(size_t form, uint64_t seed, uint64_t index, NnInk *ink) {
    NN_ASSERT(form < style_form_count);
    const StyleForm *chosen = &style_forms[form];
    Start start = start_at(seed, index);
    Hand hand = random_hand(chosen, &start.rng);
    Curve curves[STROKES_MAX];
    int n_curves = 0;
    for (size_t i = 0; i < chosen->n;) {
        NN_ASSERT(n_curves < STROKES_MAX);
        i += draw_stroke(&hand, chosen->points + i, &start.rng, &curves[n_curves++]);
    }
    nn_ink_reset(ink);
    if (!put(&hand, curves, n_curves, &start.rng, ink)) {
        nn_ink_reset(ink);
        return false;
    }
    return true;
}

bool nn_style_picture(size_t form, uint64_t seed, uint64_t index, NnInk *ink, NnDigit *digit) {
    *digit = (NnDigit){0};
    NnNormaliseOptions options = {.pen_px = start_at(seed, index).pen};
    return nn_style_draw(form, seed, index, ink) && nn_ink_normalise(ink, &options, digit);
}
