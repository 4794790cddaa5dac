// Data sets by name and by file: where they are looked for, what is checked, and what "verified"
// means.

#define _POSIX_C_SOURCE 200809L // setenv
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "nn/dataset.h"
#include "support/faults.h"
#include "support/temp.h"

static char folder[TEMP_PATH];
static char own_data[TEMP_PATH]; // where the caller's INKLING_DATA pointed, or ""

static int set_up(void **state) {
    (void)state;
    char path[TEMP_PATH];
    temp_folder(folder);
    setenv("INKLING_DATA", temp_path(path, folder, "data"), 1);
    setenv("XDG_DATA_HOME", temp_path(path, folder, "home"), 1);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    temp_remove(folder);
    return 0;
}

// n pictures of side x side whose pixels are all `fill`, labels 0, 1, 2, ...
static void write_pair(const char *where, const char *images, const char *labels, size_t n,
                       size_t side, uint8_t fill) {
    char path[TEMP_PATH], file[TEMP_PATH];
    temp_path(path, folder, where);
    assert_int_equal(folder_make(path, NULL), NN_OK);
    uint8_t *bytes = malloc(n * side * side);
    assert_non_null(bytes);
    memset(bytes, fill, n * side * side);
    const size_t dims[3] = {n, side, side};
    assert_int_equal(nn_idx_write(temp_path(file, path, images), bytes, 3, dims, NULL), NN_OK);
    for (size_t i = 0; i < n; i++) {
        bytes[i] = (uint8_t)(i % 10);
    }
    assert_int_equal(nn_idx_write(temp_path(file, path, labels), bytes, 1, dims, NULL), NN_OK);
    free(bytes);
}

#define TRAIN "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
#define TEST "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"

static void assert_loads(const char *name, NnSplit split, uint8_t fill) {
    NnError err = {0};
    NnDataset *data = nn_dataset_load(name, split, &err);
    if (data == NULL) {
        fail_msg("%s", err.message);
        return;
    }
    assert_int_equal(data->images[0], fill);
    assert_false(data->verified); // the name is known, the hash is not
    nn_dataset_free(data);
}

static void looks_in_one_place_after_the_other(void **state) {
    (void)state;
    write_pair("home/inkling/mnist", TRAIN, 12, 28, 3);
    assert_loads("mnist", NN_SPLIT_TRAIN, 3);
    write_pair("data", TRAIN, 12, 28, 2);
    assert_loads("mnist", NN_SPLIT_TRAIN, 2);
    write_pair("data/mnist", TRAIN, 12, 28, 1);
    assert_loads("mnist", NN_SPLIT_TRAIN, 1);
    setenv("INKLING_DATA", "", 1);
    assert_loads("mnist", NN_SPLIT_TRAIN, 3);
    unsetenv("INKLING_DATA");
    assert_loads("mnist", NN_SPLIT_TRAIN, 3);
}

static void mnist_in_the_bare_folder_is_not_taken_for_fashion(void **state) {
    (void)state;
    write_pair("data", TEST, 12, 28, 2);
    write_pair("home/inkling/fashion", TEST, 12, 28, 7);
    assert_loads("fashion", NN_SPLIT_TEST, 7);
    write_pair("data/fashion-mnist", TEST, 12, 28, 8);
    assert_loads("fashion", NN_SPLIT_TEST, 8);
    write_pair("data/fashion", TEST, 12, 28, 9);
    assert_loads("fashion", NN_SPLIT_TEST, 9);
}

static void both_files_come_from_one_place(void **state) {
    (void)state;
    char path[TEMP_PATH];
    write_pair("data/mnist", TRAIN, 12, 28, 1);
    write_pair("home/inkling/mnist", TRAIN, 13, 28, 3);
    assert_int_equal(remove(temp_path(path, folder, "data/mnist/train-labels-idx1-ubyte")), 0);
    assert_loads("mnist", NN_SPLIT_TRAIN, 3);
}

static void finds_single_files(void **state) {
    (void)state;
    char path[TEMP_PATH], expected[TEMP_PATH];
    write_pair("data/mnist", TRAIN, 12, 28, 1);
    assert_true(nn_dataset_find("mnist", "train-images-idx3-ubyte", path, sizeof path));
    assert_string_equal(path, temp_path(expected, folder, "data/mnist/train-images-idx3-ubyte"));
    assert_false(nn_dataset_find("mnist", "train-images-idx3-ubyte", path, 20));
    assert_false(nn_dataset_find("nameless", "train-images-idx3-ubyte", path, sizeof path));
    // A packed one is found where there is no plain one.
    char packed[TEMP_PATH];
    assert_int_equal(
        rename(expected, temp_path(packed, folder, "data/mnist/train-images-idx3-ubyte.gz")), 0);
    assert_true(nn_dataset_find("mnist", "train-images-idx3-ubyte", path, sizeof path));
    assert_string_equal(path, packed);
    assert_loads("mnist", NN_SPLIT_TRAIN, 1); // by content: what is called .gz need not be
}

