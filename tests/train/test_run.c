// A run's folder: what is in it, how it is taken up, and what happens when something in it is
// broken. That a killed process loses no bit is test_run_kill's.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "nn/run.h"
#include "support/near.h"
#include "support/temp.h"
#include "train/run_bench.h"

// --- what is there -------------------------------------------------------------------------------

static void a_run_leaves_every_file_it_promises(void **state) {
    Bench *b = *state;
    train_for(b, -1);
    char path[TEMP_PATH], expected[65], hash[65];
    expected_hash(b, expected);
    NnRunResult result = result_of(b->folder);
    assert_int_equal(result.state, NN_RUN_DONE);
    assert_int_equal(result.epochs, EPOCHS);
    assert_string_equal(result.weights_sha256, expected);
    assert_string_equal(result.network, "last.safetensors");
    // The network is an ordinary one, with its calibration.
    NnModel *model = nn_model_load(temp_path(path, b->folder, result.network), NULL);
    assert_non_null(model);
    nn_model_sha256(model, hash);
    assert_string_equal(hash, expected);
    assert_true(nn_model_arch(model)->temperature > 0);
    assert_string_equal(nn_model_note(model, "recipe"), "small");
    // The test set's figures are those of evaluating it.
    float logits[TEST * NN_CLASSES];
    NnMetrics metrics;
    assert_int_equal(nn_evaluate(model, &b->test, 1, logits, NULL, NULL, NULL), NN_OK);
    nn_metrics_compute(&metrics, logits, b->test.labels, TEST, 1.0f);
    assert_near(result.test_accuracy, metrics.accuracy, 1e-8, "test accuracy", 0);
    nn_model_free(model);

    size_t n;
    NnEpochRecord *records = nn_run_records(b->folder, &n, NULL);
    assert_int_equal(n, EPOCHS);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(records[i].steps, (i + 1) * STEPS);
        size_t right = 0, all = 0;
        for (int c = 0; c < NN_CLASSES; c++) {
            right += records[i].validation.confusion[c][c];
            for (int d = 0; d < NN_CLASSES; d++) {
                all += records[i].validation.confusion[c][d];
            }
        }
        double share = (double)right / VALIDATION;
        assert_int_equal(all, VALIDATION);
        assert_near(records[i].validation.accuracy, share, 1e-8, "accuracy", i);
        assert_near(records[i].validation.stderr_accuracy, sqrt(share * (1 - share) / VALIDATION),
                    1e-8, "standard error", i);
        assert_int_equal(records[i].test.n, TEST);
    }
    assert_near(records[n - 1].test.accuracy, metrics.accuracy, 1e-8, "tracked accuracy", 0);
    free(records);

    // Row i of the predictions is epoch i + 1.
    uint8_t *answers = temp_read(temp_path(path, b->folder, "predictions/test.u8"), &n);
    assert_int_equal(n, EPOCHS * TEST);
    size_t right = 0;
    for (size_t i = 0; i < TEST; i++) {
        right += answers[(EPOCHS - 1) * TEST + i] == b->test.labels[i];
    }
    assert_int_equal(right, metrics.correct);
    free(answers);
    uint8_t *csv = temp_read(temp_path(path, b->folder, "metrics.csv"), &n);
    size_t lines = 0, commas = 0;
    for (size_t i = 0; i < n; i++) {
        lines += csv[i] == '\n';
        commas += csv[i] == ',';
    }
    assert_int_equal(lines, EPOCHS + 1);
    assert_int_equal(commas, lines * 14);
    free(csv);
    for (int epoch = 1; epoch <= EPOCHS; epoch++) {
        char name[64];
        snprintf(name, sizeof name, "epochs/%03d.safetensors", epoch);
        assert_true(file_exists(temp_path(path, b->folder, name)));
    }
    assert_true(file_exists(temp_path(path, b->folder, "best.safetensors")));
}

static void past_epochs_stay_within_their_limit(void **state) {
    Bench *b = *state;
    b->config.keep_mb = 1; // four epochs fit
    b->config.recipe.epochs = 9;
    train_for(b, -1);
    char path[TEMP_PATH];
    const bool kept[] = {false, true, false, true, false, true, false, true, false};
    for (int epoch = 1; epoch <= 9; epoch++) {
        char name[64];
        snprintf(name, sizeof name, "epochs/%03d.safetensors", epoch);
        assert_int_equal(file_exists(temp_path(path, b->folder, name)), kept[epoch - 1]);
    }
    temp_path(path, b->root, "none");
    memcpy(b->folder, path, sizeof path);
    b->config.keep_mb = 0;
    train_for(b, -1);
    struct stat info;
    assert_int_not_equal(stat(temp_path(path, b->folder, "epochs"), &info), 0);
}

