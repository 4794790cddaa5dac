// The Errors view by scripted sessions: what is selected, tagged, saved and refused. Selections are checked against
// loops of the test's own over the answers.
#define _XOPEN_SOURCE 700 // mkdtemp, setenv

#include "errors_fixture.h"

#include <math.h>

#include "base/patience.h"
#include "nn/picture.h"
#include "nn/safetensors.h"

static bool toast_says(const App *app, const char *part) {
    for (int i = 0; i < app->toasts.n; i++) {
        if (strstr(app->toasts.list[i].text, part) != NULL) {
            return true;
        }
    }
    return false;
}

static const NnStudyRow *row_of(const App *app, size_t i) {
    return nn_study_row(browse_study(&app->browse), i);
}

static void click_cell(AppFixture *fixture, int label, int predicted, const char *with) {
    UiRect cells = fixture->app.errors.matrix;
    char line[80];
    (void)snprintf(line, sizeof line, "click %.1f %.1f %s",
                   (double)(cells.x + cells.w * ((float)predicted + 0.5f) / NN_CLASSES),
                   (double)(cells.y + cells.h * ((float)label + 0.5f) / NN_CLASSES), with);
    fixture_play(fixture, line);
    script_settle(&fixture->script);
}

// The first cell off the diagonal that holds at least n pictures, not before from.
static ErrorsCell full_cell(const App *app, size_t n, int from) {
    const NnMetrics *metrics = nn_study_metrics(browse_study(&app->browse));
    for (int i = from; i < NN_CLASSES * NN_CLASSES; i++) {
        if (i / NN_CLASSES != i % NN_CLASSES &&
            metrics->confusion[i / NN_CLASSES][i % NN_CLASSES] >= n) {
            return (ErrorsCell){i / NN_CLASSES, i % NN_CLASSES};
        }
    }
    fail_msg("no cell holds %zu pictures", n);
    return (ErrorsCell){-1, -1};
}

static void list_is_cell(const App *app, int which, ErrorsCell cell) {
    const BrowseList *list = &app->browse.list[which];
    size_t expected = 0;
    for (size_t i = 0; i < PICTURES; i++) {
        expected +=
            row_of(app, i)->label == cell.label && row_of(app, i)->predicted == cell.predicted;
    }
    assert_int_equal(list->n, expected);
    for (size_t i = 0; i < list->n; i++) {
        assert_int_equal(row_of(app, list->rows[i])->label, cell.label);
        assert_int_equal(row_of(app, list->rows[i])->predicted, cell.predicted);
    }
}

static void it_opens_at_the_wrong_ones_most_wrong_first(void **state) {
    AppFixture *fixture = *state;
    open_errors(fixture, 1280, 800, 1);
    const App *app = &fixture->app;
    assert_int_equal(app->view, APP_VIEW_ERRORS);
    assert_non_null(browse_study(&app->browse));
    const BrowseList *list = &app->browse.list[0];
    const NnMetrics *metrics = nn_study_metrics(browse_study(&app->browse));
    assert_int_equal(metrics->n, PICTURES);
    assert_int_equal(list->n, metrics->n - metrics->correct);
    for (size_t i = 1; i < list->n; i++) {
        assert_true(row_of(app, list->rows[i - 1])->loss >= row_of(app, list->rows[i])->loss);
    }
    assert_int_equal(app->errors.sample, list->rows[0]);
    assert_true(shows(app, "of 200 wrong"));
}

static void a_click_on_a_cell_shows_its_pictures(void **state) {
    AppFixture *fixture = *state;
    open_errors(fixture, 1280, 800, 1);
    ErrorsCell cell = full_cell(&fixture->app, 2, 0);
    click_cell(fixture, cell.label, cell.predicted, "");
    list_is_cell(&fixture->app, 0, cell);
    assert_int_equal(fixture->app.browse.n_lists, 1);
    click_cell(fixture, cell.label, cell.predicted, ""); // once more: all again
    assert_int_equal(fixture->app.errors.query.cell.label, -1);
}

