// The cache of answers: what it is good for, and that nothing in it is believed that is not whole.

#define _DEFAULT_SOURCE // setenv

#include "train/study_fixture.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "support/faults.h"

enum { N = 300, HEADER = 8 + 8 + 16 + 8 + 128, FILE_SIZE = HEADER + N * 40 + 64 };

static NnDataset data;
static NnModel *model;
static NnStudy *truth;

static int set_up(void **state) {
    set_up_folders(state);
    data = synthetic(N, 1, 10);
    model = random_model(1);
    truth = study_of(model, &data);
    return 0;
}

static int tear_down(void **state) {
    nn_study_free(truth);
    nn_model_free(model);
    synthetic_release(&data);
    return remove_folders(state);
}

static bool count_call(size_t done, size_t total, void *user) {
    (void)done, (void)total;
    ++*(size_t *)user;
    return true;
}

// Progress is told by evaluations alone.
static bool is_evaluated(const NnModel *of, const NnDataset *set, const NnStudy *expected) {
    size_t calls = 0;
    NnError err = {0};
    NnStudy *study = nn_study_new(of, set, 1, count_call, &calls, &err);
    if (study == NULL) {
        fail_msg("%s", err.message);
    }
    if (expected != NULL) {
        assert_memory_equal(nn_study_row(study, 0), nn_study_row(expected, 0),
                            set->n * sizeof(NnStudyRow));
        assert_string_equal(nn_study_model_sha256(study), nn_study_model_sha256(expected));
        assert_string_equal(nn_study_data_sha256(study), nn_study_data_sha256(expected));
    }
    nn_study_free(study);
    return calls > 0;
}

// The only file in the cache.
static char *cache_file(char *path) {
    char place[TEMP_PATH];
    temp_path(place, folder, ".cache/inkling/studies");
    DIR *entries = opendir(place);
    assert_non_null(entries);
    path[0] = '\0';
    for (struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries)) {
        if (entry->d_name[0] != '.') {
            assert_int_equal(path[0], '\0');
            snprintf(path, 2 * TEMP_PATH, "%s/%s", place, entry->d_name);
        }
    }
    closedir(entries);
    return path;
}

static void the_second_time_nothing_is_evaluated(void **state) {
    (void)state;
    assert_false(is_evaluated(model, &data, truth));
    size_t size;
    char path[2 * TEMP_PATH];
    free(temp_read(cache_file(path), &size));
    assert_int_equal(size, FILE_SIZE);
}

static void what_the_answers_depend_on_is_told_apart(void **state) {
    (void)state;
    NnModel *other = nn_model_copy(model, NULL);
    nn_model_params(other)[0] += 1e-3f;
    assert_true(is_evaluated(other, &data, NULL));
    nn_model_free(other);
    NnArch arch = *nn_model_arch(model);
    for (int change = 0; change < 3; change++) {
        NnArch changed = arch;
        if (change == 0) {
            changed.layers[0].activation = NN_ACT_TANH;
        } else if (change == 1) {
            changed.input_mean = 0.1f;
        } else {
            changed.input_sd = 0.5f;
        }
        other = nn_model_new(&changed, NULL);
        memcpy(nn_model_params(other), nn_model_params_const(model),
               nn_model_block_count(model) * sizeof(float));
        assert_true(is_evaluated(other, &data, NULL));
        nn_model_free(other);
    }
    NnDataset part = nn_dataset_slice(&data, 1, N - 1);
    assert_true(is_evaluated(model, &part, NULL));
    assert_false(is_evaluated(model, &data, truth));
}

static void a_new_temperature_needs_no_evaluation(void **state) {
    (void)state;
    NnModel *cooler = nn_model_copy(model, NULL);
    nn_model_arch_edit(cooler)->temperature = 0.5f;
    snprintf(nn_model_arch_edit(cooler)->name, 64, "cooler");
    size_t calls = 0;
    NnStudy *study = nn_study_new(cooler, &data, 1, count_call, &calls, NULL);
    assert_int_equal(calls, 0);
    assert_string_equal(nn_study_model_name(study), "cooler");
    assert_true(nn_study_row(study, 0)->confidence > nn_study_row(truth, 0)->confidence);
    nn_study_free(study);
    nn_model_free(cooler);
}

// --- broken files --------------------------------------------------------------------------------

typedef struct {
    size_t at;     // byte that is changed
    size_t length; // of the file, 0: as it is
} Damage;

static void run_damaged(void **state) {
    const Damage *damage = *state;
    char path[2 * TEMP_PATH];
    size_t size;
    NnStudy *first = study_of(model, &data); // the file may be gone
    nn_study_free(first);
    uint8_t *bytes = temp_read(cache_file(path), &size);
    uint8_t *changed = calloc(1, FILE_SIZE + 100);
    assert_int_equal(size, FILE_SIZE);
    memcpy(changed, bytes, size);
    if (damage->length != 0) {
        temp_write(path, changed, damage->length == 1 ? 0 : damage->length);
    } else {
        changed[damage->at] ^= 1;
        temp_write(path, changed, size);
    }
    assert_true(is_evaluated(model, &data, truth));
    uint8_t *again = temp_read(path, &size); // and it is whole again
    assert_int_equal(size, FILE_SIZE);
    assert_memory_equal(again, bytes, size);
    free(again);
    free(changed);
    free(bytes);
}

