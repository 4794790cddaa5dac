// Two networks compared, cross-validation, and the files a study is written to.

#define _DEFAULT_SOURCE // setenv

#include "train/study_fixture.h"

#include <errno.h>
#include <math.h>

#include "support/faults.h"
#include "support/near.h"

enum { N = 400 };

static NnDataset data;
static NnModel *model;
static NnStudy *study;

static int set_up(void **state) {
    set_up_folders(state);
    data = synthetic(N, 1, 10);
    model = random_model(1);
    study = study_of(model, &data);
    return 0;
}

static int tear_down(void **state) {
    nn_study_free(study);
    nn_model_free(model);
    synthetic_release(&data);
    return remove_folders(state);
}

// --- duel ----------------------------------------------------------------------------------------

// A network that answers class 0 or 1, whichever the first pixel says, and nothing else.
static NnModel *chooser(void) {
    NnArch arch = {.name = "chooser", .n_layers = 1, .layers = {{.n_in = 784, .n_out = 10}}};
    NnModel *m = nn_model_new(&arch, NULL);
    float *w = nn_model_params(m);
    for (int c = 2; c < 10; c++) {
        w[nn_model_bias_offset(m, 0) + (size_t)c] = -9;
    }
    w[nn_model_bias_offset(m, 0)] = 0.5f;
    w[nn_model_weight_offset(m, 0) + 784] = 1; // class 1, pixel 0
    return m;
}

typedef struct {
    size_t only_a, only_b;
    double p; // two-sided
} Mcnemar;

// Exact: twice the sum of math.comb over 2**n; above 25: math.erfc(sqrt(x / 2)) of the corrected
// statistic, in Python.
static const Mcnemar mcnemars[] = {
    {0, 0, 1.0},
    {1, 0, 1.0},
    {5, 0, 0.0625},
    {0, 6, 0.03125},
    {8, 2, 0.109375},
    {12, 13, 1.0},
    {5, 20, 0.004077315330505371},
    {25, 0, 5.960464477539063e-08},
    {13, 13, 1.0},
    {14, 13, 1.0},
    {26, 0, 9.443043861123432e-07},
    {10, 25, 0.017960477526078766},
    {120, 60, 1.0945427999891475e-05},
};

// Rows where a is right alone, then where b is right alone, then both, then neither: label and
// first pixel decide, b being the network that always answers 0.
static void run_mcnemar(void **state) {
    const Mcnemar *row = *state;
    set_up_folders(NULL);
    size_t n = row->only_a + row->only_b + 7;
    NnDataset set = {.name = "made", .n = n, .images = calloc(n, 784), .labels = calloc(n, 1)};
    for (size_t i = 0; i < n; i++) {
        bool a_alone = i < row->only_a, b_alone = !a_alone && i < row->only_a + row->only_b;
        set.images[i * 784] = a_alone || b_alone ? 255 : 0;
        set.labels[i] = a_alone ? 1 : b_alone ? 0 : i + 3 < n ? 0 : 5;
    }
    NnModel *a = chooser(), *b = chooser();
    nn_model_params(b)[nn_model_weight_offset(b, 0) + 784] = 0;
    NnStudy *first = study_of(a, &set), *second = study_of(b, &set);
    uint8_t *cells = malloc(n);
    NnDuel duel;
    assert_true(nn_study_duel(first, second, &duel, cells));
    assert_int_equal(duel.both_right, 4);
    assert_int_equal(duel.only_a, row->only_a);
    assert_int_equal(duel.only_b, row->only_b);
    assert_int_equal(duel.both_wrong, 3);
    if (fabs(duel.p_value - row->p) > 1e-9 * row->p) {
        fail_msg("p is %.17g, expected %.17g", duel.p_value, row->p);
    }
    for (size_t i = 0; i < n; i++) {
        int wanted = i < row->only_a ? 1 : i < row->only_a + row->only_b ? 2 : i + 3 < n ? 0 : 3;
        assert_int_equal(cells[i], wanted);
    }
    assert_true(nn_study_duel(second, first, &duel, NULL));
    assert_int_equal(duel.only_a, row->only_b);
    assert_near(duel.p_value, row->p, 1e-9, "p", 0);
    free(cells);
    nn_study_free(first);
    nn_study_free(second);
    nn_model_free(a);
    nn_model_free(b);
    synthetic_release(&set);
    remove_folders(NULL);
}

