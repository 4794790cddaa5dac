// view_train.h - the Train view: settings and a small canvas on the left, curves and the time machine
// in the middle, what the network confuses on the right, progress and the doctor below.

#ifndef INKLING_APP_VIEW_TRAIN_H
#define INKLING_APP_VIEW_TRAIN_H

#include "app/training.h"
#include "app/view_draw.h"

typedef enum { TRAIN_ACCURACY, TRAIN_DIGITS, TRAIN_RATE, TRAIN_CHART_COUNT } TrainChart;
typedef enum { TRAIN_MATRIX, TRAIN_TEMPLATES, TRAIN_PANEL_COUNT } TrainPanel;

enum { PREVIEW_ROWS = 3, PREVIEW_COLUMNS = 6 };

typedef struct {
    int chart;                       // TrainChart: the lower one
    int panel;                       // TrainPanel
    int by_share;                    // the matrix leads with per cent
    float scroll;                    // of the settings
    float teachers_scroll;           // of the networks to choose from
    int hover_label, hover_answered; // cell under the pointer, -1: none
    float pointed;                   // epoch under the pointer in a chart, below 0: none
    uint8_t preview[PREVIEW_ROWS * PREVIEW_COLUMNS][NN_PIXELS]; // of the augmentation
    UiRect settings;                                            // the rows, which may scroll; ..
    UiRect square;                                              // of the canvas
    // As last laid out: what is saved as pictures. No width: it is not on view.
    UiRect curves, upper, lower, matrix, bars, templates;
} ViewTrain;

void view_train_init(ViewTrain *own);
// canvas: who draws on it, shared with the Draw view.
void view_train(Ui *ui, UiRect area, const AppData *data, ViewTrain *own, ViewDraw *canvas,
                Actions *out);

// --- its parts ----------------------------------------------------------------------------------

void train_settings(Ui *ui, UiRect area, const AppData *data, ViewTrain *own, Actions *out);
void train_draw(Ui *ui, UiRect area, const AppData *data, ViewTrain *own, ViewDraw *canvas,
                Actions *out);
void train_curves(Ui *ui, UiRect area, const AppData *data, ViewTrain *own, Actions *out);
float train_time_height(Ui *ui);
void train_time(Ui *ui, UiRect area, const AppData *data, Actions *out); // and the run's buttons
void train_confusion(Ui *ui, UiRect area, const AppData *data, ViewTrain *own, Actions *out);
void train_status(Ui *ui, UiRect area, const AppData *data, Actions *out);

#endif
