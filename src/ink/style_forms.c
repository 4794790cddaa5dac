// Drawn from memory of how people write, not traced: round numbers on purpose, since style.c moves
// every point. Sources of what forms there are: school scripts of Europe and the Americas,
// engineers' slashed and dotted zeros, and the mistakes a network makes that knows MNIST alone.

#include "ink/style_forms.h"

// A stroke is read along its line, not in columns.
// clang-format off

// Points the curve passes smoothly, corners, and lifts that end a stroke; with A moved by mode a, with
// AB by both modes.
#define P(x, y) { x, y, 0, 0, 0, 0, STYLE_SMOOTH }
#define PA(x, y, ax, ay) { x, y, ax, ay, 0, 0, STYLE_SMOOTH }
#define PAB(x, y, ax, ay, bx, by) { x, y, ax, ay, bx, by, STYLE_SMOOTH }
#define C(x, y) { x, y, 0, 0, 0, 0, STYLE_CORNER }
#define CA(x, y, ax, ay) { x, y, ax, ay, 0, 0, STYLE_CORNER }
#define CAB(x, y, ax, ay, bx, by) { x, y, ax, ay, bx, by, STYLE_CORNER }
#define L(x, y) { x, y, 0, 0, 0, 0, STYLE_LIFT }
#define LA(x, y, ax, ay) { x, y, ax, ay, 0, 0, STYLE_LIFT }
#define LAB(x, y, ax, ay, bx, by) { x, y, ax, ay, bx, by, STYLE_LIFT }

// Anticlockwise from the top right, as most people draw a ring.
#define RING P(36, 3), P(14, 12), P(3, 48), P(13, 86), P(31, 98), P(49, 84), P(57, 50), P(48, 15)

// --- 0 -------------------------------------------------------------------------------------------

static const StylePoint zero_plain[] = {RING, LA(32, 2, 6, -2)};
static const StylePoint zero_clockwise[] = {
    P(24, 4), P(46, 10), P(57, 50), P(47, 86), P(29, 98), P(12, 85), P(3, 50), P(12, 15), LA(28, 2, 6, 2),
};
static const StylePoint zero_open[] = {
    PA(40, 6, 6, 0), P(16, 10), P(3, 48), P(13, 86), P(31, 98), P(49, 84), P(57, 50), LAB(50, 18, 4, 4, -4, -8),
};
static const StylePoint zero_overlap[] = {
    PA(44, 8, 6, 0), P(20, 6), P(4, 44), P(12, 86), P(31, 98), P(50, 84), P(56, 46), P(42, 12),
    LAB(20, 12, -8, 4, 0, -10),
};
static const StylePoint zero_curl[] = {
    PA(28, 26, 4, 6), P(20, 8), P(8, 24), P(3, 56), P(14, 90), P(34, 98), P(54, 78), P(54, 34), P(38, 6),
    LA(18, 10, -6, 4),
};
static const StylePoint zero_slashed[] = {RING, L(33, 2), PAB(56, 8, 6, -8, 4, 2), LAB(5, 92, -6, 8, 4, 2)};
static const StylePoint zero_slashed_up[] = {RING, L(33, 2), PAB(8, 84, -8, 10, 2, -3), LAB(50, 18, 8, -10, 2, -3)};
static const StylePoint zero_dotted[] = {RING, L(33, 2), PA(30, 50, 3, 5), LAB(31, 52, 3, 5, 0, 3)};

// --- 1 -------------------------------------------------------------------------------------------

static const StylePoint one_plain[] = {PA(10, 0, 0, 0), PA(10, 50, 5, 0), L(10, 100)};
static const StylePoint one_short_flag[] = {PAB(4, 20, 5, 6, 0, -4), C(24, 0), PA(25, 50, 3, 0), L(24, 100)};
static const StylePoint one_long_flag[] = {PAB(-8, 40, -14, 2, 4, 14), CA(24, 0, 0, 0), PA(24, 50, 3, 0), L(24, 100)};
static const StylePoint one_wide_flag[] = {
    PAB(-24, 44, -14, 4, 6, 16), PA(6, 22, 0, -4), CA(26, 0, 0, 0), PA(24, 40, 4, 0), LA(22, 96, 0, 6),
};
static const StylePoint one_wide_round[] = {
    PAB(-22, 42, -12, 4, 6, 16), PA(4, 20, 0, -4), P(22, 3), P(28, 6), PA(26, 30, 2, 0), LA(18, 98, -4, 6),
};
static const StylePoint one_steep_flag[] = {PAB(2, 46, 8, 2, 0, 16), C(24, 0), PA(24, 50, 3, 0), L(24, 100)};
static const StylePoint one_curved_flag[] = {
    PAB(-14, 36, -8, 4, 0, 10), PAB(8, 26, 0, 6, 0, 6), C(25, 0), PA(24, 50, 4, 0), L(22, 100),
};
static const StylePoint one_hooked_flag[] = {
    PAB(-14, 34, -6, -4, 2, 6), PAB(-4, 36, -4, 2, 2, 6), P(14, 18), C(25, 0), PA(24, 50, 4, 0), L(23, 100),
};
static const StylePoint one_round_flag[] = {
    PAB(-8, 40, -6, 6, 0, 8), P(6, 18), P(20, 2), PA(26, 12, 2, 2), P(24, 50), L(20, 100),
};
static const StylePoint one_flag_foot[] = {
    PAB(-2, 30, -12, 6, 6, 6), C(24, 0), L(24, 98),
    PAB(-2, 99, -14, 1, 4, 0), LAB(50, 98, 16, 1, 4, 0),
};
static const StylePoint one_foot[] = {P(24, 0), LA(24, 98, 1, 0), PA(4, 99, -8, 1), LA(44, 99, 8, -1)};
static const StylePoint one_flag_foot_drawn_through[] = {
    PAB(0, 28, -10, 6, 2, 6), C(24, 0), C(24, 96), CAB(4, 97, -8, 2, 0, 0), LAB(46, 97, 8, 0, 0, 2),
};
static const StylePoint one_foot_left[] = {PAB(-4, 30, -10, 6, 4, 6), C(24, 0), C(24, 96), LAB(-2, 96, -8, 0, 0, 4)};
static const StylePoint one_curled_foot[] = {
    PAB(-2, 30, -10, 6, 4, 6), C(24, 0), P(25, 60), P(20, 92), PAB(8, 98, -4, 2, 0, 0), LAB(-4, 92, -8, 2, 0, -5),
};
static const StylePoint one_curled_foot_back[] = {
    PAB(4, 24, -8, 6, 4, 6), C(24, 0), P(25, 60), P(20, 92), PA(2, 96, -6, 0), CA(-2, 91, -6, 0), PA(14, 93, 0, 0),
    LA(40, 98, 8, 0),
};
static const StylePoint one_flick[] = {
    PAB(2, 22, -8, 8, 0, 0), C(24, 0), P(23, 60), P(26, 92), LAB(42, 90, 6, 0, 0, -8),
};