static void shift_click_compares_two_cells(void **state) {
    AppFixture *fixture = *state;
    open_errors(fixture, 1280, 800, 1);
    App *app = &fixture->app;
    ErrorsCell a = full_cell(app, 2, 0);
    ErrorsCell b = full_cell(app, 2, a.label * NN_CLASSES + a.predicted + 1);
    click_cell(fixture, a.label, a.predicted, "");
    click_cell(fixture, b.label, b.predicted, "shift");
    assert_int_equal(app->browse.n_lists, 2);
    list_is_cell(app, 0, a);
    list_is_cell(app, 1, b);
    fixture_play(fixture, "key escape"); // one narrowing less each time
    assert_int_equal(app->browse.n_lists, 1);
    list_is_cell(app, 0, a);
    fixture_play(fixture, "key escape");
    assert_false(errors_query_narrows(&app->errors.query));
}

static void headers_select_a_class(void **state) {
    AppFixture *fixture = *state;
    open_errors(fixture, 1280, 800, 1);
    App *app = &fixture->app;
    UiRect cells = app->errors.matrix;
    char line[80];
    (void)snprintf(line, sizeof line, "click %.1f %.1f", (double)(cells.x - 8),
                   (double)(cells.y + cells.h * 0.45f));
    fixture_play(fixture, line);
    assert_int_equal(app->errors.query.cell.label, 4);
    assert_int_equal(app->errors.query.cell.predicted, -1);
    (void)snprintf(line, sizeof line, "click %.1f %.1f", (double)(cells.x + cells.w * 0.75f),
                   (double)(cells.y - 8));
    fixture_play(fixture, line);
    assert_int_equal(app->errors.query.cell.label, -1);
    assert_int_equal(app->errors.query.cell.predicted, 7);
}

static void the_matrix_is_reached_by_keyboard(void **state) {
    AppFixture *fixture = *state;
    open_errors(fixture, 1280, 800, 1);
    App *app = &fixture->app;
    for (int i = 0; i < 40 && app->errors.query.cell.label < 0; i++) {
        fixture_play(fixture, "key tab");
        fixture_play(fixture, "key right");
        app->errors.tab = ERRORS_MATRIX; // the segments on the way take it, too
        script_frame(&fixture->script);
    }
    assert_int_equal(app->errors.query.cell.label, 0);
    assert_int_equal(app->errors.query.cell.predicted, 0);
    fixture_play(fixture, "key right");
    fixture_play(fixture, "key down");
    assert_int_equal(app->errors.query.cell.label, 1);
    assert_int_equal(app->errors.query.cell.predicted, 1);
    fixture_play(fixture, "key shift+right");
    assert_int_equal(app->errors.query.second.predicted, 2);
}

static void filters_combine(void **state) {
    AppFixture *fixture = *state;
    open_errors(fixture, 1280, 800, 1);
    App *app = &fixture->app;
    ErrorsQuery *query = &app->errors.query;
    query->half = 2;
    query->cell.label = 3;
    query->low = 0.12f;
    query->high = 0.4f;
    query->sort = NN_SORT_INDEX;
    script_frame(&fixture->script);
    const BrowseList *list = &app->browse.list[0];
    size_t n = 0;
    for (size_t i = PICTURES / 2; i < PICTURES; i++) {
        const NnStudyRow *row = row_of(app, i);
        bool passes = row->label == 3 && row->predicted != 3 && row->confidence >= 0.12f &&
                      row->confidence <= 0.4f;
        if (passes) {
            assert_true(n < list->n);
            assert_int_equal(list->rows[n], i);
        }
        n += passes;
    }
    assert_int_equal(list->n, n);
    assert_true(n > 0);
    assert_true(shows(app, "12 to 40"));
}

