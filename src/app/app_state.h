// app_state.h - the window's whole state, nested by subject, and the core that runs without a
// window.
//
//     app_init(app, &(AppDesc){.measure = gfx_measure, .measure_user = gfx}, &err);
//     app_frame(app, &input);     // reads events, applies what was asked for, builds the draw list
//     gfx_compose(gfx, app_draws(app), ...);
//
// app_run.c drives it with a window, render.c with a script, the tests with either. It never reads
// a clock but to measure: time is the input's. Thread: UI.

#ifndef INKLING_APP_APP_STATE_H
#define INKLING_APP_APP_STATE_H

#include <stdio.h>

#include "app/actions.h"
#include "app/app.h"
#include "app/browse.h"
#include "app/canvas.h"
#include "app/neighbours.h"
#include "app/overlay.h"
#include "app/recogniser.h"
#include "app/settings.h"
#include "app/timeline.h"
#include "app/toast.h"
#include "app/view_data.h"
#include "app/view_draw.h"
#include "app/view_errors.h"
#include "app/view_train.h"
#include "ui/ui.h"

enum { PATH_SIZE = 1024 };

typedef struct {
    UiMeasure measure;
    void *measure_user;
    void (*wake)(void *user); // from any thread; may be NULL
    void *wake_user;
    const char *model_path;    // NULL: settings, else the one that comes with the program
    const char *shipped_model; // its name in models/; NULL: inkling-mlp.safetensors
    const char *log_path;
    const char *pictures_folder; // NULL: where the program was started, else the pictures folder
    bool remember;               // read and write settings and session
    bool tags_in_memory;         // nothing is kept of what is tagged: for pictures, measurements
    bool search_neighbours;      // start the thread that looks through MNIST
} AppDesc;

// What is on the canvas and how it is being looked at; changes mean a new look.
typedef struct {
    uint64_t ink_version;
    bool past;
    size_t past_points;
    const void *picture;
    unsigned skip, generation;
    bool answers; // by the network in use
} Sight;

// Of a training, what the log has told.
typedef struct {
    int chosen;                          // recipe
    int phase, epoch, branch, at, digit; // phase -1: there is no run; digit -1: no answer
    uint64_t steps;                      // while it stands still
    bool resumable;
} TrainMoment;

// What the theme is made for.
typedef struct {
    bool dark, projector, motion;
    float width, height; // of the window, with a projector
} ThemeChoice;

// What was last written to the log of the Errors view.
typedef struct {
    StudySource source;
    unsigned order;
    size_t listed[BROWSE_LISTS];
    ErrorsCell cell[BROWSE_LISTS];
    int64_t sample;
    int tag, tab;
    float low, high;
    UiRect matrix, grid, filter;
} LoggedErrors;

typedef struct {
    Ui *ui;
    Theme theme;
    ThemeChoice theme_made;
    Settings settings;
    Canvas canvas;
    Recogniser recogniser;
    Timeline timeline;
    AppView view;
    ViewDraw draw;
    ViewErrors errors;
    ViewTrain train;
    ViewData data;
    DataShelf *shelf; // what Train, Errors and Data read
    Training training;
    Browse browse;
    Gallery gallery;
    char errors_half[PATH_SIZE]; // of an IDX pair, dropped and waiting for the other; "" none
    Overlay overlay;
    Toasts toasts;
    Actions actions;

    struct {
        Sight last;
        bool looked;       // last is true of something
        bool stroke_ended; // in this frame: to be logged once it has its answer
        bool panel_stale;  // the panel on view shows an earlier look
        double panel_due_ms;
    } sight;

    struct {
        Neighbours *search; // NULL: not started
        bool wanted;
        bool refused;        // could not be started with this model
        unsigned generation; // the model it was started with
        const char *set;     // and the data set
        unsigned asked;      // the look last asked about
        AppView
            asked_by; // the view that asked, and its first question: older findings are not its own
        unsigned query, first_query;
        double start_ms; // not before the first frames are through
        void (*wake)(void *user);
        void *wake_user;
    } neighbours;

    struct {
        bool on;
        double start_ms;
    } replay;
    float scrub_ms; // moment on view while scrubbing

    struct {
        NnStrokeFile *file; // a dropped file of strokes, NULL: none
        char path[PATH_SIZE];
        int number; // of the drawing shown, from 1
        int label;  // it carries, -1: none
    } drawings;

    struct {
        int label; // waiting for the writer's name, -1: none
    } keep;

    struct {
        bool remember;
        char settings_path[PATH_SIZE], session_path[PATH_SIZE];
        bool session_dirty, settings_dirty;
        bool sweep_due; // of what earlier processes left half written
        double session_due_ms, settings_due_ms;
        FILE *log;
        UiRect logged_square;
        TrainMoment logged_moment;
        bool logged_training;
        LoggedErrors logged_errors;
        char pictures_folder[PATH_SIZE];
    } files;

    struct {
        bool running, save_view, tint;
        bool figures; // of the Train view, as pictures
    } wants;          // what the driver has to do

    FrameStats stats; // filled by the driver, shown by F3
    double now_ms;
} App;

// In the caller's storage. A missing or bad model is no failure unless model_path named it.
NnStatus app_init(App *app, const AppDesc *desc, NnError *err) NN_MUST_CHECK;
void app_release(App *app); // writes settings and session first

// One frame: events in, actions applied, draw list built. input is read, not kept.
void app_frame(App *app, const UiInput *input);
const DrawList *app_draws(const App *app);
Color app_background(const App *app);

// When the next frame is due: now (0), in so many ms, or only when something happens (negative).
double app_next_frame_ms(const App *app);

// --- between its own files -----------------------------------------------------------------------

void app_apply(App *app, const Action *action); // apply.c
void app_settings_changed(App *app);
void app_drawing_changed(App *app);
void app_stop_neighbours(App *app);

void app_file_dropped(App *app, const char *path); // app_files.c
void app_load_weights(App *app, const char *path); // on failure the old network stays
void app_find_models(App *app);                    // of all the lists
void app_forget_drawings(App *app);
void app_drawing_step(App *app, int step);
void app_save_drawing(App *app);
void app_keep_digit(App *app, int label);
void app_picture_saved(App *app, const char *path, NnStatus status, const NnError *err);

// A name that is free: folder/stem-N.png. For the picture of the view, which the driver writes.
bool app_picture_path(const App *app, const char *stem, char *path, size_t size);
bool app_free_path(const App *app, const char *stem, const char *ending, char *path, size_t size);

void app_log_canvas(App *app); // app_log.c: where it is, once and whenever it moves
void app_log_stroke(App *app);
void app_log_train(App *app);
void app_log_errors(App *app); // app_log_errors.c: whenever there is something new
void app_log_saved(App *app, const char *path);

void app_apply_train(App *app, const Action *action);  // app_train.c
void app_apply_errors(App *app, const Action *action); // app_errors.c
void app_apply_data(App *app, const Action *action);   // app_data.c
void app_errors_news(App *app);                        // files finished by the thread
bool app_is_idx(const char *path);
void app_idx_dropped(App *app, const char *path);
bool app_rival_dropped(App *app, const char *path); // false: it is for all views

#endif
