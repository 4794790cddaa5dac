// The Train view by scripted sessions on a small data set, asserted on the program's state: settings,
// run, time machine, branches, files, and storms of whatever a person may press.
#define _XOPEN_SOURCE 700 // mkdtemp, setenv

#include <dirent.h>
#include <math.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/patience.h"
#include "train_fixture.h"

static void open_plain(AppFixture *fixture) {
    open_train(fixture, 1280, 800, 1);
}

static void press(AppFixture *fixture, ActionKind kind) {
    app_apply(&fixture->app, &(Action){.kind = kind});
    script_frame(&fixture->script);
}

// Frames in real time until a condition holds.
static void until(AppFixture *fixture, bool (*holds)(const App *app), const char *what) {
    Patience patience = patience_begin(60);
    while (!holds(&fixture->app)) {
        if (patience_is_over(&patience)) {
            fail_msg("nothing was done for a minute: %s", what);
        }
        clock_sleep_ms(1);
        script_frame(&fixture->script);
    }
}

static bool has_points(const App *app) {
    return app->training.path.n > 0;
}

static bool is_paused(const App *app) {
    return app->training.state.phase == NN_RUNNER_PAUSED;
}

static bool is_over(const App *app) {
    return app->training.state.phase == NN_RUNNER_DONE ||
           app->training.state.phase == NN_RUNNER_STOPPED;
}

static bool told_four(const App *app) {
    return app->training.story_next == 4;
}

static bool is_measured(const App *app) {
    return app->training.state.measured_epoch > 0;
}

static bool is_running(const App *app) {
    return app->training.state.phase == NN_RUNNER_RUNNING;
}

// --- settings ------------------------------------------------------------------------------------

static void the_view_opens_with_alt_2_and_lists_the_recipes(void **state) {
    AppFixture *fixture = *state;
    fixture_open(fixture, false, true, 1280, 800, 1);
    fixture_play(fixture, "key alt+2");
    fixture_play(fixture, "settle");
    const Training *training = &fixture->app.training;
    assert_int_equal(fixture->app.view, APP_VIEW_TRAIN);
    assert_true(training->n_names > 10);
    assert_true(shows(&fixture->app, training->names[training->chosen]));
    assert_non_null(training->data);
    assert_int_equal(training->data->n, TRAIN_PICTURES);
}

static void a_recipe_is_chosen_from_the_list_with_the_mouse(void **state) {
    AppFixture *fixture = *state;
    open_plain(fixture);
    int before = fixture->app.training.chosen;
    fixture_play(fixture, "click 100 114"); // the list
    fixture_play(fixture, "key home");
    fixture_play(fixture, "key enter");
    script_settle(&fixture->script);
    assert_int_not_equal(fixture->app.training.chosen, before);
    assert_int_equal(fixture->app.training.chosen, 0);
    assert_string_equal(fixture->app.training.form.recipe.name, fixture->app.training.names[0]);
}

// Where a text was last drawn.
static bool find_text(const App *app, const char *text, float *x, float *y) {
    const DrawList *list = app_draws(app);
    for (size_t i = 0; i < list->n; i++) {
        const DrawCommand *command = &list->commands[i];
        if (command->kind == DRAW_TEXT && strcmp(command->u.text.utf8, text) == 0) {
            *x = command->rect.x + command->rect.w / 2;
            *y = command->rect.y - 4;
            return true;
        }
    }
    return false;
}

static void click_text(AppFixture *fixture, const char *text) {
    float x = 0, y = 0;
    char line[64];
    if (!find_text(&fixture->app, text, &x, &y)) {
        fail_msg("\"%s\" is not on the screen", text);
    }
    (void)snprintf(line, sizeof line, "click %.0f %.0f", (double)x, (double)y);
    fixture_play(fixture, line);
    script_settle(&fixture->script);
}

static void a_field_is_typed_into_and_says_what_is_wrong(void **state) {
    AppFixture *fixture = *state;
    open_plain(fixture);
    const TrainForm *form = &fixture->app.training.form;
    click_text(fixture, "0.001");
    fixture_play(fixture, "key ctrl+a");
    fixture_play(fixture, "text 0.02");
    assert_string_equal(form->text[FIELD_RATE], "0.02");
    assert_true(fabsf(form->recipe.learning_rate - 0.02f) < 1e-6f);
    fixture_play(fixture, "text x");
    script_settle(&fixture->script);
    assert_string_equal(form->text[FIELD_RATE], "0.02x");
    assert_true(shows(&fixture->app, "must be a number"));
    assert_true(fabsf(form->recipe.learning_rate - 0.02f) < 1e-6f);
    click_text(fixture, "Start"); // refused, and said
    assert_null(fixture->app.training.runner);
    assert_true(fixture->app.toasts.n > 0);
}

