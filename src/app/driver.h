// driver.h - the core with what it needs to be seen: gfx, and a window where there is one.
//
// Window, rendering and benchmark differ only in where events come from and where the frame goes.
// Thread: main.

#ifndef INKLING_APP_DRIVER_H
#define INKLING_APP_DRIVER_H

#include "app/app_state.h"
#include "gfx/gfx.h"
#include "platform/platform.h"

typedef struct {
    App app;
    Gfx *gfx;
    Platform *platform; // NULL: nobody looks
    int width, height;  // of the frame, device pixels
    float scale;
    bool text_input, fullscreen, tint;
    double worst_since_ms; // start of the second FrameStats.worst_ms is about
} Driver;

typedef struct {
    bool remember;          // settings and session
    bool search_neighbours; // the thread that looks through MNIST
    bool window;
} DriverDesc;

NnStatus driver_open(Driver *driver, const AppOptions *options, const DriverDesc *desc,
                     NnError *err) NN_MUST_CHECK;
void driver_close(Driver *driver);

// One frame: core, composition, presentation. width and height in device pixels.
void driver_frame(Driver *driver, const UiInput *input, int width, int height);

// The composed frame, or an area of it (logical pixels), as PNG.
NnStatus driver_save_area(Driver *driver, UiRect area, const char *path,
                          NnError *err) NN_MUST_CHECK;
NnStatus driver_save_frame(Driver *driver, const char *path, NnError *err) NN_MUST_CHECK;

#endif
