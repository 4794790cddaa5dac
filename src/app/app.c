#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/app_state.h"
#include "app/session.h"
#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"

static const char *const VIEW_NAMES[APP_VIEW_COUNT] = {"draw", "train", "errors", "data"};
static const char DEFAULT_MODEL[] = "inkling-mlp.safetensors";
// The drawing is written down this long after the last stroke, so that drawing never waits for a
// disk.
static const double SESSION_DELAY_MS = 700, SETTINGS_DELAY_MS = 1500;
// The search through MNIST starts when the window has settled.
static const double SEARCH_DELAY_MS = 600; // and the sweep of stale files
static const double PANEL_EVERY_MS = 45;   // while drawing

bool app_view_parse(const char *name, AppView *view) {
    for (int i = 0; i < APP_VIEW_COUNT; i++) {
        if (strcmp(name, VIEW_NAMES[i]) == 0) {
            *view = (AppView)i;
            return true;
        }
    }
    return false;
}

const char *app_view_name(AppView view) {
    return VIEW_NAMES[view];
}

// --- start ---------------------------------------------------------------------------------------

static NnStatus load_first_model(App *app, const AppDesc *desc, NnError *err) {
    if (desc->model_path != NULL) {
        return recogniser_load(&app->recogniser, desc->model_path, err);
    }
    const char *shipped = desc->shipped_model != NULL ? desc->shipped_model : DEFAULT_MODEL;
    NnError trouble = {0};
    char path[PATH_SIZE];
    bool tried = false;
    if (app->settings.model[0] != '\0') {
        if (recogniser_load(&app->recogniser, app->settings.model, &trouble) == NN_OK) {
            return NN_OK;
        }
        toast_error(&app->toasts, app->now_ms, &trouble);
        app->settings.model[0] = '\0';
        tried = true;
    }
    if (share_path(path, sizeof path, "models", shipped) &&
        recogniser_load(&app->recogniser, path, &trouble) != NN_OK && !tried) {
        toast_error(&app->toasts, app->now_ms, &trouble); // the window opens all the same
    }
    return NN_OK;
}

static void remember(App *app) {
    bool known = place_path(app->files.settings_path, sizeof app->files.settings_path, PLACE_CONFIG,
                            "settings.json") &&
                 place_path(app->files.session_path, sizeof app->files.session_path, PLACE_STATE,
                            "drawing.json");
    app->files.remember = known;
    app->files.sweep_due = known;
    if (!known) {
        return;
    }
    NnError err = {0};
    if (settings_load(&app->settings, app->files.settings_path, &err) != NN_OK) {
        toast_error(&app->toasts, app->now_ms, &err);
    }
    app->errors.thumb = app->settings.thumb;
    err = (NnError){0};
    if (session_load(app->canvas.ink, app->files.session_path, &err) != NN_OK) {
        toast_error(&app->toasts, app->now_ms, &err);
    }
    canvas_changed(&app->canvas);
}

static NnStatus open_log(App *app, const char *path, NnError *err) {
    if (path == NULL) {
        return NN_OK;
    }
    app->files.log = fopen(path, "a");
    if (app->files.log == NULL) {
        return nn_fail_file(err, NN_ERR_IO, path, -1, "cannot be opened for the log");
    }
    return NN_OK;
}

NnStatus app_init(App *app, const AppDesc *desc, NnError *err) {
    memset(app, 0, sizeof *app);
    app->wants.running = true;
    app->keep.label = -1;
    app->drawings.label = -1;
    app->neighbours.wanted = desc->search_neighbours;
    app->neighbours.wake = desc->wake;
    app->neighbours.wake_user = desc->wake_user;
    settings_default(&app->settings);
    view_draw_init(&app->draw);
    view_train_init(&app->train);
    app->shelf = data_shelf_new();
    training_init(&app->training, app->shelf, desc->wake, desc->wake_user);
    view_errors_init(&app->errors);
    app->errors.thumb = app->settings.thumb;
    browse_init(&app->browse, app->shelf, desc->wake, desc->wake_user);
    app->browse.tags_in_memory = desc->tags_in_memory;
    (void)browse_find_models(&app->browse); // where one is left out, whoever opens a list hears it
    view_data_init(&app->data);
    gallery_init(&app->gallery, app->shelf, desc->wake, desc->wake_user);
    recogniser_init(&app->recogniser);
    if (desc->pictures_folder != NULL) {
        (void)text_copy(app->files.pictures_folder, sizeof app->files.pictures_folder,
                        desc->pictures_folder);
    }
    NnStatus status = NN_OK;
    app->ui = ui_new(desc->measure, desc->measure_user);
    if (app->ui == NULL || app->shelf == NULL) {
        status = nn_fail(err, NN_ERR_NOMEM, "Out of memory while opening the window.");
    } else if (!canvas_init(&app->canvas, err) || !timeline_init(&app->timeline, err)) {
        status = NN_ERR_NOMEM;
    } else {
        status = open_log(app, desc->log_path, err);
    }
    char runs[PATH_SIZE];
    if (desc->remember && place_path(runs, sizeof runs, PLACE_STATE, "runs")) {
        training_keep_runs(&app->training, runs);
    }
    if (status == NN_OK && desc->remember) {
        remember(app);
    }
    if (status == NN_OK) {
        status = load_first_model(app, desc, err);
    }
    if (status != NN_OK) {
        app_release(app);
        return status;
    }
    recogniser_threshold(&app->recogniser, app->settings.threshold);
    return NN_OK;
}

