// column_names.h - the names of classes over or under columns: side by side where they fit, else on
// two or three lines in turn, those farther off with a thin line to their column. A word cut to two
// letters names nothing.
//
//     ColumnNames names = {.text = text, .n = 10, .x = x, .pitch = w, .left = .., .right = ..};
//     column_names_arrange(ui, &names);                     // now names.height is known
//     column_names_draw(ui, &names, y, -1);

#ifndef INKLING_APP_COLUMN_NAMES_H
#define INKLING_APP_COLUMN_NAMES_H

#include "nn/dataset.h"
#include "ui/ui.h"

typedef struct {
    const char *const *text; // (n) up to NN_CLASSES
    int n;
    float x, pitch;    // left edge of the first column, from one to the next
    float gap;         // between two columns
    float left, right; // how far names reach
    bool below;        // the columns are above
    ThemeColor color;  // of names that are not set off

    // arranged
    bool words; // they are no digits, and set in smaller type
    int lines;
    float line_h, height;
    float start[NN_CLASSES], width[NN_CLASSES];
} ColumnNames;

bool column_names_are_words(const char *const *text);
void column_names_arrange(Ui *ui, ColumnNames *names);

// edge: where the columns begin; chosen: set off, -1 none.
void column_names_draw(Ui *ui, const ColumnNames *names, float edge, int chosen);

// The column whose name is at a point, -1: none.
int column_names_at(const ColumnNames *names, float edge, float x, float y);

#endif
