// Everything the window does with files: dropped ones, pictures, my digits, the log.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/app_state.h"
#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"
#include "nn/dataset.h"

enum { PICTURE_SIDE = 1024 }; // of a saved drawing, pixels

// --- networks ------------------------------------------------------------------------------------

void app_find_models(App *app) {
    if (!browse_find_models(&app->browse)) {
        toast(&app->toasts, app->now_ms,
              "The lists show %d networks; there are more. Drop the file of another on the window.",
              BROWSE_MODELS_MAX);
    }
}

void app_load_weights(App *app, const char *path) {
    NnError err = {0};
    app_stop_neighbours(app); // its thread reads the model that may go
    if (recogniser_load(&app->recogniser, path, &err) != NN_OK) {
        toast_error(&app->toasts, app->now_ms, &err);
        return;
    }
    recogniser_threshold(&app->recogniser, app->settings.threshold);
    app->draw.rival = -1;
    (void)text_copy(app->settings.model, sizeof app->settings.model, app->recogniser.path);
    app_settings_changed(app);
    const char *name = nn_model_arch(app->recogniser.model)->name;
    toast(&app->toasts, app->now_ms, "%s is in use.", name[0] != '\0' ? name : "The new network");
}

// --- dropped files -------------------------------------------------------------------------------

static void load_picture(App *app, const char *path) {
    NnError err = {0};
    NnPicture picture = {0};
    NnDigit digit;
    if (nn_picture_read(path, &picture, &err) != NN_OK ||
        nn_picture_normalise(picture.grey, picture.width, picture.height, &app->recogniser.options,
                             &digit, NULL, &err) != NN_OK) {
        toast_error(&app->toasts, app->now_ms, &err);
    } else if (!canvas_take_picture(&app->canvas, &picture, path)) {
        toast(&app->toasts, app->now_ms, "There is not enough memory for this picture.");
    } else {
        app->view = APP_VIEW_DRAW;
        app->replay.on = false;
        app_forget_drawings(app);
        // Another picture may get the address of the one before it.
        app->sight.looked = false;
    }
    nn_picture_release(&picture);
}

void app_forget_drawings(App *app) {
    nn_strokes_close(app->drawings.file);
    app->drawings.file = NULL;
    app->drawings.number = 0;
    app->drawings.label = -1;
}

// Shows drawing number (from 1) of the open file; files are read forwards only, so going back
// starts over.
static bool show_drawing(App *app, int number) {
    NnError err = {0};
    if (app->drawings.file == NULL || number <= app->drawings.number) {
        nn_strokes_close(app->drawings.file);
        app->drawings.number = 0;
        app->drawings.file = nn_strokes_open(app->drawings.path, &err);
        if (app->drawings.file == NULL) {
            toast_error(&app->toasts, app->now_ms, &err);
            return false;
        }
    }
    NnInk *read = nn_ink_new(&err);
    bool more = read != NULL;
    while (more && app->drawings.number < number) {
        int label;
        if (nn_strokes_next(app->drawings.file, read, NN_DEFAULT_PEN, &label, &more, &err) !=
            NN_OK) {
            toast_error(&app->toasts, app->now_ms, &err);
            more = false;
            app_forget_drawings(app);
        } else if (more) {
            app->drawings.number++;
            app->drawings.label = label;
        }
    }
    if (more) {
        canvas_cancel(&app->canvas);
        canvas_show_now(&app->canvas);
        canvas_drop_picture(&app->canvas);
        // An action like any other: undo brings back what the person had drawn.
        if (!nn_ink_load(app->canvas.ink, read)) {
            toast(&app->toasts, app->now_ms, "There is not enough memory to show this drawing.");
        }
        app->view = APP_VIEW_DRAW;
        timeline_restart(&app->timeline);
        canvas_changed(&app->canvas);
        app_drawing_changed(app);
        app->replay.on = false;
    }
    nn_ink_free(read);
    return more;
}

void app_drawing_step(App *app, int step) {
    if (app->drawings.file == NULL) {
        return;
    }
    int number = app->drawings.number + step;
    if (number < 1) {
        return;
    }
    if (!show_drawing(app, number) && app->drawings.file != NULL) {
        toast(&app->toasts, app->now_ms, "That was the last drawing of the file.");
        (void)show_drawing(app, number - step);
    }
}

