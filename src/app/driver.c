#include "app/driver.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"

static const char *const PANEL_NAMES[PANEL_COUNT] = {"steps", "why", "looks", "time"};

static void wake(void *user) {
    const Driver *driver = user;
    if (driver->platform != NULL) {
        platform_wake(driver->platform);
    }
}

static const char *clipboard_get(void *user) {
    const Driver *driver = user;
    return driver->platform != NULL ? platform_clipboard_get(driver->platform) : NULL;
}

static void clipboard_set(void *user, const char *utf8) {
    const Driver *driver = user;
    if (driver->platform != NULL) {
        (void)platform_clipboard_set(driver->platform, utf8); // nobody to tell
    }
}

static NnStatus apply_options(Settings *settings, const AppOptions *options, NnError *err) {
    if (options->theme != NULL) {
        settings->dark = strcmp(options->theme, "dark") == 0;
        if (!settings->dark && strcmp(options->theme, "light") != 0) {
            return nn_fail(err, NN_ERR_USAGE, "There is no theme \"%s\": light or dark.",
                           options->theme);
        }
    }
    if (options->projector != NULL) {
        settings->projector = strcmp(options->projector, "on") == 0;
        if (!settings->projector && strcmp(options->projector, "off") != 0) {
            return nn_fail(err, NN_ERR_USAGE, "The projector is on or off, not \"%s\".",
                           options->projector);
        }
    }
    if (options->panel != NULL) {
        int panel = 0;
        while (panel < PANEL_COUNT && strcmp(options->panel, PANEL_NAMES[panel]) != 0) {
            panel++;
        }
        if (panel == PANEL_COUNT) {
            return nn_fail(err, NN_ERR_USAGE,
                           "There is no panel \"%s\": steps, why, looks or time.", options->panel);
        }
        settings->panel = panel;
    }
    settings->width = options->width > 0 ? options->width : settings->width;
    settings->height = options->height > 0 ? options->height : settings->height;
    return NN_OK;
}

static NnStatus open_window(Driver *driver, const AppOptions *options, NnError *err) {
    const Settings *settings = &driver->app.settings;
    bool accelerated = false;
    if (options->renderer != NULL) {
        accelerated = strcmp(options->renderer, "accelerated") == 0;
        if (!accelerated && strcmp(options->renderer, "software") != 0) {
            return nn_fail(err, NN_ERR_USAGE,
                           "There is no renderer \"%s\": software or accelerated.",
                           options->renderer);
        }
    }
    driver->platform = platform_new(&(PlatformDesc){.title = "Inkling",
                                                    .width = settings->width,
                                                    .height = settings->height,
                                                    .scale = options->scale,
                                                    .accelerated = accelerated,
                                                    .fullscreen = settings->fullscreen},
                                    err);
    driver->fullscreen = settings->fullscreen;
    return driver->platform != NULL ? NN_OK : NN_ERR_FAILED;
}

NnStatus driver_open(Driver *driver, const AppOptions *options, const DriverDesc *desc,
                     NnError *err) {
    memset(driver, 0, sizeof *driver);
    driver->gfx = gfx_new(
        &(GfxDesc){.font_path = options->font_path, .exact_font = options->exact_font}, err);
    if (driver->gfx == NULL) {
        return NN_ERR_FAILED;
    }
    AppDesc core = {.measure = gfx_measure,
                    .measure_user = driver->gfx,
                    .wake = wake,
                    .wake_user = driver,
                    .model_path = options->model_path,
                    .log_path = options->log_path,
                    .remember = desc->remember && !options->fresh,
                    .tags_in_memory = !desc->remember || options->fresh,
                    .search_neighbours = desc->search_neighbours};
    NnStatus status = app_init(&driver->app, &core, err);
    if (status != NN_OK) {
        gfx_free(driver->gfx);
        driver->gfx = NULL;
        return status;
    }
    ui_set_clipboard(driver->app.ui, (UiClipboard){clipboard_get, clipboard_set, driver});
    driver->app.stats.font = gfx_font_name(driver->gfx);
    driver->app.view = options->view;
    status = apply_options(&driver->app.settings, options, err);
    if (status == NN_OK && desc->window) {
        status = open_window(driver, options, err);
    }
    if (status != NN_OK) {
        driver_close(driver);
    }
    return status;
}