static void other_data_is_no_duel(void **state) {
    (void)state;
    NnDataset other = synthetic(N, 2, 10);
    NnStudy *s = study_of(model, &other);
    NnDuel duel;
    assert_false(nn_study_duel(study, s, &duel, NULL));
    nn_study_free(s);
    synthetic_release(&other);
}

// --- cross-validation ----------------------------------------------------------------------------

static NnRecipe fold_recipe(void) {
    NnRecipe recipe = small_recipe();
    recipe.epochs = 4;
    return recipe;
}

static void wrong_labels_come_first(void **state) {
    (void)state;
    NnDataset set = synthetic(600, 3, 0);
    static const uint32_t changed[] = {5, 99, 100, 321, 322, 323, 500, 599};
    for (size_t i = 0; i < 8; i++) {
        set.labels[changed[i]] = (uint8_t)((set.labels[changed[i]] + 1 + i % 9) % 10);
    }
    NnRecipe recipe = fold_recipe();
    NnError err = {0};
    NnStudy *s = nn_study_cross_validate(&set, &recipe, 4, 1, 2, NULL, NULL, &err);
    if (s == NULL) {
        fail_msg("%s", err.message);
    }
    assert_true(nn_study_metrics(s)->accuracy > 0.9);
    static uint32_t rows[600];
    NnStudyFilter all = {.label = -1, .predicted = -1};
    assert_int_equal(nn_study_select(s, &all, NULL, NN_SORT_DOUBT, rows), 600);
    for (size_t i = 0; i < 8; i++) {
        bool found = false;
        for (size_t j = 0; j < 8; j++) {
            found = found || rows[i] == changed[j];
        }
        assert_true(found);
        assert_true(nn_study_doubt(s, rows[i]) > 0);
    }
    assert_string_equal(nn_study_model_name(s), "small, 4 folds");
    assert_string_equal(nn_study_model_sha256(s), "");
    nn_study_free(s);
    synthetic_release(&set);
}

static void a_row_is_never_answered_by_a_network_that_learnt_it(void **state) {
    (void)state;
    // Labels without sense can be learnt by heart only: out of fold they are guessed.
    NnDataset set = synthetic(300, 3, 100);
    NnRecipe recipe = fold_recipe();
    recipe.epochs = 40;
    NnStudy *s = nn_study_cross_validate(&set, &recipe, 3, 1, 1, NULL, NULL, NULL);
    assert_non_null(s);
    assert_true(nn_study_metrics(s)->accuracy < 0.2);
    nn_study_free(s);
    synthetic_release(&set);
}

static void folds_give_the_same_bits_on_any_number_of_threads(void **state) {
    (void)state;
    NnRecipe recipe = fold_recipe();
    recipe.epochs = 1;
    NnStudy *s[3];
    for (int i = 0; i < 3; i++) {
        s[i] = nn_study_cross_validate(&data, &recipe, 3, i == 2 ? 8 : 7, 1 + i, NULL, NULL, NULL);
        assert_non_null(s[i]);
    }
    const size_t size = N * 10 * sizeof(float);
    assert_memory_equal(nn_study_probabilities(s[0], 0), nn_study_probabilities(s[1], 0), size);
    assert_memory_not_equal(nn_study_probabilities(s[0], 0), nn_study_probabilities(s[2], 0), size);
    for (int i = 0; i < 3; i++) {
        nn_study_free(s[i]);
    }
}

static void the_small_recipe_is_there(void **state) {
    (void)state;
    NnDataset set = nn_dataset_slice(&data, 0, 60);
    NnStudy *s = nn_study_cross_validate(&set, NULL, 2, 1, 1, NULL, NULL, NULL);
    assert_non_null(s);
    assert_string_equal(nn_study_model_name(s), "mlp-256-128, 2 folds");
    nn_study_free(s);
}

static bool stop_at_once(size_t done, size_t total, void *user) {
    assert_int_equal(total, N);
    assert_true(done <= total);
    ++*(int *)user;
    return false;
}

static void folds_can_be_stopped(void **state) {
    (void)state;
    NnRecipe recipe = fold_recipe();
    recipe.epochs = 10000;
    int calls = 0;
    NnError err = {0};
    assert_null(nn_study_cross_validate(&data, &recipe, 3, 1, 1, stop_at_once, &calls, &err));
    assert_int_equal(err.status, NN_ERR_CANCELLED);
    assert_int_equal(calls, 1);
}