static void what_no_picture_passes_is_said_with_a_way_back(void **state) {
    AppFixture *fixture = *state;
    open_errors(fixture, 1280, 800, 1);
    App *app = &fixture->app;
    app->errors.query.disputed = true; // there are none among these
    script_frame(&fixture->script);
    assert_int_equal(app->browse.list[0].n, 0);
    assert_int_equal(app->errors.sample, -1);
    assert_true(shows(app, "No picture passes these filters"));
    fixture_play(fixture, "key right");
    fixture_play(fixture, "key 1");
    fixture_play(fixture, "key enter");
    fixture_play(fixture, "key ctrl+s");
    assert_true(toast_says(app, "nothing to save"));
    fixture_play(fixture, "key escape"); // the toast
    fixture_play(fixture, "key escape");
    assert_true(app->browse.list[0].n > 0);
    assert_int_equal(app->errors.sample, app->browse.list[0].rows[0]);
}

static void arrows_walk_through_the_list(void **state) {
    AppFixture *fixture = *state;
    open_errors(fixture, 1280, 800, 1);
    App *app = &fixture->app;
    const BrowseList *list = &app->browse.list[0];
    fixture_play(fixture, "key left"); // at the first: stays
    assert_int_equal(list->at, 0);
    fixture_play(fixture, "key right");
    fixture_play(fixture, "key right");
    assert_int_equal(list->at, 2);
    fixture_play(fixture, "key down");
    assert_int_equal(list->at, 2 + app->errors.columns);
    fixture_play(fixture, "key up");
    assert_int_equal(list->at, 2);
    for (int i = 0; i < 30; i++) {
        fixture_play(fixture, "key down");
    }
    assert_true((size_t)list->at < list->n);
    assert_true(app->errors.scroll[0] > 0); // it has been kept in view
    assert_int_equal(app->errors.sample, list->rows[list->at]);
    assert_int_equal(app->browse.sample, app->errors.sample); // and is explained
}

static void why_adds_up_to_the_lead(void **state) {
    AppFixture *fixture = *state;
    open_errors(fixture, 1280, 800, 1);
    App *app = &fixture->app;
    const WhyReading *why = &app->browse.why;
    const NnStudyRow *row = row_of(app, (size_t)app->errors.sample);
    assert_true(why->possible);
    assert_int_equal(why->winner, row->predicted);
    assert_int_equal(why->rival, row->label);
    NnWorkspace *work = nn_workspace_new(app->recogniser.model, 1, false, NULL);
    NnAnswer answer;
    nn_classify(app->recogniser.model, work, &app->browse.digit, &answer);
    float lead = answer.logits[row->predicted] - answer.logits[row->label];
    assert_true(fabsf(lead - why->spoke_for - why->spoke_against - why->constant) < 1e-4f);
    nn_workspace_free(work);
}

// --- what a person says --------------------------------------------------------------------------

static void tags_and_notes_are_kept_and_taken_back(void **state) {
    AppFixture *fixture = *state;
    open_errors(fixture, 1280, 800, 1);
    App *app = &fixture->app;
    size_t first = (size_t)app->errors.sample;
    fixture_play(fixture, "key 3");
    fixture_play(fixture, "key right");
    size_t second = (size_t)app->errors.sample;
    fixture_play(fixture, "key t");
    fixture_play(fixture, "key n");
    script_frame(&fixture->script);
    fixture_play(fixture, "text a smudge");
    fixture_play(fixture, "key enter");
    assert_int_equal(nn_triage_tag(app->browse.triage, first), NN_TAG_LABEL);
    assert_int_equal(nn_triage_tag(app->browse.triage, second), NN_TAG_MODEL);
    assert_string_equal(nn_triage_note(app->browse.triage, second), "a smudge");
    app->errors.query.tag = NN_TAG_LABEL + 1;
    script_frame(&fixture->script);
    assert_int_equal(app->browse.list[0].n, 1);
    assert_int_equal(app->browse.list[0].rows[0], first);
    app->errors.query.tag = 1; // untagged
    script_frame(&fixture->script);
    fixture_play(fixture, "key right");
    int64_t next = app->browse.list[0].rows[2];
    fixture_play(fixture, "key 4"); // leaves the list: the next one takes its place
    assert_int_equal(app->errors.sample, next);
    fixture_play(fixture, "key u");
    fixture_close(fixture); // as good as killed: each change was synced
    open_errors(fixture, 1280, 800, 1);
    assert_int_equal(nn_triage_tag(app->browse.triage, first), NN_TAG_LABEL);
    assert_string_equal(nn_triage_note(app->browse.triage, second), "a smudge");
    fixture_play(fixture, "key 1");
    fixture_play(fixture, "key u");
    assert_int_equal(nn_triage_tag(app->browse.triage, first), NN_TAG_LABEL);
    fixture_play(fixture, "key 3"); // the tag it has: off
    assert_int_equal(nn_triage_tag(app->browse.triage, first), NN_TAG_NONE);
    fixture_play(fixture, "key ctrl+z");
    assert_int_equal(nn_triage_tag(app->browse.triage, first), NN_TAG_LABEL);
}