static void load_drawings(App *app, const char *path) {
    app_forget_drawings(app);
    if (!text_copy(app->drawings.path, sizeof app->drawings.path, path)) {
        toast(&app->toasts, app->now_ms, "The path of this file is too long.");
        return;
    }
    if (!show_drawing(app, 1) && app->drawings.file != NULL) {
        app_forget_drawings(app);
        toast(&app->toasts, app->now_ms, "There is no drawing in this file.");
    }
}

void app_file_dropped(App *app, const char *path) {
    if (text_ends_with(path, ".safetensors")) {
        if (!app_rival_dropped(app, path)) {
            app_load_weights(app, path);
        }
    } else if (text_ends_with(path, ".jsonl")) {
        load_drawings(app, path);
    } else if (app_is_idx(path)) {
        app_idx_dropped(app, path);
    } else {
        load_picture(app, path);
    }
}

// --- pictures ------------------------------------------------------------------------------------

static bool free_name(const char *folder, const char *stem, const char *ending, char *path,
                      size_t size) {
    for (int i = 1; i < 10000; i++) {
        int n = snprintf(path, size, "%s/%s-%d.%s", folder, stem, i, ending);
        if (n < 0 || (size_t)n >= size) {
            return false;
        }
        if (access(path, F_OK) != 0 && errno == ENOENT) {
            return true;
        }
    }
    return false;
}

bool app_picture_path(const App *app, const char *stem, char *path, size_t size) {
    return app_free_path(app, stem, "png", path, size);
}

bool app_free_path(const App *app, const char *stem, const char *ending, char *path, size_t size) {
    char folder[PATH_SIZE];
    if (app->files.pictures_folder[0] != '\0') {
        return free_name(app->files.pictures_folder, stem, ending, path, size);
    }
    if (getcwd(folder, sizeof folder) != NULL && access(folder, W_OK) == 0) {
        return free_name(folder, stem, ending, path, size);
    }
    return place_path(folder, sizeof folder, PLACE_DATA, "pictures") &&
           folder_make(folder, NULL) == NN_OK && free_name(folder, stem, ending, path, size);
}

void app_picture_saved(App *app, const char *path, NnStatus status, const NnError *err) {
    if (status == NN_OK) {
        toast(&app->toasts, app->now_ms, "Saved as %s", path);
        app_log_saved(app, path);
    } else {
        toast_error(&app->toasts, app->now_ms, err);
    }
}

void app_save_drawing(App *app) {
    char path[PATH_SIZE];
    NnError err = {0};
    uint8_t *mask = mem_new(PICTURE_SIDE, PICTURE_SIDE);
    if (mask == NULL || !app_picture_path(app, "inkling-drawing", path, sizeof path)) {
        (void)nn_fail(&err, NN_ERR_IO, "There is no folder to save the picture in.");
        nn_error_hint(&err, "Start inkling in a folder you may write to.");
        toast_error(&app->toasts, app->now_ms, &err);
        mem_free(mask);
        return;
    }
    nn_ink_draw(canvas_visible_ink(&app->canvas), mask, PICTURE_SIDE);
    for (size_t i = 0; i < (size_t)PICTURE_SIDE * PICTURE_SIDE; i++) {
        mask[i] = (uint8_t)(255 - mask[i]); // black on white, as on paper
    }
    NnStatus status = nn_png_write(path, mask, PICTURE_SIDE, PICTURE_SIDE, 1, &err);
    mem_free(mask);
    app_picture_saved(app, path, status, &err);
}

// --- my digits -----------------------------------------------------------------------------------

void app_keep_digit(App *app, int label) {
    if (app->canvas.drawing || nn_ink_is_empty(app->canvas.ink) ||
        app->canvas.picture.grey != NULL) {
        toast(&app->toasts, app->now_ms, "Draw a digit first; then its key keeps it.");
        return;
    }
    if (app->settings.writer[0] == '\0') {
        app->keep.label = label;
        return;
    }
    canvas_show_now(&app->canvas);
    NnError err = {0};
    NnDigit digit; // all stages, whatever the switches leave out on the screen
    if (!nn_ink_normalise(app->canvas.ink, NULL, &digit)) {
        return;
    }
    if (nn_mine_keep(&digit, app->canvas.ink, label, app->settings.writer, &err) != NN_OK) {
        toast_error(&app->toasts, app->now_ms, &err);
        return;
    }
    toast(&app->toasts, app->now_ms, "Kept as a %d by %s; %zu of your digits so far.", label,
          app->settings.writer, nn_mine_count());
}