static void folds_that_make_no_sense_are_refused(void **state) {
    (void)state;
    static const int bad[] = {-1, 0, 1, 101, N + 1};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        NnError err = {0};
        assert_null(nn_study_cross_validate(&data, NULL, bad[i], 1, 1, NULL, NULL, &err));
        assert_int_equal(err.status, NN_ERR_USAGE);
        assert_true(err.hint[0] != '\0');
    }
}

// --- files ---------------------------------------------------------------------------------------

static uint32_t list[N];

static size_t wrong_rows(void) {
    NnStudyFilter wrong = {.wrong_only = true, .label = -1, .predicted = -1};
    return nn_study_select(study, &wrong, NULL, NN_SORT_LOSS, list);
}

static void the_sheet_shows_the_pictures_pixel_by_pixel(void **state) {
    (void)state;
    char path[TEMP_PATH];
    size_t n = wrong_rows();
    assert_true(n > 20);
    assert_int_equal(
        nn_study_write_sheet(study, &data, list, n, temp_path(path, folder, "s.png"), NULL), NN_OK);
    NnPicture picture;
    assert_int_equal(nn_picture_read(path, &picture, NULL), NN_OK);
    // Where a picture lies is the layout's business: the first one is found by its pixels, and
    // those beside and below it at one pitch.
    const uint8_t *first = data.images + list[0] * 784;
    bool found = false;
    int at_x = 0, at_y = 0;
    for (int y = 0; y + 56 <= picture.height && !found; y++) {
        for (int x = 0; x + 56 <= picture.width && !found; x++) {
            found = true;
            for (int i = 0; i < 56 * 56 && found; i++) {
                found = picture.grey[(y + i / 56) * picture.width + x + i % 56] ==
                        first[i / 56 / 2 * 28 + i % 56 / 2];
            }
            at_x = x;
            at_y = y;
        }
    }
    assert_true(found);
    int per_row = 0;
    for (int x = at_x; x + 56 <= picture.width; x += 66) {
        const uint8_t *pixels = data.images + list[per_row] * 784;
        if (picture.grey[(at_y + 20) * picture.width + x + 20] != pixels[10 * 28 + 10]) {
            break;
        }
        per_row++;
    }
    assert_true(per_row >= 8);
    nn_picture_release(&picture);
}

static void a_sheet_of_nothing_is_a_sheet(void **state) {
    (void)state;
    char path[TEMP_PATH];
    assert_int_equal(
        nn_study_write_sheet(study, &data, NULL, 0, temp_path(path, folder, "s.png"), NULL), NN_OK);
    NnPicture picture;
    assert_int_equal(nn_picture_read(path, &picture, NULL), NN_OK);
    nn_picture_release(&picture);
}

static void sheets_of_any_length_fit(void **state) {
    (void)state;
    char path[TEMP_PATH];
    static uint32_t many[40001];
    NnError err = {0};
    static const size_t lengths[] = {1, 7, 8, 9, 400, 3001};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        assert_int_equal(nn_study_write_sheet(study, &data, many, lengths[i],
                                              temp_path(path, folder, "s.png"), &err),
                         NN_OK);
    }
    assert_int_equal(nn_study_write_sheet(study, &data, many, 40001, path, &err), NN_ERR_USAGE);
    assert_non_null(strstr(err.hint, "filter"));
}

static void names_of_every_kind_can_be_drawn(void **state) {
    (void)state;
    static const char *const names[10] = {"T-shirt",
                                          "ankle boot",
                                          "\xc3\xa9t\xc3\xa9",
                                          "",
                                          "%%%n%s",
                                          "\xff\xfe",
                                          "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
                                          "(a/b)_c",
                                          "a,b:c.d+e?\xc2\xb7",
                                          "jgpqy"};
    NnDataset named = data;
    named.class_names = names;
    NnStudy *s = study_of(model, &named);
    char png[TEMP_PATH], csv[TEMP_PATH];
    assert_int_equal(nn_study_write_matrix(s, temp_path(png, folder, "m.png"),
                                           temp_path(csv, folder, "m.csv"), NULL),
                     NN_OK);
    assert_int_equal(nn_study_write_sheet(s, &named, NULL, 0, png, NULL), NN_OK);
    nn_study_free(s);
}

