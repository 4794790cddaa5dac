// What the window writes and reads: settings, the session, my digits, pictures, dropped files, the
// log.
#define _XOPEN_SOURCE 700 // mkdtemp, setenv

#include "app_fixture.h"

#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "app/session.h"
#include "nn/dataset.h"
#include "nn/picture.h"
#include "support/faults.h"

static void write_text(const char *path, const char *text) {
    assert_int_equal(file_save(path, text, strlen(text), NULL), NN_OK);
}

static void in_folder(const AppFixture *fixture, const char *name, char *path, size_t size) {
    (void)snprintf(path, size, "%s/%s", fixture->folder, name);
}

static void drop(AppFixture *fixture, const char *name) {
    char line[600];
    (void)snprintf(line, sizeof line, "drop %s/%s", fixture->folder, name);
    fixture_play(fixture, line);
}

static bool toast_says(const App *app, const char *part) {
    for (int i = 0; i < app->toasts.n; i++) {
        if (strstr(app->toasts.list[i].text, part) != NULL) {
            return true;
        }
    }
    return false;
}

// --- settings ------------------------------------------------------------------------------------

static void settings_come_back_as_they_were(void **state) {
    AppFixture *fixture = *state;
    char path[400];
    in_folder(fixture, "settings.json", path, sizeof path);
    Settings written;
    settings_default(&written);
    written.dark = true;
    written.projector = true;
    written.motion = false;
    written.brush = 0.08f;
    written.threshold = 0.75f;
    written.panel = PANEL_TIME;
    written.thumb = 84;
    written.width = 1000;
    written.height = 700;
    strcpy(written.writer, "Zo\xc3\xab");
    strcpy(written.model, "/a/b.safetensors");
    assert_int_equal(settings_save(&written, path, NULL), NN_OK);
    Settings read;
    assert_int_equal(settings_load(&read, path, NULL), NN_OK);
    assert_int_equal(read.dark, written.dark);
    assert_int_equal(read.projector, written.projector);
    assert_int_equal(read.motion, written.motion);
    assert_true(fabsf(read.brush - written.brush) < 1e-5f);
    assert_true(fabsf(read.threshold - written.threshold) < 1e-5f);
    assert_int_equal(read.panel, written.panel);
    assert_true(fabsf(read.thumb - written.thumb) < 1e-3f);
    assert_int_equal(read.width, written.width);
    assert_int_equal(read.height, written.height);
    assert_string_equal(read.writer, written.writer);
    assert_string_equal(read.model, written.model);
}

typedef struct {
    const char *name, *text;
    NnStatus expected; // the values are the defaults in every case
} BadSettings;

static const BadSettings BAD_SETTINGS[] = {
    {"settings: empty file", "", NN_ERR_FORMAT},
    {"settings: not JSON", "dark = true", NN_ERR_FORMAT},
    {"settings: a list", "[1, 2]", NN_ERR_FORMAT},
    {"settings: a key twice", "{\"dark\": true, \"dark\": false}", NN_ERR_FORMAT},
    {"settings: torn", "{\"dark\": tr", NN_ERR_FORMAT},
    {"settings: wrong types",
     "{\"dark\": 1, \"brush\": \"fat\", \"panel\": 2.5, \"writer\": 7, \"width\": true}", NN_OK},
    {"settings: out of range",
     "{\"brush\": 5, \"threshold\": 1e300, \"panel\": 99, \"width\": -3, \"height\": 999999}",
     NN_OK},
    {"settings: keys of the future", "{\"colour\": \"mauve\", \"views\": {\"a\": []}}", NN_OK},
};

static NnStatus settings_there_and_back(void *user, NnError *err) {
    Settings settings;
    settings_default(&settings);
    strcpy(settings.writer, "Ada");
    NnStatus status = settings_save(&settings, user, err);
    if (status == NN_OK) {
        status = settings_load(&settings, user, err);
        assert_true(status != NN_OK || strcmp(settings.writer, "Ada") == 0);
    }
    return status;
}

static void settings_are_whole_or_refused_when_memory_runs_out(void **state) {
    char path[400];
    in_folder(*state, "settings.json", path, sizeof path);
    assert_true(fault_each_allocation(settings_there_and_back, NULL, path) > 20);
}