static void space_in_a_field_is_text_and_starts_nothing(void **state) {
    AppFixture *fixture = *state;
    open_plain(fixture);
    click_text(fixture, "16");
    fixture_play(fixture, "key space");
    fixture_play(fixture, "key x");
    assert_null(fixture->app.training.runner);
}

static void the_augmentation_shows_pictures_and_is_chosen(void **state) {
    AppFixture *fixture = *state;
    open_plain(fixture);
    size_t images = 0, before = 0;
    for (size_t i = 0; i < app_draws(&fixture->app)->n; i++) {
        before += app_draws(&fixture->app)->commands[i].kind == DRAW_IMAGE;
    }
    click_text(fixture, "none");
    for (size_t i = 0; i < app_draws(&fixture->app)->n; i++) {
        images += app_draws(&fixture->app)->commands[i].kind == DRAW_IMAGE;
    }
    assert_int_equal(images, before + PREVIEW_ROWS * PREVIEW_COLUMNS);
    click_text(fixture, "gentle");
    assert_true(fixture->app.training.form.recipe.augment.rotation_deg > 0);
    assert_memory_not_equal(fixture->app.train.preview[0],
                            fixture->app.train.preview[PREVIEW_COLUMNS], NN_PIXELS);
}

static void without_a_data_set_the_view_says_how_to_get_it(void **state) {
    AppFixture *fixture = *state;
    assert_int_equal(setenv("INKLING_DATA", "/nonexistent", 1), 0);
    fixture_open(fixture, false, true, 1280, 800, 1);
    fixture_play(fixture, "key alt+2");
    fixture_play(fixture, "settle");
    script_settle(&fixture->script);
    assert_true(shows(&fixture->app, "There are no pictures to learn from"));
    fixture_play(fixture, "key space");
    assert_null(fixture->app.training.runner);
    assert_int_equal(setenv("INKLING_DATA", fixture->folder, 1), 0);
    click_text(fixture, "Try again");
    fixture_play(fixture, "settle");
    script_settle(&fixture->script);
    assert_non_null(fixture->app.training.data);
    assert_false(shows(&fixture->app, "There are no pictures to learn from"));
}

static void a_split_larger_than_the_data_is_a_failure_in_words(void **state) {
    AppFixture *fixture = *state;
    open_plain(fixture);
    set_field(fixture, FIELD_VALIDATION, "5000");
    fixture_play(fixture, "key space");
    double deadline_s = clock_s() + 30;
    while (fixture->app.training.state.phase != NN_RUNNER_FAILED && clock_s() < deadline_s) {
        script_frame(&fixture->script);
    }
    script_settle(&fixture->script);
    assert_int_equal(fixture->app.training.state.phase, NN_RUNNER_FAILED);
    assert_true(shows(&fixture->app, "holds out 5000"));
    set_field(fixture, FIELD_VALIDATION, "200"); // and another start is another run
    fixture_play(fixture, "epochs 1");
    assert_int_equal(fixture->app.training.epochs.n, 1);
}

// --- the run -------------------------------------------------------------------------------------

static void a_run_draws_its_curves_and_answers_while_it_trains(void **state) {
    AppFixture *fixture = *state;
    open_plain(fixture);
    set_field(fixture, FIELD_EPOCHS, "2000");
    fixture_play(fixture, "key space");
    until(fixture, has_points, "the first point");
    fixture_play(fixture, SEVEN); // while it runs
    assert_true(is_running(&fixture->app));
    assert_true(fixture->app.training.has_answer);
    unsigned version = fixture->app.training.version;
    size_t points = fixture->app.training.path.n;
    for (int i = 0; i < 200 && fixture->app.training.version == version; i++) {
        clock_sleep_ms(5);
        script_frame(&fixture->script);
    }
    assert_true(fixture->app.training.version > version); // newer weights answered
    assert_true(fixture->app.training.path.n > points);
    assert_true(shows(&fixture->app, "digits/s"));
    fixture_play(fixture, "key space");
    until(fixture, is_paused, "the pause");
    uint64_t steps = fixture->app.training.state.steps_done;
    script_wait(&fixture->script, 100);
    assert_int_equal(fixture->app.training.state.steps_done, steps);
    fixture_play(fixture, "key space");
    until(fixture, is_running, "going on");
    fixture_play(fixture, "key x");
    until(fixture, is_over, "the stop");
}

