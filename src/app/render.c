// `inkling render`: the view as a picture, with scripted input and a fixed clock, without a
// display.
#include <math.h>

#include "app/driver.h"
#include "app/script.h"
#include "base/alloc.h"

static void frame(void *user, const UiInput *input) {
    driver_frame(user, input, (int)lroundf(input->width * input->scale),
                 (int)lroundf(input->height * input->scale));
}

static bool shows_neighbours(const App *app) {
    return app->view == APP_VIEW_ERRORS ||
           (app->view == APP_VIEW_DRAW && app->settings.panel == PANEL_LOOKS);
}

NnStatus app_render(const AppOptions *options, const char *script_path, const char *out_path,
                    NnError *err) {
    Driver *driver = mem_new(1, sizeof *driver);
    Script *script = mem_new(1, sizeof *script);
    NnStatus status = NN_ERR_NOMEM;
    if (driver == NULL || script == NULL) {
        (void)nn_fail(err, NN_ERR_NOMEM, "Out of memory while rendering the view.");
        goto done;
    }
    status = driver_open(driver, options, &(DriverDesc){.search_neighbours = true}, err);
    if (status != NN_OK) {
        goto done;
    }
    App *app = &driver->app;
    app->neighbours.wanted = shows_neighbours(app);
    script_start(script, app, (float)app->settings.width, (float)app->settings.height,
                 options->scale > 0 ? options->scale : 1, frame, driver);
    if (script_path != NULL) {
        status = script_play(script, script_path, err);
    }
    app->neighbours.wanted = shows_neighbours(app);
    if (app->neighbours.wanted || app->view != APP_VIEW_DRAW) {
        const double patience_s = 120;
        (void)script_settle_threads(script, patience_s);
    }
    script_settle(script);
    if (status == NN_OK) {
        status = driver_save_frame(driver, out_path, err);
    }
    driver_close(driver);
done:
    mem_free(script);
    mem_free(driver);
    return status;
}