static void run_bad_settings(void **state) {
    const BadSettings *row = *state;
    AppFixture *fixture = NULL;
    assert_int_equal(fixture_setup((void **)&fixture), 0);
    char path[400];
    in_folder(fixture, "settings.json", path, sizeof path);
    write_text(path, row->text);
    Settings read, expected;
    settings_default(&expected);
    NnError err = {0};
    assert_int_equal(settings_load(&read, path, &err), row->expected);
    assert_int_equal(err.message[0] != '\0', row->expected != NN_OK);
    assert_int_equal(read.dark, expected.dark);
    assert_int_equal(read.panel, expected.panel);
    assert_int_equal(read.width, expected.width);
    assert_int_equal(read.height, expected.height);
    assert_true(read.brush == expected.brush && read.threshold == expected.threshold);
    assert_string_equal(read.writer, "");
    assert_int_equal(fixture_teardown((void **)&fixture), 0);
}

// --- session -------------------------------------------------------------------------------------

static void a_drawing_survives_being_closed(void **state) {
    AppFixture *fixture = *state;
    fixture_open(fixture, true, true, 1280, 800, 1);
    fixture_play(fixture, SEVEN);
    fixture_play(fixture, "key ]");
    fixture_play(fixture, "stroke 0.4 0.55 0.5 0.55 0.6 0.55");
    fixture_play(fixture, "key t");
    NnDigit before = fixture->app.recogniser.digit;
    size_t points = nn_ink_point_count(fixture->app.canvas.ink);
    float width = nn_ink_stroke(fixture->app.canvas.ink, 1).width;
    fixture_close(fixture);
    fixture_open(fixture, true, true, 1280, 800, 1);
    assert_int_equal(nn_ink_stroke_count(fixture->app.canvas.ink), 2);
    assert_int_equal(nn_ink_point_count(fixture->app.canvas.ink), points);
    assert_true(fabsf(nn_ink_stroke(fixture->app.canvas.ink, 1).width - width) < 1e-6f);
    assert_memory_equal(&before, &fixture->app.recogniser.digit, sizeof before);
    assert_true(fixture->app.settings.dark);
    float duration = timeline_duration(&fixture->app.canvas);
    fixture_play(fixture, "stroke 0.2 0.2 0.3 0.3"); // time goes on from there
    assert_true(timeline_duration(&fixture->app.canvas) > duration);
}

// Written a moment after the stroke, not only at the end: a crash loses nothing that is a second
// old.
static void a_drawing_survives_a_crash(void **state) {
    AppFixture *fixture = *state;
    fixture_open(fixture, true, true, 1280, 800, 1);
    fixture_play(fixture, SEVEN);
    script_wait(&fixture->script, 1000);
    char path[400];
    (void)snprintf(path, sizeof path, "%s/inkling/drawing.json", fixture->folder);
    NnInk *ink = nn_ink_new(NULL);
    assert_int_equal(session_load(ink, path, NULL), NN_OK);
    assert_int_equal(nn_ink_point_count(ink), nn_ink_point_count(fixture->app.canvas.ink));
    nn_ink_free(ink);
}

static NnStatus drawing_there_and_back(void *user, NnError *err) {
    NnInk *ink = nn_ink_new(err);
    NnStatus status;
    if (ink != NULL && nn_ink_begin(ink, NN_INK_DRAW, 0.05f) &&
        nn_ink_extend(ink, (NnInkPoint){0.25f, 0.5f, 0, 1}) &&
        nn_ink_extend(ink, (NnInkPoint){0.75f, 0.5f, 20, 1})) {
        nn_ink_end(ink);
        status = session_save(ink, user, err);
        if (status == NN_OK) {
            status = session_load(ink, user, err);
            assert_int_equal(nn_ink_point_count(ink), status == NN_OK ? 2 : 0);
        }
    } else {
        status = nn_fail(err, NN_ERR_NOMEM, "Out of memory for the ink.");
    }
    nn_ink_free(ink);
    return status;
}

static void a_drawing_is_whole_or_refused_when_memory_runs_out(void **state) {
    char path[400];
    in_folder(*state, "drawing.json", path, sizeof path);
    assert_true(fault_each_allocation(drawing_there_and_back, NULL, path) > 30);
}