static void single_steps_are_a_batch_or_an_epoch(void **state) {
    AppFixture *fixture = *state;
    open_plain(fixture);
    const NnRunnerState *now = &fixture->app.training.state;
    fixture_play(fixture, "key b");
    fixture_play(fixture, "settle");
    assert_int_equal(now->steps_done, 1);
    fixture_play(fixture, "key b");
    fixture_play(fixture, "settle");
    assert_int_equal(now->steps_done, 2);
    until(fixture, is_measured, "the matrix after a batch");
    fixture_play(fixture, "key n");
    fixture_play(fixture, "settle");
    assert_int_equal(now->steps_done, 20); // 1,000 pictures in batches of 50
    assert_int_equal(fixture->app.training.epochs.n, 1);
    assert_int_equal(fixture->app.training.path.n, 20);
}

// The window's numbers are those of the same recipe and seed without a window.
static void the_weights_are_the_headless_ones(void **state) {
    AppFixture *fixture = *state;
    open_plain(fixture);
    fixture_play(fixture, "epochs 6");
    Training *training = &fixture->app.training;
    assert_int_equal(training->state.phase, NN_RUNNER_DONE);
    NnError err = {0};
    NnTrainer *trainer = nn_trainer_new(&(NnTrainerDesc){.recipe = &training->form.recipe,
                                                         .train = training->data,
                                                         .seed = training->form.seed,
                                                         .threads = 1},
                                        &err);
    assert_non_null(trainer);
    assert_int_equal(nn_trainer_run(trainer, &(NnObserver){0}, &err), NN_OK);
    char window[65], headless[65];
    nn_model_sha256(training_model(training), window);
    nn_model_sha256(nn_trainer_model(trainer), headless);
    assert_string_equal(window, headless);
    nn_trainer_free(trainer);
}

// Epoch by epoch, all that is shown of them.
static void the_metrics_are_the_headless_ones(void **state) {
    AppFixture *fixture = *state;
    open_plain(fixture);
    fixture_play(fixture, "epochs 6");
    Training *training = &fixture->app.training;
    NnTrainer *trainer = nn_trainer_new(&(NnTrainerDesc){.recipe = &training->form.recipe,
                                                         .train = training->data,
                                                         .seed = training->form.seed,
                                                         .threads = 3},
                                        NULL);
    assert_non_null(trainer);
    assert_int_equal(training->epochs.n, 6);
    for (size_t i = 0; i < 6;) {
        assert_int_equal(nn_trainer_step(trainer, NULL, NULL), NN_OK);
        if (!nn_trainer_progress(trainer).epoch_done) {
            continue;
        }
        const NnEpochRecord *record = nn_trainer_record(trainer);
        const NnEpochPoint *point = training->epochs.points[i++];
        assert_int_equal(point->epoch, record->epoch);
        assert_true(point->train_loss == (float)record->train_loss);
        assert_true(point->train_accuracy == (float)record->train_accuracy);
        assert_true(point->val_loss == (float)record->validation.loss);
        assert_true(point->val_accuracy == (float)record->validation.accuracy);
        for (int c = 0; c < NN_CLASSES; c++) {
            for (int k = 0; k < NN_CLASSES; k++) {
                assert_int_equal(point->confusion[c][k], record->validation.confusion[c][k]);
            }
        }
    }
    nn_trainer_free(trainer);
}

static void changed_settings_count_from_the_next_run_on(void **state) {
    AppFixture *fixture = *state;
    open_plain(fixture);
    fixture_play(fixture, "epochs 1");
    set_field(fixture, FIELD_LAYERS, "8");
    script_settle(&fixture->script);
    assert_true(training_differs(&fixture->app.training));
    assert_true(shows(&fixture->app, "next run"));
    assert_int_equal(fixture->app.training.recipe.arch.layers[0].n_out, 16);
    press(fixture, ACTION_TRAIN_STOP);
    until(fixture, is_over, "the stop");
    fixture_play(fixture, "epochs 1");
    assert_int_equal(fixture->app.training.recipe.arch.layers[0].n_out, 8);
    assert_int_equal(fixture->app.training.epochs.n, 1); // a curve of its own
}

static void the_rate_changes_while_it_runs_and_is_on_its_curve(void **state) {
    AppFixture *fixture = *state;
    open_plain(fixture);
    fixture_play(fixture, "epochs 1");
    app_apply(&fixture->app, &(Action){.kind = ACTION_TRAIN_RATE, .number = 0.1});
    fixture_play(fixture, "epochs 1");
    const TrainPath *path = &fixture->app.training.path;
    assert_true(fabsf(path->steps[0].rate - 0.001f) < 1e-7f);
    assert_true(fabsf(path->steps[path->n - 1].rate - 0.0001f) < 1e-8f);
    assert_true(shows(&fixture->app, "0.1"));
}