// --- files ---------------------------------------------------------------------------------------

static size_t lines_of(const char *path) {
    size_t size, lines = 0;
    unsigned char *bytes = file_read(path, 1 << 22, &size, NULL);
    assert_non_null(bytes);
    for (size_t i = 0; i < size; i++) {
        lines += bytes[i] == '\n';
    }
    mem_free(bytes);
    return lines;
}

static void everything_is_saved_and_can_be_read(void **state) {
    AppFixture *fixture = *state;
    open_errors(fixture, 1280, 800, 1);
    App *app = &fixture->app;
    char path[400];
    fixture_play(fixture, "key ctrl+s");
    data_path(fixture, "inkling-errors-1.csv", path, sizeof path);
    assert_true(toast_says(app, path));
    assert_int_equal(lines_of(path), app->browse.list[0].n + 1);
    const int kinds[] = {STUDY_SAVE_MATRIX, STUDY_SAVE_METRICS, STUDY_SAVE_SHEET};
    for (int i = 0; i < 3; i++) {
        app_apply(app, &(Action){.kind = ACTION_STUDY_SAVE, .index = kinds[i]});
    }
    data_path(fixture, "inkling-errors-1.png", path, sizeof path);
    Patience patience = patience_begin(60);
    while (!toast_says(app, path) && !patience_is_over(&patience)) { // written on the thread
        patience_sleep(&patience);
        script_frame(&fixture->script);
    }
    assert_true(toast_says(app, path));
    static const char *const pictures[] = {"inkling-errors-1.png", "inkling-matrix-1.png"};
    for (int i = 0; i < 2; i++) {
        NnPicture picture = {0};
        data_path(fixture, pictures[i], path, sizeof path);
        assert_int_equal(nn_picture_read(path, &picture, NULL), NN_OK);
        nn_picture_release(&picture);
    }
    data_path(fixture, "inkling-matrix-1.csv", path, sizeof path);
    assert_true(lines_of(path) >= NN_CLASSES);
    data_path(fixture, "inkling-metrics-1.csv", path, sizeof path);
    assert_true(lines_of(path) >= NN_CLASSES);
}

static void enter_puts_the_picture_on_the_canvas(void **state) {
    AppFixture *fixture = *state;
    open_errors(fixture, 1280, 800, 1);
    App *app = &fixture->app;
    NnDigit digit = app->browse.digit;
    fixture_play(fixture, "key enter");
    assert_int_equal(app->view, APP_VIEW_DRAW);
    assert_non_null(app->canvas.picture.grey);
    assert_int_equal(app->canvas.picture.width, NN_SIDE);
    for (int i = 0; i < NN_PIXELS; i++) {
        assert_int_equal(app->canvas.picture.grey[i], 255 - digit.pixels[i]);
    }
    assert_true(app->recogniser.has_answer);
    fixture_play(fixture, "key alt+3"); // and back where one was
    assert_int_equal(app->browse.list[0].at, 0);
}

// --- other data, other networks ------------------------------------------------------------------