// Off the way to the first frame.
static void what_a_crash_left_is_swept_once_the_window_has_settled(void **state) {
    AppFixture *fixture = *state;
    char path[400];
    in_folder(fixture, "inkling", path, sizeof path);
    assert_int_equal(folder_make(path, NULL), NN_OK);
    long child = (long)fork();
    if (child == 0) {
        _exit(0);
    }
    assert_int_equal(waitpid((pid_t)child, NULL, 0), child);
    (void)snprintf(path, sizeof path, "%s/inkling/.drawing.json.tmp.%ld", fixture->folder, child);
    write_text(path, "{");
    struct timespec two_hours_ago[2] = {{.tv_sec = time(NULL) - 7200},
                                        {.tv_sec = time(NULL) - 7200}};
    assert_int_equal(utimensat(AT_FDCWD, path, two_hours_ago, 0), 0);
    fixture_open(fixture, true, true, 1280, 800, 1);
    script_wait(&fixture->script, 20);
    assert_int_equal(access(path, F_OK), 0);
    assert_true(app_next_frame_ms(&fixture->app) >= 0); // an idle window gets there, too
    script_wait(&fixture->script, 1500);
    assert_int_equal(access(path, F_OK), -1);
    assert_true(app_next_frame_ms(&fixture->app) < 0);
}

static const BadSettings BAD_SESSIONS[] = {
    {"session: empty file", "", NN_ERR_FORMAT},
    {"session: not JSON", "strokes", NN_ERR_FORMAT},
    {"session: no strokes", "{}", NN_ERR_FORMAT},
    {"session: torn", "{\"strokes\":[{\"width\":0.05,\"points\":[[0.1,0.2,0,1],[0.3",
     NN_ERR_FORMAT},
    {"session: a point of three", "{\"strokes\":[{\"width\":0.05,\"points\":[[0.1,0.2,0]]}]}",
     NN_ERR_FORMAT},
    {"session: a point of words", "{\"strokes\":[{\"width\":0.05,\"points\":[[\"a\",0.2,0,1]]}]}",
     NN_ERR_FORMAT},
    {"session: a point far away", "{\"strokes\":[{\"width\":0.05,\"points\":[[1e30,0.2,0,1]]}]}",
     NN_ERR_FORMAT},
    {"session: a pen without width", "{\"strokes\":[{\"points\":[[0.1,0.2,0,1]]}]}", NN_ERR_FORMAT},
    {"session: a negative pen", "{\"strokes\":[{\"width\":-1,\"points\":[[0.1,0.2,0,1]]}]}",
     NN_ERR_FORMAT},
    {"session: strokes are a number", "{\"strokes\":7}", NN_ERR_FORMAT},
};

static void run_bad_session(void **state) {
    const BadSettings *row = *state;
    AppFixture *fixture = NULL;
    assert_int_equal(fixture_setup((void **)&fixture), 0);
    char path[400];
    (void)snprintf(path, sizeof path, "%s/inkling", fixture->folder);
    assert_int_equal(folder_make(path, NULL), NN_OK);
    (void)snprintf(path, sizeof path, "%s/inkling/drawing.json", fixture->folder);
    write_text(path, row->text);
    NnInk *ink = nn_ink_new(NULL);
    NnError err = {0};
    assert_int_equal(session_load(ink, path, &err), row->expected);
    assert_true(strstr(err.message, "drawing.json") != NULL);
    assert_true(nn_ink_is_empty(ink));
    nn_ink_free(ink);
    fixture_open(fixture, true, true, 1280, 800,
                 1); // and the window opens all the same, and says so
    assert_true(toast_says(&fixture->app, "drawing.json"));
    assert_int_equal(fixture_teardown((void **)&fixture), 0);
}

// --- my digits -----------------------------------------------------------------------------------

static void a_kept_digit_is_in_my_digits_with_its_writer(void **state) {
    AppFixture *fixture = *state;
    fixture_open(fixture, true, true, 1280, 800, 1);
    fixture_play(fixture, "key 7");
    assert_int_equal(nn_mine_count(), 0); // nothing drawn yet
    assert_true(toast_says(&fixture->app, "Draw a digit first"));
    fixture_play(fixture, SEVEN);
    fixture_play(fixture, "key 7"); // asks who is writing
    script_settle(&fixture->script);
    assert_int_equal(fixture->app.keep.label, 7);
    fixture_play(fixture, "text Ada 3"); // digits go into the name, not into the collection
    fixture_play(fixture, "key enter");
    assert_string_equal(fixture->app.settings.writer, "Ada 3");
    assert_int_equal(nn_mine_count(), 1);
    fixture_play(fixture, "key 7"); // asked once
    assert_int_equal(nn_mine_count(), 2);
    NnError err = {0};
    NnDataset *mine = nn_dataset_load("mine", NN_SPLIT_TRAIN, &err);
    if (mine == NULL) {
        fail_msg("%s", err.message);
    }
    assert_int_equal(mine->labels[0], 7);
    assert_memory_equal(mine->images, &fixture->app.recogniser.digit, NN_PIXELS);
    nn_dataset_free(mine);
}