// --- 2 -------------------------------------------------------------------------------------------

static const StylePoint two_pointed[] = {
    PA(4, 24, 2, 4), P(12, 6), P(32, 0), P(50, 12), P(49, 32), P(30, 64), C(2, 97), LA(56, 97, 6, 3),
};
static const StylePoint two_looped[] = {
    PA(6, 20, 2, 5), P(14, 5), P(33, 0), P(49, 13), P(47, 34), P(30, 68), P(12, 94), PA(2, 92, -3, -1),
    PA(8, 80, 0, -5), P(26, 86), LA(58, 95, 4, 4),
};
static const StylePoint two_wavy_foot[] = {
    PA(4, 22, 2, 4), P(12, 6), P(31, 0), P(49, 13), P(46, 36), P(26, 68), C(2, 96), PA(18, 87, 0, 3), P(38, 96),
    LA(58, 90, 2, 5),
};
static const StylePoint two_round_foot[] = {
    PA(6, 20, 0, 6), P(16, 3), P(36, 0), P(50, 14), P(46, 36), P(22, 66), PA(6, 88, -2, 2), P(14, 98),
    LA(54, 96, 6, 2),
};
static const StylePoint two_angular[] = {PA(2, 8, 0, 8), CA(48, 3, 3, 2), CA(3, 97, 2, 0), LA(54, 97, 4, 2)};
static const StylePoint two_curled_start[] = {
    PA(20, 26, 3, 2), P(8, 26), P(6, 12), P(24, 0), P(46, 8), P(48, 32), P(28, 66), C(3, 96), LA(56, 96, 5, 3),
};
static const StylePoint two_ornate[] = {
    PA(20, 24, 4, 4), P(9, 27), P(5, 14), P(22, 0), P(46, 8), P(46, 32), P(28, 66), P(10, 92), PA(0, 92, -3, 0),
    PA(6, 80, 0, -4), P(28, 90), P(50, 94), LAB(62, 78, 3, 4, 0, -8),
};
static const StylePoint two_short_foot[] = {
    PA(2, 20, 2, 4), P(14, 4), P(34, 0), P(52, 14), P(48, 38), P(28, 72), C(8, 98), LA(44, 98, 8, 2),
};

// --- 3 -------------------------------------------------------------------------------------------

static const StylePoint three_round[] = {
    PA(4, 14, 2, 4), P(24, 0), P(46, 10), P(44, 34), CAB(22, 46, 8, 0, 0, 0), P(48, 58), P(54, 78), P(30, 98),
    LAB(1, 86, 0, 0, 2, 6),
};
static const StylePoint three_flowing[] = {
    PA(6, 12, 2, 4), P(26, 0), P(47, 12), P(42, 34), PA(28, 45, 8, 1), P(46, 56), P(53, 78), P(28, 98),
    LAB(2, 86, 0, 0, 4, 8),
};
static const StylePoint three_flat[] = {
    PA(2, 4, 2, 3), CA(48, 2, 2, 2), CAB(22, 40, 4, 2, 0, 4), P(46, 50), P(55, 74), P(32, 98), LAB(1, 88, 0, 0, 4, 6),
};
static const StylePoint three_flat_round_joint[] = {
    PA(4, 6, 0, 4), PA(26, 3, 0, 2), CA(48, 4, 2, 2), P(32, 28), P(32, 40), P(50, 54), P(52, 82), P(28, 99),
    LAB(2, 88, 0, 0, 4, 6),
};
static const StylePoint three_looped[] = {
    PA(6, 14, 2, 4), P(26, 0), P(47, 12), P(42, 34), P(24, 50), PA(13, 48, -2, 1), PA(18, 39, -1, -3), P(34, 48),
    P(52, 66), P(48, 90), P(24, 99), LAB(2, 88, 0, 0, 2, 6),
};
static const StylePoint three_shallow[] = {
    PA(8, 8, 3, 3), P(28, 0), P(48, 14), PA(36, 46, 5, 0), P(54, 70), P(40, 96), LAB(4, 96, 4, 4, 0, -6),
};
static const StylePoint three_notched[] = {
    PAB(2, 12, 2, 4, 0, -6), P(24, 1), P(46, 8), P(38, 34), CAB(29, 46, 5, 0, 4, 0), P(42, 58), P(40, 82),
    LAB(2, 99, 2, 2, 0, -6),
};
static const StylePoint three_curled[] = {
    PA(14, 22, 3, 2), P(5, 14), P(22, 0), P(46, 10), P(42, 36), CA(22, 46, 6, 0), P(48, 56), P(54, 80), P(28, 98),
    P(4, 86), LA(10, 78, 3, -2),
};

