// The nearest training digits, over a small made-up MNIST, plain and gzipped.
#define _XOPEN_SOURCE 700 // mkdtemp, setenv

#include "app_fixture.h"

#include <math.h>
#include <zlib.h>

#include "app/feature_index.h"
#include "base/alloc.h"
#include "base/rng.h"
#include "nn/dataset.h"

enum { COUNT = 700 }; // three chunks, the last one short

static uint8_t pictures[COUNT * NN_PIXELS];
static uint8_t labels[COUNT];

// Ten blobs in different places, with noise: one for each class.
static void make_pictures(void) {
    Rng rng = rng_at(7, RNG_STREAM_TEST, 0);
    for (int i = 0; i < COUNT; i++) {
        labels[i] = (uint8_t)(i % 10);
        int cx = 5 + 4 * (labels[i] % 5), cy = labels[i] < 5 ? 8 : 20;
        for (int p = 0; p < NN_PIXELS; p++) {
            int dx = p % NN_SIDE - cx, dy = p / NN_SIDE - cy;
            int ink = dx * dx + dy * dy < 16 ? 200 : 0;
            pictures[i * NN_PIXELS + p] = (uint8_t)(ink + (int)rng_below(&rng, 50));
        }
    }
}

static void place(const AppFixture *fixture, const char *name, char *path, size_t size) {
    (void)snprintf(path, size, "%s/mnist", fixture->folder);
    assert_int_equal(folder_make(path, NULL), NN_OK);
    (void)snprintf(path, size, "%s/mnist/%s", fixture->folder, name);
    assert_int_equal(setenv("INKLING_DATA", fixture->folder, 1), 0);
}

static void write_mnist(const AppFixture *fixture) {
    char path[400];
    make_pictures();
    const size_t dims[3] = {COUNT, NN_SIDE, NN_SIDE};
    place(fixture, "train-images-idx3-ubyte", path, sizeof path);
    assert_int_equal(nn_idx_write(path, pictures, 3, dims, NULL), NN_OK);
    place(fixture, "train-labels-idx1-ubyte", path, sizeof path);
    assert_int_equal(nn_idx_write(path, labels, 1, dims, NULL), NN_OK);
}

static NnModel *small_model(const AppFixture *fixture) {
    NnModel *model = nn_model_load(fixture->weights, NULL);
    assert_non_null(model);
    return model;
}

// What the network makes of a picture in its last hidden layer, (24).
static void features_of(const NnModel *model, const uint8_t *pixels, float *features) {
    NnWorkspace *work = nn_workspace_new(model, 1, false, NULL);
    NnDigit digit;
    NnAnswer answer;
    memcpy(digit.pixels, pixels, NN_PIXELS);
    nn_classify(model, work, &digit, &answer);
    memcpy(features, nn_workspace_activation(work, 0), 24 * sizeof *features);
    nn_workspace_free(work);
}

static void a_picture_is_its_own_nearest_neighbour(void **state) {
    AppFixture *fixture = *state;
    write_mnist(fixture);
    NnModel *model = small_model(fixture);
    NnError err = {0};
    FeatureIndex *index = feature_index_new(model, "mnist", &err);
    assert_non_null(index);
    while (feature_index_grow(index, &err)) {
    }
    assert_int_equal(err.status, NN_OK);
    assert_int_equal(feature_index_count(index), COUNT);
    for (int i = 0; i < COUNT; i += 97) {
        float features[24];
        Neighbour nearest[NEIGHBOURS_SHOWN];
        features_of(model, pictures + i * NN_PIXELS, features);
        assert_int_equal(feature_index_nearest(index, features, nearest, NEIGHBOURS_SHOWN),
                         NEIGHBOURS_SHOWN);
        assert_int_equal(nearest[0].index, i);
        assert_true(nearest[0].likeness > 0.999f);
        assert_memory_equal(nearest[0].pixels, pictures + i * NN_PIXELS, NN_PIXELS);
        for (int k = 0; k < NEIGHBOURS_SHOWN; k++) {
            assert_int_equal(nearest[k].label, labels[nearest[k].index]);
            assert_memory_equal(nearest[k].pixels, pictures + nearest[k].index * NN_PIXELS,
                                NN_PIXELS);
            assert_true(k == 0 || nearest[k].likeness <= nearest[k - 1].likeness);
        }
    }
    feature_index_free(index);
    nn_model_free(model);
}

