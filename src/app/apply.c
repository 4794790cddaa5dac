// Carries out what views and keys asked for.
#include <math.h>
#include <string.h>

#include "app/app_state.h"
#include "base/text.h"

static void stop_looking_back(App *app) {
    app->replay.on = false;
    canvas_show_now(&app->canvas);
}

static void stroke_ended(App *app) {
    canvas_end(&app->canvas);
    app_drawing_changed(app);
    app->sight.stroke_ended = true;
}

static void change_brush(App *app, double width) {
    app->settings.brush = (float)fmin(fmax(width, (double)BRUSH_MIN), (double)BRUSH_MAX);
    app_settings_changed(app);
}

static void choose_panel(App *app, int panel) {
    if (app->settings.panel == PANEL_TIME && panel != PANEL_TIME) {
        stop_looking_back(app);
    }
    app->settings.panel = panel;
    app_settings_changed(app);
}

static void replay(App *app) {
    if (app->replay.on) {
        stop_looking_back(app);
    } else if (!nn_ink_is_empty(app->canvas.ink) && app->canvas.picture.grey == NULL) {
        canvas_end(&app->canvas);
        app->replay.on = true;
        app->replay.start_ms = app->now_ms;
        canvas_show_past(&app->canvas, 0);
    }
}

static void scrub_to(App *app, double t_ms) {
    app->replay.on = false;
    if (t_ms < 0 || nn_ink_is_empty(app->canvas.ink)) {
        canvas_show_now(&app->canvas);
        return;
    }
    app->scrub_ms = (float)t_ms;
    canvas_show_past(&app->canvas, timeline_points_at(&app->canvas, app->scrub_ms));
}

static void writer_named(App *app, const char *name) {
    int label = app->keep.label;
    app->keep.label = -1;
    if (name != NULL && name[0] != '\0' && label >= 0) {
        (void)text_copy(app->settings.writer, sizeof app->settings.writer, name);
        app_settings_changed(app);
        app_keep_digit(app, label);
    }
}

// Whatever is in the way, nearest first.
static void escape(App *app) {
    if (app->canvas.drawing) {
        canvas_cancel(&app->canvas);
    } else if (app->canvas.showing_past) {
        stop_looking_back(app);
    } else if (app->toasts.n > 0) {
        app->toasts.n = 0;
    } else if (app->view == APP_VIEW_ERRORS && view_errors_back(&app->errors)) {
        return;
    } else if (app->view == APP_VIEW_DATA && view_data_back(&app->data)) {
        return;
    } else if (app->view == APP_VIEW_TRAIN && app->training.at != TRAINING_NEWEST) {
        training_show(&app->training, TRAINING_NEWEST);
    } else if (app->draw.eraser) {
        app->draw.eraser = false;
    } else if (app->settings.fullscreen) {
        app->settings.fullscreen = false;
        app_settings_changed(app);
    }
}

static void apply_to_canvas(App *app, const Action *action) {
    Canvas *canvas = &app->canvas;
    switch (action->kind) {
    case ACTION_STROKE_BEGIN: {
        app->replay.on = false;
        float width = app->settings.brush;
        width *= action->index == NN_INK_ERASE ? ERASER_FACTOR : 1;
        canvas_begin(canvas, (NnInkTool)action->index, width, action->point, action->number);
        break;
    }
    case ACTION_STROKE_POINT:
        canvas_extend(canvas, action->point, action->number);
        break;
    case ACTION_STROKE_END:
        if (canvas->drawing) {
            stroke_ended(app);
        }
        break;
    case ACTION_CANVAS_SIDE:
        (void)canvas_resize(canvas, action->index);
        break;
    case ACTION_UNDO:
        app->replay.on = false;
        if (canvas_undo(canvas)) {
            app_drawing_changed(app);
        }
        break;
    case ACTION_REDO:
        app->replay.on = false;
        if (canvas_redo(canvas)) {
            app_drawing_changed(app);
        }
        break;
    case ACTION_CLEAR:
        app->replay.on = false;
        app_forget_drawings(app);
        if (canvas_clear(canvas)) {
            app_drawing_changed(app);
        }
        break;
    case ACTION_ERASER:
        app->draw.eraser = !app->draw.eraser;
        break;
    case ACTION_BRUSH:
        change_brush(app, action->number);
        break;
    default: // ACTION_BRUSH_STEP: a tenth of the range
        change_brush(app, (double)(app->settings.brush +
                                   (BRUSH_MAX - BRUSH_MIN) * 0.1f * (float)action->index));
        break;
    }
}