// --- 4 -------------------------------------------------------------------------------------------

static const StylePoint four_open[] = {
    PA(16, 0, 6, 0), CA(2, 58, 0, 5), LAB(58, 57, 6, 0, 0, 0),
    PAB(45, 14, 0, -10, 0, 14), LA(41, 100, -4, 0),
};
static const StylePoint four_open_round[] = {
    PA(10, 2, 4, 0), P(2, 34), P(10, 54), P(28, 56), LA(50, 48, 4, -2),
    PAB(50, 4, 0, 6, 2, 4), LA(44, 100, -3, 0),
};
static const StylePoint four_short_stem[] = {
    PA(24, 0, 8, 0), CA(3, 62, 0, 5), LA(50, 60, 8, -2),
    PAB(42, 42, 0, -6, 2, 10), LA(37, 100, -4, 0),
};
static const StylePoint four_cup[] = {
    PA(26, 0, 8, 0), P(9, 38), PAB(2, 64, 0, 4, 0, 10), PAB(12, 74, 0, 4, 0, 10), LAB(48, 62, 8, -4, 0, 12),
    PAB(48, 52, 0, -10, 2, 12), LA(34, 100, -6, 0),
};
static const StylePoint four_low_bar[] = {
    PA(22, 0, 6, 0), CAB(4, 74, 0, 4, 0, 10), LAB(54, 72, 6, -3, 0, 10),
    PAB(36, 48, 4, -12, 2, 14), LAB(33, 100, -2, 0, 0, -3),
};
static const StylePoint four_closed[] = {
    PA(42, 0, 4, 0), CA(2, 66, 0, 4), LAB(62, 66, 4, 0, 0, 0),
    PA(43, 2, 4, 0), LA(42, 100, 2, 0),
};
static const StylePoint four_closed_round[] = {
    PA(44, 0, 4, 2), P(16, 34), PA(3, 54, 0, 4), P(14, 63), LAB(62, 60, 6, 2, 0, 0),
    PAB(48, 2, 0, 8, 2, 0), LA(40, 100, -6, 0),
};
static const StylePoint four_slanted_stem[] = {
    PA(28, 2, 6, 0), CA(3, 50, 0, 7), LAB(54, 47, 6, -2, 0, 6),
    PAB(46, 8, 0, -8, 10, 4), LAB(26, 100, -4, 0, 8, 0),
};
static const StylePoint four_long_bar[] = {
    PA(40, 0, 3, 0), CA(-2, 66, -4, 0), LA(76, 64, 10, 0),
    PA(42, 3, 3, 0), LAB(41, 100, 2, 0, 0, -8),
};
static const StylePoint four_closed_through[] = {
    PA(42, 100, 0, 0), CA(42, 0, 3, 0), CA(2, 66, 0, 4), LA(62, 65, 4, 0),
};
static const StylePoint four_one_stroke[] = {
    PA(24, 0, 8, 0), CAB(3, 62, 0, 4, 0, 0), PA(30, 60, 0, 0), P(50, 48), PA(52, 36, -1, -8), PA(46, 42, -1, -6),
    LA(38, 100, -3, 0),
};
static const StylePoint four_one_stroke_low[] = {
    PA(18, 0, 8, 0), P(6, 40), CAB(3, 70, 0, 6, 0, 0), PA(24, 66, 0, 0), PA(44, 48, 0, -6), PA(42, 62, 0, -4),
    LA(34, 100, -3, 0),
};
static const StylePoint four_triangle[] = {PA(52, 58, 6, 0), CA(2, 60, 0, 4), CA(40, 2, 3, 0), LA(38, 100, 2, 0)};
static const StylePoint four_looped[] = {
    PA(36, 0, 4, 0), P(14, 42), PA(2, 62, -2, 2), PA(6, 70, 0, 4), P(22, 62), LA(60, 54, 4, 0),
    PAB(44, 20, 0, -10, 0, 10), LA(38, 100, -4, 0),
};
static const StylePoint four_nine[] = {
    PA(12, 4, 4, 0), P(4, 34), P(14, 50), P(36, 40), CA(50, 4, 2, 2), LA(42, 100, 3, 0),
};
static const StylePoint four_narrow[] = {
    PA(14, 0, 6, 0), CA(2, 54, 0, 6), LA(34, 50, 4, -2),
    PAB(28, 34, 0, -8, 0, 10), LA(24, 100, -3, 0),
};

// --- 5 -------------------------------------------------------------------------------------------