void driver_close(Driver *driver) {
    if (driver->gfx != NULL) {
        app_release(&driver->app); // joins the thread that may wake the platform
    }
    platform_free(driver->platform);
    gfx_free(driver->gfx);
    driver->platform = NULL;
    driver->gfx = NULL;
}

static void save_view(Driver *driver) {
    char path[PATH_SIZE];
    NnError err = {0};
    NnStatus status;
    if (app_picture_path(&driver->app, "inkling-view", path, sizeof path)) {
        status = driver_save_frame(driver, path, &err);
    } else {
        status = nn_fail(&err, NN_ERR_IO, "There is no folder to save the picture in.");
    }
    app_picture_saved(&driver->app, path, status, &err);
}

// Composes the Train view with this chart and this panel on it, which the screen does not see.
static void compose_train(Driver *driver, const UiInput *input, int chart, int panel) {
    App *app = &driver->app;
    UiInput quiet = *input;
    size_t n;
    quiet.n = 0;
    app->train.chart = chart;
    app->train.panel = panel;
    for (int i = 0; i < 2; i++) { // what has just come into view knows its place in the second one
        app_frame(app, &quiet);
    }
    (void)gfx_compose(driver->gfx, app_draws(app), app_background(app), &n);
}

// Every plot of the Train view, one after the other where the screen has one of them. stem: of the
// file's name; the last one saved is in path.
static NnStatus save_plot(Driver *driver, UiRect area, const char *stem, char *path, NnError *err) {
    const float air = 8;
    if (area.w <= 0) {
        return NN_OK; // nothing of the kind: a network without templates
    }
    if (!app_picture_path(&driver->app, stem, path, PATH_SIZE)) {
        return nn_fail(err, NN_ERR_IO, "There is no folder to save the pictures in.");
    }
    return driver_save_area(driver, ui_inset(area, -air), path, err);
}

static void save_figures(Driver *driver, const UiInput *input) {
    static const char *const charts[TRAIN_CHART_COUNT] = {"inkling-accuracy", "inkling-digits",
                                                          "inkling-rate"};
    App *app = &driver->app;
    ViewTrain *train = &app->train;
    int chart = train->chart, panel = train->panel;
    char path[PATH_SIZE];
    NnError err = {0};
    NnStatus status = NN_OK;
    for (int i = 0; i < TRAIN_CHART_COUNT && status == NN_OK; i++) {
        compose_train(driver, input, i, TRAIN_MATRIX);
        status = save_plot(driver, train->lower, charts[i], path, &err);
    }
    status = status == NN_OK ? save_plot(driver, train->upper, "inkling-loss", path, &err) : status;
    if (status == NN_OK) {
        status = save_plot(driver, train->matrix, "inkling-confusion", path, &err);
    }
    status = status == NN_OK ? save_plot(driver, train->bars, "inkling-bars", path, &err) : status;
    if (status == NN_OK) {
        compose_train(driver, input, chart, TRAIN_TEMPLATES);
        status = save_plot(driver, train->templates, "inkling-weights", path, &err);
    }
    compose_train(driver, input, chart, panel);
    gfx_invalidate(driver->gfx); // the screen has seen nothing of it
    if (status == NN_OK) {
        toast(&app->toasts, app->now_ms, "Saved as pictures and tables beside %s", path);
    } else {
        toast_error(&app->toasts, app->now_ms, &err);
    }
}

static double ms_since(uint64_t start_ns) {
    return (double)(clock_ns() - start_ns) / 1e6;
}

static void follow_wishes(Driver *driver) {
    App *app = &driver->app;
    if (app->wants.tint != driver->tint) {
        driver->tint = app->wants.tint;
        gfx_tint_repaints(driver->gfx, driver->tint);
    }
    if (driver->platform == NULL) {
        return;
    }
    UiRect where = {0};
    bool text = ui_wants_text(app->ui, &where);
    if (text || driver->text_input) {
        platform_text_input(driver->platform, text, where);
        driver->text_input = text;
    }
    if (app->settings.fullscreen != driver->fullscreen) {
        driver->fullscreen = app->settings.fullscreen;
        platform_fullscreen(driver->platform, driver->fullscreen);
    }
}