// --- the time machine ----------------------------------------------------------------------------

static void an_earlier_epoch_brings_back_matrix_answer_and_weights(void **state) {
    AppFixture *fixture = *state;
    open_plain(fixture);
    Training *training = &fixture->app.training;
    fixture_play(fixture, SEVEN);
    fixture_play(fixture, "epochs 1");
    NnAnswer then = training->answer;
    char hash_then[65], hash[65];
    nn_model_sha256(training_model(training), hash_then);
    TrainMeasured measured;
    size_t confusion[NN_CLASSES][NN_CLASSES];
    assert_true(training_measured(training, &measured));
    memcpy(confusion, measured.confusion, sizeof confusion);
    fixture_play(fixture, "epochs 3");
    nn_model_sha256(training_model(training), hash);
    assert_string_not_equal(hash, hash_then);
    for (int i = 0; i < 3; i++) {
        fixture_play(fixture, "key left");
    }
    assert_int_equal(training->at, 1);
    nn_model_sha256(training_model(training), hash);
    assert_string_equal(hash, hash_then);
    assert_memory_equal(training->answer.logits, then.logits, sizeof then.logits);
    assert_true(training_measured(training, &measured));
    assert_memory_equal(measured.confusion, confusion, sizeof confusion);
    script_settle(&fixture->script);
    assert_true(shows(&fixture->app, "epoch 1 of 4"));
    fixture_play(fixture, "key escape"); // and back to now
    assert_int_equal(training->at, TRAINING_NEWEST);
    for (int i = 0; i < 3; i++) {
        fixture_play(fixture, "key left");
    }
    for (int i = 0; i < 3; i++) {
        fixture_play(fixture, "key right");
    }
    assert_int_equal(training->at, TRAINING_NEWEST);
}

static void the_story_tells_what_each_epoch_answered(void **state) {
    AppFixture *fixture = *state;
    open_plain(fixture);
    Training *training = &fixture->app.training;
    fixture_play(fixture, SEVEN);
    fixture_play(fixture, "epochs 3");
    until(fixture, told_four, "the story");
    for (int epoch = 0; epoch <= 3; epoch++) {
        training_show(training, epoch);
        script_frame(&fixture->script);
        assert_true(training->story[epoch].known);
        assert_int_equal(training->story[epoch].digit, training->answer.digit);
    }
}

static void continuing_from_an_epoch_is_a_branch_with_a_second_curve(void **state) {
    AppFixture *fixture = *state;
    open_plain(fixture);
    Training *training = &fixture->app.training;
    fixture_play(fixture, "epochs 4");
    float loss_4 = training->epochs.points[3]->train_loss;
    training_show(training, 2);
    script_settle(&fixture->script);
    click_text(fixture, "Continue from here");
    until(fixture, is_over, "the end of the branch");
    script_settle(&fixture->script);
    assert_int_equal(training->epochs.n, 6);
    assert_int_equal(training->left_epochs.n, 2);
    assert_true(training->left.n > 0);
    for (size_t i = 0; i < training->epochs.n; i++) {
        assert_int_equal(training->epochs.points[i]->epoch, i + 1);
    }
    for (size_t i = 1; i < training->path.n; i++) {
        assert_true(training->path.steps[i].epoch > training->path.steps[i - 1].epoch);
    }
    assert_int_equal(training->path.n, 6 * 20);
    // The same settings give the same bits: a branch at rate 1 repeats what was left.
    assert_true(training->epochs.points[3]->train_loss == loss_4);
}

static bool goes_back(const App *app) {
    return training_goes_back(&app->training);
}

static bool has_gone_back(const App *app) {
    return !training_goes_back(&app->training) && !app->training.awaits;
}