static void save_session(App *app) {
    if (app->files.remember && app->files.session_dirty) {
        app->files.session_dirty = false;
        NnError err = {0};
        char folder[PATH_SIZE];
        if (!place_path(folder, sizeof folder, PLACE_STATE, "") ||
            folder_make(folder, &err) != NN_OK ||
            session_save(app->canvas.ink, app->files.session_path, &err) != NN_OK) {
            toast_error(&app->toasts, app->now_ms, &err);
        }
    }
}

static void save_settings(App *app) {
    if (app->files.remember && app->files.settings_dirty) {
        app->files.settings_dirty = false;
        NnError err = {0};
        char folder[PATH_SIZE];
        if (!place_path(folder, sizeof folder, PLACE_CONFIG, "") ||
            folder_make(folder, &err) != NN_OK ||
            settings_save(&app->settings, app->files.settings_path, &err) != NN_OK) {
            toast_error(&app->toasts, app->now_ms, &err);
        }
    }
}

void app_release(App *app) {
    save_session(app);
    save_settings(app);
    neighbours_free(app->neighbours.search); // before the model it reads
    browse_release(&app->browse);
    gallery_release(&app->gallery);
    training_release(&app->training);
    data_shelf_free(app->shelf);
    nn_strokes_close(app->drawings.file);
    if (app->files.log != NULL) {
        (void)fclose(app->files.log);
    }
    timeline_release(&app->timeline);
    recogniser_release(&app->recogniser);
    canvas_release(&app->canvas);
    actions_release(&app->actions);
    ui_free(app->ui);
    memset(app, 0, sizeof *app);
}

void app_settings_changed(App *app) {
    app->files.settings_dirty = app->files.remember;
    app->files.settings_due_ms = app->now_ms + SETTINGS_DELAY_MS;
}

void app_drawing_changed(App *app) {
    app->files.session_dirty = app->files.remember;
    app->files.session_due_ms = app->now_ms + SESSION_DELAY_MS;
}

// --- looking -------------------------------------------------------------------------------------

static bool same_sight(const Sight *a, const Sight *b) {
    return a->ink_version == b->ink_version && a->past == b->past &&
           a->past_points == b->past_points && a->picture == b->picture && a->skip == b->skip &&
           a->generation == b->generation && a->answers == b->answers;
}

static bool looks_different(App *app) {
    bool past = app->canvas.showing_past;
    Sight sight = {.ink_version = nn_ink_version(app->canvas.ink),
                   .past = past,
                   .past_points = past ? app->canvas.past_points : 0,
                   .picture = app->canvas.picture.grey,
                   .skip = app->recogniser.options.skip,
                   .generation = app->recogniser.generation,
                   // The Train view's answers are those of the network in training.
                   .answers = app->view != APP_VIEW_TRAIN};
    bool different = !same_sight(&sight, &app->sight.last) || !app->sight.looked;
    app->sight.last = sight;
    app->sight.looked = true;
    return different;
}

