// The Data view by scripted sessions: what is shown, walked through, put on the canvas, saved and
// refused.
#define _XOPEN_SOURCE 700 // mkdtemp, setenv

#include <math.h>

#include "data_fixture.h"

#include "nn/picture.h"
#include "nn/style.h"

static const NnFacts *facts_of(const App *app) {
    assert_non_null(app->gallery.set);
    return app->gallery.set->facts;
}

static bool toast_says(const App *app, const char *part) {
    for (int i = 0; i < app->toasts.n; i++) {
        if (strstr(app->toasts.list[i].text, part) != NULL) {
            return true;
        }
    }
    return false;
}

static void it_opens_at_the_training_digits(void **state) {
    AppFixture *fixture = *state;
    open_data(fixture, 1280, 800, 1);
    const App *app = &fixture->app;
    assert_int_equal(app->view, APP_VIEW_DATA);
    assert_int_equal(facts_of(app)->n, PICTURES);
    assert_true(shows(app, "200 pictures"));
    char count[16];
    (void)snprintf(count, sizeof count, "%zu", facts_of(app)->count[3]);
    assert_true(shows(app, count));
    assert_true(shows(app, "No picture occurs twice."));
}

static void every_line_shows_pictures_of_its_class(void **state) {
    AppFixture *fixture = *state;
    open_data(fixture, 1280, 800, 1);
    const App *app = &fixture->app;
    const NnDataset *data = app->gallery.set->data;
    for (size_t line = 0; line < NN_CLASSES; line++) {
        int64_t seen[64];
        for (int k = 0; k < app->data.columns && k < 64; k++) {
            DataSpot spot = data_spot_at(&app->gallery, &app->data, line, (size_t)k);
            if (spot.row < 0) {
                continue; // a class with few
            }
            assert_int_equal(data->labels[spot.row], line);
            seen[k] = spot.row;
            for (int j = 0; j < k; j++) {
                assert_true(seen[j] != spot.row);
            }
        }
    }
}

static void a_digit_key_shows_all_of_one_class_and_escape_all_again(void **state) {
    AppFixture *fixture = *state;
    open_data(fixture, 1280, 800, 1);
    App *app = &fixture->app;
    fixture_play(fixture, "key 7");
    assert_int_equal(app->data.group, 7);
    size_t n = facts_of(app)->count[7];
    for (size_t i = 0; i < n; i++) {
        DataSpot spot = data_spot_at(&app->gallery, &app->data, 7, i);
        assert_int_equal(spot.row, facts_of(app)->rows[facts_of(app)->first[7] + i]);
    }
    assert_int_equal(data_spot_at(&app->gallery, &app->data, 7, n).row, -1);
    fixture_play(fixture, "key escape");
    assert_int_equal(app->data.group, -1);
    fixture_play(fixture, "key 7");
    fixture_play(fixture, "key 7"); // or the same key once more
    assert_int_equal(app->data.group, -1);
}

static void arrows_walk_through_lines_and_pages(void **state) {
    AppFixture *fixture = *state;
    open_data(fixture, 1280, 800, 1);
    App *app = &fixture->app;
    const NnDataset *data = app->gallery.set->data;
    fixture_play(fixture, "key down");
    int64_t first = app->data.spot.row;
    assert_true(first >= 0);
    assert_int_equal(data->labels[first], 1); // the first line's first picture was looked at
    fixture_play(fixture, "key right");
    assert_int_equal(data->labels[app->data.spot.row], 1);
    assert_true(app->data.spot.row != first);
    fixture_play(fixture, "key left");
    assert_int_equal(app->data.spot.row, first);
    fixture_play(fixture, "key 5");
    fixture_play(fixture, "key right");
    assert_int_equal(data->labels[app->data.spot.row], 5);
    int64_t before = app->data.spot.row;
    fixture_play(fixture, "key down");
    assert_true(app->data.spot.row > before);
}

static void new_ones_are_others(void **state) {
    AppFixture *fixture = *state;
    open_data(fixture, 1280, 800, 1);
    App *app = &fixture->app;
    DataSpot before = data_spot_at(&app->gallery, &app->data, 4, 0);
    fixture_play(fixture, "key n");
    DataSpot after = data_spot_at(&app->gallery, &app->data, 4, 0);
    assert_true(before.row != after.row);
}