static void without_a_folder_the_weights_are_the_same(void **state) {
    Bench *b = *state;
    char expected[65];
    expected_hash(b, expected);
    NnRunDesc desc = desc_of(b, NULL);
    desc.folder = NULL;
    NnRun *run = nn_run_new(&desc, NULL);
    assert_non_null(run);
    assert_int_equal(nn_run_train(run, NULL, NULL), NN_OK);
    assert_string_equal(nn_run_result(run)->weights_sha256, expected);
    nn_run_free(run);
    nn_run_free(NULL);
}

// --- taking up -----------------------------------------------------------------------------------

static void stopped_anywhere_and_taken_up_it_ends_in_the_same_bits(void **state) {
    Bench *b = *state;
    char expected[65];
    expected_hash(b, expected);
    for (int batches = 0; batches < EPOCHS * STEPS; batches++) {
        train_for(b, 1); // one batch at a time, a checkpoint after each
    }
    train_for(b, -1);
    assert_string_equal(result_of(b->folder).weights_sha256, expected);
}

static void a_learning_rate_changed_by_hand_is_changed_again(void **state) {
    Bench *b = *state;
    char path[TEMP_PATH];
    temp_path(path, b->root, "whole");
    char hash[2][65];
    for (int killed = 0; killed < 2; killed++) {
        NnRunDesc desc = desc_of(b, NULL);
        desc.folder = killed ? b->folder : path;
        NnRun *run = nn_run_new(&desc, NULL);
        assert_non_null(run);
        for (int i = 0; i < 9; i++) {
            if (i == 6) {
                assert_int_equal(nn_run_scale_rate(run, 1.0 / 3, NULL), NN_OK);
            }
            assert_int_equal(nn_run_step(run, NULL, NULL), NN_OK);
        }
        if (killed) { // the checkpoint is that of the first epoch's end, before the change
            nn_run_free(run);
            run = nn_run_new(&desc, NULL);
            assert_non_null(run);
            assert_int_equal(nn_trainer_progress(nn_run_trainer(run)).epoch, 2);
        }
        assert_int_equal(nn_run_scale_rate(run, -1.0, NULL), NN_ERR_USAGE);
        assert_int_equal(nn_run_train(run, NULL, NULL), NN_OK);
        memcpy(hash[killed], nn_run_result(run)->weights_sha256, sizeof hash[killed]);
        nn_run_free(run);
    }
    assert_string_equal(hash[0], hash[1]);
    char expected[65];
    expected_hash(b, expected);
    assert_string_not_equal(hash[0], expected);
}

static void a_rewound_run_goes_the_same_way_again(void **state) {
    Bench *b = *state;
    train_for(b, -1);
    NnRunResult before = result_of(b->folder);
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
        NnRun *run = open_run(b, NULL);
        assert_int_equal(nn_run_rewind(run, epoch, NULL), NN_OK);
        size_t n;
        free(nn_run_records(b->folder, &n, NULL));
        assert_int_equal(n, epoch);
        NnError err = {0};
        assert_int_equal(nn_run_rewind(run, epoch + 1, &err), NN_ERR_NOT_FOUND);
        NnRunState now;
        assert_int_equal(nn_run_read(b->folder, &now, NULL, NULL, NULL), NN_OK);
        assert_int_equal(now, NN_RUN_STARTED);
        assert_int_equal(nn_run_train(run, NULL, NULL), NN_OK);
        nn_run_free(run);
        assert_string_equal(result_of(b->folder).weights_sha256, before.weights_sha256);
    }
}