static void says_where_it_looked_and_how_to_get_it(void **state) {
    (void)state;
    NnError err = {0};
    assert_null(nn_dataset_load("mine", NN_SPLIT_TRAIN, &err));
    assert_int_equal(err.status, NN_ERR_NOT_FOUND);
    assert_non_null(strstr(err.message, folder));
    assert_true(err.hint[0] != '\0');
    assert_null(nn_dataset_load("m\x1Bnist", NN_SPLIT_TRAIN, &err));
    assert_int_equal(err.status, NN_ERR_NOT_FOUND);
    assert_non_null(strstr(err.message, "m\\x1Bnist"));
    assert_non_null(strstr(err.hint, "fashion"));
    assert_int_equal(nn_exit_code(err.status), 3);
    size_t count = 0;
    const NnDatasetInfo *known = nn_dataset_known(&count);
    assert_int_equal(count, 3);
    for (size_t i = 0; i < count; i++) {
        assert_true(known[i].name[0] != '\0' && known[i].title[0] != '\0' &&
                    known[i].how_to_get[0] != '\0');
    }
}

// --- pairs of files ------------------------------------------------------------------------------

static NnDataset *load_pair(const char *images, const char *labels, NnError *err) {
    char a[TEMP_PATH], b[TEMP_PATH];
    return nn_dataset_load_idx(temp_path(a, folder, images), temp_path(b, folder, labels), err);
}

static void a_pair_must_belong_together(void **state) {
    (void)state;
    write_pair(".", "i12", "l12", 12, 28, 1);
    write_pair(".", "i13", "l13", 13, 28, 1);
    NnError err = {0};
    NnDataset *data = load_pair("i12", "l12", &err);
    assert_non_null(data);
    assert_int_equal(data->n, 12);
    assert_string_equal(data->name, "i12");
    assert_string_equal(data->class_names[7], "7");
    assert_int_equal(data->labels[11], 1);
    assert_false(data->verified);
    nn_dataset_free(data);
    nn_dataset_free(NULL);
    assert_null(load_pair("i12", "l13", &err));
    assert_int_equal(err.status, NN_ERR_SHAPE);
    assert_non_null(strstr(err.message, "13 labels"));
    assert_null(load_pair("l12", "i12", &err));
    assert_int_equal(err.status, NN_ERR_SHAPE);
    assert_null(load_pair("i12", "i12", &err));
    assert_int_equal(err.status, NN_ERR_SHAPE);
    assert_null(load_pair("i12", "none", &err));
    assert_int_equal(err.status, NN_ERR_NOT_FOUND);
    assert_null(load_pair("none", "l12", NULL));
}

static void labels_beyond_nine_are_refused_with_their_place(void **state) {
    (void)state;
    write_pair(".", "i", "l", 12, 28, 1);
    uint8_t labels[12] = {0, 1, 2, 3, 10};
    const size_t dims[1] = {12};
    char path[TEMP_PATH];
    assert_int_equal(nn_idx_write(temp_path(path, folder, "l"), labels, 1, dims, NULL), NN_OK);
    NnError err = {0};
    assert_null(load_pair("i", "l", &err));
    assert_int_equal(err.status, NN_ERR_FORMAT);
    assert_int_equal(err.offset, 8 + 4);
    assert_non_null(strstr(err.message, "label 4 is 10"));
}

static void a_set_without_pictures_is_refused(void **state) {
    (void)state;
    char a[TEMP_PATH], b[TEMP_PATH];
    const size_t dims[3] = {0, 28, 28};
    uint8_t none = 0;
    assert_int_equal(nn_idx_write(temp_path(a, folder, "i"), &none, 3, dims, NULL), NN_OK);
    assert_int_equal(nn_idx_write(temp_path(b, folder, "l"), &none, 1, dims, NULL), NN_OK);
    NnError err = {0};
    assert_null(nn_dataset_load_idx(a, b, &err));
    assert_int_equal(err.status, NN_ERR_FORMAT);
    assert_non_null(strstr(err.message, "no pictures"));
}

