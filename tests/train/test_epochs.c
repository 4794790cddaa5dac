// What a run's answers say of each picture, against counts by hand and against the run itself.
#define _DEFAULT_SOURCE // setenv

#include <stdio.h>

#include "base/file.h"
#include "nn/epochs.h"
#include "nn/study.h"
#include "run_bench.h"

static NnEpochs *open_epochs(const char *folder, const NnDataset *data) {
    NnError err = {0};
    NnEpochs *epochs = nn_epochs_open(folder, data, &err);
    if (epochs == NULL) {
        fail_msg("%s", err.message);
    }
    return epochs;
}

static void put_answers(const Bench *b, const char *name, const uint8_t *bytes, size_t n) {
    char path[TEMP_PATH];
    assert_int_equal(file_save(temp_path(path, b->folder, name), bytes, n, NULL), NN_OK);
}

// --- words ---------------------------------------------------------------------------------------

typedef struct {
    const char *name, *answers; // of a picture labelled 3
    NnEpochsWord word;
} Story;

static const Story stories[] = {
    {"always right", "33333", {NN_LEARNING_ALWAYS, 1, 1, 0, 0}},
    {"never learnt", "51515", {NN_LEARNING_NEVER, 0, 0, 0, 0}},
    {"learnt at the third", "58333", {NN_LEARNING_LEARNT, 3, 3, 0, 0}},
    {"learnt at the last", "58883", {NN_LEARNING_LEARNT, 5, 5, 0, 0}},
    {"forgotten at the last", "33338", {NN_LEARNING_FORGOTTEN, 1, 0, 1, 5}},
    {"forgotten twice, right in the end", "38383", {NN_LEARNING_FORGOTTEN, 1, 5, 2, 4}},
    {"learnt, forgotten for ever", "83855", {NN_LEARNING_FORGOTTEN, 2, 0, 1, 3}},
    {"gaps are passed over", "-3--3", {NN_LEARNING_ALWAYS, 2, 2, 0, 0}},
    {"a gap hides when it was forgotten", "3--83", {NN_LEARNING_FORGOTTEN, 1, 5, 1, 4}},
    {"nothing is known", "-----", {NN_LEARNING_UNKNOWN, 0, 0, 0, 0}},
};

static void run_story(void **state) {
    const Story *story = *state;
    Bench *b = NULL;
    assert_int_equal(set_up((void **)&b), 0);
    train_for(b, STEPS);
    uint8_t answers[5 * TEST];
    memset(answers, 0, sizeof answers);
    uint8_t *label = &b->test.labels[7]; // not in any hash once the run has begun
    NnDataset data = b->test;
    char path[TEMP_PATH];
    for (int epoch = 0; epoch < 5; epoch++) {
        char c = story->answers[epoch];
        answers[epoch * TEST + 7] = (uint8_t)(c == '-' ? 200 : (c - '0' + 10 - 3 + *label) % 10);
    }
    put_answers(b, "predictions/test.u8", answers, sizeof answers);
    // A made-up set has no hashes of its own: it gets those that the run's settings name.
    NnRunState state_read;
    assert_int_equal(nn_run_read(b->folder, &state_read, NULL, NULL, NULL), NN_OK);
    size_t n;
    char *config = (char *)temp_read(temp_path(path, b->folder, "config.json"), &n);
    const char *test = strstr(config, "\"test\"");
    assert_non_null(test);
    assert_int_equal(sscanf(strstr(test, "\"images_sha256\": \"") + 18, "%64s", data.images_sha256),
                     1);
    assert_int_equal(sscanf(strstr(test, "\"labels_sha256\": \"") + 18, "%64s", data.labels_sha256),
                     1);
    free(config);
    NnEpochs *epochs = open_epochs(b->folder, &data);
    assert_int_equal(nn_epochs_count(epochs), 5);
    NnEpochsWord word = nn_epochs_word(epochs, 7);
    assert_int_equal(word.learning, story->word.learning);
    assert_int_equal(word.learnt, story->word.learnt);
    assert_int_equal(word.right_since, story->word.right_since);
    assert_int_equal(word.forgotten, story->word.forgotten);
    assert_int_equal(word.forgotten_at, story->word.forgotten_at);
    size_t sum = 0;
    for (int i = 0; i < NN_LEARNING_COUNT; i++) {
        sum += nn_epochs_tally(epochs, (NnLearning)i);
    }
    assert_int_equal(sum, TEST);
    nn_epochs_free(epochs);
    assert_int_equal(tear_down((void **)&b), 0);
}