static void ask_neighbours(App *app) {
    bool errors = app->view == APP_VIEW_ERRORS;
    const char *set = errors ? browse_training_set(&app->browse) : "mnist"; // drawings are digits
    if (app->neighbours.search != NULL &&
        (app->neighbours.generation != app->recogniser.generation ||
         strcmp(app->neighbours.set, set) != 0)) {
        app_stop_neighbours(app);
    }
    if (app->neighbours.search == NULL && app->neighbours.wanted && app->recogniser.model != NULL &&
        app->now_ms >= app->neighbours.start_ms && !app->neighbours.refused) {
        app->neighbours.search = neighbours_new(app->recogniser.model, set, app->neighbours.wake,
                                                app->neighbours.wake_user);
        app->neighbours.set = set;
        app->neighbours.generation = app->recogniser.generation;
        app->neighbours.refused = app->neighbours.search == NULL;
        app->neighbours.asked = 0;
        app->neighbours.query = app->neighbours.first_query = 0;
    }
    unsigned look = errors ? app->browse.looks : app->recogniser.looks;
    bool other_view = app->neighbours.asked_by != app->view;
    bool visible = errors ? app->browse.sample >= 0 : app->settings.panel == PANEL_LOOKS;
    if (app->neighbours.search != NULL && visible &&
        (app->neighbours.asked != look || other_view)) {
        app->neighbours.asked = look;
        app->neighbours.asked_by = app->view;
        app->neighbours.query++;
        if (other_view || errors) { // another picture altogether: nothing of the old one is shown
            app->neighbours.first_query = app->neighbours.query;
        }
        int n = 0;
        const float *features =
            errors ? recogniser_features_of(&app->recogniser, &app->browse.digit, &n)
                   : recogniser_features(&app->recogniser, &n);
        neighbours_ask(app->neighbours.search, app->neighbours.query, features, n);
    }
}

void app_stop_neighbours(App *app) {
    neighbours_free(app->neighbours.search);
    app->neighbours.search = NULL;
    app->neighbours.refused = false;
}

// The main answer first and timed alone, at every change; then what the panel on view needs, which
// while a stroke is being drawn may be a frame or two behind: an X-ray costs ten times an answer.
static void think(App *app) {
    bool has_canvas = app->view == APP_VIEW_DRAW || app->view == APP_VIEW_TRAIN;
    if (has_canvas && looks_different(app)) {
        recogniser_see(&app->recogniser, &app->canvas, app->sight.last.answers);
        app->sight.panel_stale = app->view == APP_VIEW_DRAW;
    }
    if (app->view == APP_VIEW_TRAIN) {
        if (!app->training.opened) {
            app_find_models(app); // a run may be taught by them
        }
        training_open(&app->training);
    }
    training_step(&app->training, app->recogniser.has_ink ? &app->recogniser.digit : NULL,
                  app->recogniser.looks, app->canvas.drawing,
                  app->now_ms); // a run goes on while another view is looked at
    if (app->training.stayed) {
        toast(&app->toasts, app->now_ms, "%s", app->training.state.message);
        app->training.stayed = false;
    }
    gallery_step(&app->gallery, &app->recogniser, app->data.seed, app->view == APP_VIEW_DATA);
    if (app->view == APP_VIEW_DATA) {
        return;
    }
    if (app->view == APP_VIEW_TRAIN) {
        if (app->train.panel == TRAIN_TEMPLATES) {
            training_need_templates(&app->training);
        }
        return;
    }
    if (app->view == APP_VIEW_ERRORS) {
        ViewErrors *own = &app->errors;
        browse_step(&app->browse, &app->recogniser, &own->query, own->side, &own->sample,
                    own->rival, &app->toasts, app->now_ms);
        app_errors_news(app);
        if (app->browse.answers != NULL) { // the network's answers first: they need every core
            ask_neighbours(app);
        }
        return;
    }
    bool settled = !app->canvas.drawing;
    if (!settled && app->now_ms < app->sight.panel_due_ms) {
        return;
    }
    if (app->sight.panel_stale) {
        app->sight.panel_stale = false;
        app->sight.panel_due_ms = app->now_ms + PANEL_EVERY_MS;
    }
    switch (app->settings.panel) {
    case PANEL_STEPS:
        recogniser_need_xray(&app->recogniser, &app->canvas);
        break;
    case PANEL_WHY:
        recogniser_need_why(&app->recogniser, app->draw.rival);
        break;
    case PANEL_TIME:
        timeline_step(&app->timeline, &app->canvas, &app->recogniser);
        break;
    default:
        break;
    }
    ask_neighbours(app);
}