static void frame(Driver *driver, const UiInput *input, int width, int height) {
    App *app = &driver->app;
    uint64_t requests = mem_request_count(), start = clock_ns();
    if (width != driver->width || height != driver->height || input->scale != driver->scale) {
        if (!gfx_resize(driver->gfx, width, height, input->scale)) {
            return; // out of memory: the old frame stays until there is some
        }
        driver->width = width;
        driver->height = height;
        driver->scale = input->scale;
    }
    app_frame(app, input);
    follow_wishes(driver);
    FrameStats *stats = &app->stats;
    stats->build_ms = ms_since(start);

    uint64_t composing = clock_ns();
    size_t n;
    const GfxRect *changed = gfx_compose(driver->gfx, app_draws(app), app_background(app), &n);
    stats->compose_ms = ms_since(composing);

    uint64_t presenting = clock_ns();
    if (driver->platform != NULL) {
        int w, h;
        const uint32_t *pixels = gfx_pixels(driver->gfx, &w, &h);
        platform_present(driver->platform, pixels, w, h, changed, n);
    }
    stats->present_ms = ms_since(presenting);

    double total = ms_since(start);
    for (size_t i = 0; i < input->n; i++) {
        if (input->events[i].kind == EVENT_MOVE && app->canvas.drawing) {
            stats->ink_ms = input->now_ms - input->events[i].t_ms + total; // the frame's oldest
            break;
        }
    }
    if (input->now_ms - driver->worst_since_ms > 1000) {
        driver->worst_since_ms = input->now_ms;
        stats->worst_ms = total;
    }
    stats->worst_ms = fmax(stats->worst_ms, total);
    stats->commands = app_draws(app)->n;
    stats->painted = n;
    stats->mallocs = mem_request_count() - requests;
    if (app->wants.save_view) {
        app->wants.save_view = false;
        save_view(driver);
    }
    if (app->wants.figures) {
        app->wants.figures = false;
        save_figures(driver, input);
    }
}

// A training that takes all cores leaves one to the frame. The worker that steps aside is given the
// time to finish what it is at: whoever draws in the middle of it stops the whole batch.
void driver_frame(Driver *driver, const UiInput *input, int width, int height) {
    const uint32_t piece_us = 100;
    Training *training = &driver->app.training;
    if (training_running(training)) {
        training_step_aside(training, true);
        clock_sleep_us(piece_us);
    }
    frame(driver, input, width, height);
    training_step_aside(training, false);
}

NnStatus driver_save_area(Driver *driver, UiRect area, const char *path, NnError *err) {
    int w, h;
    const uint32_t *pixels = gfx_pixels(driver->gfx, &w, &h);
    float scale = driver->scale;
    int x0 = (int)fmaxf(floorf(area.x * scale), 0), y0 = (int)fmaxf(floorf(area.y * scale), 0);
    int x1 = (int)fminf(ceilf((area.x + area.w) * scale), (float)w);
    int y1 = (int)fminf(ceilf((area.y + area.h) * scale), (float)h);
    if (pixels == NULL || x1 <= x0 || y1 <= y0) {
        return nn_fail(err, NN_ERR_FAILED, "There is nothing on view to save.");
    }
    size_t columns = (size_t)(x1 - x0), n = 0;
    uint8_t *rgb = mem_new(columns * (size_t)(y1 - y0), 3);
    if (rgb == NULL) {
        return nn_fail(err, NN_ERR_NOMEM, "Out of memory while saving the view.");
    }
    for (int y = y0; y < y1; y++) {
        const uint32_t *row = pixels + (size_t)y * (size_t)w;
        for (int x = x0; x < x1; x++) {
            rgb[n++] = (uint8_t)(row[x] >> 16);
            rgb[n++] = (uint8_t)(row[x] >> 8);
            rgb[n++] = (uint8_t)row[x];
        }
    }
    NnStatus status = nn_png_write(path, rgb, x1 - x0, y1 - y0, 3, err);
    mem_free(rgb);
    return status;
}

NnStatus driver_save_frame(Driver *driver, const char *path, NnError *err) {
    float scale = driver->scale;
    UiRect all = {0, 0, (float)driver->width / scale, (float)driver->height / scale};
    return driver_save_area(driver, all, path, err);
}