typedef NnStatus Writer(const char *path, NnError *err);

static NnStatus write_rows(const char *path, NnError *err) {
    return nn_study_write_csv(study, list, 20, NULL, NULL, path, err);
}
static NnStatus write_sheet(const char *path, NnError *err) {
    return nn_study_write_sheet(study, &data, list, 20, path, err);
}
static NnStatus write_matrix_png(const char *path, NnError *err) {
    return nn_study_write_matrix(study, path, NULL, err);
}
static NnStatus write_matrix_csv(const char *path, NnError *err) {
    return nn_study_write_matrix(study, NULL, path, err);
}
static NnStatus write_metrics(const char *path, NnError *err) {
    return nn_study_write_metrics(study, path, err);
}

static Writer *const writers[] = {write_rows, write_sheet, write_matrix_png, write_matrix_csv,
                                  write_metrics};

typedef struct {
    Writer *write;
    char path[TEMP_PATH];
} Writing;

static NnStatus write_once(void *user, NnError *err) {
    Writing *writing = user;
    return writing->write(writing->path, err);
}

static void old_or_new(void *user, NnStatus status) {
    Writing *writing = user;
    size_t n;
    uint8_t *bytes = temp_read(writing->path, &n);
    assert_true(status == NN_OK || n == 3 || n > 60);
    free(bytes);
}

static void every_file_is_whole_or_the_old_one(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof writers / sizeof *writers; i++) {
        Writing writing = {.write = writers[i]};
        temp_path(writing.path, folder, "out");
        temp_write(writing.path, "old", 3);
        assert_true(fault_each_allocation(write_once, old_or_new, &writing) >= 1);
        temp_write(writing.path, "old", 3);
        assert_true(fault_each_call(write_once, old_or_new, &writing, ENOSPC) >= 4);
        NnError err = {0};
        assert_int_equal(writers[i]("/nowhere/at/all", &err), NN_ERR_IO);
        assert_true(err.message[0] != '\0' && err.hint[0] != '\0');
        assert_int_equal(writers[i]("/nowhere/at/all", NULL), NN_ERR_IO);
    }
}

static NnStatus fold_once(void *user, NnError *err) {
    NnDataset set = nn_dataset_slice(&data, 0, 40);
    NnStudy *s = nn_study_cross_validate(&set, user, 2, 1, 1, NULL, NULL, err);
    nn_study_free(s);
    return s != NULL ? NN_OK : err->status;
}

static void folds_out_of_memory_say_so(void **state) {
    (void)state;
    NnRecipe recipe = small_recipe();
    recipe.epochs = 1;
    assert_true(fault_each_allocation(fold_once, NULL, &recipe) > 30);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_data_is_no_duel),
        cmocka_unit_test(wrong_labels_come_first),
        cmocka_unit_test(a_row_is_never_answered_by_a_network_that_learnt_it),
        cmocka_unit_test(folds_give_the_same_bits_on_any_number_of_threads),
        cmocka_unit_test(the_small_recipe_is_there),
        cmocka_unit_test(folds_can_be_stopped),
        cmocka_unit_test(folds_that_make_no_sense_are_refused),
        cmocka_unit_test(the_sheet_shows_the_pictures_pixel_by_pixel),
        cmocka_unit_test(a_sheet_of_nothing_is_a_sheet),
        cmocka_unit_test(sheets_of_any_length_fit),
        cmocka_unit_test(names_of_every_kind_can_be_drawn),
        cmocka_unit_test(every_file_is_whole_or_the_old_one),
        cmocka_unit_test(folds_out_of_memory_say_so),
    };
    int failed = cmocka_run_group_tests(tests, set_up, tear_down);
    struct CMUnitTest rows[sizeof mcnemars / sizeof *mcnemars];
    static char names[sizeof mcnemars / sizeof *mcnemars][32];
    for (size_t i = 0; i < sizeof mcnemars / sizeof *mcnemars; i++) {
        snprintf(names[i], sizeof names[i], "McNemar %zu against %zu", mcnemars[i].only_a,
                 mcnemars[i].only_b);
        rows[i] =
            (struct CMUnitTest){names[i], run_mcnemar, NULL, NULL, (void *)(uintptr_t)&mcnemars[i]};
    }
    return failed + cmocka_run_group_tests(rows, NULL, NULL);
}