static void step_replay(App *app) {
    if (!app->replay.on) {
        return;
    }
    float t = (float)(app->now_ms - app->replay.start_ms);
    if (t >= timeline_duration(&app->canvas)) {
        app->replay.on = false;
        canvas_show_now(&app->canvas);
    } else {
        canvas_show_past(&app->canvas, timeline_points_at(&app->canvas, t));
    }
}

// --- one frame -----------------------------------------------------------------------------------

static AppData data_of(App *app) {
    const Canvas *canvas = &app->canvas;
    const char *slash = strrchr(app->drawings.path, '/');
    float shown = !canvas->showing_past ? -1
                  : app->replay.on      ? (float)(app->now_ms - app->replay.start_ms)
                                        : app->scrub_ms;
    const Findings *findings =
        app->neighbours.search != NULL ? neighbours_latest(app->neighbours.search) : NULL;
    bool own = findings != NULL &&
               (findings->query >= app->neighbours.first_query || findings->trouble[0] != '\0');
    return (AppData){
        .settings = &app->settings,
        .training = &app->training,
        .browse = &app->browse,
        .gallery = &app->gallery,
        .canvas = canvas,
        .recogniser = &app->recogniser,
        .timeline = &app->timeline,
        .findings = own ? findings : NULL,
        .replaying = app->replay.on,
        .shown_ms = shown,
        .drawings_name = app->drawings.file == NULL ? NULL
                         : slash != NULL            ? slash + 1
                                                    : app->drawings.path,
        .drawings_number = app->drawings.number,
        .drawings_label = app->drawings.label,
        .asks_writer = app->keep.label >= 0,
        .keep_label = app->keep.label,
    };
}

// What a class sees depends on the type's share of the picture, not on its pixels: with the
// projector on, everything grows and shrinks with the window.
static void fit_to_projector(Theme *theme, float width, float height) {
    float factor = fminf(fmaxf(fminf(width / 1280, height / 800), 0.72f), 3);
    for (int i = 0; i < FONT_ROLE_COUNT; i++) {
        theme->font[i].size = roundf(theme->font[i].size * factor * 2) / 2;
    }
    float *sizes[] = {&theme->grid, &theme->margin, &theme->line_height, &theme->control};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        *sizes[i] = roundf(*sizes[i] * factor);
    }
}

// Its colour scales take longer than the rest of a frame, so it is made when it has to be.
static void make_theme(App *app, float width, float height) {
    const Settings *settings = &app->settings;
    ThemeChoice choice = {.dark = settings->dark,
                          .projector = settings->projector,
                          .motion = settings->motion,
                          .width = settings->projector ? width : 0,
                          .height = settings->projector ? height : 0};
    const ThemeChoice *made = &app->theme_made;
    if (app->theme.grid > 0 && choice.dark == made->dark && choice.projector == made->projector &&
        choice.motion == made->motion && choice.width == made->width &&
        choice.height == made->height) {
        return;
    }
    app->theme_made = choice;
    theme_make(&app->theme, choice.dark, choice.projector, choice.motion);
    if (choice.projector) {
        fit_to_projector(&app->theme, width, height);
    }
}

static void build(App *app, const UiInput *input) {
    make_theme(app, input->width, input->height);
    app->actions.n = 0;
    Ui *ui = app->ui;
    ui_begin(ui, input, &app->theme);
    UiRect window = {0, 0, input->width, input->height};
    draw_rect(ui_list(ui), window, 0, app->theme.color[THEME_BACKGROUND]);
    UiRect page = window;
    UiRect bar = ui_cut_top(&page, top_bar_height(&app->theme));
    AppData data = data_of(app);
    top_bar(ui, bar, app->view, &data, app->overlay.help, &app->actions);
    UiRect room = page; // for toasts
    ui_push_id(ui, VIEW_NAMES[app->view]);
    if (app->view == APP_VIEW_DRAW) {
        view_draw(ui, page, &data, &app->draw, &app->actions);
        room = app->draw.square;
    } else if (app->view == APP_VIEW_TRAIN) {
        view_train(ui, page, &data, &app->train, &app->draw, &app->actions);
        room = app->train.curves;
    } else if (app->view == APP_VIEW_DATA) {
        view_data(ui, page, &data, &app->data, &app->actions);
    } else {
        view_errors(ui, page, &data, &app->errors, &app->actions);
    }
    ui_pop_id(ui);
    toasts_draw(ui, &app->toasts, ui_inset(room, 2 * app->theme.grid));
    if (app->overlay.stats) {
        overlay_stats(ui, window, &app->stats, &app->recogniser);
    }
    overlay_help(ui, window, app->view, &app->overlay, &app->actions);
    actions_from_keys(ui, app->view, &app->actions);
    ui_end(ui);
}

