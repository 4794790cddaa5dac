// The window's loop: waits when nothing moves, draws when something does, at most 120 times a
// second.
#include <math.h>

#include "app/driver.h"
#include "base/alloc.h"
#include "base/clock.h"

static const double SHORTEST_FRAME_MS = 1000.0 / 120; // events that come faster share a frame
static const double ANIMATION_MS = 1000.0 / 60;

static int wait_for(double next_ms, double since_ms) {
    if (next_ms < 0) {
        return -1;
    }
    return (int)ceil(fmax(next_ms > 0 ? next_ms : ANIMATION_MS - since_ms, 0));
}

static void run(Driver *driver) {
    UiInput input = {0};
    double last_s = -1;
    bool first = true;
    while (driver->app.wants.running) {
        double since_ms = (clock_s() - last_s) * 1000;
        if (!first && since_ms < SHORTEST_FRAME_MS) {
            clock_sleep_ms((uint32_t)ceil(SHORTEST_FRAME_MS - since_ms));
            since_ms = SHORTEST_FRAME_MS;
        }
        int wait_ms = first ? 0 : wait_for(app_next_frame_ms(&driver->app), since_ms);
        platform_collect(driver->platform, &input, wait_ms);
        last_s = clock_s();
        int width, height;
        platform_frame_size(driver->platform, &width, &height);
        if (width > 0 && height > 0) { // not minimised
            driver_frame(driver, &input, width, height);
        }
        first = false;
    }
}

NnStatus app_main(const AppOptions *options, NnError *err) {
    Driver *driver = mem_new(1, sizeof *driver);
    if (driver == NULL) {
        return nn_fail(err, NN_ERR_NOMEM, "Out of memory while opening the window.");
    }
    DriverDesc desc = {.remember = true, .search_neighbours = true, .window = true};
    NnStatus status = driver_open(driver, options, &desc, err);
    if (status == NN_OK) {
        run(driver);
        driver_close(driver);
    }
    mem_free(driver);
    return status;
}
