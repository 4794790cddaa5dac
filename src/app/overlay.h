// overlay.h - the top bar, and what lies above the views: the list of keys (F1), measurements (F3).

#ifndef INKLING_APP_OVERLAY_H
#define INKLING_APP_OVERLAY_H

#include "app/actions.h"
#include "app/recogniser.h"
#include "app/view_draw.h"
#include "ui/ui.h"

typedef struct {
    bool help, stats;
    bool help_opened; // its popup
    float help_scroll;
} Overlay;

// Filled by whoever drives the frames.
typedef struct {
    double build_ms, compose_ms, present_ms; // of the last frame
    double worst_ms;                         // of the last second
    size_t commands;
    uint64_t mallocs; // requests during the last frame
    double ink_ms;    // from the newest event to its ink
    size_t painted;   // rectangles
    const char *font;
} FrameStats;

float top_bar_height(const Theme *theme);
void top_bar(Ui *ui, UiRect bar, AppView view, const AppData *data, bool help_open, Actions *out);

void overlay_help(Ui *ui, UiRect window, AppView view, Overlay *own, Actions *out);
void overlay_stats(Ui *ui, UiRect window, const FrameStats *stats, const Recogniser *recogniser);

#endif