// --- a run's own ---------------------------------------------------------------------------------

// Pictures in IDX files: what the program reads has hashes.
typedef struct {
    Bench *b;
    NnDataset *train, *test;
} Files;

static void write_set(const Bench *b, const NnDataset *data, const char *images,
                      const char *labels) {
    char path[TEMP_PATH];
    assert_int_equal(nn_idx_write(temp_path(path, b->root, images), data->images, 3,
                                  (size_t[]){data->n, NN_SIDE, NN_SIDE}, NULL),
                     NN_OK);
    assert_int_equal(
        nn_idx_write(temp_path(path, b->root, labels), data->labels, 1, (size_t[]){data->n}, NULL),
        NN_OK);
}

static int set_up_files(void **state) {
    Files *f = calloc(1, sizeof *f);
    assert_int_equal(set_up((void **)&f->b), 0);
    write_set(f->b, &f->b->data, "train-images-idx3-ubyte", "train-labels-idx1-ubyte");
    write_set(f->b, &f->b->test, "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte");
    setenv("INKLING_DATA", f->b->root, 1);
    setenv("HOME", f->b->root, 1);
    setenv("XDG_DATA_HOME", f->b->root, 1);
    setenv("XDG_STATE_HOME", f->b->root, 1);
    setenv("XDG_CACHE_HOME", f->b->root, 1);
    f->train = nn_dataset_load("mnist", NN_SPLIT_TRAIN, NULL);
    f->test = nn_dataset_load("mnist", NN_SPLIT_TEST, NULL);
    assert_true(f->train != NULL && f->test != NULL);
    NnError err = {0};
    NnRunDesc desc = {.folder = f->b->folder,
                      .config = &f->b->config,
                      .train = f->train,
                      .test = f->test,
                      .threads = 2};
    NnRun *run = nn_run_new(&desc, &err);
    assert_non_null(run);
    assert_int_equal(nn_run_train(run, NULL, NULL), NN_OK);
    nn_run_free(run);
    *state = f;
    return 0;
}

static int tear_down_files(void **state) {
    Files *f = *state;
    nn_dataset_free(f->train);
    nn_dataset_free(f->test);
    int status = tear_down((void **)&f->b);
    free(f);
    return status;
}

static NnModel *model_of(const Files *f, const char *name) {
    char path[TEMP_PATH];
    NnModel *model = nn_model_load(temp_path(path, f->b->folder, name), NULL);
    assert_non_null(model);
    return model;
}

static void answers_are_those_of_the_epochs_weights(void **state) {
    const Files *f = *state;
    NnEpochs *epochs = open_epochs(f->b->folder, f->test);
    assert_int_equal(nn_epochs_count(epochs), EPOCHS);
    for (int epoch = 1; epoch <= EPOCHS; epoch++) {
        char name[64];
        (void)snprintf(name, sizeof name, "epochs/%03d.safetensors", epoch);
        NnModel *model = model_of(f, name);
        NnStudy *study = nn_study_new(model, f->test, 1, NULL, NULL, NULL);
        for (size_t i = 0; i < TEST; i++) {
            assert_int_equal(nn_epochs_answer(epochs, epoch, i), nn_study_row(study, i)->predicted);
        }
        nn_study_free(study);
        nn_model_free(model);
    }
    nn_epochs_free(epochs);
}

