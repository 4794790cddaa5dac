// What a run says when it is taken up with other settings, with broken files, or without memory.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <unistd.h>

#include "support/faults.h"
#include "train/run_bench.h"

// --- other settings ------------------------------------------------------------------------------

typedef struct {
    const char *setting; // as --set takes it
    const char *key;     // that the message names
} OtherRow;

static void run_other_settings(void **state) {
    const OtherRow *row = *state;
    void *made = NULL;
    set_up(&made);
    Bench *b = made;
    train_for(b, 3);
    if (row->setting != NULL && strchr(row->setting, '=') != NULL) {
        assert_int_equal(nn_recipe_set(&b->config.recipe, row->setting, NULL), NN_OK);
    } else if (strcmp(row->key, "seed") == 0) {
        b->config.seed++;
    } else if (strcmp(row->key, "track_test") == 0) {
        b->config.track_test = false;
    } else if (strcmp(row->key, "train.images_sha256") == 0) {
        b->data.images[7]++;
    } else if (strcmp(row->key, "train.labels_sha256") == 0) {
        b->data.labels[7] = (uint8_t)(9 - b->data.labels[7]);
    } else if (strcmp(row->key, "train.n") == 0) {
        b->data.n--;
    } else {
        b->test.images[7]++;
    }
    NnError err = {0};
    NnRunDesc desc = desc_of(b, NULL);
    assert_null(nn_run_new(&desc, &err));
    assert_int_equal(err.status, NN_ERR_USAGE);
    if (strstr(err.message, row->key) == NULL) {
        fail_msg("\"%s\" does not name %s", err.message, row->key);
    }
    tear_down(&made);
}

// --- broken files --------------------------------------------------------------------------------

typedef enum { CUT_HALF, EMPTY, GARBAGE, GONE, TORN, FOREIGN } Damage;

typedef struct {
    const char *file;
    Damage damage;
    NnStatus status; // of taking the run up
    bool same;       // and then it ends in the same bits
} DamageRow;

static void harm(const char *path, Damage damage) {
    size_t n = 0;
    uint8_t *bytes =
        damage == CUT_HALF || damage == TORN || damage == FOREIGN ? temp_read(path, &n) : NULL;
    switch (damage) {
    case CUT_HALF:
        temp_write(path, bytes, n / 2);
        break;
    case EMPTY:
        temp_write(path, "", 0);
        break;
    case GARBAGE:
        temp_write(path, "\xff\x00 garbage\n{]\n", 14);
        break;
    case GONE:
        assert_int_equal(unlink(path), 0);
        break;
    case TORN: { // a line or a row that was being appended
        uint8_t *torn = malloc(n + 9);
        assert_non_null(torn);
        memcpy(torn, bytes, n);
        memcpy(torn + n, "{\"epoch\":", 9);
        temp_write(path, torn, n + 9);
        free(torn);
        break;
    }
    case FOREIGN: // one bit of one number is another
        bytes[n - 1] ^= 1;
        temp_write(path, bytes, n);
        break;
    }
    free(bytes);
}

static void run_damage(void **state) {
    const DamageRow *row = *state;
    void *made = NULL;
    set_up(&made);
    Bench *b = made;
    char path[TEMP_PATH], expected[65];
    expected_hash(b, expected);
    if (strcmp(row->file, "result.json") == 0) {
        train_for(b, -1);
    } else {
        NnRun *run = open_run(b, NULL);
        for (int i = 0; i < 2 * STEPS + 1; i++) {
            if (i == 1 && strcmp(row->file, "rates.jsonl") == 0) {
                assert_int_equal(nn_run_scale_rate(run, 0.5, NULL), NN_OK);
                assert_int_equal(nn_run_scale_rate(run, 1.0, NULL), NN_OK);
            }
            assert_int_equal(nn_run_step(run, NULL, NULL), NN_OK);
        }
        nn_run_free(run);
    }
    harm(temp_path(path, b->folder, row->file), row->damage);
    NnError err = {0};
    NnRunDesc desc = desc_of(b, NULL);
    NnRun *run = nn_run_new(&desc, &err);
    if ((run == NULL ? err.status : NN_OK) != row->status) {
        fail_msg("status %d: %s", err.status, err.message);
    }
    if (run == NULL) {
        assert_non_null(strstr(err.message, row->file)); // names the file
    } else {
        assert_int_equal(nn_run_train(run, NULL, &err), NN_OK);
        assert_int_equal(strcmp(nn_run_result(run)->weights_sha256, expected) == 0, row->same);
        assert_string_equal(result_of(b->folder).weights_sha256,
                            nn_run_result(run)->weights_sha256);
        size_t n;
        free(temp_read(temp_path(path, b->folder, "predictions/validation.u8"), &n));
        assert_int_equal(n, EPOCHS * VALIDATION);
    }
    nn_run_free(run);
    tear_down(&made);
}

// --- no memory -----------------------------------------------------------------------------------

