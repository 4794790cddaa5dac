// toast.h - short messages at the bottom of the window: what was done, what went wrong and what to
// do about it.
//
// Thread: UI.

#ifndef INKLING_APP_TOAST_H
#define INKLING_APP_TOAST_H

#include <stdbool.h>

#include "nn/error.h"
#include "ui/ui.h"

enum { TOASTS_MAX = 3 };

typedef struct {
    char text[800]; // a message with its hint
    bool trouble;
    double ends_ms;
    unsigned serial;
} Toast;

typedef struct {
    Toast list[TOASTS_MAX]; // oldest first
    int n;
} Toasts;

void toast(Toasts *toasts, double now_ms, const char *format, ...) NN_PRINTF(3, 4);
void toast_error(Toasts *toasts, double now_ms, const NnError *err);

void toasts_update(Toasts *toasts, double now_ms);
double toasts_next_ms(const Toasts *toasts); // when the next one ends; negative: none

// Centred above the lower edge of area, the newest lowest.
void toasts_draw(Ui *ui, const Toasts *toasts, UiRect area);

#endif