static void a_branch_goes_on_from_an_epoch_with_other_settings(void **state) {
    Bench *b = *state;
    char branch[TEMP_PATH];
    train_for(b, -1);
    NnRunResult whole = result_of(b->folder);
    const char *names[] = {"same", "other"};
    for (int other = 0; other < 2; other++) {
        NnRunDesc desc = desc_of(b, NULL);
        NnRunConfig config = b->config;
        desc.folder = temp_path(branch, b->root, names[other]);
        desc.branch_of = b->folder;
        desc.branch_epoch = 2;
        desc.config = &config;
        if (other) {
            config.recipe.optimiser = NN_OPTIM_SGD;
            config.recipe.batch = 30;
            config.recipe.ema = 0;
            config.recipe.patience = 1;
            config.recipe.epochs = 6;
        }
        NnRun *run = nn_run_new(&desc, NULL);
        assert_non_null(run);
        assert_int_equal(nn_trainer_progress(nn_run_trainer(run)).epoch, 2);
        assert_int_equal(nn_run_train(run, NULL, NULL), NN_OK);
        nn_run_free(run);
        NnRunResult result = result_of(branch);
        assert_int_equal(strcmp(result.weights_sha256, whole.weights_sha256) != 0, other);
        size_t n, m;
        NnEpochRecord *x = nn_run_records(b->folder, &n, NULL),
                      *y = nn_run_records(branch, &m, NULL);
        assert_memory_equal(x, y, 2 * sizeof *x);
        free(x);
        free(y);
        desc.branch_of = NULL; // it is a run like any other now
        run = nn_run_new(&desc, NULL);
        assert_non_null(run);
        assert_true(nn_trainer_finished(nn_run_trainer(run)));
        nn_run_free(run);
    }
    NnRunDesc desc = desc_of(b, NULL);
    NnRunConfig config = b->config;
    desc.folder = temp_path(branch, b->root, "wrong");
    desc.branch_of = b->folder;
    desc.branch_epoch = 2;
    desc.config = &config;
    config.recipe.validation = 50; // pictures that were trained on would measure
    NnError err = {0};
    assert_null(nn_run_new(&desc, &err));
    assert_int_equal(err.status, NN_ERR_USAGE);
    assert_non_null(strstr(err.message, "validation"));
}

// --- another run ---------------------------------------------------------------------------------

static void a_run_that_is_there_is_not_begun_again(void **state) {
    Bench *b = *state;
    train_for(b, 3);
    NnRunDesc desc = desc_of(b, NULL);
    desc.resume = false;
    NnError err = {0};
    assert_null(nn_run_new(&desc, &err));
    assert_int_equal(err.status, NN_ERR_USAGE);
    assert_non_null(strstr(err.message, "holds a run"));
}

static void a_second_writer_is_told_who_the_first_is(void **state) {
    Bench *b = *state;
    NnRun *run = open_run(b, NULL);
    NnRunDesc desc = desc_of(b, NULL);
    NnError err = {0};
    assert_null(nn_run_new(&desc, &err));
    assert_int_equal(err.status, NN_ERR_USAGE);
    char who[32];
    snprintf(who, sizeof who, "process %ld", (long)getpid());
    assert_non_null(strstr(err.message, who));
    nn_run_free(run);
    nn_run_free(open_run(b, NULL)); // the lock is gone with its holder, its file is not
    char path[TEMP_PATH];
    temp_write(temp_path(path, b->folder, "lock"), "gibberish", 9);
    nn_run_free(open_run(b, NULL));
}

// --- disks and numbers ---------------------------------------------------------------------------

static bool disk_full;

static ssize_t write_to_full_disk(int fd, const void *bytes, size_t n) {
    if (disk_full) {
        errno = ENOSPC;
        return -1;
    }
    return write(fd, bytes, n);
}

static void a_full_disk_stops_nothing_and_is_tried_again(void **state) {
    Bench *b = *state;
    char expected[65];
    expected_hash(b, expected);
    int warnings = 0;
    NnRun *run = open_run(b, &warnings);
    FileCalls calls = file_set_calls(NULL), full = calls;
    full.write = write_to_full_disk;
    (void)file_set_calls(&full);
    for (int i = 0; i < 3 * STEPS; i++) {
        disk_full = i >= STEPS && i < 3 * STEPS - 1; // for the second epoch's end
        assert_int_equal(nn_run_step(run, NULL, NULL), NN_OK);
    }
    disk_full = false;
    (void)file_set_calls(NULL);
    assert_int_equal(warnings, 1);
    nn_run_free(run); // as if killed: the third epoch's end has kept all three
    size_t n;
    free(nn_run_records(b->folder, &n, NULL));
    assert_int_equal(n, 3);
    run = open_run(b, &warnings);
    assert_int_equal(nn_trainer_progress(nn_run_trainer(run)).epoch, 3);
    assert_int_equal(nn_run_train(run, NULL, NULL), NN_OK);
    assert_string_equal(nn_run_result(run)->weights_sha256, expected);
    nn_run_free(run);
    assert_int_equal(warnings, 1);
}

// On a real disk of 400 KiB: the run needs more.
static void a_small_disk_loses_no_training(void **state) {
    Bench *b = *state;
    char disk[TEMP_PATH], command[2 * TEMP_PATH], expected[65];
    temp_path(disk, b->root, "disk");
    assert_int_equal(mkdir(disk, 0700), 0);
    snprintf(command, sizeof command, "mount -t tmpfs -o size=400k none %s 2>/dev/null", disk);
    if (system(command) != 0) {
        print_message("no disk can be mounted here\n");
        skip();
    }
    expected_hash(b, expected);
    temp_path(b->folder, disk, "run");
    int warnings = 0;
    NnRun *run = open_run(b, &warnings);
    NnError err = {0};
    NnStatus status = nn_run_train(run, NULL, &err);
    char hash[65];
    nn_model_sha256(nn_trainer_model(nn_run_trainer(run)), hash);
    nn_run_free(run);
    snprintf(command, sizeof command, "umount %s", disk);
    assert_int_equal(system(command), 0);
    assert_true(warnings > 0);
    assert_true(status == NN_OK || status == NN_ERR_IO);
    assert_string_equal(hash, expected);
}