// The bytes kept of each digit order them as the floats would.
static void bytes_rank_as_floats_do(void **state) {
    AppFixture *fixture = *state;
    write_mnist(fixture);
    NnModel *model = small_model(fixture);
    FeatureIndex *index = feature_index_new(model, "mnist", NULL);
    assert_non_null(index);
    while (feature_index_grow(index, NULL)) {
    }
    float query[24], other[24];
    Neighbour nearest[NEIGHBOURS_SHOWN];
    features_of(model, pictures + 123 * NN_PIXELS, query);
    assert_int_equal(feature_index_nearest(index, query, nearest, NEIGHBOURS_SHOWN),
                     NEIGHBOURS_SHOWN);
    for (int k = 0; k < NEIGHBOURS_SHOWN; k++) {
        features_of(model, pictures + nearest[k].index * NN_PIXELS, other);
        double dot = 0, a = 0, b = 0;
        for (int i = 0; i < 24; i++) {
            dot += (double)query[i] * (double)other[i];
            a += (double)query[i] * (double)query[i];
            b += (double)other[i] * (double)other[i];
        }
        assert_true(fabs(dot / sqrt(a * b) - (double)nearest[k].likeness) < 0.01);
    }
    feature_index_free(index);
    nn_model_free(model);
}

static void the_thread_answers_the_newest_question(void **state) {
    AppFixture *fixture = *state;
    write_mnist(fixture);
    NnModel *model = small_model(fixture);
    Neighbours *neighbours = neighbours_new(model, "mnist", NULL, NULL);
    assert_non_null(neighbours);
    float features[24];
    for (unsigned i = 1; i <= 40; i++) {
        features_of(model, pictures + i * NN_PIXELS, features);
        neighbours_ask(neighbours, i, features, 24);
    }
    assert_true(neighbours_settle(neighbours, 60));
    const Findings *findings = neighbours_latest(neighbours);
    assert_int_equal(findings->query, 40);
    assert_int_equal(findings->indexed, COUNT);
    assert_int_equal(findings->nearest[0].index, 40);
    neighbours_free(neighbours);
    neighbours_free(neighbours_new(model, "mnist", NULL, NULL)); // stopped before it got anywhere
    nn_model_free(model);
}

static void a_gzipped_file_serves_as_well(void **state) {
    AppFixture *fixture = *state;
    write_mnist(fixture);
    char plain[400];
    place(fixture, "train-images-idx3-ubyte", plain, sizeof plain);
    size_t size;
    unsigned char *bytes = file_read(plain, 1 << 24, &size, NULL);
    assert_non_null(bytes);
    char packed[410];
    (void)snprintf(packed, sizeof packed, "%s.gz", plain);
    gzFile file = gzopen(packed, "wb");
    assert_int_equal(gzwrite(file, bytes, (unsigned)size), (int)size);
    assert_int_equal(gzclose(file), Z_OK);
    mem_free(bytes);
    assert_int_equal(unlink(plain), 0);
    NnModel *model = small_model(fixture);
    NnError err = {0};
    FeatureIndex *index = feature_index_new(model, "mnist", &err);
    if (index == NULL) {
        fail_msg("%s", err.message);
    }
    while (feature_index_grow(index, &err)) {
    }
    float features[24];
    Neighbour nearest[3];
    features_of(model, pictures + 555 * NN_PIXELS, features);
    assert_int_equal(feature_index_nearest(index, features, nearest, 3), 3);
    assert_int_equal(nearest[0].index, 555);
    assert_memory_equal(nearest[0].pixels, pictures + 555 * NN_PIXELS, NN_PIXELS);
    feature_index_free(index);
    nn_model_free(model);
}