static const StylePoint five_two_strokes[] = {
    PA(12, 3, 2, 0), CA(7, 42, 0, 4), P(30, 35), P(53, 56), P(49, 86), P(26, 98), LAB(1, 89, 0, 0, 3, 5),
    PA(12, 3, 2, 2), LA(54, 2, 6, 3),
};
static const StylePoint five_detached[] = {
    PA(14, 16, 2, 2), CA(8, 46, 0, 3), P(30, 40), P(53, 60), P(48, 87), P(26, 98), LAB(2, 89, 0, 0, 3, 5),
    PAB(14, -6, 0, -8, 10, 0), LAB(64, -9, 8, -8, 8, 0),
};
static const StylePoint five_bar_right[] = {
    PA(16, 4, 2, 2), CA(9, 44, 0, 3), P(30, 38), P(52, 58), P(47, 86), P(26, 98), LAB(3, 89, 0, 0, 3, 5),
    PAB(30, 2, 6, -4, 0, 4), LAB(62, 0, 6, -4, 0, 4),
};
static const StylePoint five_one_stroke[] = {
    PA(54, 3, 5, 3), C(13, 4), CA(8, 44, 0, 4), P(30, 36), P(53, 57), P(49, 86), P(26, 98), LAB(2, 89, 0, 0, 3, 5),
};
static const StylePoint five_s[] = {
    PA(54, 8, 4, 4), P(32, 0), P(12, 10), P(12, 34), P(34, 46), P(52, 64), P(44, 92), P(22, 99),
    LAB(2, 88, 0, 0, 2, 4),
};
static const StylePoint five_round_back[] = {
    PA(50, 2, 5, 2), PA(18, 4, 0, 2), P(8, 26), CA(8, 44, 2, 4), P(32, 38), P(53, 60), P(46, 90),
    LAB(4, 94, 0, 0, 2, 6),
};
static const StylePoint five_smooth_neck[] = {
    PA(14, 4, 2, 0), PA(8, 30, 0, 4), P(20, 42), P(44, 50), P(52, 74), P(34, 97), LAB(2, 90, 0, 0, 3, 5),
    PA(13, 3, 2, 2), LA(54, 1, 6, 3),
};
static const StylePoint five_curled[] = {
    PA(12, 4, 2, 0), CA(8, 40, 0, 3), P(32, 34), P(54, 58), P(46, 90), P(22, 98), P(5, 84), LA(12, 74, 4, -3),
    PAB(12, 2, 2, 2, 4, -4), LAB(54, 0, 6, 2, 4, -4),
};
static const StylePoint five_wavy_bar[] = {
    PA(14, 4, 2, 0), CA(8, 44, 0, 4), P(30, 38), P(52, 58), P(47, 86), P(24, 98), LAB(2, 88, 0, 0, 3, 5),
    P(13, 5), PA(26, 0, 0, 3), PA(40, 6, 0, 3), LA(58, -1, 4, 0),
};

// --- 6 -------------------------------------------------------------------------------------------

static const StylePoint six_curved[] = {
    PAB(46, 3, 0, 0, 4, 4), P(22, 18), P(4, 58), P(10, 90), P(31, 98), P(50, 82), PA(46, 60, 1, -8),
    PA(26, 54, 0, -10), LA(6, 70, 0, -6),
};
static const StylePoint six_straight[] = {
    PA(40, 0, 8, 0), P(22, 32), P(6, 66), P(8, 90), P(28, 98), P(46, 86), PA(44, 66, 0, -4), PA(26, 60, 0, -6),
    LA(7, 76, 0, -4),
};
static const StylePoint six_upright[] = {
    PA(12, 0, 8, 0), P(6, 34), P(3, 70), P(12, 94), P(32, 98), P(50, 80), PA(42, 58, 0, -5), PA(22, 58, 0, -6),
    LA(4, 74, 0, -4),
};
static const StylePoint six_small_loop[] = {
    PAB(40, 0, 4, 0, 0, 6), P(18, 28), P(4, 66), P(8, 92), P(24, 99), P(36, 90), PA(34, 76, 0, -3), PA(20, 72, 0, -4),
    LA(7, 84, 0, -4),
};
static const StylePoint six_large_loop[] = {
    PA(36, 0, 8, 2), P(14, 16), P(2, 54), P(10, 90), P(34, 99), P(58, 76), P(50, 44), PA(26, 36, 0, -5),
    LA(4, 56, 0, -4),
};
static const StylePoint six_open_loop[] = {
    PA(44, 2, 4, 4), P(20, 20), P(3, 60), P(12, 94), P(34, 98), P(50, 80), P(44, 58), LAB(24, 56, -4, 0, 4, 6),
};
static const StylePoint six_through[] = {
    PA(38, 0, 6, 2), P(18, 34), P(8, 68), P(10, 90), P(26, 98), P(46, 86), P(42, 68), P(22, 66),
    LAB(-8, 74, -10, 2, 0, 8),
};
static const StylePoint six_spiral[] = {
    PA(44, 4, 4, 4), P(18, 20), P(3, 58), P(12, 92), P(34, 98), P(50, 78), P(36, 58), P(16, 68), LA(22, 82, 4, 4),
};
static const StylePoint six_clockwise[] = {
    PA(34, 0, 6, 0), P(16, 30), P(4, 66), CA(5, 88, 0, 4), P(12, 66), P(34, 54), P(50, 70), P(40, 94), P(18, 98),
    LA(5, 86, 0, -4),
};

// --- 7 -------------------------------------------------------------------------------------------