static void a_picture_goes_on_the_canvas(void **state) {
    AppFixture *fixture = *state;
    open_data(fixture, 1280, 800, 1);
    App *app = &fixture->app;
    fixture_play(fixture, "key right");
    const uint8_t *pixels = data_spot_pixels(&app->gallery, app->data.spot);
    assert_non_null(pixels);
    uint8_t kept[NN_PIXELS];
    memcpy(kept, pixels, sizeof kept);
    fixture_play(fixture, "key enter");
    assert_int_equal(app->view, APP_VIEW_DRAW);
    assert_non_null(app->canvas.picture.grey);
    for (int i = 0; i < NN_PIXELS; i++) {
        assert_int_equal(app->canvas.picture.grey[i], 255 - kept[i]);
    }
}

// --- handwriting ---------------------------------------------------------------------------------

static void every_form_is_drawn_answered_and_counted(void **state) {
    AppFixture *fixture = *state;
    open_data(fixture, 1280, 800, 1);
    choose_source(fixture, DATA_HANDWRITING);
    const App *app = &fixture->app;
    const DataSheet *sheet = app->gallery.sheet;
    assert_non_null(sheet);
    assert_int_equal(sheet->rows, nn_hand_rows());
    assert_true(sheet->answered);
    assert_int_equal(data_line_count(&app->gallery, &app->data), nn_hand_rows());
    NnHand *hand = nn_hand_new(app->recogniser.model, NULL);
    assert_non_null(hand);
    for (size_t row = 0; row < nn_hand_rows(); row += 20) {
        NnDigit digit;
        NnAnswer answer;
        assert_true(nn_hand_draw(hand, row, sheet->seed, 2, &digit, &answer));
        assert_memory_equal(&sheet->digits[row * SHEET_COLUMNS + 2], &digit, sizeof digit);
        assert_int_equal(sheet->answers[row * SHEET_COLUMNS + 2].digit, answer.digit);
        int right = nn_hand_try(hand, row, NN_HAND_SEED, TRIES);
        assert_int_equal(data_desk_share(app->gallery.desk, row), right);
    }
    nn_hand_free(hand);
    assert_true(shows(app, nn_hand_name(0)));
}

static void a_digit_has_its_forms_alone(void **state) {
    AppFixture *fixture = *state;
    open_data(fixture, 1280, 800, 1);
    choose_source(fixture, DATA_HANDWRITING);
    App *app = &fixture->app;
    fixture_play(fixture, "key 7");
    size_t n = data_line_count(&app->gallery, &app->data), forms = 0;
    for (size_t row = 0; row < nn_hand_rows(); row++) {
        forms += nn_hand_digit(row) == 7;
    }
    assert_int_equal(n, forms);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(nn_hand_digit(data_line(&app->gallery, &app->data, i)), 7);
    }
    float share = gallery_group_share(&app->gallery, 7), sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += gallery_row_share(&app->gallery, data_line(&app->gallery, &app->data, i));
    }
    assert_true(share >= 0 && fabsf(share - sum / (float)n) < 1e-5f);
}

static void strokes_of_a_form_go_on_the_canvas_and_undo_takes_them_back(void **state) {
    AppFixture *fixture = *state;
    fixture_open(fixture, false, true, 1280, 800, 1);
    fixture->app.gallery.tries = TRIES;
    fixture_play(fixture, SEVEN);
    size_t points = nn_ink_point_count(fixture->app.canvas.ink);
    fixture_play(fixture, "key alt+5");
    choose_source(fixture, DATA_HANDWRITING);
    App *app = &fixture->app;
    fixture_play(fixture, "key 4");
    fixture_play(fixture, "key right");
    DataSpot spot = app->data.spot;
    assert_int_equal(nn_hand_digit((size_t)spot.row), 4);
    fixture_play(fixture, "key enter");
    assert_int_equal(app->view, APP_VIEW_DRAW);
    NnInk *drawn = nn_ink_new(NULL);
    assert_true(
        nn_style_draw((size_t)spot.row, app->gallery.sheet->seed, (uint64_t)spot.place, drawn));
    assert_int_equal(nn_ink_stroke_count(app->canvas.ink), nn_ink_stroke_count(drawn));
    assert_int_equal(nn_ink_point_count(app->canvas.ink), nn_ink_point_count(drawn));
    nn_ink_free(drawn);
    fixture_play(fixture, "key ctrl+z");
    assert_int_equal(nn_ink_point_count(app->canvas.ink), points);
}

