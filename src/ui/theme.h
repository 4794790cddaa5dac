// theme.h - every colour, size, font and duration, named by its role.

#ifndef INKLING_UI_THEME_H
#define INKLING_UI_THEME_H

#include "ui/draw_list.h"

typedef enum {
    THEME_BACKGROUND, THEME_SURFACE, THEME_INK, THEME_SOFT, THEME_FAINT, THEME_LINE,
    THEME_ACCENT, THEME_ACCENT_SOFT, THEME_ON_ACCENT, // text on an accent-coloured button
    THEME_RIGHT, THEME_WRONG, THEME_WRONG_SOFT,
    THEME_PAPER, THEME_PEN, // the canvas and its ink
    THEME_POSITIVE, THEME_NEGATIVE, THEME_NEUTRAL, // diverging scale: for, against, nothing
    THEME_TRACK, // empty part of bars, sliders; selected tab
    THEME_PICTURE, // ground behind 28x28 pictures
    THEME_COLOR_COUNT,
} ThemeColor;

typedef enum { FONT_SMALL, FONT_BODY, FONT_MEDIUM, FONT_STRONG, FONT_TITLE, FONT_FIGURE, FONT_HUGE, FONT_ROLE_COUNT } FontRole;

typedef struct {
    Color color[THEME_COLOR_COUNT];
    Font font[FONT_ROLE_COUNT];
    float grid;        // 8
    float margin;      // 24
    float line_height; // of body text
    float control;     // height of buttons and fields
    float radius;      // of controls
    float hairline;
    float stroke;      // of plotted lines
    float ease_ms;     // 0: motion is off
    bool dark, projector;
    Color picture_palette[256];   // 0 paper .. 255 ink of a 28x28 picture
    Color diverging_palette[256]; // 0 against .. 128 nothing .. 255 for
    Color sequential_palette[256]; // viridis-like, perceptually uniform
    Color series[8];              // Okabe-Ito, ordered for contrast with the background
} Theme;

// projector: larger type, thicker lines, wider controls. motion false: ease_ms 0.
void theme_make(Theme *theme, bool dark, bool projector, bool motion);

// t of b; mixed in the encoded values, in which equal steps look equal. Alpha is mixed, too.
Color color_mix(Color a, Color b, float t);
Color color_alpha(Color color, float alpha); // alpha times what it has

#endif