static const StylePoint seven_plain[] = {PA(0, 4, 2, 3), CA(52, 2, 2, 3), LAB(20, 100, -4, 0, 6, 0)};
static const StylePoint seven_curved[] = {PA(0, 6, 2, 4), CA(52, 3, 2, 3), P(32, 36), LAB(22, 100, 0, 0, 5, 0)};
static const StylePoint seven_round[] = {
    PA(0, 10, 2, 4), P(24, 3), PA(46, 4, 2, 1), P(46, 20), P(30, 52), LAB(18, 100, 0, 0, 6, 0),
};
static const StylePoint seven_wavy[] = {
    PA(0, 14, 0, 4), P(10, 4), P(30, 8), CA(54, 1, 2, 2), P(36, 40), LAB(20, 100, 0, 0, 6, 0),
};
static const StylePoint seven_serif[] = {PA(3, 20, 3, 6), CA(2, 3, 1, 0), CA(53, 2, 2, 2), LAB(20, 100, -4, 0, 5, 0)};
static const StylePoint seven_hooked_start[] = {
    PA(3, 22, 0, 6), P(4, 8), P(16, 3), CA(52, 4, 2, 4), P(36, 38), LAB(20, 100, 0, 0, 6, 0),
};
static const StylePoint seven_barred[] = {
    PA(0, 4, 2, 3), CA(52, 2, 2, 3), LAB(20, 100, -4, 0, 6, 0),
    PAB(12, 52, -6, 2, 0, 12), LAB(52, 49, 8, -2, 0, 12),
};
static const StylePoint seven_curved_barred[] = {
    PA(0, 8, 2, 4), P(22, 3), CA(50, 4, 2, 3), P(34, 38), LAB(20, 100, 0, 0, 6, 0),
    PAB(8, 56, -6, 2, 0, 12), LAB(52, 52, 8, -2, 0, 12),
};
static const StylePoint seven_round_barred[] = {
    PA(0, 12, 2, 4), P(22, 2), P(44, 4), P(44, 22), P(28, 56), LAB(18, 100, 0, 0, 6, 0),
    PAB(4, 58, -6, 2, 0, 12), LAB(52, 55, 8, -2, 0, 12),
};
static const StylePoint seven_serif_barred[] = {
    PA(3, 20, 3, 6), CA(2, 4, 1, 0), CA(52, 3, 2, 2), P(34, 44), LAB(20, 100, -4, 0, 5, 0),
    PAB(10, 54, -6, 2, 0, 12), LAB(52, 51, 8, -2, 0, 12),
};
static const StylePoint seven_hooked_barred[] = {
    PA(2, 22, 0, 6), P(4, 8), P(16, 3), P(34, 6), CA(50, 6, 2, 4), P(37, 44), LAB(22, 100, 0, 0, 10, 0),
    PAB(2, 60, -10, 4, 0, 14), LAB(56, 57, 12, -4, 0, 14),
};
static const StylePoint seven_long_bar[] = {
    PA(2, 16, 0, 6), P(8, 4), P(26, 2), CA(47, 4, 2, 4), P(40, 40), LAB(32, 100, 0, 0, 8, 0),
    PAB(0, 64, -8, 4, 0, -8), P(30, 63), PAB(60, 62, 10, 4, 0, 8), LAB(63, 67, 10, 6, 0, 10),
};
static const StylePoint seven_wavy_barred[] = {
    PA(0, 12, 0, 4), P(12, 2), P(30, 7), CA(52, 2, 2, 2), P(36, 40), LAB(20, 100, 0, 0, 6, 0),
    PAB(8, 58, -6, 2, 0, 12), PA(28, 56, 0, 3), LAB(52, 58, 8, -3, 0, 12),
};

// --- 8 -------------------------------------------------------------------------------------------

static const StylePoint eight_s_first[] = {
    PA(48, 12, 2, 4), P(28, 0), P(9, 14), P(18, 38), P(42, 56), P(50, 80), P(28, 99), P(6, 82), P(14, 58), P(38, 40),
    LAB(48, 16, 2, -2, 2, -5),
};
static const StylePoint eight_reverse[] = {
    PA(10, 12, 2, 4), P(30, 0), P(49, 14), P(40, 38), P(16, 56), P(8, 80), P(30, 99), P(52, 82), P(44, 58), P(20, 40),
    LAB(10, 16, -2, -2, -2, -5),
};
static const StylePoint eight_from_middle[] = {
    P(30, 46), P(10, 30), P(10, 10), P(30, 0), P(48, 12), P(44, 34), P(18, 54), P(5, 78), P(28, 99), P(52, 80),
    P(44, 56), LAB(29, 45, 3, 2, 0, 0),
};
static const StylePoint eight_circles[] = {
    PA(32, 2, 2, 0), P(12, 10), P(10, 34), P(30, 45), P(48, 34), P(46, 10), LA(30, 2, 5, 2),
    PA(30, 46, 3, 2), P(6, 60), P(6, 88), P(30, 99), P(54, 88), P(52, 60), LA(32, 46, 6, 2),
};
static const StylePoint eight_open[] = {
    PA(52, 8, 4, 4), P(34, 1), P(14, 10), P(16, 36), P(40, 56), P(48, 82), P(26, 99), P(5, 84), P(14, 60), P(34, 44),
    LAB(50, 28, 4, 0, 2, -5),
};
static const StylePoint eight_open_left[] = {
    PAB(10, 14, 0, 0, 0, -4), P(26, 0), P(46, 8), P(42, 32), P(22, 62), P(14, 88), P(28, 99), P(42, 84), P(34, 58),
    P(16, 44), LAB(-2, 34, -10, 6, 6, -14),
};
static const StylePoint eight_open_middle[] = {
    PA(10, 36, 2, 4), P(8, 14), P(26, 0), P(46, 10), P(40, 36), P(22, 64), P(16, 90), P(28, 99), P(42, 86), P(38, 64),
    LAB(26, 46, 4, 4, -8, -6),
};
static const StylePoint eight_ribbon[] = {
    PA(56, 2, 4, 2), P(34, 42), P(8, 76), P(8, 94), P(28, 98), P(40, 80), P(24, 46), P(6, 18), P(18, 2),
    LAB(44, 8, 4, 0, 4, 8),
};
static const StylePoint eight_ribbon_closed[] = {
    PA(52, 6, 2, 2), P(30, 46), P(6, 78), P(12, 96), P(34, 98), P(44, 80), P(26, 46), P(6, 20), P(20, 2), P(42, 0),
    LA(53, 10, 2, 4),
};
static const StylePoint eight_tailed[] = {
    PA(56, 4, 2, 2), P(34, 2), P(10, 14), P(18, 38), P(44, 58), P(48, 84), P(26, 99), P(6, 82), P(16, 58), P(40, 34),
    LAB(58, 8, 3, -3, 2, -6),
};
static const StylePoint eight_entry[] = {
    PAB(-10, 34, -4, 4, 0, -8), P(12, 36), P(40, 26), P(48, 8), P(30, 0), P(14, 12), P(24, 42), P(44, 66), P(38, 94),
    P(16, 98), P(10, 78), P(28, 50), LA(48, 24, 4, -10),
};
static const StylePoint eight_pennant[] = {
    PAB(8, 10, 0, 0, -4, 4), P(28, 1), CA(54, 3, 3, 2), P(30, 50), P(10, 84), P(16, 98), P(30, 92), P(32, 72),
    P(18, 40), LAB(6, 14, -2, -6, 0, 8),
};