static void a_question_turned_down_keeps_nothing(void **state) {
    AppFixture *fixture = *state;
    fixture_open(fixture, true, true, 1280, 800, 1);
    fixture_play(fixture, SEVEN);
    fixture_play(fixture, "key 7");
    script_settle(&fixture->script);
    fixture_play(fixture, "key escape");
    script_settle(&fixture->script);
    assert_int_equal(fixture->app.keep.label, -1);
    assert_int_equal(nn_mine_count(), 0);
    fixture_play(fixture, "key 7"); // asks again
    script_settle(&fixture->script);
    assert_int_equal(fixture->app.keep.label, 7);
}

// --- dropped files -------------------------------------------------------------------------------

static void a_bad_weight_file_leaves_the_network_in_use(void **state) {
    AppFixture *fixture = *state;
    fixture_open(fixture, false, true, 1280, 800, 1);
    fixture_play(fixture, SEVEN);
    const NnModel *before = fixture->app.recogniser.model;
    char path[400];
    in_folder(fixture, "bad.safetensors", path, sizeof path);
    write_text(path, "this is not a weight file");
    drop(fixture, "bad.safetensors");
    assert_true(toast_says(&fixture->app, "bad.safetensors"));
    assert_ptr_equal(fixture->app.recogniser.model, before);
    assert_true(fixture->app.recogniser.has_answer);
    drop(fixture, "missing.safetensors");
    assert_true(toast_says(&fixture->app, "missing.safetensors"));
    assert_ptr_equal(fixture->app.recogniser.model, before);
}

static void a_dropped_weight_file_is_in_use_and_remembered(void **state) {
    AppFixture *fixture = *state;
    fixture_open(fixture, true, false, 1280, 800, 1);
    assert_null(fixture->app.recogniser.model);
    drop(fixture, "small.safetensors");
    assert_non_null(fixture->app.recogniser.model);
    fixture_close(fixture);
    fixture_open(fixture, true, false, 1280, 800, 1);
    assert_non_null(fixture->app.recogniser.model);
    fixture_close(fixture);
    assert_int_equal(unlink(fixture->weights), 0); // gone: says so and goes on without
    fixture_open(fixture, true, false, 1280, 800, 1);
    assert_null(fixture->app.recogniser.model);
    assert_true(toast_says(&fixture->app, "small.safetensors"));
}

static void a_dropped_picture_is_classified_and_put_away_by_drawing(void **state) {
    AppFixture *fixture = *state;
    fixture_open(fixture, false, true, 1280, 800, 1);
    enum { SIDE = 120 };
    static uint8_t grey[SIDE * SIDE];
    memset(grey, 240, sizeof grey);
    for (int y = 20; y < 100; y++) {
        for (int x = 55; x < 65; x++) {
            grey[y * SIDE + x] = 15;
        }
    }
    char path[400];
    in_folder(fixture, "one.png", path, sizeof path);
    assert_int_equal(nn_png_write(path, grey, SIDE, SIDE, 1, NULL), NN_OK);
    drop(fixture, "one.png");
    const App *app = &fixture->app;
    assert_non_null(app->canvas.picture.grey);
    assert_true(app->recogniser.has_answer);
    assert_true(app->recogniser.digit.pixels[14 * NN_SIDE + 14] > 128);
    assert_false(app->recogniser.xray.xray.empty);
    fixture_play(fixture, SEVEN);
    assert_null(app->canvas.picture.grey);
    assert_int_equal(nn_ink_stroke_count(app->canvas.ink), 1);
    drop(fixture, "one.png");
    fixture_play(fixture, "key ctrl+z"); // takes the picture away and nothing else
    assert_null(app->canvas.picture.grey);
    assert_int_equal(nn_ink_stroke_count(app->canvas.ink), 1);
    in_folder(fixture, "bad.png", path, sizeof path);
    write_text(path, "no picture at all");
    drop(fixture, "bad.png");
    assert_true(toast_says(app, "bad.png"));
    assert_int_equal(nn_ink_stroke_count(app->canvas.ink), 1);
}

