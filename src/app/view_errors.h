// view_errors.h - the Errors view: the confusion matrix is the browser. A cell opens its pictures,
// a picture opens why.
//
// The view asks (ViewErrors.query and .sample); browse.c works out the rows before each build.
// Right is blue with a check mark, wrong orange with a cross: never colour alone.

#ifndef INKLING_APP_VIEW_ERRORS_H
#define INKLING_APP_VIEW_ERRORS_H

#include "app/browse.h"
#include "app/view_draw.h"

typedef enum {
    ERRORS_MATRIX,
    ERRORS_CLASSES,
    ERRORS_CALIBRATION,
    ERRORS_DUEL,
    ERRORS_TAB_COUNT
} ErrorsTab;

typedef enum {
    STUDY_SAVE_TABLE,
    STUDY_SAVE_SHEET,
    STUDY_SAVE_MATRIX,
    STUDY_SAVE_METRICS
} StudyFile;

typedef struct {
    ErrorsQuery query;
    int64_t sample; // row looked at, -1: none
    int side;       // the list the keys walk through
    int rival;      // of why; -1: the label, or the runner-up
    int tab;        // an ErrorsTab
    bool by_row;    // the matrix colours and leads with shares of its rows
    float thumb;    // side of a thumbnail, logical pixels
    float scroll[BROWSE_LISTS], panel_scroll;
    int columns; // of the grid the keys walk through, as last laid out
    bool reveal; // bring the sample into view
    bool wants_note;
    char note[200];      // being written
    ErrorsCell hover;    // in the matrix, -1: none or a header
    UiRect matrix, grid; // cells of the matrix, the first list of pictures, as last laid out
    UiRect filter;       // what opens the rarer filters
} ViewErrors;

void view_errors_init(ViewErrors *own);
void view_errors_reset(
    ViewErrors *own); // for other pictures: no filter but wrong/all, nothing selected
bool view_errors_back(ViewErrors *own); // one narrowing less; false: there was none
void view_errors(Ui *ui, UiRect area, const AppData *data, ViewErrors *own, Actions *out);

// --- its parts -----------------------------------------------------------------------------------

float errors_matrix_height(Ui *ui, float width, const Browse *browse); // with all it needs
void errors_matrix(Ui *ui, UiRect area, const AppData *data, ViewErrors *own, Actions *out);
void errors_summary(Ui *ui, UiRect area, const AppData *data);
void errors_classes(Ui *ui, UiRect area, const AppData *data, ViewErrors *own, Actions *out);
void errors_calibration(Ui *ui, UiRect area, const AppData *data);
void errors_duel(Ui *ui, UiRect area, const AppData *data, ViewErrors *own, Actions *out);
float errors_filters(Ui *ui, UiRect area, const AppData *data, ViewErrors *own,
                     Actions *out); // height used
void errors_grid(Ui *ui, UiRect area, const AppData *data, ViewErrors *own, Actions *out);
float errors_epochs_height(Ui *ui, const Browse *browse); // 0: its answers are not known
void errors_epochs(Ui *ui, UiRect area, const Browse *browse);
void errors_sample(Ui *ui, UiRect area, const AppData *data, ViewErrors *own, Actions *out);

// --- shared by them ------------------------------------------------------------------------------

// 10,000
const char *grouped_text(Ui *ui, size_t n);

// "99.32 %"
const char *share_text(Ui *ui, double share, int decimals);

// Another query: the rows follow in this frame, the grid starts at its top.
void errors_ask(ViewErrors *own, const ErrorsQuery *query, Actions *out);

bool errors_long_names(const Browse *browse); // classes are words, not digits

#define TIMES "\xc3\x97" // wrong
#define TICK "\xe2\x9c\x93"

#endif