static void an_epoch_kept_no_more_is_gone_back_to_or_given_up(void **state) {
    AppFixture *fixture = *state;
    open_plain(fixture);
    Training *training = &fixture->app.training;
    training->memory_mb = training->folder_mb = 1; // with Adam's state one epoch has more
    set_field(fixture, FIELD_LAYERS, "256, 256");
    fixture_play(fixture, SEVEN);
    char hash_then[65], hash[65];
    fixture_play(fixture, "epochs 4");
    nn_model_sha256(training_model(training), hash_then);
    fixture_play(fixture, "epochs 2");
    until(fixture, is_over, "the end of the run");
    fixture_play(fixture, "key left");
    fixture_play(fixture, "key left");
    script_settle(&fixture->script);
    assert_int_equal(training->at, 4);
    assert_null(training_model(training));
    assert_true(shows(&fixture->app, "not kept"));
    click_text(fixture, "Continue from here");
    until(fixture, goes_back, "the way back");
    script_frame(&fixture->script);
    assert_true(shows(&fixture->app, "going back over epochs 1\xe2\x80\x93"
                                     "4"));
    press(fixture, ACTION_TRAIN_GO); // which says "Give up" now
    until(fixture, has_gone_back, "giving up");
    script_settle(&fixture->script);
    assert_int_equal(training->state.phase, NN_RUNNER_DONE);
    assert_int_equal(training->epochs.n, 6);
    assert_true(shows(&fixture->app, "given up"));

    app_apply(&fixture->app, &(Action){.kind = ACTION_TRAIN_SHOW, .index = 4});
    training_branch(training, 4);
    until(fixture, has_gone_back, "the epoch");
    script_settle(&fixture->script);
    assert_int_equal(training->epochs.n, 4);
    assert_int_equal(training->left_epochs.n, 2);
    nn_model_sha256(training_model(training), hash);
    assert_string_equal(hash, hash_then);
}

static void a_branch_takes_the_settings_that_were_changed(void **state) {
    AppFixture *fixture = *state;
    open_plain(fixture);
    Training *training = &fixture->app.training;
    fixture_play(fixture, "epochs 3");
    fixture_play(fixture, "key left");
    set_field(fixture, FIELD_BATCH, "100");
    set_field(fixture, FIELD_OPTIMISER, "SGD");
    script_settle(&fixture->script);
    assert_int_equal(training->at, 2);
    assert_true(training_can_change(training, 2));
    click_text(fixture, "Continue with the new settings");
    until(fixture, is_over, "the end of the branch");
    assert_int_equal(training->recipe.batch, 100);
    assert_int_equal(training->recipe.optimiser, NN_OPTIM_SGD);
    assert_false(training_differs(training));
    assert_int_equal(training->state.branch, 1);
    assert_int_equal(training->state.progress.steps, 10); // of 1,000 pictures
    assert_int_equal(training->epochs.n, 6);
    assert_int_equal(training->left_epochs.n, 1);
    set_field(fixture, FIELD_LAYERS, "12"); // not these: another run
    script_settle(&fixture->script);
    assert_false(training_can_change(training, 2));
    assert_false(shows(&fixture->app, "Continue with the new settings"));
}

static void rewinding_leads_to_the_start_weights(void **state) {
    AppFixture *fixture = *state;
    open_plain(fixture);
    Training *training = &fixture->app.training;
    fixture_play(fixture, "epochs 2");
    fixture_play(fixture, "key r");
    fixture_play(fixture, "settle");
    assert_int_equal(training->path.n, 0);
    assert_int_equal(training->epochs.n, 0);
    assert_int_equal(training->left_epochs.n, 2);
    NnModel *start = nn_model_new(&training->recipe.arch, NULL);
    nn_model_init(start, training->recipe.init, training->seed);
    char expected[65], got[65];
    nn_model_sha256(start, expected);
    nn_model_sha256(training_model(training), got);
    assert_string_equal(got, expected);
    nn_model_free(start);
}

static void a_cell_shows_its_most_typical_sample(void **state) {
    AppFixture *fixture = *state;
    open_plain(fixture);
    Training *training = &fixture->app.training;
    fixture_play(fixture, "epochs 4");
    script_settle(&fixture->script);
    UiRect matrix = fixture->app.train.matrix;
    char line[64];
    // The lower right cell: nines taken for nines.
    (void)snprintf(line, sizeof line, "move %.0f %.0f", (double)(matrix.x + matrix.w - 10),
                   (double)(matrix.y + matrix.h - 10));
    fixture_play(fixture, line);
    script_settle(&fixture->script);
    assert_int_equal(fixture->app.train.hover_label, 9);
    assert_true(training->typical.known);
    const NnDataset *set = nn_runner_validation(training->runner);
    assert_int_equal(set->labels[training->typical.row], 9);
    assert_int_equal(training->typical.count, training->epochs.points[3]->confusion[9][9]);
    assert_true(shows(&fixture->app, "a typical 9"));
}

// --- files ---------------------------------------------------------------------------------------

static int count_files(const char *folder, const char *part) {
    int n = 0;
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        n += strstr(entry->d_name, part) != NULL;
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
    return n;
}