// The control that was clicked does not keep the arrow keys, though nothing is on view at that moment.
static void after_choosing_with_the_pointer_the_keys_walk(void **state) {
    AppFixture *fixture = *state;
    open_data(fixture, 1280, 800, 1);
    App *app = &fixture->app;
    fixture_play(fixture, "click 150 88");
    fixture_play(fixture, "wait 300");
    fixture_play(fixture, "click 150 250");
    fixture_play(fixture, "settle");
    assert_int_equal(app->gallery.source, DATA_HANDWRITING);
    int64_t row = app->data.spot.row;
    fixture_play(fixture, "key down");
    assert_false(ui_popup_open(app->ui, 0));
    assert_int_equal(app->data.spot.row, row + 1);
}

static void another_network_is_asked_anew(void **state) {
    AppFixture *fixture = *state;
    open_data(fixture, 1280, 800, 1);
    choose_source(fixture, DATA_HANDWRITING);
    App *app = &fixture->app;
    unsigned generation = app->gallery.generation;
    char line[400];
    (void)snprintf(line, sizeof line, "drop %s", fixture->weights);
    fixture_play(fixture, line);
    fixture_play(fixture, "key alt+5");
    fixture_play(fixture, "settle");
    assert_true(app->gallery.generation != generation);
    assert_true(data_desk_counted(app->gallery.desk));
}

static void without_a_network_the_forms_are_drawn_all_the_same(void **state) {
    AppFixture *fixture = *state;
    fixture_open(fixture, false, false, 1280, 800, 1);
    fixture_play(fixture, "key alt+5");
    choose_source(fixture, DATA_HANDWRITING);
    const App *app = &fixture->app;
    assert_non_null(app->gallery.sheet);
    assert_false(app->gallery.sheet->answered);
    assert_true(shows(app, "There is no network to read them"));
    assert_null(data_spot_answer(&app->gallery, (DataSpot){0, 0}));
}

// --- files, and what is not there ----------------------------------------------------------------

static void tables_and_sheets_are_saved(void **state) {
    AppFixture *fixture = *state;
    open_data(fixture, 1280, 800, 1);
    char path[400];
    NnPicture picture = {0};
    fixture_play(fixture, "key ctrl+s");
    assert_true(toast_says(&fixture->app, "Saved as"));
    data_path(fixture, "inkling-data-1.csv", path, sizeof path);
    assert_true(file_exists(path));
    app_apply(&fixture->app, &(Action){.kind = ACTION_DATA_SAVE, .index = DATA_SAVE_SHEET});
    data_path(fixture, "inkling-data-1.png", path, sizeof path);
    assert_int_equal(nn_picture_read(path, &picture, NULL), NN_OK);
    assert_int_equal(picture.height, 2 * 12 + NN_CLASSES * 30);
    nn_picture_release(&picture);
    fixture_play(fixture, "key 2"); // a page
    app_apply(&fixture->app, &(Action){.kind = ACTION_DATA_SAVE, .index = DATA_SAVE_SHEET});
    data_path(fixture, "inkling-data-2.png", path, sizeof path);
    assert_int_equal(nn_picture_read(path, &picture, NULL), NN_OK);
    nn_picture_release(&picture);
    choose_source(fixture, DATA_HANDWRITING);
    app_apply(&fixture->app, &(Action){.kind = ACTION_DATA_SAVE, .index = DATA_SAVE_SHEET});
    data_path(fixture, "inkling-data-3.png", path, sizeof path);
    assert_int_equal(nn_picture_read(path, &picture, NULL), NN_OK);
    assert_int_equal((size_t)picture.height, 2 * 12 + nn_hand_rows() * 30);
    nn_picture_release(&picture);
    fixture_play(fixture, "key ctrl+s");
    data_path(fixture, "inkling-data-2.csv", path, sizeof path);
    assert_true(file_exists(path));
}

typedef struct {
    const char *name;
    DataSource source;
    const char *says;
} Absent;

