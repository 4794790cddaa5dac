// The Errors view on a network whose run is kept: answers epoch by epoch, and the pictures the run
// held out.
#define _XOPEN_SOURCE 700 // mkdtemp, setenv

#include "errors_fixture.h"

#include "nn/run.h"

enum { LEARNT_FROM = 400, HELD_OUT = 80, EPOCHS = 4 };

static void train_run(AppFixture *fixture) {
    char images[400], labels[400], folder[400];
    NnError err = {0};
    data_path(fixture, "mnist/train-images-idx3-ubyte", images, sizeof images);
    data_path(fixture, "mnist/train-labels-idx1-ubyte", labels, sizeof labels);
    write_pair(images, labels, LEARNT_FROM, 11);
    NnDataset *train = nn_dataset_load("mnist", NN_SPLIT_TRAIN, &err);
    NnDataset *test = nn_dataset_load("mnist", NN_SPLIT_TEST, &err);
    NnRunConfig config = {.seed = 5, .track_test = true, .keep_mb = 16};
    const char *text = "{\"name\": \"small\", \"layers\": [{\"dense\": 24}, {\"dense\": 10}],"
                       " \"data\": \"mnist\", \"batch\": 20, \"epochs\": 4, \"validation\": 80}";
    assert_int_equal(nn_recipe_parse(text, strlen(text), "small", &config.recipe, &err), NN_OK);
    data_path(fixture, "run", folder, sizeof folder);
    NnRun *run = nn_run_new(
        &(NnRunDesc){
            .folder = folder, .config = &config, .train = train, .test = test, .threads = 1},
        &err);
    if (run == NULL || nn_run_train(run, NULL, &err) != NN_OK) {
        fail_msg("%s", err.message);
    }
    nn_run_free(run);
    nn_dataset_free(train);
    nn_dataset_free(test);
}

static void open_run(AppFixture *fixture) {
    train_run(fixture);
    data_path(fixture, "run/best.safetensors", fixture->weights, sizeof fixture->weights);
    open_errors(fixture, 1280, 800, 1);
}

static void the_sample_is_told_epoch_by_epoch(void **state) {
    AppFixture *fixture = *state;
    open_run(fixture);
    const App *app = &fixture->app;
    const NnEpochs *epochs = app->browse.epochs;
    assert_non_null(epochs);
    assert_int_equal(nn_epochs_count(epochs), EPOCHS);
    static const char *const said[NN_LEARNING_COUNT] = {
        "", "Never learnt in 4 epochs", "orgotten", "Learnt at epoch", "Right after all 4 epochs"};
    bool seen[NN_LEARNING_COUNT] = {false};
    fixture_play(fixture, "key w"); // all of them
    for (int i = 0; i < 150; i++) {
        NnLearning learning = nn_epochs_word(epochs, (size_t)app->errors.sample).learning;
        seen[learning] = true;
        if (!shows(app, said[learning])) {
            fail_msg("\"%s\" is not on view", said[learning]);
        }
        fixture_play(fixture, "key right");
    }
    assert_true(seen[NN_LEARNING_NEVER] + seen[NN_LEARNING_FORGOTTEN] + seen[NN_LEARNING_LEARNT] +
                    seen[NN_LEARNING_ALWAYS] >=
                2);
}

static void one_can_filter_by_what_was_forgotten(void **state) {
    AppFixture *fixture = *state;
    open_run(fixture);
    App *app = &fixture->app;
    app->errors.query.show = SHOW_ALL;
    size_t sum = 0;
    for (int learning = NN_LEARNING_NEVER; learning < NN_LEARNING_COUNT; learning++) {
        app->errors.query.learning = learning;
        script_frame(&fixture->script);
        const BrowseList *list = &app->browse.list[0];
        assert_int_equal(list->n, nn_epochs_tally(app->browse.epochs, (NnLearning)learning));
        for (size_t i = 0; i < list->n; i++) {
            assert_int_equal(nn_epochs_word(app->browse.epochs, list->rows[i]).learning, learning);
        }
        sum += list->n;
    }
    assert_int_equal(sum, PICTURES);
    assert_true(shows(app, "always right")); // the line that says what narrows the list
    fixture_play(fixture, "key escape");
    assert_int_equal(app->errors.query.learning, 0);
}

static void what_the_run_held_out_is_a_set(void **state) {
    AppFixture *fixture = *state;
    open_run(fixture);
    App *app = &fixture->app;
    app_apply(app, &(Action){.kind = ACTION_STUDY_SOURCE, .index = STUDY_VALIDATION});
    fixture_play(fixture, "settle");
    assert_non_null(browse_study(&app->browse));
    assert_string_equal(nn_study_data_name(browse_study(&app->browse)), "mnist validation");
    assert_int_equal(nn_study_count(browse_study(&app->browse)), HELD_OUT);
    assert_non_null(app->browse.epochs);
    assert_int_equal(nn_epochs_tally(app->browse.epochs, NN_LEARNING_UNKNOWN), 0);
}

static void without_a_run_nothing_is_made_up(void **state) {
    AppFixture *fixture = *state;
    train_run(fixture);
    open_errors(fixture, 1280, 800, 1); // the fixture's own network
    App *app = &fixture->app;
    assert_null(app->browse.epochs);
    app_apply(app, &(Action){.kind = ACTION_STUDY_SOURCE, .index = STUDY_VALIDATION});
    fixture_play(fixture, "settle");
    assert_null(browse_study(&app->browse));
    assert_true(shows(app, "not known which pictures"));
    assert_true(shows(app, "inkling train --keep"));
}

static void my_digits_may_grow_between_two_networks(void **state) {
    AppFixture *fixture = *state;
    char images[400], labels[400], line[500];
    data_path(fixture, "inkling/mine", images, sizeof images);
    assert_int_equal(folder_make(images, NULL), NN_OK);
    data_path(fixture, "inkling/mine/mine-images-idx3-ubyte", images, sizeof images);
    data_path(fixture, "inkling/mine/mine-labels-idx1-ubyte", labels, sizeof labels);
    write_pair(images, labels, 5, 1);
    train_run(fixture);
    open_errors(fixture, 1280, 800, 1);
    App *app = &fixture->app;
    app_apply(app, &(Action){.kind = ACTION_STUDY_SOURCE, .index = STUDY_MINE});
    fixture_play(fixture, "settle");
    assert_int_equal(nn_study_count(browse_study(&app->browse)), 5);
    write_pair(images, labels, 40, 1);
    data_path(fixture, "run/best.safetensors", images, sizeof images);
    (void)snprintf(line, sizeof line, "drop %s", images);
    fixture_play(fixture, line);
    fixture_play(fixture, "settle");
    assert_int_equal(nn_study_count(browse_study(&app->browse)), 40);
    assert_int_equal(browse_data(&app->browse)->n, 40);
    assert_string_equal(nn_study_triage_key(browse_study(&app->browse)), "mine");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, errors_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(the_sample_is_told_epoch_by_epoch),       CASE(one_can_filter_by_what_was_forgotten),
        CASE(what_the_run_held_out_is_a_set),          CASE(without_a_run_nothing_is_made_up),
        CASE(my_digits_may_grow_between_two_networks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
