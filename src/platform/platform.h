// platform.h - the window: events in, frames out. The only place that talks to SDL's video.
//
// Thread: main, except platform_wake.

#ifndef INKLING_PLATFORM_PLATFORM_H
#define INKLING_PLATFORM_PLATFORM_H

#include <stdbool.h>
#include <stdint.h>

#include "gfx/gfx.h"
#include "nn/error.h"
#include "ui/input.h"

typedef struct Platform Platform;

typedef struct {
    const char *title;
    int width, height; // logical; 0: 1280x800
    float scale;       // 0: what the screen says (Xft.dpi on X11)
    bool accelerated; // frame goes through SDL's accelerated renderer; false: its software renderer
    bool maximised, fullscreen;
} PlatformDesc;

// NN_ERR_FAILED with a hint where there is no display.
Platform *platform_new(const PlatformDesc *desc, NnError *err);
void platform_free(Platform *platform);

// Fills input with all events since the last call; waits up to wait_ms for the first, for ever when
// negative.
void platform_collect(Platform *platform, UiInput *input, int wait_ms);

// Shows the frame. Only the rectangles given have changed. To be called after every collection,
// with n 0 when nothing did: the screen may have lost what it had. Waits for the screen only when
// accelerated.
void platform_present(Platform *platform, const uint32_t *pixels, int width, int height,
                      const GfxRect *changed, size_t n);

void platform_text_input(Platform *platform, bool on, UiRect where);
void platform_fullscreen(Platform *platform, bool on);
void platform_title(Platform *platform, const char *title);
void platform_frame_size(const Platform *platform, int *width, int *height); // device pixels

bool platform_clipboard_set(Platform *platform, const char *text);
// UTF-8, valid until the next call; NULL when there is no text on it.
const char *platform_clipboard_get(Platform *platform);

// From any thread: makes a waiting platform_collect return with EVENT_WAKE. Many wakes may become
// one.
void platform_wake(Platform *platform);

#endif