static Absent absent[] = {
    {"MNIST's test digits are not there", DATA_MNIST_TEST, "MNIST is not on this machine"},
    {"no digits were kept", DATA_MINE, "No digits of your own yet"},
};

static void run_absent(void **state) {
    const Absent *row = *state;
    AppFixture *fixture = NULL;
    assert_int_equal(data_setup((void **)&fixture), 0);
    open_data(fixture, 1280, 800, 1);
    choose_source(fixture, row->source);
    assert_null(fixture->app.gallery.set);
    assert_true(shows(&fixture->app, row->says));
    assert_true(shows(&fixture->app, "Try again"));
    fixture_play(fixture, "key ctrl+s"); // nothing to save, and nothing happens
    fixture_play(fixture, "key right");
    fixture_play(fixture, "key enter");
    assert_int_equal(fixture->app.view, APP_VIEW_DATA);
    choose_source(fixture, DATA_MNIST_TRAIN);
    assert_non_null(fixture->app.gallery.set);
    assert_int_equal(fixture_teardown((void **)&fixture), 0);
}

static void leaving_the_view_puts_the_pictures_back(void **state) {
    AppFixture *fixture = *state;
    open_data(fixture, 1280, 800, 1);
    assert_non_null(fixture->app.gallery.set);
    fixture_play(fixture, "key alt+1");
    assert_null(fixture->app.gallery.set);
    assert_false(gallery_busy(&fixture->app.gallery));
    fixture_play(fixture, "key alt+5");
    fixture_play(fixture, "settle");
    assert_non_null(fixture->app.gallery.set);
}

// Orders in any sequence, in the middle of others: nothing is lost, mixed up or left running.
static void a_storm_of_orders_ends_at_the_last_one(void **state) {
    AppFixture *fixture = *state;
    open_data(fixture, 960, 600, 1);
    App *app = &fixture->app;
    Rng rng = rng_at(4, RNG_STREAM_TEST, 0);
    for (int i = 0; i < 200; i++) {
        static const char *const keys[] = {"key n",     "key 3",     "key right", "key down",
                                           "key alt+1", "key alt+5", "key escape"};
        if (rng_below(&rng, 4) == 0) {
            app_apply(app, &(Action){.kind = ACTION_DATA_SOURCE,
                                     .index = (int)rng_below(&rng, DATA_SOURCE_COUNT)});
        }
        fixture_play(fixture, keys[rng_below(&rng, sizeof keys / sizeof keys[0])]);
    }
    fixture_play(fixture, "key alt+5");
    choose_source(fixture, DATA_MNIST_TRAIN);
    assert_int_equal(facts_of(app)->n, PICTURES);
    choose_source(fixture, DATA_HANDWRITING);
    assert_int_equal(app->gallery.sheet->seed, app->data.seed);
    assert_true(data_desk_counted(app->gallery.desk));
}

int main(void) {
#define SESSION(f) cmocka_unit_test_setup_teardown(f, data_setup, fixture_teardown)
    struct CMUnitTest tests[32] = {
        SESSION(it_opens_at_the_training_digits),
        SESSION(every_line_shows_pictures_of_its_class),
        SESSION(a_digit_key_shows_all_of_one_class_and_escape_all_again),
        SESSION(arrows_walk_through_lines_and_pages),
        SESSION(new_ones_are_others),
        SESSION(a_picture_goes_on_the_canvas),
        SESSION(every_form_is_drawn_answered_and_counted),
        SESSION(a_digit_has_its_forms_alone),
        SESSION(strokes_of_a_form_go_on_the_canvas_and_undo_takes_them_back),
        SESSION(another_network_is_asked_anew),
        SESSION(after_choosing_with_the_pointer_the_keys_walk),
        SESSION(without_a_network_the_forms_are_drawn_all_the_same),
        SESSION(tables_and_sheets_are_saved),
        SESSION(leaving_the_view_puts_the_pictures_back),
        SESSION(a_storm_of_orders_ends_at_the_last_one),
    };
    size_t n = 15;
    for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++) {
        tests[n++] = (struct CMUnitTest){absent[i].name, run_absent, NULL, NULL, &absent[i]};
    }
    return _cmocka_run_group_tests("view data", tests, n, NULL, NULL);
}