static void absent_data_says_how_to_get_it(void **state) {
    AppFixture *fixture = *state;
    open_errors(fixture, 1280, 800, 1);
    App *app = &fixture->app;
    app_apply(app, &(Action){.kind = ACTION_STUDY_SOURCE, .index = STUDY_MINE});
    fixture_play(fixture, "settle");
    assert_true(shows(app, "No digits of your own yet"));
    assert_true(shows(app, "keep it with a digit key"));
    app_apply(app, &(Action){.kind = ACTION_STUDY_SOURCE, .index = STUDY_FILES});
    fixture_play(fixture, "settle");
    assert_true(shows(app, "An IDX pair"));
    app_apply(app, &(Action){.kind = ACTION_STUDY_SOURCE, .index = STUDY_MNIST_TRAIN});
    fixture_play(fixture, "settle");
    assert_int_equal(app->browse.trouble.status, NN_ERR_NOT_FOUND);
    assert_true(shows(app, "MNIST is not on this machine"));
    assert_true(shows(app, "scripts/get-data"));
    app_apply(app, &(Action){.kind = ACTION_STUDY_SOURCE, .index = STUDY_MNIST_TEST});
    fixture_play(fixture, "settle");
    assert_non_null(browse_study(&app->browse));
}

static void a_dropped_idx_pair_is_browsed(void **state) {
    AppFixture *fixture = *state;
    open_errors(fixture, 1280, 800, 1);
    App *app = &fixture->app;
    char images[400], labels[400], line[500];
    data_path(fixture, "my-images-idx3-ubyte", images, sizeof images);
    data_path(fixture, "my-labels-idx1-ubyte", labels, sizeof labels);
    write_pair(images, labels, 30, 3);
    (void)snprintf(line, sizeof line, "drop %s", labels);
    fixture_play(fixture, line);
    fixture_play(fixture, "settle");
    assert_int_equal(app->browse.source, STUDY_FILES);
    assert_int_equal(nn_study_count(browse_study(&app->browse)), 30);
    // Two files that do not name each other: dropped one after the other.
    char a[400], b[400];
    data_path(fixture, "pictures.idx", a, sizeof a);
    data_path(fixture, "names.idx", b, sizeof b);
    write_pair(a, b, 20, 4);
    (void)snprintf(line, sizeof line, "drop %s", b);
    fixture_play(fixture, line);
    assert_true(toast_says(app, "One half"));
    (void)snprintf(line, sizeof line, "drop %s", a);
    fixture_play(fixture, line);
    fixture_play(fixture, "settle");
    assert_int_equal(nn_study_count(browse_study(&app->browse)), 20);
}

typedef struct {
    const char *name;
    size_t images_kept, labels_kept; // bytes, of 30 pictures; 0: all
    int bad_byte;                    // of the labels file, overwritten with 77; -1: none
    const char *says;
} BadPair;

static const BadPair BAD_PAIRS[] = {
    {"pair: pictures cut in the header", 10, 0, -1, "images"},
    {"pair: pictures cut in the middle", 5000, 0, -1, "images"},
    {"pair: labels cut", 0, 20, -1, "labels"},
    {"pair: empty labels", 0, 1, -1, "labels"},
    {"pair: a label that is no digit", 0, 0, 12, "labels"},
    {"pair: foreign magic", 0, 0, 2, "labels"},
};