static void a_dropped_stroke_file_is_paged_through(void **state) {
    AppFixture *fixture = *state;
    fixture_open(fixture, false, true, 1280, 800, 1);
    char path[400];
    in_folder(fixture, "three.jsonl", path, sizeof path);
    write_text(path, "{\"label\": 1, \"strokes\": [[[0.5, 0.2], [0.5, 0.8]]]}\n"
                     "{\"label\": 4, \"strokes\": [[[0.3, 0.2], [0.3, 0.5], [0.7, 0.5]], [[0.6, "
                     "0.3], [0.6, 0.8]]]}\n"
                     "{\"strokes\": [[[0.2, 0.2], [0.8, 0.8]], [[0.8, 0.2], [0.2, 0.8]], [[0.1, "
                     "0.5], [0.9, 0.5]]]}\n");
    drop(fixture, "three.jsonl");
    const App *app = &fixture->app;
    assert_int_equal(app->drawings.number, 1);
    assert_int_equal(nn_ink_stroke_count(app->canvas.ink), 1);
    fixture_play(fixture, "key pagedown");
    assert_int_equal(nn_ink_stroke_count(app->canvas.ink), 2);
    assert_int_equal(app->drawings.label, 4);
    fixture_play(fixture, "key pagedown");
    assert_int_equal(nn_ink_stroke_count(app->canvas.ink), 3);
    fixture_play(fixture, "key pagedown"); // there is no fourth
    assert_int_equal(app->drawings.number, 3);
    assert_int_equal(nn_ink_stroke_count(app->canvas.ink), 3);
    fixture_play(fixture, "key pageup");
    assert_int_equal(app->drawings.number, 2);
    assert_int_equal(nn_ink_stroke_count(app->canvas.ink), 2);
    in_folder(fixture, "bad.jsonl", path, sizeof path);
    write_text(path, "{\"strokes\": 5}\n");
    drop(fixture, "bad.jsonl");
    assert_true(toast_says(app, "bad.jsonl"));
}

static void a_drawing_that_a_dropped_file_replaces_comes_back_with_undo(void **state) {
    AppFixture *fixture = *state;
    fixture_open(fixture, false, true, 1280, 800, 1);
    fixture_play(fixture, SEVEN);
    NnInk *ink = fixture->app.canvas.ink;
    size_t strokes = nn_ink_stroke_count(ink), points = nn_ink_point_count(ink);
    char path[400];
    in_folder(fixture, "three.jsonl", path, sizeof path);
    write_text(path, "{\"strokes\": [[[0.2, 0.2], [0.8, 0.8]], [[0.8, 0.2], [0.2, 0.8]], [[0.1, "
                     "0.5], [0.9, 0.5]]]}\n");
    drop(fixture, "three.jsonl");
    assert_int_equal(nn_ink_stroke_count(fixture->app.canvas.ink), 3);
    fixture_play(fixture, "key ctrl+z");
    assert_int_equal(nn_ink_stroke_count(fixture->app.canvas.ink), strokes);
    assert_int_equal(nn_ink_point_count(fixture->app.canvas.ink), points);
}

// --- pictures and the log ------------------------------------------------------------------------

static void a_saved_drawing_takes_a_free_name_and_is_read_back(void **state) {
    AppFixture *fixture = *state;
    fixture_open(fixture, false, true, 1280, 800, 1);
    fixture_play(fixture, SEVEN);
    fixture_play(fixture, "key ctrl+s");
    fixture_play(fixture, "key ctrl+s");
    for (int i = 1; i <= 2; i++) {
        char path[400];
        (void)snprintf(path, sizeof path, "%s/inkling-drawing-%d.png", fixture->folder, i);
        NnPicture picture = {0};
        assert_int_equal(nn_picture_read(path, &picture, NULL), NN_OK);
        assert_int_equal(picture.width, 1024);
        assert_int_equal(picture.grey[0], 255); // black on white
        nn_picture_release(&picture);
    }
    assert_true(toast_says(&fixture->app, "inkling-drawing-2.png"));
}