// --- 9 -------------------------------------------------------------------------------------------

static const StylePoint nine_straight[] = {
    PA(46, 12, 2, 4), P(24, 0), P(4, 20), PAB(14, 44, 0, 4, 0, 0), P(36, 36), CA(47, 8, 1, 2),
    LAB(43, 100, 3, 0, -4, 0),
};
static const StylePoint nine_curved[] = {
    PA(46, 12, 2, 4), P(24, 0), P(4, 22), P(18, 45), P(40, 34), PA(47, 10, 1, 2), P(45, 54), LAB(30, 100, 0, 0, 6, 0),
};
static const StylePoint nine_hooked[] = {
    PA(46, 12, 2, 4), P(24, 0), P(4, 22), P(18, 45), P(40, 34), CA(47, 10, 1, 2), P(48, 58), P(38, 92), P(20, 98),
    LAB(2, 90, -2, 2, 2, 6),
};
static const StylePoint nine_long_tail[] = {
    PA(44, 10, 2, 4), P(24, 0), P(6, 16), P(20, 34), P(40, 24), CA(46, 8, 1, 2), P(49, 52), P(42, 88), P(20, 97),
    LAB(-6, 94, -10, 2, 0, 7),
};
static const StylePoint nine_spur[] = {
    PA(40, 14, 2, 4), P(24, 2), P(6, 18), P(18, 38), P(38, 28), CAB(52, 2, 4, -2, -4, 4), P(48, 30), P(48, 62),
    P(36, 94), P(16, 98), LAB(-6, 92, -8, 2, 0, 7),
};
static const StylePoint nine_backwards[] = {
    PA(34, 14, 2, 4), P(18, 3), P(4, 16), P(16, 32), P(34, 20), CAB(40, 8, 1, 2, 4, -6), P(46, 40), PA(52, 76, 4, 0),
    P(38, 97), P(16, 98), LAB(-6, 96, -10, 0, 0, 6),
};
static const StylePoint nine_small_loop[] = {
    PA(36, 8, 3, 3), P(20, 0), P(6, 12), P(18, 26), P(34, 18), PA(38, 10, 4, 0), P(46, 34), P(46, 72), P(24, 98),
    LAB(-4, 96, -8, 0, 0, 6),
};
static const StylePoint nine_curled_tail[] = {
    PA(46, 12, 2, 4), P(24, 0), P(4, 22), P(20, 44), P(42, 32), CA(47, 10, 1, 2), P(49, 62), P(34, 96), P(10, 94),
    PA(6, 80, 0, 0), LAB(20, 76, 8, -3, 0, 4),
};
static const StylePoint nine_open[] = {
    PAB(44, 8, 0, 0, 4, 4), P(22, 2), P(6, 20), P(16, 42), P(38, 38), PA(48, 14, 3, -4), P(47, 56),
    LAB(36, 100, 0, 0, 8, 0),
};
static const StylePoint nine_open_hooked[] = {
    PAB(38, 6, 0, 0, 5, 4), P(18, 4), P(6, 22), P(18, 42), P(40, 34), PA(48, 12, 3, -4), P(49, 60), P(38, 94),
    LAB(4, 94, -4, 2, 0, 6),
};
static const StylePoint nine_flat_loop[] = {
    PA(46, 8, 6, 2), P(22, 3), PA(2, 18, -5, 2), PA(14, 25, 0, -4), P(36, 15), CA(54, 2, 3, 3), P(38, 46),
    LAB(14, 100, -8, 0, 6, 0),
};
static const StylePoint nine_two_strokes[] = {
    PA(34, 2, 4, 2), P(12, 6), P(4, 26), P(20, 46), P(42, 36), P(45, 14), LA(30, 2, 4, 2),
    PA(46, 8, 2, -6), LAB(42, 100, 3, 0, -6, 0),
};
static const StylePoint nine_double_top[] = {
    PA(30, 24, 4, 3), P(40, 12), P(24, 0), P(6, 16), P(16, 36), P(36, 28), CA(46, 6, 1, 2), P(48, 56), P(40, 90),
    LAB(6, 96, -6, 2, 0, 6),
};

#define FORM(digit, name, weight, lean, narrow, points) { digit, name, weight, lean, narrow, sizeof(points) / sizeof(points)[0], points }