static void run_bad_pair(void **state) {
    const BadPair *row = *state;
    AppFixture *fixture = NULL;
    assert_int_equal(errors_setup((void **)&fixture), 0);
    char images[400], labels[400], line[500];
    data_path(fixture, "bad-images-idx3-ubyte", images, sizeof images);
    data_path(fixture, "bad-labels-idx1-ubyte", labels, sizeof labels);
    write_pair(images, labels, 30, 3);
    if (row->images_kept > 0) {
        assert_int_equal(truncate(images, (off_t)row->images_kept), 0);
    }
    if (row->labels_kept > 0) {
        assert_int_equal(truncate(labels, (off_t)row->labels_kept), 0);
    }
    if (row->bad_byte >= 0) {
        FILE *file = fopen(labels, "r+b");
        assert_non_null(file);
        assert_int_equal(fseek(file, row->bad_byte, SEEK_SET), 0);
        assert_int_equal(fputc(77, file), 77);
        assert_int_equal(fclose(file), 0);
    }
    open_errors(fixture, 1280, 800, 1);
    const App *app = &fixture->app;
    (void)snprintf(line, sizeof line, "drop %s", images);
    fixture_play(fixture, line);
    fixture_play(fixture, "settle");
    assert_null(browse_study(&app->browse));
    assert_true(app->browse.trouble.status != NN_OK);
    assert_non_null(strstr(app->browse.trouble.message, row->says));
    assert_true(shows(app, "These pictures cannot be read"));
    app_apply(&fixture->app, &(Action){.kind = ACTION_STUDY_SOURCE, .index = STUDY_MNIST_TEST});
    fixture_play(fixture, "settle");
    assert_non_null(browse_study(&app->browse)); // and all is as before
    assert_int_equal(fixture_teardown((void **)&fixture), 0);
}

static void save_other_model(const AppFixture *fixture, char *path, size_t size) {
    NnArch arch = {
        .name = "other", .n_layers = 1, .layers = {{.n_in = NN_PIXELS, .n_out = NN_CLASSES}}};
    NnModel *model = nn_model_new(&arch, NULL);
    nn_model_init(model, NN_INIT_HE_NORMAL, 9);
    data_path(fixture, "other.safetensors", path, size);
    assert_int_equal(nn_model_save(model, path, NULL, 0, NULL), NN_OK);
    nn_model_free(model);
}

// For pictures of 10 x 10.
static void write_network_of_other_pictures(const char *path) {
    const float zeros[1000] = {0};
    const NnTensor tensors[] = {
        {.name = "fc1.weight", .rank = 2, .shape = {10, 100}, .data = zeros, .count = 1000},
        {.name = "fc1.bias", .rank = 1, .shape = {10}, .data = zeros, .count = 10}};
    assert_int_equal(nn_tensors_write(path, tensors, 2, NULL, 0, NULL), NN_OK);
}

static void another_network_is_evaluated_anew(void **state) {
    AppFixture *fixture = *state;
    open_errors(fixture, 1280, 800, 1);
    App *app = &fixture->app;
    char path[400], line[500];
    save_other_model(fixture, path, sizeof path);
    (void)snprintf(line, sizeof line, "drop %s", path);
    fixture_play(fixture, line);
    fixture_play(fixture, "settle");
    assert_string_equal(nn_study_model_name(browse_study(&app->browse)), "other");
    // What is no network for 28 x 28 pictures is refused, and the old one stays.
    data_path(fixture, "foreign.safetensors", path, sizeof path);
    assert_int_equal(file_save(path, "not weights", 11, NULL), NN_OK);
    (void)snprintf(line, sizeof line, "drop %s", path);
    fixture_play(fixture, line);
    assert_true(toast_says(app, "foreign.safetensors"));
    write_network_of_other_pictures(path);
    fixture_play(fixture, line);
    assert_true(toast_says(app, "model needs [10,784]"));
    fixture_play(fixture, "settle");
    assert_string_equal(nn_study_model_name(browse_study(&app->browse)), "other");
}

static void without_a_network_the_view_says_what_to_do(void **state) {
    AppFixture *fixture = *state;
    fixture_open(fixture, false, false, 1280, 800, 1);
    fixture_play(fixture, "key alt+3");
    assert_true(shows(&fixture->app, "No network"));
    assert_true(shows(&fixture->app, ".safetensors"));
    char line[400];
    (void)snprintf(line, sizeof line, "drop %s", fixture->weights);
    fixture_play(fixture, line);
    fixture_play(fixture, "settle");
    assert_non_null(browse_study(&fixture->app.browse));
}