static const Damage damages[] = {
    {0, 1},
    {0, 4},
    {0, HEADER - 1},
    {0, HEADER},
    {0, FILE_SIZE - 1},
    {0, FILE_SIZE + 1},
    {0, 0},
    {8, 0},
    {12, 0},
    {16, 0},
    {32, 0},
    {40, 0},
    {104, 0},
    {HEADER + 2, 0},
    {FILE_SIZE - 65, 0},
    {FILE_SIZE - 1, 0},
};

static void a_folder_in_the_place_of_the_file_is_stepped_over(void **state) {
    (void)state;
    char path[2 * TEMP_PATH];
    NnStudy *first = study_of(model, &data);
    nn_study_free(first);
    cache_file(path);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0755), 0);
    assert_true(is_evaluated(model, &data, truth));
    assert_int_equal(rmdir(path), 0);
}

static void without_a_home_it_works_all_the_same(void **state) {
    (void)state;
    unsetenv("HOME");
    assert_true(is_evaluated(model, &data, truth));
    assert_true(is_evaluated(model, &data, truth));
    setenv("HOME", folder, 1);
}

static NnStatus study_once(void *user, NnError *err) {
    (void)user;
    (void)err;
    (void)is_evaluated(model, &data, truth); // succeeds whatever the disk does
    return NN_OK;
}

static void a_disk_that_fails_is_no_error(void **state) {
    (void)state;
    char path[2 * TEMP_PATH];
    static const int causes[] = {ENOSPC, EIO, EACCES};
    for (int i = 0; i < 3; i++) {
        assert_true(fault_each_call(study_once, NULL, NULL, causes[i]) >= 3); // reading
        unlink(cache_file(path));
        assert_true(fault_each_call(study_once, NULL, NULL, causes[i]) >= 3);
    }
}

// --- bounds --------------------------------------------------------------------------------------

static void the_oldest_files_go(void **state) {
    (void)state;
    char place[TEMP_PATH], stranger[2 * TEMP_PATH];
    temp_path(place, folder, ".cache/inkling/studies");
    NnStudy *first = study_of(model, &data);
    nn_study_free(first);
    snprintf(stranger, sizeof stranger, "%s/keep.txt", place);
    temp_write(stranger, "x", 1);
    NnDataset small = nn_dataset_slice(&data, 0, 3);
    NnModel *other = nn_model_copy(model, NULL);
    for (int i = 0; i < 70; i++) {
        nn_model_params(other)[0] = (float)i;
        (void)is_evaluated(other, &small, NULL);
        if (i % 8 == 0) {
            clock_sleep_ms(10);                              // time stamps have steps
            assert_false(is_evaluated(model, &data, truth)); // what is used stays
        }
        assert_true(temp_count(place) <= 64 + 1);
    }
    assert_true(temp_count(place) >= 60);
    size_t n;
    free(temp_read(stranger, &n)); // files of others are left alone
    nn_model_free(other);
}

int main(void) {
    struct CMUnitTest tests[64] = {
        cmocka_unit_test_setup_teardown(the_second_time_nothing_is_evaluated, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_the_answers_depend_on_is_told_apart, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_new_temperature_needs_no_evaluation, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_folder_in_the_place_of_the_file_is_stepped_over, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(without_a_home_it_works_all_the_same, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_disk_that_fails_is_no_error, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_oldest_files_go, set_up, tear_down),
    };
    static const char *const names[] = {
        "an empty file",
        "a piece of the magic",
        "a header cut short",
        "no logits",
        "the last byte missing",
        "a byte too many",
        "another magic",
        "another version",
        "another number of classes",
        "another network",
        "another number of rows",
        "another data set",
        "a hash that is no hash",
        "a logit changed",
        "the last logit changed",
        "another check sum",
    };
    size_t n = 7, n_damages = sizeof damages / sizeof *damages;
    _Static_assert(sizeof damages / sizeof *damages == sizeof names / sizeof *names, "named");
    set_up(NULL);
    for (size_t i = 0; i < n_damages; i++) {
        tests[n++] =
            (struct CMUnitTest){names[i], run_damaged, NULL, NULL, (void *)(uintptr_t)&damages[i]};
    }
    // The damaged files share one set-up, the tests before them have their own.
    int failed = _cmocka_run_group_tests("damage", tests + 7, n_damages, NULL, NULL);
    tear_down(NULL);
    return failed + _cmocka_run_group_tests("cache", tests, 7, NULL, NULL);
}