const StyleForm style_forms[] = {
    FORM(0, "plain", 3.0f, 0.0f, 0.6f, zero_plain),
    FORM(0, "clockwise", 1.0f, 0.0f, 0.6f, zero_clockwise),
    FORM(0, "open at the top", 1.0f, 0.0f, 0.6f, zero_open),
    FORM(0, "overlapping at the top", 1.0f, 0.0f, 0.6f, zero_overlap),
    FORM(0, "with a curl inside", 0.7f, 0.0f, 0.6f, zero_curl),
    FORM(0, "slashed", 1.0f, 0.0f, 0.85f, zero_slashed),
    FORM(0, "slashed upwards", 0.5f, 0.0f, 0.85f, zero_slashed_up),
    FORM(0, "dotted", 0.7f, 0.0f, 0.85f, zero_dotted),

    FORM(1, "plain stroke", 1.5f, 0.3f, 0.5f, one_plain),
    FORM(1, "short flag", 1.5f, 0.3f, 0.5f, one_short_flag),
    FORM(1, "long flag", 2.5f, 0.6f, 0.5f, one_long_flag),
    FORM(1, "wide flag", 2.5f, 0.7f, 0.6f, one_wide_flag),
    FORM(1, "wide flag, rounded", 1.2f, 0.6f, 0.6f, one_wide_round),
    FORM(1, "steep flag", 2.0f, 0.5f, 0.5f, one_steep_flag),
    FORM(1, "curved flag", 1.5f, 0.4f, 0.5f, one_curved_flag),
    FORM(1, "hooked flag", 1.0f, 0.4f, 0.5f, one_hooked_flag),
    FORM(1, "rounded flag", 0.5f, 0.2f, 0.5f, one_round_flag),
    FORM(1, "flag and foot", 2.5f, 0.1f, 0.5f, one_flag_foot),
    FORM(1, "foot", 0.7f, 0.0f, 0.5f, one_foot),
    FORM(1, "flag and foot in one stroke", 1.2f, 0.1f, 0.7f, one_flag_foot_drawn_through),
    FORM(1, "foot to the left", 1.2f, 0.2f, 0.6f, one_foot_left),
    FORM(1, "foot curled to the left", 1.0f, 0.2f, 0.5f, one_curled_foot),
    FORM(1, "foot curled and drawn through", 0.4f, 0.1f, 0.7f, one_curled_foot_back),
    FORM(1, "flick at the foot", 0.5f, 0.0f, 0.5f, one_flick),

    FORM(2, "pointed foot", 2.0f, 0.0f, 0.65f, two_pointed),
    FORM(2, "looped foot", 1.5f, 0.0f, 0.65f, two_looped),
    FORM(2, "wavy foot", 1.0f, 0.0f, 0.65f, two_wavy_foot),
    FORM(2, "round foot", 1.0f, 0.0f, 0.65f, two_round_foot),
    FORM(2, "like a Z", 0.7f, 0.0f, 0.65f, two_angular),
    FORM(2, "curled start", 0.7f, 0.0f, 0.65f, two_curled_start),
    FORM(2, "curled at both ends", 1.2f, 0.0f, 0.65f, two_ornate),
    FORM(2, "short foot", 0.7f, 0.0f, 0.75f, two_short_foot),

    FORM(3, "round", 2.0f, 0.0f, 0.65f, three_round),
    FORM(3, "flowing", 1.0f, 0.0f, 0.65f, three_flowing),
    FORM(3, "flat-topped", 1.5f, 0.0f, 0.65f, three_flat),
    FORM(3, "flat-topped, round joint", 0.7f, 0.0f, 0.65f, three_flat_round_joint),
    FORM(3, "looped in the middle", 1.0f, 0.0f, 0.65f, three_looped),
    FORM(3, "shallow", 0.7f, 0.0f, 0.65f, three_shallow),
    FORM(3, "notched", 2.0f, 0.1f, 0.65f, three_notched),
    FORM(3, "curled ends", 0.7f, 0.0f, 0.65f, three_curled),

    FORM(4, "open", 1.5f, 0.0f, 0.65f, four_open),
    FORM(4, "open and round", 1.0f, 0.0f, 0.65f, four_open_round),
    FORM(4, "short stem", 2.0f, 0.1f, 0.65f, four_short_stem),
    FORM(4, "cup and short stem", 1.5f, 0.1f, 0.65f, four_cup),
    FORM(4, "low bar, short stem", 1.2f, 0.1f, 0.65f, four_low_bar),
    FORM(4, "closed", 1.5f, 0.0f, 0.65f, four_closed),
    FORM(4, "closed, round corner", 1.2f, 0.0f, 0.65f, four_closed_round),
    FORM(4, "slanted stem", 2.0f, 0.2f, 0.65f, four_slanted_stem),
    FORM(4, "long crossbar", 1.0f, 0.0f, 0.65f, four_long_bar),
    FORM(4, "closed, stem first", 0.5f, 0.0f, 0.65f, four_closed_through),
    FORM(4, "one stroke", 1.5f, 0.1f, 0.65f, four_one_stroke),
    FORM(4, "one stroke, low bar", 0.8f, 0.1f, 0.65f, four_one_stroke_low),
    FORM(4, "triangle", 0.7f, 0.0f, 0.65f, four_triangle),
    FORM(4, "looped", 0.7f, 0.0f, 0.65f, four_looped),
    FORM(4, "rounded like a 9", 0.5f, 0.0f, 0.65f, four_nine),
    FORM(4, "narrow", 1.0f, 0.1f, 0.65f, four_narrow),

    FORM(5, "two strokes", 1.5f, 0.0f, 0.65f, five_two_strokes),
    FORM(5, "detached bar", 1.5f, 0.0f, 0.65f, five_detached),
    FORM(5, "bar off to the right", 1.0f, 0.0f, 0.65f, five_bar_right),
    FORM(5, "one stroke", 1.0f, 0.0f, 0.65f, five_one_stroke),
    FORM(5, "like an S", 1.0f, 0.0f, 0.65f, five_s),
    FORM(5, "round back", 0.7f, 0.0f, 0.65f, five_round_back),
    FORM(5, "smooth neck", 0.7f, 0.0f, 0.65f, five_smooth_neck),
    FORM(5, "curled bowl", 0.7f, 0.0f, 0.65f, five_curled),
    FORM(5, "wavy bar", 0.5f, 0.0f, 0.65f, five_wavy_bar),

    FORM(6, "curved stem", 2.0f, 0.0f, 0.65f, six_curved),
    FORM(6, "straight stem", 1.0f, 0.0f, 0.65f, six_straight),
    FORM(6, "upright stem", 0.7f, 0.0f, 0.65f, six_upright),
    FORM(6, "small loop", 1.0f, 0.0f, 0.65f, six_small_loop),
    FORM(6, "large loop", 1.0f, 0.0f, 0.65f, six_large_loop),
    FORM(6, "open loop", 0.7f, 0.0f, 0.65f, six_open_loop),
    FORM(6, "loop drawn through the stem", 1.0f, 0.1f, 0.65f, six_through),
    FORM(6, "spiral", 0.7f, 0.0f, 0.65f, six_spiral),
    FORM(6, "clockwise loop", 0.5f, 0.0f, 0.65f, six_clockwise),

    FORM(7, "plain", 1.0f, 0.0f, 0.8f, seven_plain),
    FORM(7, "curved stem", 0.8f, 0.0f, 0.8f, seven_curved),
    FORM(7, "round corner", 0.5f, 0.0f, 0.8f, seven_round),
    FORM(7, "wavy top", 0.5f, 0.0f, 0.8f, seven_wavy),
    FORM(7, "serif", 1.0f, 0.0f, 0.8f, seven_serif),
    FORM(7, "hooked start", 0.7f, 0.0f, 0.8f, seven_hooked_start),
    FORM(7, "barred", 1.0f, 0.0f, 0.8f, seven_barred),
    FORM(7, "barred, curved stem", 1.0f, 0.0f, 0.8f, seven_curved_barred),
    FORM(7, "barred, round corner", 1.5f, 0.0f, 0.8f, seven_round_barred),
    FORM(7, "barred, serif", 1.0f, 0.0f, 0.8f, seven_serif_barred),
    FORM(7, "barred, hooked start", 3.0f, 0.0f, 0.8f, seven_hooked_barred),
    FORM(7, "long low bar", 5.0f, 0.1f, 0.75f, seven_long_bar),
    FORM(7, "barred, wavy top", 1.0f, 0.0f, 0.8f, seven_wavy_barred),

    FORM(8, "S first", 2.0f, 0.0f, 0.55f, eight_s_first),
    FORM(8, "reverse", 1.0f, 0.0f, 0.55f, eight_reverse),
    FORM(8, "from the middle", 0.7f, 0.0f, 0.55f, eight_from_middle),
    FORM(8, "two circles", 0.8f, 0.0f, 0.7f, eight_circles),
    FORM(8, "open at the top", 1.0f, 0.0f, 0.55f, eight_open),
    FORM(8, "open at the left", 2.0f, 0.0f, 0.55f, eight_open_left),
    FORM(8, "open in the middle", 1.5f, 0.1f, 0.55f, eight_open_middle),
    FORM(8, "ribbon, open", 1.0f, 0.2f, 0.55f, eight_ribbon),
    FORM(8, "ribbon, closed", 0.7f, 0.2f, 0.55f, eight_ribbon_closed),
    FORM(8, "with tails", 0.7f, 0.0f, 0.55f, eight_tailed),
    FORM(8, "entered from the left", 0.4f, 0.1f, 0.75f, eight_entry),
    FORM(8, "like a pennant", 2.5f, 0.5f, 0.55f, eight_pennant),

    FORM(9, "straight stem", 1.5f, 0.0f, 0.65f, nine_straight),
    FORM(9, "curved stem", 1.0f, 0.0f, 0.65f, nine_curved),
    FORM(9, "hooked", 2.0f, 0.0f, 0.65f, nine_hooked),
    FORM(9, "long tail", 1.5f, 0.0f, 0.65f, nine_long_tail),
    FORM(9, "spur at the top, hooked", 1.5f, 0.0f, 0.65f, nine_spur),
    FORM(9, "leaning back, hooked", 1.5f, 0.0f, 0.65f, nine_backwards),
    FORM(9, "small loop, long tail", 2.0f, 0.0f, 0.65f, nine_small_loop),
    FORM(9, "curled tail", 0.7f, 0.0f, 0.65f, nine_curled_tail),
    FORM(9, "open loop", 0.7f, 0.0f, 0.65f, nine_open),
    FORM(9, "open loop, hooked", 1.0f, 0.0f, 0.65f, nine_open_hooked),
    FORM(9, "flat loop", 6.0f, 0.7f, 0.65f, nine_flat_loop),
    FORM(9, "two strokes", 0.7f, 0.0f, 0.65f, nine_two_strokes),
    FORM(9, "start inside the loop", 0.7f, 0.0f, 0.65f, nine_double_top),
};

// clang-format on

const size_t style_form_count = sizeof style_forms / sizeof style_forms[0];