static void a_duel_counts_what_each_alone_knows(void **state) {
    AppFixture *fixture = *state;
    open_errors(fixture, 1280, 800, 1);
    App *app = &fixture->app;
    char path[400], line[500];
    save_other_model(fixture, path, sizeof path);
    app_apply(app, &(Action){.kind = ACTION_STUDY_TAB, .index = ERRORS_DUEL});
    (void)snprintf(line, sizeof line, "drop %s", path); // while the duel is open it is the second
    fixture_play(fixture, line);
    fixture_play(fixture, "settle");
    assert_string_equal(nn_study_model_name(browse_study(&app->browse)), "small");
    assert_true(app->browse.has_duel);
    size_t counts[4] = {0};
    for (size_t i = 0; i < PICTURES; i++) {
        const NnStudyRow *a = row_of(app, i), *b = nn_study_row(app->browse.rival->study, i);
        counts[(a->label != a->predicted ? 2 : 0) + (b->label != b->predicted ? 1 : 0)]++;
    }
    const NnDuel *duel = &app->browse.duel;
    assert_int_equal(duel->both_right, counts[0]);
    assert_int_equal(duel->only_a, counts[1]);
    assert_int_equal(duel->only_b, counts[2]);
    assert_int_equal(duel->both_wrong, counts[3]);
    app->errors.query.duel = 2;
    app->errors.query.show = SHOW_ALL;
    script_frame(&fixture->script);
    assert_int_equal(app->browse.list[0].n, counts[2]);
    assert_true(shows(app, "McNemar"));
}

// Neither by name, nor by another file of the same weights, nor because the network on view changes.
static void no_network_is_in_a_duel_with_itself(void **state) {
    AppFixture *fixture = *state;
    open_errors(fixture, 1280, 800, 1);
    App *app = &fixture->app;
    char other[400], copy[400], line[500];
    save_other_model(fixture, other, sizeof other);
    app_apply(app, &(Action){.kind = ACTION_STUDY_TAB, .index = ERRORS_DUEL});
    (void)snprintf(copy, sizeof copy, "%s/copy.safetensors", fixture->folder);
    assert_int_equal(nn_model_save(app->recogniser.model, copy, NULL, 0, NULL), NN_OK);
    (void)snprintf(line, sizeof line, "drop %s", copy);
    fixture_play(fixture, line);
    fixture_play(fixture, "settle");
    assert_false(app->browse.has_duel);
    assert_true(shows(app, "the very weights of the network on view"));

    (void)snprintf(line, sizeof line, "drop %s", other);
    fixture_play(fixture, line);
    fixture_play(fixture, "settle");
    assert_true(app->browse.has_duel);
    assert_int_equal(recogniser_load(&app->recogniser, other, NULL), NN_OK);
    fixture_play(fixture, "settle");
    assert_false(app->browse.has_duel);
    assert_true(shows(app, "the very weights of the network on view"));
    assert_true(shows(app, "no second network")); // the list leaves out the one on view
}

// --- at rest and under strain --------------------------------------------------------------------

static void a_steady_frame_asks_for_no_memory_and_none_is_due(void **state) {
    AppFixture *fixture = *state;
    open_errors(fixture, 1280, 800, 1);
    fixture->app.errors.thumb = 84; // remembered, where anything is
    for (int tab = 0; tab < ERRORS_TAB_COUNT; tab++) {
        app_apply(&fixture->app, &(Action){.kind = ACTION_STUDY_TAB, .index = tab});
        script_wait(&fixture->script, 3000);
        uint64_t before = mem_request_count();
        script_wait(&fixture->script, 500);
        assert_int_equal(mem_request_count(), before);
        assert_true(app_next_frame_ms(&fixture->app) < 0);
    }
}