static void the_network_is_used_saved_and_loaded_again(void **state) {
    AppFixture *fixture = *state;
    open_plain(fixture);
    Training *training = &fixture->app.training;
    fixture_play(fixture, "epochs 2");
    char trained[65], got[65];
    nn_model_sha256(training_model(training), trained);
    fixture_play(fixture, "key u");
    nn_model_sha256(fixture->app.recogniser.model, got);
    assert_string_equal(got, trained);
    fixture_play(fixture, "key ctrl+s");
    char path[500];
    (void)snprintf(path, sizeof path, "%s/inkling/models/mlp-256-128-1.safetensors",
                   fixture->folder);
    NnError err = {0};
    NnModel *saved = nn_model_load(path, &err);
    if (saved == NULL) {
        fail_msg("%s", err.message);
    }
    nn_model_sha256(saved, got);
    assert_string_equal(got, trained);
    assert_string_equal(nn_model_note(saved, "epoch"), "2");
    assert_string_equal(nn_model_note(saved, "recipe"), "mlp-256-128");
    assert_non_null(nn_model_note(saved, "val_accuracy"));
    nn_model_free(saved);
    fixture_play(fixture, "key ctrl+s"); // never over another file
    (void)snprintf(path, sizeof path, "%s/inkling/models", fixture->folder);
    assert_int_equal(count_files(path, ".safetensors"), 2);
    (void)snprintf(path, sizeof path, "drop %s/inkling/models/mlp-256-128-2.safetensors",
                   fixture->folder);
    fixture_play(fixture, "key alt+1");
    fixture_play(fixture, path);
    nn_model_sha256(fixture->app.recogniser.model, got);
    assert_string_equal(got, trained);
}

static void the_values_under_the_pointer_are_read_out(void **state) {
    AppFixture *fixture = *state;
    open_plain(fixture);
    fixture_play(fixture, "epochs 2");
    UiRect chart = fixture->app.train.upper;
    char line[64];
    (void)snprintf(line, sizeof line, "move %.0f %.0f", (double)(chart.x + chart.w / 2),
                   (double)(chart.y + chart.h / 2));
    fixture_play(fixture, line);
    script_settle(&fixture->script);
    float at = fixture->app.train.pointed;
    assert_true(at > 0.5f && at < 1.5f);
    (void)snprintf(line, sizeof line, "epoch %.2f: train", (double)at);
    assert_true(shows(&fixture->app, line));
    const NnEpochPoint *point = fixture->app.training.epochs.points[0];
    (void)snprintf(line, sizeof line, "validation %.4f at 1", (double)point->val_loss);
    assert_true(shows(&fixture->app, line));
    fixture_play(fixture, "move 5 5");
    script_settle(&fixture->script);
    assert_true(fixture->app.train.pointed < 0);
    assert_false(shows(&fixture->app, "epoch 1.0"));
}

static void the_figures_are_saved_as_tables(void **state) {
    AppFixture *fixture = *state;
    open_plain(fixture);
    fixture_play(fixture, "key f"); // nothing yet, and said
    assert_int_equal(count_files(fixture->folder, ".csv"), 0);
    fixture_play(fixture, "epochs 2");
    fixture_play(fixture, "key f");
    assert_int_equal(count_files(fixture->folder, "inkling-steps-1.csv"), 1);
    assert_int_equal(count_files(fixture->folder, "inkling-epochs-1.csv"), 1);
    assert_int_equal(count_files(fixture->folder, "inkling-confusion-1.csv"), 1);
    assert_true(fixture->app.wants.figures); // pictures: the driver's
    char path[400];
    (void)snprintf(path, sizeof path, "%s/inkling-epochs-1.csv", fixture->folder);
    size_t size;
    char *text = (char *)file_read(path, 1 << 16, &size, NULL);
    assert_non_null(text);
    int lines = 0;
    for (const char *c = text; *c != '\0'; c++) {
        lines += *c == '\n';
    }
    assert_int_equal(lines, 3);
    double loss = strtod(strchr(strchr(text, '\n'), ',') + 1, NULL);
    assert_true(fabs(loss - (double)fixture->app.training.epochs.points[0]->train_loss) < 1e-5);
    mem_free(text);
}

// --- storms --------------------------------------------------------------------------------------

static const ActionKind ORDERS[] = {
    ACTION_TRAIN_GO,     ACTION_TRAIN_BATCH, ACTION_TRAIN_EPOCH, ACTION_TRAIN_STOP,
    ACTION_TRAIN_REWIND, ACTION_TRAIN_GO,    ACTION_TRAIN_USE,   ACTION_TRAIN_CONTINUE,
    ACTION_TRAIN_REMEDY, ACTION_TRAIN_GO,
};