static void apply_to_settings(App *app, const Action *action) {
    Settings *settings = &app->settings;
    switch (action->kind) {
    case ACTION_THRESHOLD:
        settings->threshold = (float)action->number;
        recogniser_threshold(&app->recogniser, settings->threshold);
        break;
    case ACTION_THEME:
        settings->dark = !settings->dark;
        break;
    case ACTION_PROJECTOR:
        settings->projector = !settings->projector;
        break;
    case ACTION_MOTION:
        settings->motion = !settings->motion;
        toast(&app->toasts, app->now_ms, settings->motion ? "Motion is on." : "Motion is off.");
        break;
    default:
        settings->fullscreen = !settings->fullscreen;
        break;
    }
    app_settings_changed(app);
}

void app_apply(App *app, const Action *action) {
    switch (action->kind) {
    case ACTION_NONE:
        break;
    case ACTION_STROKE_BEGIN:
    case ACTION_STROKE_POINT:
    case ACTION_STROKE_END:
    case ACTION_CANVAS_SIDE:
    case ACTION_UNDO:
    case ACTION_REDO:
    case ACTION_CLEAR:
    case ACTION_ERASER:
    case ACTION_BRUSH:
    case ACTION_BRUSH_STEP:
        apply_to_canvas(app, action);
        break;
    case ACTION_STAGE:
        app->recogniser.options.skip ^= 1u << action->index;
        break;
    case ACTION_PANEL:
        choose_panel(app, action->index);
        break;
    case ACTION_RIVAL:
        app->draw.rival = action->index;
        break;
    case ACTION_SCRUB:
        scrub_to(app, action->number);
        break;
    case ACTION_REPLAY:
        replay(app);
        break;
    case ACTION_KEEP:
        app_keep_digit(app, action->index);
        break;
    case ACTION_WRITER:
        writer_named(app, action->text);
        break;
    case ACTION_SAVE_DRAWING:
        app_save_drawing(app);
        break;
    case ACTION_SAVE_VIEW:
        app->wants.save_view = true;
        break;
    case ACTION_DRAWING_STEP:
        app_drawing_step(app, action->index);
        break;
    case ACTION_THRESHOLD:
    case ACTION_THEME:
    case ACTION_PROJECTOR:
    case ACTION_MOTION:
    case ACTION_FULLSCREEN:
        apply_to_settings(app, action);
        break;
    case ACTION_MODEL_LIST:
        app_find_models(app);
        break;
    case ACTION_MODEL:
        app_load_weights(app, app->browse.models[action->index].path);
        break;
    case ACTION_HELP:
        app->overlay.help = !app->overlay.help;
        app->overlay.help_opened = false;
        break;
    case ACTION_STATS:
        app->overlay.stats = !app->overlay.stats;
        break;
    case ACTION_TINT:
        app->wants.tint = !app->wants.tint;
        break;
    case ACTION_ESCAPE:
        escape(app);
        break;
    case ACTION_QUIT:
        app->wants.running = false;
        break;
    case ACTION_VIEW:
        if (app->canvas.drawing) {
            stroke_ended(app);
        }
        app->view = (AppView)action->index;
        break;
    case ACTION_TRAIN_RECIPE:
    case ACTION_TRAIN_FIELD:
    case ACTION_TRAIN_GO:
    case ACTION_TRAIN_BATCH:
    case ACTION_TRAIN_EPOCH:
    case ACTION_TRAIN_STOP:
    case ACTION_TRAIN_REWIND:
    case ACTION_TRAIN_RESUME:
    case ACTION_TRAIN_CONTINUE:
    case ACTION_TRAIN_RATE:
    case ACTION_TRAIN_SHOW:
    case ACTION_TRAIN_SHOW_STEP:
    case ACTION_TRAIN_USE:
    case ACTION_TRAIN_SAVE:
    case ACTION_TRAIN_FIGURES:
    case ACTION_TRAIN_REMEDY:
    case ACTION_TRAIN_TYPICAL:
    case ACTION_TRAIN_RETRY:
        app_apply_train(app, action);
        break;
    case ACTION_DATA_SOURCE:
    case ACTION_DATA_GROUP:
    case ACTION_DATA_NEW:
    case ACTION_DATA_STEP:
    case ACTION_DATA_LINE:
    case ACTION_DATA_TRY:
    case ACTION_DATA_SAVE:
        app_apply_data(app, action);
        break;
    case ACTION_STUDY_SOURCE:
    case ACTION_STUDY_QUERY:
    case ACTION_STUDY_STEP:
    case ACTION_STUDY_ROW:
    case ACTION_STUDY_SHOW:
    case ACTION_STUDY_TAG:
    case ACTION_STUDY_NEXT_TAG:
    case ACTION_STUDY_NOTE:
    case ACTION_STUDY_UNDO:
    case ACTION_STUDY_TRY:
    case ACTION_STUDY_SAVE:
    case ACTION_STUDY_TAB:
    case ACTION_STUDY_RIVAL:
        app_apply_errors(app, action);
        break;
    }
}