// A dark 1 on light paper, 40 x 40, and a blank sheet.
static NnStatus load_large(void *user, NnError *err) {
    (void)user;
    NnError own;
    err = err != NULL ? err : &own;
    NnDataset *data = load_pair("large", "labels", err);
    if (data == NULL) {
        return err->status;
    }
    assert_int_equal(data->n, 2);
    unsigned ink = 0, left = 0;
    for (int y = 0; y < 28; y++) {
        for (int x = 0; x < 28; x++) {
            ink += data->images[y * 28 + x];
            left += x < 8 ? data->images[y * 28 + x] : 0;
        }
    }
    assert_true(ink > 20 * 255 && left == 0); // ink is bright, and it stands in the middle
    for (int i = 0; i < 784; i++) {
        assert_int_equal(data->images[784 + i], 0);
    }
    nn_dataset_free(data);
    return NN_OK;
}

static void pictures_of_another_size_become_mnists(void **state) {
    (void)state;
    static uint8_t pixels[2][40][40];
    memset(pixels, 240, sizeof pixels);
    for (int y = 5; y < 35; y++) {
        pixels[0][y][8] = pixels[0][y][9] = pixels[0][y][10] = 15;
    }
    const size_t dims[3] = {2, 40, 40};
    const uint8_t labels[2] = {1, 0};
    char path[TEMP_PATH];
    assert_int_equal(nn_idx_write(temp_path(path, folder, "large"), pixels[0][0], 3, dims, NULL),
                     NN_OK);
    assert_int_equal(nn_idx_write(temp_path(path, folder, "labels"), labels, 1, dims, NULL), NN_OK);
    assert_int_equal(load_large(NULL, NULL), NN_OK);
    assert_true(fault_each_allocation(load_large, NULL, NULL) >= 8);
}

static void the_name_of_a_pair_is_its_file(void **state) {
    (void)state;
    char before[4096];
    write_pair(".", "plain-name", "l", 2, 28, 1);
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(folder), 0);
    NnDataset *data = nn_dataset_load_idx("plain-name", "l", NULL);
    assert_int_equal(chdir(before), 0);
    assert_non_null(data);
    assert_string_equal(data->name, "plain-name");
    nn_dataset_free(data);
}

static void a_slice_borrows(void **state) {
    (void)state;
    write_pair(".", "i", "l", 12, 28, 5);
    NnDataset *data = load_pair("i", "l", NULL);
    assert_non_null(data);
    NnDataset slice = nn_dataset_slice(data, 3, 9);
    assert_int_equal(slice.n, 9);
    assert_ptr_equal(slice.images, data->images + 3 * 784);
    assert_int_equal(slice.labels[0], 3);
    assert_int_equal(nn_dataset_slice(data, 12, 0).n, 0);
    nn_dataset_free(data);
}

// --- the published files -------------------------------------------------------------------------

static void the_published_files_are_verified(void **state) {
    (void)state;
    static const struct {
        const char *name;
        NnSplit split;
        size_t n;
        const char *shown, *third; // class name
    } rows[] = {
        {"mnist", NN_SPLIT_TEST, 10000, "mnist test", "3"},
        {"fashion", NN_SPLIT_TEST, 10000, "fashion test", "dress"},
    };
    unsetenv("INKLING_DATA");
    unsetenv("XDG_DATA_HOME");
    if (own_data[0] != '\0') {
        setenv("INKLING_DATA", own_data, 1);
    }
    int found = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        NnError err = {0};
        NnDataset *data = nn_dataset_load(rows[i].name, rows[i].split, &err);
        if (data == NULL) {
            assert_int_equal(err.status, NN_ERR_NOT_FOUND);
            print_message("%s is not on this machine\n", rows[i].name);
            continue;
        }
        found++;
        assert_true(data->verified);
        assert_int_equal(data->n, rows[i].n);
        assert_string_equal(data->name, rows[i].shown);
        assert_string_equal(data->class_names[3], rows[i].third);
        size_t count[10] = {0};
        for (size_t j = 0; j < data->n; j++) {
            count[data->labels[j]]++;
        }
        for (int j = 0; j < 10; j++) {
            assert_in_range(count[j], 800, 1200);
        }
        nn_dataset_free(data);
    }
    if (found == 0) {
        skip();
    }
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const char *data = getenv("INKLING_DATA");
    snprintf(own_data, sizeof own_data, "%s", data != NULL ? data : "");
    const struct CMUnitTest tests[] = {
        CASE(looks_in_one_place_after_the_other),
        CASE(mnist_in_the_bare_folder_is_not_taken_for_fashion),
        CASE(both_files_come_from_one_place),
        CASE(finds_single_files),
        CASE(says_where_it_looked_and_how_to_get_it),
        CASE(a_pair_must_belong_together),
        CASE(labels_beyond_nine_are_refused_with_their_place),
        CASE(a_set_without_pictures_is_refused),
        CASE(pictures_of_another_size_become_mnists),
        CASE(the_name_of_a_pair_is_its_file),
        CASE(a_slice_borrows),
        CASE(the_published_files_are_verified),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
