// ink.h - a drawing as pen strokes, and the 28x28 picture a network is given.
//
// Strokes are vectors: points with time and pressure, on a canvas whose sides are 0..1 (x right,
// y down). They become a picture the way MNIST's were made: cropped to the ink, the longer side
// scaled to 20 pixels with the shape kept, the centre of mass put in the centre of 28x28. Because
// the ink is vectors, the pen's width is normalised too. This is the one definition of a digit for
// window, command line and tests.
//
//     NnInk *ink = nn_ink_new(err);
//     nn_ink_begin(ink, NN_INK_DRAW, 0.06f);
//     nn_ink_extend(ink, (NnInkPoint){.x = 0.3f, .y = 0.2f, .pressure = 1});  ...
//     nn_ink_end(ink);
//     NnDigit digit;
//     if (nn_ink_normalise(ink, NULL, &digit)) { classify it }
//
// Thread: reentrant; an NnInk belongs to one thread at a time.

#ifndef NN_INK_H
#define NN_INK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nn/error.h"

enum { NN_SIDE = 28, NN_PIXELS = NN_SIDE * NN_SIDE };

// Row-major, 0 is paper and 255 is ink, as in MNIST. Screens show it inverted if they like; nothing
// but a view's colours ever turns it round.
typedef struct {
    uint8_t pixels[NN_PIXELS];
} NnDigit;

typedef struct {
    float x, y;     // canvas = 0..1; a stroke may leave it
    float pressure; // 0..1, 1 where the device has none
    float t_ms;     // since the first point of the drawing, never decreasing
} NnInkPoint;

typedef enum { NN_INK_DRAW, NN_INK_ERASE } NnInkTool;

typedef struct {
    const NnInkPoint *points;
    size_t n;
    float width; // of the pen, as a fraction of the canvas; a point's is width *
                 // nn_ink_pressure_width()
} NnStroke;

// Factor on the width at a pressure: 1 at pressure 1, never below 0.35.
float nn_ink_pressure_width(float pressure);

// --- drawing -------------------------------------------------------------------------------------
// A drawing is a list of actions (a stroke, a pass of the eraser, a clear, a whole drawing loaded);
// undo and redo move along it. The visible strokes follow from it: the eraser cuts strokes apart.

typedef struct NnInk NnInk;

NnInk *nn_ink_new(NnError *err);
void nn_ink_free(NnInk *ink); // NULL is fine

// Room for so many points and actions, undone and cleared ones included, so that drawing takes no
// memory before they are used up; from there on room doubles. False: out of memory, all as before.
bool nn_ink_reserve(NnInk *ink, size_t n_points, size_t n_actions);

// Between begin and end the stroke is visible already. False: out of memory, the drawing is as
// before. The eraser is width wide whatever the pressure, and leaves no ink under itself: strokes
// are cut where their outline meets its rim.
bool nn_ink_begin(NnInk *ink, NnInkTool tool,
                  float width);                   // ends the stroke before, if that is open
bool nn_ink_extend(NnInk *ink, NnInkPoint point); // exact repeats of the last point are dropped
void nn_ink_end(NnInk *ink);    // what changed nothing vanishes: no points, nothing erased
void nn_ink_cancel(NnInk *ink); // takes back the stroke being drawn

bool nn_ink_clear(NnInk *ink); // an action like any other: can be undone
bool nn_ink_undo(NnInk *ink);  // false when there is nothing to undo; cancels a stroke that is open
bool nn_ink_redo(NnInk *ink);
bool nn_ink_can_undo(const NnInk *ink);
bool nn_ink_can_redo(const NnInk *ink);
void nn_ink_reset(NnInk *ink); // forgets everything, history included

// Puts another drawing's visible strokes in the place of what is seen, as one action. False: out of
// memory.
bool nn_ink_load(NnInk *ink, const NnInk *drawing);

// Strokes as seen now. Pointers are valid until the drawing changes.
size_t nn_ink_stroke_count(const NnInk *ink);
NnStroke nn_ink_stroke(const NnInk *ink, size_t i);
bool nn_ink_is_empty(const NnInk *ink);
uint64_t nn_ink_version(const NnInk *ink); // changes whenever the visible strokes do

// Number of points drawn (visible strokes), and a copy that holds only the first n of them in
// time order: what the replay and the probability ribbon walk through.
size_t nn_ink_point_count(const NnInk *ink);
bool nn_ink_prefix(const NnInk *ink, size_t n, NnInk *out);