static void each_stroke_gives_one_line_of_the_log(void **state) {
    AppFixture *fixture = *state;
    char path[400];
    in_folder(fixture, "log.jsonl", path, sizeof path);
    AppDesc desc = {.measure = fixture_measure, .model_path = fixture->weights, .log_path = path};
    assert_int_equal(app_init(&fixture->app, &desc, NULL), NN_OK);
    fixture->open = true;
    script_start(&fixture->script, &fixture->app, 1280, 800, 1, fixture_frame, &fixture->app);
    fixture_play(fixture, SEVEN);
    fixture_play(fixture, "stroke 0.4 0.55 0.5 0.55 0.6 0.55");
    NnAnswer answer = fixture->app.recogniser.answer;
    fixture_close(fixture);
    FILE *log = fopen(path, "r");
    assert_non_null(log);
    json_t *line = json_loadf(log, JSON_DISABLE_EOF_CHECK, NULL);
    assert_int_equal(json_array_size(json_object_get(line, "canvas")), 3); // where to draw
    for (int i = 1; i <= 2; i++) {
        json_decref(line);
        line = json_loadf(log, JSON_DISABLE_EOF_CHECK, NULL);
        assert_non_null(line);
        assert_int_equal(json_integer_value(json_object_get(line, "strokes")), i);
        assert_int_equal(json_array_size(json_object_get(line, "probabilities")), 10);
    }
    assert_int_equal(json_integer_value(json_object_get(line, "digit")), answer.digit);
    json_decref(line);
    (void)fclose(log);
}

static void a_log_that_cannot_be_written_is_an_error(void **state) {
    AppFixture *fixture = *state;
    char path[400];
    in_folder(fixture, "no/such/folder/log.jsonl", path, sizeof path);
    AppDesc desc = {.measure = fixture_measure, .model_path = fixture->weights, .log_path = path};
    NnError err = {0};
    assert_int_equal(app_init(&fixture->app, &desc, &err), NN_ERR_IO);
    assert_true(strstr(err.message, "log.jsonl") != NULL);
}

static void a_named_network_that_does_not_load_is_an_error(void **state) {
    AppFixture *fixture = *state;
    AppDesc desc = {.measure = fixture_measure, .model_path = "/nowhere/x.safetensors"};
    NnError err = {0};
    assert_int_not_equal(app_init(&fixture->app, &desc, &err), NN_OK);
    assert_true(strstr(err.message, "x.safetensors") != NULL);
}

// --- the list of networks in the header ------------------------------------------------------------

// A network of the person's own, last of the list by its name; other weights than the fixture's.
static void own_network(AppFixture *fixture, const char *name) {
    char path[400];
    in_folder(fixture, "inkling/models", path, sizeof path);
    assert_int_equal(folder_make(path, NULL), NN_OK);
    (void)snprintf(path, sizeof path, "%s/inkling/models/%s.safetensors", fixture->folder, name);
    NnArch arch = {.name = "mine",
                   .n_layers = 1,
                   .layers = {{.n_in = NN_PIXELS, .n_out = NN_CLASSES}},
                   .threshold = 0.05f};
    NnModel *model = nn_model_new(&arch, NULL);
    assert_non_null(model);
    nn_model_init(model, NN_INIT_HE_NORMAL, 7);
    assert_int_equal(nn_model_save(model, path, NULL, 0, NULL), NN_OK);
    nn_model_free(model);
}

// Clicks the text drawn last of all that read so.
static void click_text(AppFixture *fixture, const char *text) {
    const DrawList *list = app_draws(&fixture->app);
    const DrawCommand *found = NULL;
    for (size_t i = 0; i < list->n; i++) {
        const DrawCommand *command = &list->commands[i];
        bool same = command->kind == DRAW_TEXT && strcmp(command->u.text.utf8, text) == 0;
        found = same ? command : found;
    }
    if (found == NULL) {
        fail_msg("\"%s\" is not on view", text);
        return;
    }
    char line[80];
    (void)snprintf(line, sizeof line, "click %.0f %.0f", (double)(found->rect.x + 4),
                   (double)(found->rect.y - 4));
    fixture_play(fixture, line);
}