static void held_out_rows_of_the_training_set_have_answers(void **state) {
    const Files *f = *state;
    NnModel *model = model_of(f, "best.safetensors");
    NnDataset *held = nn_run_validation(model, f->b->folder, NULL);
    assert_non_null(held);
    assert_string_equal(held->name, "mnist validation");
    assert_int_equal(held->n, VALIDATION);
    NnEpochs *all = open_epochs(f->b->folder, f->train), *own = open_epochs(f->b->folder, held);
    assert_int_equal(nn_epochs_tally(all, NN_LEARNING_UNKNOWN), N - VALIDATION);
    assert_int_equal(nn_epochs_tally(own, NN_LEARNING_UNKNOWN), 0);
    NnTrainer *trainer = nn_trainer_new(&(NnTrainerDesc){.recipe = &f->b->config.recipe,
                                                         .train = f->train,
                                                         .seed = f->b->config.seed},
                                        NULL);
    const uint32_t *rows = nn_trainer_validation_rows(trainer);
    for (size_t i = 0; i < VALIDATION; i++) {
        assert_memory_equal(held->images + i * NN_PIXELS, f->train->images + rows[i] * NN_PIXELS,
                            NN_PIXELS);
        assert_int_equal(held->labels[i], f->train->labels[rows[i]]);
        for (int epoch = 1; epoch <= EPOCHS; epoch++) {
            assert_int_equal(nn_epochs_answer(all, epoch, rows[i]),
                             nn_epochs_answer(own, epoch, i));
        }
    }
    nn_trainer_free(trainer);
    nn_epochs_free(all);
    nn_epochs_free(own);
    nn_dataset_free(held);
    nn_model_free(model);
}

typedef struct {
    int asked, patience;
} Patience;

static bool patient(void *user) {
    Patience *own = user;
    return ++own->asked <= own->patience;
}

// The network is none of the run's, so that all of its files would be read.
static void a_search_ends_where_it_is_no_longer_wanted(void **state) {
    const Files *f = *state;
    char folder[TEMP_PATH];
    NnModel *model = model_of(f, "best.safetensors");
    nn_model_params(model)[0] += 0.5f;
    Patience whole = {.patience = 10000};
    assert_false(nn_run_find(model, f->b->folder, folder, sizeof folder, patient, &whole));
    assert_true(whole.asked > EPOCHS);
    for (int patience = 0; patience < whole.asked; patience++) {
        Patience own = {.patience = patience};
        assert_false(nn_run_find(model, f->b->folder, folder, sizeof folder, patient, &own));
        // The loops that were under way ask once each on their way out.
        assert_in_range(own.asked, patience + 1, patience + 16);
    }
    nn_model_free(model);
}

static void a_run_is_found_by_its_weights(void **state) {
    const Files *f = *state;
    char folder[TEMP_PATH], path[TEMP_PATH], runs[TEMP_PATH];
    NnModel *model = model_of(f, "epochs/002.safetensors");
    assert_false(nn_run_find(model, NULL, folder, sizeof folder, NULL, NULL));
    assert_true(nn_run_find(model, temp_path(path, f->b->folder, "epochs/001.safetensors"), folder,
                            sizeof folder, NULL, NULL)); // another file of the same run
    assert_string_equal(folder, f->b->folder);
    assert_true(nn_run_near(model, f->b->folder, folder, sizeof folder));
    assert_false(nn_run_near(model, f->b->root, folder, sizeof folder));
    // Among the runs of the window.
    temp_path(runs, f->b->root, "inkling/runs");
    assert_int_equal(folder_make(runs, NULL), NN_OK);
    temp_path(path, runs, "run-1");
    assert_int_equal(rename(f->b->folder, path), 0);
    assert_true(nn_run_find(model, NULL, folder, sizeof folder, NULL, NULL));
    assert_string_equal(folder, path);
    nn_model_params(model)[0] += 0.5f; // another network altogether
    assert_false(nn_run_find(model, NULL, folder, sizeof folder, NULL, NULL));
    assert_int_equal(rename(path, f->b->folder), 0);
    nn_model_free(model);
}

static void what_is_not_known_is_said(void **state) {
    const Files *f = *state;
    NnError err = {0};
    NnDataset other = *f->test;
    other.labels_sha256[0] ^= 1;
    assert_null(nn_epochs_open(f->b->folder, &other, &err));
    assert_int_equal(err.status, NN_ERR_NOT_FOUND);
    assert_null(nn_epochs_open(f->b->root, f->test, &err));
    assert_int_equal(err.status, NN_ERR_NOT_FOUND);
    NnModel *model = model_of(f, "best.safetensors");
    NnModel *bare = nn_model_new(nn_model_arch(model), NULL);
    assert_null(nn_run_validation(bare, NULL, &err));
    assert_non_null(strstr(err.message, "not known which pictures"));
    assert_true(err.hint[0] != '\0');
    nn_model_free(bare);
    // The training set is another one than the run learnt from.
    write_set(f->b, &f->b->test, "train-images-idx3-ubyte", "train-labels-idx1-ubyte");
    assert_null(nn_run_validation(model, f->b->folder, &err));
    assert_non_null(strstr(err.message, "has changed"));
    nn_model_free(model);
}

