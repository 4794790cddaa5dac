// settings.h - what the window remembers from one start to the next, as JSON in the configuration
// folder.
//
// A missing or damaged file gives the defaults; a value out of range gives that value's default.
// Thread: UI.

#ifndef INKLING_APP_SETTINGS_H
#define INKLING_APP_SETTINGS_H

#include <stdbool.h>

#include "nn/error.h"

typedef enum { PANEL_STEPS, PANEL_WHY, PANEL_LOOKS, PANEL_TIME, PANEL_COUNT } DrawPanel;

typedef struct {
    bool dark, projector, motion;
    float brush;       // pen width as a fraction of the canvas
    float threshold;   // of "not sure"; negative: the model's own
    int panel;         // a DrawPanel
    float thumb;       // side of the pictures in Errors, logical pixels
    int width, height; // of the window, logical
    bool fullscreen;
    char writer[64];  // of my digits; "" until asked
    char model[1024]; // last weight file; "": the one that comes with the program
} Settings;

#define BRUSH_MIN 0.02f
#define BRUSH_MAX 0.12f
#define THUMB_MIN 28.0f
#define THUMB_MAX 140.0f

void settings_default(Settings *settings);

// Fills in the defaults first. Absence of the file is no failure.
NnStatus settings_load(Settings *settings, const char *path, NnError *err) NN_MUST_CHECK;
NnStatus settings_save(const Settings *settings, const char *path, NnError *err) NN_MUST_CHECK;

#endif
