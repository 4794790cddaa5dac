// matrix.h - how a confusion matrix looks: rows are the labels, columns the answers. Off the
// diagonal colour grows with a strength its owner works out.

#ifndef INKLING_APP_MATRIX_H
#define INKLING_APP_MATRIX_H

#include "app/column_names.h"

typedef struct {
    UiRect cells; // all of them
    float w, h;   // of one with its gap
    float head_w;
    ColumnNames heads;
} MatrixPlace;

// As large as fits into area, at its right and upper edge; names (n) of the classes are kept by
// pointer.
void matrix_place(Ui *ui, UiRect area, const char *const *names, int n, MatrixPlace *place);

// How high it would be where only the width is given.
float matrix_height(Ui *ui, float width, const char *const *names, int n);
UiRect matrix_cell(const MatrixPlace *place, int label, int predicted);

// The names of rows and columns. label, predicted: set off, -1 none.
void matrix_heads(Ui *ui, const MatrixPlace *place, int label, int predicted);

// The column whose name is at a point, -1: none.
int matrix_head_at(const MatrixPlace *place, float x, float y);

typedef struct {
    const char *first, *second; // large, and small below it where there is room; NULL: nothing
    bool wide;                  // first is a share
    bool right;                 // on the diagonal
    float strength;             // 0..1
    float pulse;                // 0..1: just changed
} MatrixCell;

void matrix_draw_cell(Ui *ui, UiRect rect, const MatrixCell *cell);

#endif