static void a_storm_of_orders_leaves_a_run_that_still_obeys(void **state) {
    AppFixture *fixture = *state;
    open_plain(fixture);
    Rng rng = rng_at(11, RNG_STREAM_TEST, 0);
    const char *wanted = getenv("INKLING_STORM"); // how many; the record is 10,000
    int n = wanted != NULL ? atoi(wanted) : 0;
    for (int i = 0; i < (n > 0 ? n : 400); i++) {
        uint32_t which = rng_below(&rng, sizeof ORDERS / sizeof ORDERS[0]);
        app_apply(&fixture->app, &(Action){.kind = ORDERS[which]});
        if (rng_below(&rng, 8) == 0) { // what a branch may have otherwise, or may not
            set_field(fixture, FIELD_BATCH, rng_below(&rng, 2) == 0 ? "50" : "100");
            set_field(fixture, FIELD_LAYERS, rng_below(&rng, 4) == 0 ? "12" : "16");
        }
        if (rng_below(&rng, 4) == 0) {
            int last = training_last_epoch(&fixture->app.training);
            training_show(&fixture->app.training, (int)rng_below(&rng, (uint32_t)last + 3) - 1);
        }
        script_frame(&fixture->script);
    }
    set_field(fixture, FIELD_EPOCHS, "30");
    // An earlier order to stop may be obeyed while later ones wait: it is over when it stays so.
    for (int quiet = 0; quiet < 40; quiet++) {
        clock_sleep_ms(5);
        script_frame(&fixture->script);
        if (!is_over(&fixture->app)) {
            press(fixture, ACTION_TRAIN_STOP);
            until(fixture, is_over, "the stop after the storm");
            quiet = 0;
        }
    }
    fixture_play(fixture, "epochs 1");
    assert_true(fixture->app.training.epochs.n >= 1);
}

static void a_monkey_at_keys_and_mouse_breaks_nothing(void **state) {
    AppFixture *fixture = *state;
    open_plain(fixture);
    static const char keys[] = "bnxrufcez[] ";
    Rng rng = rng_at(12, RNG_STREAM_TEST, 0);
    for (int i = 0; i < 500; i++) {
        UiEvent event = {.x = (float)rng_below(&rng, 1280), .y = (float)rng_below(&rng, 800)};
        switch (rng_below(&rng, 5)) {
        case 0:
            event.kind = EVENT_KEY;
            event.key = keys[rng_below(&rng, sizeof keys - 1)];
            break;
        case 1:
            event.kind = EVENT_KEY;
            event.key = KEY_LEFT + (int)rng_below(&rng, 4);
            break;
        case 2:
            event.kind = EVENT_DOWN;
            event.button = BUTTON_LEFT;
            event.clicks = 1;
            break;
        case 3:
            event.kind = EVENT_UP;
            event.button = BUTTON_LEFT;
            break;
        default:
            event.kind = rng_below(&rng, 6) == 0 ? EVENT_TEXT : EVENT_MOVE;
            event.text[0] = '7';
            break;
        }
        script_event(&fixture->script, event);
        if (rng_below(&rng, 2) == 0) {
            script_frame(&fixture->script);
        }
    }
    script_frame(&fixture->script);
    assert_int_equal(ui_duplicate_ids(fixture->app.ui), 0);
}

static void closing_while_it_trains_takes_no_longer_than_a_batch(void **state) {
    AppFixture *fixture = *state;
    open_plain(fixture);
    set_field(fixture, FIELD_EPOCHS, "100000");
    fixture_play(fixture, "key space");
    until(fixture, has_points, "the first point");
    double start_s = clock_s();
    fixture_close(fixture);
    assert_true(clock_s() - start_s < 5); // a sanitizer's batch, on a busy machine
}

static void a_paused_view_asks_for_no_frames(void **state) {
    AppFixture *fixture = *state;
    open_plain(fixture);
    fixture_play(fixture, SEVEN);
    fixture_play(fixture, "epochs 2");
    script_wait(&fixture->script, 3000); // the session is written down
    script_settle(&fixture->script);
    assert_true(app_next_frame_ms(&fixture->app) != 0);
    uint64_t before = mem_request_count();
    for (int i = 0; i < 60; i++) {
        script_frame(&fixture->script);
    }
    assert_int_equal(mem_request_count(), before);
}