static void the_header_chooses_another_network_for_the_same_drawing(void **state) {
    AppFixture *fixture = *state;
    own_network(fixture, "zz");
    fixture_open(fixture, true, true, 1280, 800, 1);
    fixture_play(fixture, SEVEN);
    App *app = &fixture->app;
    NnAnswer before = app->recogniser.answer;
    size_t points = nn_ink_point_count(app->canvas.ink);
    click_text(fixture, "small");
    assert_true(ui_popup_open(app->ui, 0));
    click_text(fixture, "zz");
    assert_false(ui_popup_open(app->ui, 0));
    assert_string_equal(nn_model_arch(app->recogniser.model)->name, "mine");
    assert_true(app->recogniser.has_answer);
    assert_memory_not_equal(before.probabilities, app->recogniser.answer.probabilities,
                            sizeof before.probabilities);
    assert_int_equal(nn_ink_point_count(app->canvas.ink), points);
    assert_int_equal(app->view, APP_VIEW_DRAW);
    assert_true(toast_says(app, "mine is in use"));
    fixture_close(fixture);
    fixture_open(fixture, true, false, 1280, 800, 1); // and remembered
    assert_string_equal(nn_model_arch(fixture->app.recogniser.model)->name, "mine");
}

static void the_header_is_used_by_keyboard(void **state) {
    AppFixture *fixture = *state;
    own_network(fixture, "zz");
    fixture_open(fixture, false, true, 1280, 800, 1);
    const App *app = &fixture->app;
    for (int i = 0; i < 3 + APP_VIEW_COUNT + 1; i++) { // help, theme, projector, the views
        fixture_play(fixture, "key tab");
    }
    fixture_play(fixture, "key enter");
    assert_true(ui_popup_open(app->ui, 0));
    fixture_play(fixture, "key enter"); // the network in use is in no folder, yet first and chosen
    assert_string_equal(nn_model_arch(app->recogniser.model)->name, "small");
    fixture_play(fixture, "key down");
    fixture_play(fixture, "key end");
    fixture_play(fixture, "key enter");
    assert_string_equal(nn_model_arch(app->recogniser.model)->name, "mine");
    assert_int_equal(browse_model_of(&app->browse, app->recogniser.path), app->browse.n_models - 1);
}

static void a_network_chosen_that_does_not_load_leaves_the_one_in_use(void **state) {
    AppFixture *fixture = *state;
    own_network(fixture, "zz");
    fixture_open(fixture, false, true, 1280, 800, 1);
    fixture_play(fixture, SEVEN);
    const App *app = &fixture->app;
    const NnModel *before = app->recogniser.model;
    char path[400];
    in_folder(fixture, "inkling/models/zz.safetensors", path, sizeof path);
    click_text(fixture, "small");
    assert_int_equal(unlink(path), 0);
    click_text(fixture, "zz");
    assert_true(toast_says(app, "zz.safetensors"));
    assert_ptr_equal(app->recogniser.model, before);
    fixture->app.toasts.n = 0;
    write_text(path, "this is not a weight file");
    click_text(fixture, "small");
    click_text(fixture, "zz");
    assert_true(toast_says(app, "zz.safetensors"));
    assert_ptr_equal(app->recogniser.model, before);
    assert_true(app->recogniser.has_answer);
}

static void without_a_network_the_header_offers_them(void **state) {
    AppFixture *fixture = *state;
    fixture_open(fixture, false, false, 1280, 800, 1);
    script_frame(&fixture->script);
    own_network(fixture, "zz"); // after the start: the list looks when it opens
    click_text(fixture, "no network loaded");
    click_text(fixture, "zz");
    assert_non_null(fixture->app.recogniser.model);
}

static void looking_again_keeps_the_network_compared_with(void **state) {
    AppFixture *fixture = *state;
    own_network(fixture, "zz");
    fixture_open(fixture, false, true, 1280, 800, 1);
    Browse *browse = &fixture->app.browse;
    browse_rival(browse, browse->n_models - 1);
    own_network(fixture, "aa");
    assert_true(browse_find_models(browse));
    assert_string_equal(browse->models[0].name, "aa");
    assert_string_equal(browse->models[browse->model].name, "zz");
    char roundabout[400];
    in_folder(fixture, "inkling/../inkling/models/./aa.safetensors", roundabout, sizeof roundabout);
    assert_int_equal(browse_add_model(browse, roundabout), 0); // one file, one entry
}