// --- normalisation -------------------------------------------------------------------------------
//
// The values, and what they were measured on: MNIST's 60,000 training digits, and 7,494 drawings by
// 30 people with a pen, read by a network of 99.59 % on MNIST that was not trained on them.
//
// - Box 20 px: half-way between paper and ink MNIST's longer side is 19.98 px, ours 19.95. It reads
//   95.7 %. Boxes of 18.5 to 19.5 px read 95.8 to 96.0 %, 20.5 px 95.5 %; we stay with MNIST's.
// - Pen 2.5 px: MNIST's strokes are 2.45 px wide (twice the area by the length of the outline), its
//   mean ink is 103 px as here, and so are its grey levels, within 1 % in each eighth of the range.
//   Pens of 2.0 to 2.9 px read 95.5 to 95.7 %, 3.5 px 95.1 %.
// - Centre of mass at 14.5, to a fraction of a pixel: MNIST's was moved by whole pixels, and lies
//   evenly spread over [14, 15). At 14.0, or moved by whole pixels, 95.6 %; a weaker network told
//   more with 94.8, 94.1 and 94.7 %.
// - Left out, one at a time: crop 54.1 %, scale 83.9 %, pen 95.5 %, centre 94.9 %; all four 71.9 %.
// - Moved, scaled 0.3 to 3 times, drawn with half or double the brush: not one answer changes.

typedef enum {
    NN_STAGE_RAW,    // the whole canvas squeezed to 28x28
    NN_STAGE_CROP,   // cut to the ink
    NN_STAGE_SCALE,  // longer side 20 px, shape kept
    NN_STAGE_PEN,    // pen width as MNIST's
    NN_STAGE_CENTRE, // centre of mass to the centre: the picture the network is given
    NN_STAGE_COUNT,
} NnStage;

const char *nn_stage_name(NnStage stage); // "raw", "cropped", "20 x 20", "pen width", "centred"

typedef struct {
    unsigned skip; // bit 1u << stage leaves that stage out; raw cannot be left out
    float box_px;  // longer side of the ink, 4 to 28; 0: 20
    float pen_px;  // pen width in pixels of the 28x28 picture, 0.5 to half the box; 0: 2.5
} NnNormaliseOptions;

// The digit, and false (digit all paper) where there is no ink. options NULL: all defaults. No
// allocation.
bool nn_ink_normalise(const NnInk *ink, const NnNormaliseOptions *options, NnDigit *digit);

enum { NN_XRAY_SIDE = 112, NN_XRAY_PIXELS = NN_XRAY_SIDE * NN_XRAY_SIDE };

// What the picture looks like after each stage: as the network would be given it, and at four times
// the resolution for the eye.
typedef struct {
    NnDigit digit[NN_STAGE_COUNT];
    uint8_t picture[NN_STAGE_COUNT][NN_XRAY_PIXELS];
    float pen_px;           // width of the pen in the last picture
    float shift_x, shift_y; // how far the centring moved the ink, in pixels of 28x28
    bool empty;
} NnXray;

void nn_ink_xray(const NnInk *ink, const NnNormaliseOptions *options, NnXray *xray);

// Draws the strokes as they stand on the canvas into a size x size mask (0 paper, 255 ink).
void nn_ink_draw(const NnInk *ink, uint8_t *mask, int size);

// --- pictures of digits --------------------------------------------------------------------------
// ---------------------------------------------------------------------------- A grey picture (0
// black .. 255 white, row-major) of any size and polarity, unevenly lit paper included, goes
// through the same stages: paper and ink are told apart, the ink is cropped, scaled, its stroke
// width brought to the pen's and centred. A 28x28 picture that already is MNIST's is kept as it is.
NnStatus nn_picture_normalise(const uint8_t *grey, int width, int height,
                              const NnNormaliseOptions *options, NnDigit *digit, NnXray *xray,
                              NnError *err) NN_MUST_CHECK; // xray may be NULL; blank: NN_ERR_FORMAT

// --- stroke files --------------------------------------------------------------------------------
// ------------------------------------------------------------------------------------ JSON lines:
// {"label": 8, "strokes": [[[x, y], ...], ...]}, canvas = 0..1, time order. A point may have a
// third value, t in ms, and a fourth, pressure. "label" may be absent; other keys are ignored.

typedef struct NnStrokeFile NnStrokeFile;

NnStrokeFile *nn_strokes_open(const char *path, NnError *err);
void nn_strokes_close(NnStrokeFile *file);

// The next drawing replaces what is in ink; pens are width wide. *label is -1 where there is none.
// *more is false at the end of the file. Blank lines are skipped.
NnStatus nn_strokes_next(NnStrokeFile *file, NnInk *ink, float width, int *label, bool *more,
                         NnError *err) NN_MUST_CHECK;

// One line (with its newline) for a drawing, label -1 for none, writer may be NULL. Free with
// nn_text_free.
char *nn_strokes_line(const NnInk *ink, int label, const char *writer, NnError *err);
void nn_text_free(char *text);

#define NN_DEFAULT_PEN 0.055f // pen width of canvas and replay, as a fraction of the canvas

#endif