static void a_run_left_by_closing_the_window_is_taken_up_with_the_same_bits(void **state) {
    AppFixture *fixture = *state;
    // What it would have come to.
    open_plain(fixture);
    fixture_play(fixture, "epochs 6");
    char expected[65], got[65];
    nn_model_sha256(training_model(&fixture->app.training), expected);
    fixture_close(fixture);
    fixture_open(fixture, true, true, 1280, 800, 1);
    fixture_play(fixture, "key alt+2");
    fixture_play(fixture, "settle");
    assert_false(fixture->app.training.runs.resumable); // that one was not kept
    set_field(fixture, FIELD_LAYERS, "16");
    set_field(fixture, FIELD_DROPOUT, "0");
    set_field(fixture, FIELD_VALIDATION, "200");
    set_field(fixture, FIELD_BATCH, "50");
    set_field(fixture, FIELD_EPOCHS, "6");
    fixture_play(fixture, "epochs 2");
    fixture_play(fixture, "key b"); // and a batch of the third
    fixture_play(fixture, "settle");
    fixture_close(fixture);
    fixture_open(fixture, true, true, 1280, 800, 1);
    fixture_play(fixture, "key alt+2");
    fixture_play(fixture, "settle");
    script_settle(&fixture->script);
    assert_true(shows(&fixture->app, "was left after epoch 2 of 6"));
    click_text(fixture, "Go on with it");
    until(fixture, is_over, "the end");
    script_settle(&fixture->script);
    assert_int_equal(fixture->app.training.epochs.n, 6);
    nn_model_sha256(training_model(&fixture->app.training), got);
    assert_string_equal(got, expected);
}

static void only_the_last_runs_are_kept(void **state) {
    AppFixture *fixture = *state;
    fixture_open(fixture, true, true, 1280, 800, 1);
    fixture_play(fixture, "key alt+2");
    fixture_play(fixture, "settle");
    set_field(fixture, FIELD_LAYERS, "8");
    set_field(fixture, FIELD_VALIDATION, "200");
    set_field(fixture, FIELD_EPOCHS, "1");
    for (int i = 0; i < 5; i++) {
        fixture_play(fixture, "epochs 1");
        assert_int_equal(fixture->app.training.state.phase, NN_RUNNER_DONE);
    }
    char folder[400];
    (void)snprintf(folder, sizeof folder, "%s/inkling/runs", fixture->folder);
    assert_int_equal(count_files(folder, "run-"), 3);
    assert_int_equal(count_files(folder, "run-5"), 1);
    assert_int_equal(count_files(folder, "run-2"), 0);
}

#define TRAIN_TEST(name) cmocka_unit_test_setup_teardown(name, train_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TRAIN_TEST(the_view_opens_with_alt_2_and_lists_the_recipes),
        TRAIN_TEST(a_recipe_is_chosen_from_the_list_with_the_mouse),
        TRAIN_TEST(a_field_is_typed_into_and_says_what_is_wrong),
        TRAIN_TEST(space_in_a_field_is_text_and_starts_nothing),
        TRAIN_TEST(the_augmentation_shows_pictures_and_is_chosen),
        TRAIN_TEST(without_a_data_set_the_view_says_how_to_get_it),
        TRAIN_TEST(a_split_larger_than_the_data_is_a_failure_in_words),
        TRAIN_TEST(a_run_draws_its_curves_and_answers_while_it_trains),
        TRAIN_TEST(single_steps_are_a_batch_or_an_epoch),
        TRAIN_TEST(the_weights_are_the_headless_ones),
        TRAIN_TEST(the_metrics_are_the_headless_ones),
        TRAIN_TEST(changed_settings_count_from_the_next_run_on),
        TRAIN_TEST(the_rate_changes_while_it_runs_and_is_on_its_curve),
        TRAIN_TEST(an_earlier_epoch_brings_back_matrix_answer_and_weights),
        TRAIN_TEST(the_story_tells_what_each_epoch_answered),
        TRAIN_TEST(continuing_from_an_epoch_is_a_branch_with_a_second_curve),
        TRAIN_TEST(an_epoch_kept_no_more_is_gone_back_to_or_given_up),
        TRAIN_TEST(a_branch_takes_the_settings_that_were_changed),
        TRAIN_TEST(rewinding_leads_to_the_start_weights),
        TRAIN_TEST(a_cell_shows_its_most_typical_sample),
        TRAIN_TEST(the_network_is_used_saved_and_loaded_again),
        TRAIN_TEST(the_values_under_the_pointer_are_read_out),
        TRAIN_TEST(the_figures_are_saved_as_tables),
        TRAIN_TEST(a_storm_of_orders_leaves_a_run_that_still_obeys),
        TRAIN_TEST(a_monkey_at_keys_and_mouse_breaks_nothing),
        TRAIN_TEST(closing_while_it_trains_takes_no_longer_than_a_batch),
        TRAIN_TEST(a_paused_view_asks_for_no_frames),
        TRAIN_TEST(a_run_left_by_closing_the_window_is_taken_up_with_the_same_bits),
        TRAIN_TEST(only_the_last_runs_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