static void take_program_events(App *app, const UiInput *input) {
    for (size_t i = 0; i < input->n; i++) {
        const UiEvent *event = &input->events[i];
        if (event->kind == EVENT_QUIT) {
            app->wants.running = false;
        } else if (event->kind == EVENT_DROP && event->path != NULL) {
            app_file_dropped(app, event->path);
        } else if (event->kind == EVENT_RESIZE && !app->settings.fullscreen) {
            app->settings.width = (int)lroundf(input->width);
            app->settings.height = (int)lroundf(input->height);
            app_settings_changed(app);
        }
    }
}

void app_frame(App *app, const UiInput *input) {
    app->now_ms = input->now_ms;
    if (app->neighbours.start_ms == 0) {
        app->neighbours.start_ms = app->now_ms + SEARCH_DELAY_MS;
    }
    toasts_update(&app->toasts, app->now_ms);
    take_program_events(app, input);
    step_replay(app);
    think(app);
    build(app, input);
    // What was asked for is done and shown in this very frame: a stroke's ink and its answer do not
    // lag behind the hand. Two rounds: an action may uncover something that asks for another (a new
    // canvas size).
    UiInput quiet = *input;
    quiet.n = 0;
    for (int round = 0; round < 3 && app->actions.n > 0; round++) {
        for (size_t i = 0; i < app->actions.n; i++) {
            app_apply(app, &app->actions.items[i]);
        }
        think(app);
        build(app, &quiet);
    }
    if (app->errors.thumb != app->settings.thumb) {
        app->settings.thumb = app->errors.thumb;
        app_settings_changed(app);
    }
    canvas_refresh(&app->canvas);
    app_log_canvas(app);
    app_log_train(app);
    app_log_errors(app);
    if (app->sight.stroke_ended) {
        app->sight.stroke_ended = false;
        app_log_stroke(app);
    }
    if (app->files.sweep_due && app->now_ms >= app->neighbours.start_ms) {
        app->files.sweep_due = false;
        places_sweep();
    }
    if (app->files.session_dirty && app->now_ms >= app->files.session_due_ms &&
        !app->canvas.drawing) {
        save_session(app);
    }
    if (app->files.settings_dirty && app->now_ms >= app->files.settings_due_ms) {
        save_settings(app);
    }
}

const DrawList *app_draws(const App *app) {
    return ui_draws(app->ui);
}

Color app_background(const App *app) {
    return app->theme.color[THEME_BACKGROUND];
}

static void sooner(double *next, double due_ms, double now_ms) {
    double wait = fmax(due_ms - now_ms, 1);
    if (*next < 0 || wait < *next) {
        *next = wait;
    }
}

double app_next_frame_ms(const App *app) {
    bool ribbon = app->view == APP_VIEW_DRAW && app->settings.panel == PANEL_TIME &&
                  app->recogniser.model != NULL && !app->timeline.complete &&
                  app->canvas.picture.grey == NULL;
    if (app->view == APP_VIEW_TRAIN && training_wants_frame(&app->training)) {
        return 0;
    }
    if (ui_wants_frame(app->ui) || app->replay.on || ribbon || app->actions.n > 0) {
        return 0;
    }
    double next = -1;
    if (app->sight.panel_stale) {
        sooner(&next, app->sight.panel_due_ms, app->now_ms);
    }
    double toast_end = toasts_next_ms(&app->toasts);
    if (toast_end >= 0) {
        sooner(&next, toast_end, app->now_ms);
    }
    if (app->files.session_dirty) {
        sooner(&next, app->files.session_due_ms, app->now_ms);
    }
    if (app->files.settings_dirty) {
        sooner(&next, app->files.settings_due_ms, app->now_ms);
    }
    if (app->files.sweep_due) {
        sooner(&next, app->neighbours.start_ms, app->now_ms);
    }
    bool search_due = app->neighbours.wanted && app->neighbours.search == NULL &&
                      !app->neighbours.refused && app->recogniser.model != NULL &&
                      app->view != APP_VIEW_TRAIN && app->view != APP_VIEW_DATA;
    if (search_due) {
        sooner(&next, app->neighbours.start_ms, app->now_ms);
    }
    return next;
}