static NnStatus begin_and_step(void *user, NnError *err) {
    Bench *b = user;
    static int number;
    char name[32];
    snprintf(name, sizeof name, "run%d", number++);
    temp_path(b->folder, b->root, name);
    int warnings = 0; // a refusal while keeping an epoch is one of these
    NnRunDesc desc = desc_of(b, &warnings);
    desc.threads = 1;
    NnRun *run = nn_run_new(&desc, err);
    if (run == NULL) {
        return err->status;
    }
    NnStatus status = NN_OK;
    for (int i = 0; i < STEPS && status == NN_OK; i++) {
        status = nn_run_step(run, NULL, err);
    }
    nn_run_free(run);
    if (status == NN_OK && warnings > 0) {
        status = nn_fail(err, NN_ERR_NOMEM, "a warning was given");
    }
    return status;
}

static void every_allocation_may_fail(void **state) {
    Bench *b = *state; // as small as can be: it is begun hundreds of times
    assert_int_equal(nn_recipe_set(&b->config.recipe, "layers=[{\"dense\": 10}]", NULL), NN_OK);
    b->config.recipe.validation = 10;
    b->config.recipe.batch = 8;
    b->data.n = 10 + 8 * STEPS;
    b->test.n = 10;
    assert_true(fault_each_allocation(begin_and_step, NULL, b) > 50);
}

int main(void) {
    static OtherRow others[] = {{"learning_rate=0.5", "learning_rate"},
                                {"layers=[{\"dense\": 17}, {\"dense\": 10}]", "layers"},
                                {"augment.shear=0.2", "augment.shear"},
                                {"epochs=5", "epochs"},
                                {NULL, "seed"},
                                {NULL, "track_test"},
                                {NULL, "train.images_sha256"},
                                {NULL, "train.labels_sha256"},
                                {NULL, "train.n"},
                                {NULL, "test.images_sha256"}};
    static DamageRow damages[] = {
        {"config.json", CUT_HALF, NN_ERR_FORMAT, false},
        {"config.json", EMPTY, NN_ERR_FORMAT, false},
        {"config.json", GARBAGE, NN_ERR_FORMAT, false},
        {"config.json", GONE, NN_OK, true}, // a folder without a run: it begins again
        {"checkpoint.safetensors", CUT_HALF, NN_ERR_FORMAT, false},
        {"checkpoint.safetensors", EMPTY, NN_ERR_FORMAT, false},
        {"checkpoint.safetensors", GARBAGE, NN_ERR_FORMAT, false},
        {"checkpoint.safetensors", FOREIGN, NN_ERR_FORMAT, false},
        {"checkpoint.safetensors", GONE, NN_OK, true},
        {"metrics.jsonl", CUT_HALF, NN_OK, true},
        {"metrics.jsonl", EMPTY, NN_OK, true},
        {"metrics.jsonl", GONE, NN_OK, true},
        {"metrics.jsonl", TORN, NN_OK, true},
        {"metrics.jsonl", GARBAGE, NN_ERR_FORMAT, false},
        {"metrics.csv", GARBAGE, NN_OK, true},
        {"metrics.csv", GONE, NN_OK, true},
        {"rates.jsonl", TORN, NN_OK, true},
        {"rates.jsonl", GARBAGE, NN_ERR_FORMAT, false},
        {"predictions/validation.u8", CUT_HALF, NN_OK, true},
        {"predictions/validation.u8", TORN, NN_OK, true},
        {"predictions/validation.u8", GONE, NN_OK, true},
        {"predictions/test.u8", GARBAGE, NN_OK, true},
        {"last.safetensors", GARBAGE, NN_OK, true},
        {"best.safetensors", GONE, NN_OK, true},
        {"result.json", CUT_HALF, NN_OK, true},
        {"result.json", GARBAGE, NN_OK, true},
        {"result.json", GONE, NN_OK, true},
    };
    enum {
        N_OTHERS = sizeof others / sizeof others[0],
        N_DAMAGES = sizeof damages / sizeof damages[0]
    };
    static struct CMUnitTest tests[N_OTHERS + N_DAMAGES + 1];
    static char names[N_DAMAGES][64];
    static const char *const words[] = {"cut in half", "empty", "garbage",
                                        "gone",        "torn",  "a bit flipped"};
    size_t n = 0;
    for (size_t i = 0; i < N_OTHERS; i++) {
        tests[n++] = (struct CMUnitTest){others[i].key, run_other_settings, NULL, NULL, &others[i]};
    }
    for (size_t i = 0; i < N_DAMAGES; i++) {
        snprintf(names[i], sizeof names[i], "%s %s", damages[i].file, words[damages[i].damage]);
        tests[n++] = (struct CMUnitTest){names[i], run_damage, NULL, NULL, &damages[i]};
    }
    tests[n++] = (struct CMUnitTest)cmocka_unit_test_setup_teardown(every_allocation_may_fail,
                                                                    set_up, tear_down);
    return _cmocka_run_group_tests("runs that are broken", tests, n, NULL, NULL);
}
