// view_draw.h - the Draw view: canvas, what the network sees, its answer, and one panel that
// explains it.
//
// Views read AppData, keep their own selection and animation, and ask for changes through Actions.

#ifndef INKLING_APP_VIEW_DRAW_H
#define INKLING_APP_VIEW_DRAW_H

#include "app/actions.h"
#include "app/browse.h"
#include "app/canvas.h"
#include "app/gallery.h"
#include "app/neighbours.h"
#include "app/recogniser.h"
#include "app/settings.h"
#include "app/timeline.h"
#include "app/training.h"
#include "ui/ui.h"

#define ERASER_FACTOR 2.2f // an eraser is wider than the brush

typedef struct {
    const Settings *settings;
    const Canvas *canvas;
    const Recogniser *recogniser;
    const Timeline *timeline;
    const Training *training;
    const Browse *browse;     // of Errors
    const Gallery *gallery;   // of Data
    const Findings *findings; // NULL: no search is running, or none of this view's
    bool replaying;
    float shown_ms;            // moment of the drawing on view; negative: now
    const char *drawings_name; // of a dropped file of strokes, NULL: none
    int drawings_number, drawings_label;
    bool asks_writer; // a digit waits for its writer's name
    int keep_label;
} AppData;

typedef struct {
    bool eraser;
    bool drawing;
    int pointer, button;        // that draw
    float pointer_x, pointer_y; // last seen over the canvas
    float pen_x, pen_y;         // where the ink is, a little behind a slow mouse
    int rival;                  // of Why; -1: the runner-up
    bool scrubbing;
    UiRect square;   // of the canvas, as last laid out
    char writer[64]; // being typed
    bool asked;      // the writer's popup has been opened
} ViewDraw;

void view_draw_init(ViewDraw *own);
void view_draw(Ui *ui, UiRect area, const AppData *data, ViewDraw *own, Actions *out);

// --- its parts -----------------------------------------------------------------------------------

void draw_canvas(Ui *ui, UiRect square, const AppData *data, ViewDraw *own, Actions *out);
void draw_controls(Ui *ui, UiRect row, const AppData *data, ViewDraw *own, Actions *out);
void draw_answer(Ui *ui, UiRect area, const AppData *data, ViewDraw *own, Actions *out);
void draw_xray(Ui *ui, UiRect area, const AppData *data, Actions *out);
void draw_why(Ui *ui, UiRect area, const AppData *data, ViewDraw *own, Actions *out);
void draw_looks(Ui *ui, UiRect area, const AppData *data);
void draw_time(Ui *ui, UiRect area, const AppData *data, ViewDraw *own, Actions *out);

// --- shared by them ------------------------------------------------------------------------------

#define NBSP "\xc2\xa0" // keeps a number and its unit on one line

// "99.5 %"; 99.9 % at most and never 0.0 %, for a network is never that sure.
const char *percent_text(Ui *ui, float share);

// A 28x28 picture with its pixels on whole device pixels: the largest square that fits and divides
// evenly.
UiRect picture_square(Ui *ui, UiRect area);
void picture_digit(Ui *ui, UiRect square, const uint8_t *pixels, bool blank);

// The digit in pale grey, and over it each pixel's say: the stronger, the less grey shows through.
void picture_terms(Ui *ui, UiRect square, const uint8_t *pixels, const WhyReading *why);

// A training picture with the name of its class below; a cross where it is another one than the answer.
void picture_neighbour(Ui *ui, UiRect square, const Neighbour *neighbour, const char *name,
                       int answer);

// The first of the texts that fits into area, from the top; nothing when none does.
void first_that_fits(Ui *ui, UiRect area, ThemeColor color, const char *const *texts, int n);

// A sentence at the top of an empty panel.
void panel_says(Ui *ui, UiRect area, const char *text);

#endif