typedef struct {
    const char *name;
    const char *file;
    long keep; // bytes of the file that stay; negative: all
    int at;    // a byte that is overwritten
    uint8_t value;
    NnStatus expected;
} BadFile;

static const BadFile BAD_FILES[] = {
    {"images: header cut short", "train-images-idx3-ubyte", 9, -1, 0, NN_ERR_FORMAT},
    {"images: empty", "train-images-idx3-ubyte", 0, -1, 0, NN_ERR_FORMAT},
    {"images: another magic", "train-images-idx3-ubyte", -1, 3, 9, NN_ERR_FORMAT},
    {"images: 27 rows", "train-images-idx3-ubyte", -1, 11, 27, NN_ERR_FORMAT},
    {"images: a billion of them", "train-images-idx3-ubyte", -1, 4, 0x40, NN_ERR_FORMAT},
    {"images: end in the middle", "train-images-idx3-ubyte", 16 + 300 * NN_PIXELS + 5, -1, 0,
     NN_ERR_FORMAT},
    {"labels: one too few announced", "train-labels-idx1-ubyte", -1, 7, 1, NN_ERR_FORMAT},
    {"labels: a label of 10", "train-labels-idx1-ubyte", -1, 100, 10, NN_ERR_SHAPE},
};

static void run_bad_file(void **state) {
    const BadFile *row = *state;
    AppFixture *fixture = NULL;
    assert_int_equal(fixture_setup((void **)&fixture), 0);
    write_mnist(fixture);
    char path[400];
    place(fixture, row->file, path, sizeof path);
    if (row->at >= 0) {
        FILE *file = fopen(path, "r+b");
        assert_int_equal(fseek(file, row->at, SEEK_SET), 0);
        assert_int_equal(fputc(row->value, file), row->value);
        assert_int_equal(fclose(file), 0);
    }
    if (row->keep >= 0) {
        assert_int_equal(truncate(path, row->keep), 0);
    }
    NnModel *model = small_model(fixture);
    NnError err = {0};
    FeatureIndex *index = feature_index_new(model, "mnist", &err);
    while (index != NULL && feature_index_grow(index, &err)) {
    }
    assert_int_equal(err.status, row->expected);
    assert_true(strstr(err.message, row->file) != NULL);
    feature_index_free(index);
    nn_model_free(model);
    assert_int_equal(fixture_teardown((void **)&fixture), 0);
}

static void without_mnist_a_sentence_says_so(void **state) {
    AppFixture *fixture = *state;
    NnModel *model = small_model(fixture);
    char nowhere[400];
    (void)snprintf(nowhere, sizeof nowhere, "%s/nowhere", fixture->folder);
    assert_int_equal(setenv("INKLING_DATA", nowhere, 1), 0);
    char path[400];
    if (nn_dataset_find("mnist", "train-images-idx3-ubyte", path, sizeof path)) {
        nn_model_free(model);
        skip(); // this machine has it for everyone
    }
    Neighbours *neighbours = neighbours_new(model, "mnist", NULL, NULL);
    assert_non_null(neighbours);
    assert_true(neighbours_settle(neighbours, 60));
    assert_true(strstr(neighbours_latest(neighbours)->trouble, "MNIST") != NULL);
    neighbours_free(neighbours);
    nn_model_free(model);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)
enum { N_BAD = sizeof BAD_FILES / sizeof BAD_FILES[0] };

int main(void) {
    struct CMUnitTest tests[5 + N_BAD] = {
        CASE(a_picture_is_its_own_nearest_neighbour), CASE(bytes_rank_as_floats_do),
        CASE(the_thread_answers_the_newest_question), CASE(a_gzipped_file_serves_as_well),
        CASE(without_mnist_a_sentence_says_so),
    };
    for (size_t i = 0; i < N_BAD; i++) {
        tests[5 + i] = (struct CMUnitTest){BAD_FILES[i].name, run_bad_file, NULL, NULL,
                                           (void *)(uintptr_t)&BAD_FILES[i]};
    }
    return _cmocka_run_group_tests("neighbours", tests, 5 + N_BAD, NULL, NULL);
}