// A torn row is dropped, bytes that are no class are no answers, and nothing else is believed.
static void damaged_answers_are_told_or_passed_over(void **state) {
    const Files *f = *state;
    uint8_t bytes[3 * TEST];
    memset(bytes, 99, sizeof bytes);
    put_answers(f->b, "predictions/test.u8", bytes, sizeof bytes - 1);
    NnEpochs *epochs = open_epochs(f->b->folder, f->test);
    assert_int_equal(nn_epochs_count(epochs), 2);
    assert_int_equal(nn_epochs_tally(epochs, NN_LEARNING_UNKNOWN), TEST);
    nn_epochs_free(epochs);
    NnError err = {0};
    put_answers(f->b, "predictions/test.u8", bytes, TEST - 1);
    assert_null(nn_epochs_open(f->b->folder, f->test, &err));
    assert_non_null(strstr(err.message, "whole epoch"));
    char path[TEMP_PATH];
    assert_int_equal(remove(temp_path(path, f->b->folder, "predictions/test.u8")), 0);
    assert_null(nn_epochs_open(f->b->folder, f->test, &err));
    assert_int_equal(err.status, NN_ERR_NOT_FOUND);
    assert_int_equal(file_save(temp_path(path, f->b->folder, "config.json"), "{}", 2, NULL), NN_OK);
    assert_null(nn_epochs_open(f->b->folder, f->test, &err));
    assert_int_equal(err.status, NN_ERR_FORMAT);
}

static void the_table_tells_them(void **state) {
    const Files *f = *state;
    NnEpochs *epochs = open_epochs(f->b->folder, f->test);
    NnModel *model = model_of(f, "best.safetensors");
    NnStudy *study = nn_study_new(model, f->test, 1, NULL, NULL, NULL);
    char path[TEMP_PATH];
    uint32_t row = 5;
    temp_path(path, f->b->root, "table.csv");
    assert_int_equal(nn_study_write_csv(study, &row, 1, NULL, epochs, path, NULL), NN_OK);
    size_t n;
    char *text = (char *)temp_read(path, &n);
    assert_non_null(strstr(text, ",p9,learning,learnt_at,forgotten,forgotten_at,by_epoch\n"));
    NnEpochsWord word = nn_epochs_word(epochs, row);
    char wanted[160];
    int used = snprintf(wanted, sizeof wanted, ",%s,%d,%d,%d,", nn_learning_name(word.learning),
                        word.learnt, word.forgotten, word.forgotten_at);
    for (int epoch = 1; epoch <= EPOCHS; epoch++) {
        wanted[used++] = (char)('0' + nn_epochs_answer(epochs, epoch, row));
    }
    wanted[used] = '\0';
    assert_non_null(strstr(text, wanted));
    free(text);
    nn_study_free(study);
    nn_model_free(model);
    nn_epochs_free(epochs);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up_files, tear_down_files)
enum { STORIES = sizeof stories / sizeof stories[0], CASES = 6 };

int main(void) {
    struct CMUnitTest tests[CASES + STORIES] = {
        CASE(answers_are_those_of_the_epochs_weights),
        CASE(held_out_rows_of_the_training_set_have_answers),
        CASE(a_search_ends_where_it_is_no_longer_wanted),
        CASE(a_run_is_found_by_its_weights),
        CASE(what_is_not_known_is_said),
        CASE(damaged_answers_are_told_or_passed_over),
        CASE(the_table_tells_them),
    };
    for (size_t i = 0; i < STORIES; i++) {
        tests[CASES + i] = (struct CMUnitTest){stories[i].name, run_story, NULL, NULL,
                                               (void *)(uintptr_t)&stories[i]};
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