static void a_monkey_does_no_harm(void **state) {
    static const int keys[] = {KEY_LEFT,   KEY_RIGHT, KEY_UP,  KEY_DOWN, KEY_TAB, KEY_ENTER,
                               KEY_ESCAPE, KEY_HOME,  KEY_END, ' ',      't',     'n',
                               'u',        'w',       '1',     '4',      'p',     KEY_F1,
                               KEY_F3,     'z',       's'};
    AppFixture *fixture = *state;
    open_errors(fixture, 1280, 800, 1);
    Script *script = &fixture->script;
    Rng rng = rng_at(11, RNG_STREAM_TEST, 0);
    for (int i = 0; i < 2500; i++) {
        UiEvent event = {.kind = EVENT_MOVE,
                         .x = rng_uniform(&rng, -20, 1300),
                         .y = rng_uniform(&rng, -20, 820),
                         .clicks = 1};
        switch (rng_below(&rng, 7)) {
        case 0:
        case 1:
            event.kind = EVENT_DOWN;
            event.button = BUTTON_LEFT;
            event.mods = rng_below(&rng, 3) == 0 ? MOD_SHIFT : 0;
            script_event(script, event);
            event.kind = EVENT_UP;
            break;
        case 2:
            event.kind = EVENT_KEY;
            event.key = keys[rng_below(&rng, sizeof keys / sizeof keys[0])];
            break;
        case 3:
            event.kind = EVENT_WHEEL;
            event.dy = rng_uniform(&rng, -3, 3);
            break;
        default:
            event.kind = EVENT_MOVE;
            if (rng_below(&rng, 120) == 0) {
                event.kind = EVENT_RESIZE;
                script->input.width = rng_uniform(&rng, 640, 1500);
                script->input.height = rng_uniform(&rng, 480, 1000);
            }
            break;
        }
        script_event(script, event);
        if (rng_below(&rng, 3) == 0) {
            script_frame(script);
        }
        if (fixture->app.view != APP_VIEW_ERRORS) {
            fixture_play(fixture, "key alt+3");
        }
    }
    for (int i = 0; i < 6; i++) {
        fixture_play(fixture, "key escape");
    }
    app_apply(&fixture->app, &(Action){.kind = ACTION_STUDY_SOURCE, .index = STUDY_MNIST_TEST});
    fixture_play(fixture, "settle");
    assert_non_null(browse_study(&fixture->app.browse));
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, errors_setup, fixture_teardown)
enum { N_BAD = sizeof BAD_PAIRS / sizeof BAD_PAIRS[0] };

int main(void) {
    const struct CMUnitTest plain[] = {
        CASE(it_opens_at_the_wrong_ones_most_wrong_first),
        CASE(a_click_on_a_cell_shows_its_pictures),
        CASE(shift_click_compares_two_cells),
        CASE(headers_select_a_class),
        CASE(the_matrix_is_reached_by_keyboard),
        CASE(filters_combine),
        CASE(what_no_picture_passes_is_said_with_a_way_back),
        CASE(arrows_walk_through_the_list),
        CASE(why_adds_up_to_the_lead),
        CASE(tags_and_notes_are_kept_and_taken_back),
        CASE(everything_is_saved_and_can_be_read),
        CASE(enter_puts_the_picture_on_the_canvas),
        CASE(absent_data_says_how_to_get_it),
        CASE(a_dropped_idx_pair_is_browsed),
        CASE(another_network_is_evaluated_anew),
        CASE(without_a_network_the_view_says_what_to_do),
        CASE(a_duel_counts_what_each_alone_knows),
        CASE(no_network_is_in_a_duel_with_itself),
        CASE(a_steady_frame_asks_for_no_memory_and_none_is_due),
        CASE(a_monkey_does_no_harm),
    };
    enum { N = sizeof plain / sizeof plain[0] };
    struct CMUnitTest tests[N + N_BAD];
    memcpy(tests, plain, sizeof plain);
    for (size_t i = 0; i < N_BAD; i++) {
        tests[N + i] = (struct CMUnitTest){BAD_PAIRS[i].name, run_bad_pair, NULL, NULL,
                                           (void *)(uintptr_t)&BAD_PAIRS[i]};
    }
    return _cmocka_run_group_tests("errors", tests, N + N_BAD, NULL, NULL);
}
