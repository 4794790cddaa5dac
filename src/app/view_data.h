// view_data.h - the Data view: what networks learn from. A set's classes, their mean pictures and
// their pictures; or the handwriting the program makes itself, form by form, with the share of each
// that the network in use reads.
//
// Rows of pictures stand for classes or forms; one class of a set fills the page instead. The view
// keeps what is chosen and looked at; gallery.c works out the rest before each build.

#ifndef INKLING_APP_VIEW_DATA_H
#define INKLING_APP_VIEW_DATA_H

#include "app/view_draw.h"

typedef enum { DATA_SAVE_TABLE, DATA_SAVE_SHEET } DataFile;

// A picture: of a set its row, of handwriting the row of nn/handwriting.h and the place in it.
typedef struct {
    int64_t row; // -1: none
    int place;
} DataSpot;

typedef struct {
    int group;     // class or digit; NN_CLASSES: what is none; -1: all
    uint64_t seed; // of the drawings, and which pictures stand for a class
    DataSpot spot; // looked at
    float scroll;
    bool reveal;     // bring the spot into view
    int columns;     // of a line of pictures, as last laid out
    UiRect pictures; // as last laid out
} ViewData;

void view_data_init(ViewData *own);
void view_data_show(ViewData *own, int group); // the one on view: all again
bool view_data_back(ViewData *own);            // all groups again; false: they were
void view_data(Ui *ui, UiRect area, const AppData *data, ViewData *own, Actions *out);

// Keys: the picture so many places on, or the same place so many lines down.
void view_data_walk(ViewData *own, const Gallery *gallery, int places, int lines);

// --- its parts -----------------------------------------------------------------------------------

void data_groups(Ui *ui, UiRect area, const AppData *data, ViewData *own);
void data_pictures(Ui *ui, UiRect area, const AppData *data, ViewData *own);
void data_about(Ui *ui, UiRect area, const AppData *data, ViewData *own, Actions *out);

// --- the lines of pictures -----------------------------------------------------------------------

// A line on the page: a class of a set, or a row of handwriting.
size_t data_line_count(const Gallery *gallery, const ViewData *own);
size_t data_line(const Gallery *gallery, const ViewData *own, size_t i); // class or row

// The picture at a place of a line. Of a set a line shows some of a class, chosen by the seed.
DataSpot data_spot_at(const Gallery *gallery, const ViewData *own, size_t line, size_t place);
const uint8_t *data_spot_pixels(const Gallery *gallery, DataSpot spot);  // NULL: there is none
const NnAnswer *data_spot_answer(const Gallery *gallery, DataSpot spot); // NULL: none is known

#endif
