// matrix.h - how a confusion matrix looks: rows are the labels, columns the answers. Off the
// diagonal colour grows with a strength its owner works out.

#ifndef INKLING_APP_MATRIX_H
#define INKLING_APP_MATRIX_H

#include "ui/ui.h"

typedef struct {
    UiRect cells; // all of them
    float w, h;   // of one with its gap
    float head_w, head_h;
} MatrixPlace;

// As large as fits into area, at its right and upper edge; head_w is what the names of the rows need.
void matrix_place(Ui *ui, UiRect area, float head_w, int n, MatrixPlace *place);
UiRect matrix_cell(const MatrixPlace *place, int label, int predicted);

// The names of rows and columns. label, predicted: set off, -1 none. words: names are no digits.
void matrix_heads(Ui *ui, const MatrixPlace *place, const char *const *names, int n, int label,
                  int predicted, bool words);

typedef struct {
    const char *first, *second; // large, and small below it where there is room; NULL: nothing
    bool wide;                  // first is a share
    bool right;                 // on the diagonal
    float strength;             // 0..1
    float pulse;                // 0..1: just changed
} MatrixCell;

void matrix_draw_cell(Ui *ui, UiRect rect, const MatrixCell *cell);

#endif