// Interrupted twice, as is anything that may come out of a run.
static void a_fused_network_answers_as_the_one_that_was_trained(void **state) {
    Bench *b = *state;
    NnRecipe *recipe = &b->config.recipe;
    NnError err;
    const char *settings[] = {"layers=[{\"dense\":16,\"activation\":\"none\"},"
                              "{\"batch_norm\":true,\"activation\":\"relu\"},{\"dense\":10}]",
                              "fuse_batch_norm=true"};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(nn_recipe_set(recipe, settings[i], &err), NN_OK);
    }
    train_for(b, 3);
    train_for(b, 5);
    NnRun *run = open_run(b, NULL);
    assert_int_equal(nn_run_train(run, NULL, NULL), NN_OK);

    char path[TEMP_PATH];
    temp_path(path, b->folder, nn_run_result(run)->network);
    NnModel *kept = nn_model_load(path, &err);
    assert_non_null(kept);
    const NnModel *trained = nn_trainer_model(nn_run_trainer(run));
    assert_int_equal(nn_model_arch(trained)->n_layers, 3);
    assert_int_equal(nn_model_arch(kept)->n_layers, 2);
    static float expected[TEST * NN_CLASSES], got[TEST * NN_CLASSES];
    assert_int_equal(nn_evaluate(trained, &b->test, 1, expected, NULL, NULL, NULL), NN_OK);
    assert_int_equal(nn_evaluate(kept, &b->test, 1, got, NULL, NULL, NULL), NN_OK);
    for (int i = 0; i < TEST * NN_CLASSES; i++) {
        assert_near(got[i], expected[i], 1e-5, "logit", i);
    }
    char hash[65];
    nn_model_sha256(kept, hash);
    assert_string_equal(hash, nn_run_result(run)->weights_sha256);
    nn_model_free(kept);
    nn_run_free(run);

    b->folder[strlen(b->folder) - 1] = 'm'; // the same without a stop
    train_for(b, -1);
    assert_string_equal(result_of(b->folder).weights_sha256, hash);
}

static void a_loss_that_is_no_number_marks_the_run_as_failed(void **state) {
    Bench *b = *state;
    b->config.recipe.arch.layers[0].activation = NN_ACT_NONE;
    b->config.recipe.optimiser = NN_OPTIM_SGD;
    b->config.recipe.learning_rate = 1000.0f;
    b->config.recipe.epochs = 50;
    for (int again = 0; again < 2; again++) { // taken up it fails the same way
        NnRun *run = open_run(b, NULL);
        NnError err = {0};
        assert_int_equal(nn_run_train(run, NULL, &err), NN_ERR_NUMERIC);
        nn_run_free(run);
        NnRunResult result = result_of(b->folder);
        assert_int_equal(result.state, NN_RUN_FAILED);
        assert_string_equal(result.message, err.message);
        char path[TEMP_PATH];
        NnModel *model = nn_model_load(temp_path(path, b->folder, "last.safetensors"), NULL);
        assert_non_null(model); // its reader refuses what is no number
        nn_model_free(model);
    }
}

#define AROUND(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        AROUND(a_run_leaves_every_file_it_promises),
        AROUND(past_epochs_stay_within_their_limit),
        AROUND(without_a_folder_the_weights_are_the_same),
        AROUND(stopped_anywhere_and_taken_up_it_ends_in_the_same_bits),
        AROUND(a_learning_rate_changed_by_hand_is_changed_again),
        AROUND(a_rewound_run_goes_the_same_way_again),
        AROUND(a_branch_goes_on_from_an_epoch_with_other_settings),
        AROUND(a_run_that_is_there_is_not_begun_again),
        AROUND(a_second_writer_is_told_who_the_first_is),
        AROUND(a_full_disk_stops_nothing_and_is_tried_again),
        AROUND(a_small_disk_loses_no_training),
        AROUND(a_fused_network_answers_as_the_one_that_was_trained),
        AROUND(a_loss_that_is_no_number_marks_the_run_as_failed),
    };
    return cmocka_run_group_tests_name("runs", tests, NULL, NULL);
}