static void networks_of_one_name_are_told_apart_by_their_folders(void **state) {
    AppFixture *fixture = *state;
    own_network(fixture, "twin");
    fixture_open(fixture, false, true, 1280, 800, 1);
    Browse *browse = &fixture->app.browse;
    assert_true(browse_find_models(browse));
    char folder[400], path[500];
    in_folder(fixture, "elsewhere", folder, sizeof folder);
    assert_int_equal(mkdir(folder, 0700), 0);
    (void)snprintf(path, sizeof path, "%s/twin.safetensors", folder);
    write_text(path, "");
    int i = browse_add_model(browse, path);
    assert_true(i >= 0);
    assert_string_equal(browse->models[i].name, "twin (elsewhere)");
    assert_false(browse->models[i].named);
    assert_true(browse_find_models(browse)); // sorted anew, nothing twice
    int twins = 0;
    for (i = 0; i < browse->n_models; i++) {
        twins += strncmp(browse->models[i].name, "twin", 4) == 0;
    }
    assert_int_equal(twins, 2);
}

static void more_networks_than_the_lists_hold_are_spoken_of(void **state) {
    AppFixture *fixture = *state;
    own_network(fixture, "zz");
    for (int i = 0; i < BROWSE_MODELS_MAX; i++) {
        char path[400];
        (void)snprintf(path, sizeof path, "%s/inkling/models/n%03d.safetensors", fixture->folder,
                       i);
        write_text(path, "");
    }
    fixture_open(fixture, false, true, 1280, 800, 1);
    script_frame(&fixture->script);
    click_text(fixture, "small");
    assert_int_equal(fixture->app.browse.n_models, BROWSE_MODELS_MAX);
    assert_true(toast_says(&fixture->app, "there are more"));
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)
enum {
    N_SETTINGS = sizeof BAD_SETTINGS / sizeof BAD_SETTINGS[0],
    N_SESSIONS = sizeof BAD_SESSIONS / sizeof BAD_SESSIONS[0]
};

int main(void) {
    struct CMUnitTest tests[64] = {
        CASE(what_a_crash_left_is_swept_once_the_window_has_settled),
        CASE(settings_come_back_as_they_were),
        CASE(settings_are_whole_or_refused_when_memory_runs_out),
        CASE(a_drawing_is_whole_or_refused_when_memory_runs_out),
        CASE(a_drawing_survives_being_closed),
        CASE(a_drawing_survives_a_crash),
        CASE(a_kept_digit_is_in_my_digits_with_its_writer),
        CASE(a_question_turned_down_keeps_nothing),
        CASE(a_bad_weight_file_leaves_the_network_in_use),
        CASE(a_dropped_weight_file_is_in_use_and_remembered),
        CASE(a_dropped_picture_is_classified_and_put_away_by_drawing),
        CASE(a_dropped_stroke_file_is_paged_through),
        CASE(a_drawing_that_a_dropped_file_replaces_comes_back_with_undo),
        CASE(a_saved_drawing_takes_a_free_name_and_is_read_back),
        CASE(each_stroke_gives_one_line_of_the_log),
        CASE(a_log_that_cannot_be_written_is_an_error),
        CASE(a_named_network_that_does_not_load_is_an_error),
        CASE(the_header_chooses_another_network_for_the_same_drawing),
        CASE(the_header_is_used_by_keyboard),
        CASE(a_network_chosen_that_does_not_load_leaves_the_one_in_use),
        CASE(without_a_network_the_header_offers_them),
        CASE(looking_again_keeps_the_network_compared_with),
        CASE(networks_of_one_name_are_told_apart_by_their_folders),
        CASE(more_networks_than_the_lists_hold_are_spoken_of),
    };
    size_t n = 0;
    while (tests[n].name != NULL) {
        n++;
    }
    for (size_t i = 0; i < N_SETTINGS; i++) {
        tests[n++] = (struct CMUnitTest){BAD_SETTINGS[i].name, run_bad_settings, NULL, NULL,
                                         (void *)(uintptr_t)&BAD_SETTINGS[i]};
    }
    for (size_t i = 0; i < N_SESSIONS; i++) {
        tests[n++] = (struct CMUnitTest){BAD_SESSIONS[i].name, run_bad_session, NULL, NULL,
                                         (void *)(uintptr_t)&BAD_SESSIONS[i]};
    }
    return _cmocka_run_group_tests("files", tests, n, NULL, NULL);
}
