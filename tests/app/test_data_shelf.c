// A data set is in memory once however many read it, anew when its file has changed, and gone when
// nobody reads it any more. Run under ThreadSanitizer as well.
#define _XOPEN_SOURCE 700 // mkdtemp, setenv

#include "errors_fixture.h"

#include "app/data_shelf.h"
#include "base/alloc.h"
#include "base/thread.h"

static void two_readers_share_one_copy(void **state) {
    (void)state;
    DataShelf *shelf = data_shelf_new();
    const NnDataset *first = data_shelf_take(shelf, "mnist", NN_SPLIT_TEST, NULL);
    const NnDataset *second = data_shelf_take(shelf, "mnist", NN_SPLIT_TEST, NULL);
    assert_non_null(first);
    assert_ptr_equal(first, second);
    assert_ptr_equal(data_shelf_hold(shelf, first), first);
    assert_int_equal(first->n, PICTURES);
    data_shelf_give_back(shelf, first);
    data_shelf_give_back(shelf, first);
    assert_int_equal(second->images[NN_PIXELS] + second->n > 0, 1); // still there, says ASan
    data_shelf_give_back(shelf, second);
    data_shelf_give_back(shelf, NULL);
    data_shelf_free(shelf); // asserts that nothing is left
}

static void a_changed_file_is_read_anew(void **state) {
    AppFixture *fixture = *state;
    DataShelf *shelf = data_shelf_new();
    char images[400], labels[400];
    data_path(fixture, "mnist/t10k-images-idx3-ubyte", images, sizeof images);
    data_path(fixture, "mnist/t10k-labels-idx1-ubyte", labels, sizeof labels);
    const NnDataset *old = data_shelf_take(shelf, "mnist", NN_SPLIT_TEST, NULL);
    assert_int_equal(unlink(images), 0);
    write_pair(images, labels, PICTURES / 2, 8);
    const NnDataset *fresh = data_shelf_take(shelf, "mnist", NN_SPLIT_TEST, NULL);
    assert_int_equal(old->n, PICTURES);
    assert_int_equal(fresh->n, PICTURES / 2);
    data_shelf_give_back(shelf, old);
    const NnDataset *again = data_shelf_take(shelf, "mnist", NN_SPLIT_TEST, NULL);
    assert_ptr_equal(again, fresh);
    data_shelf_give_back(shelf, again);
    data_shelf_give_back(shelf, fresh);
    data_shelf_free(shelf);
}

static void what_cannot_be_read_says_why_each_time(void **state) {
    AppFixture *fixture = *state;
    DataShelf *shelf = data_shelf_new();
    for (int i = 0; i < 2; i++) { // training digits there are none
        NnError err = {0};
        assert_null(data_shelf_take(shelf, "mnist", NN_SPLIT_TRAIN, &err));
        assert_int_equal(err.status, NN_ERR_NOT_FOUND);
    }
    char labels[400];
    data_path(fixture, "mnist/t10k-labels-idx1-ubyte", labels, sizeof labels);
    assert_int_equal(truncate(labels, 20), 0);
    NnError err = {0};
    assert_null(data_shelf_take(shelf, "mnist", NN_SPLIT_TEST, &err));
    assert_int_equal(err.status, NN_ERR_FORMAT);
    data_shelf_free(shelf);
}

static void take_and_give_back(void *user) {
    DataShelf *shelf = user;
    for (int i = 0; i < 50; i++) {
        const NnDataset *data = data_shelf_take(shelf, "mnist", NN_SPLIT_TEST, NULL);
        size_t sum = 0;
        for (size_t k = 0; k < data->n; k++) {
            sum += data->labels[k] < NN_CLASSES;
        }
        NN_ASSERT(sum == PICTURES);
        data_shelf_give_back(shelf, data);
    }
}

static void threads_take_and_give_back_at_once(void **state) {
    (void)state;
    DataShelf *shelf = data_shelf_new();
    Thread threads[4] = {0};
    for (size_t i = 0; i < 4; i++) {
        assert_true(thread_start(&threads[i], take_and_give_back, shelf, false));
    }
    for (size_t i = 0; i < 4; i++) {
        thread_join(&threads[i]);
    }
    data_shelf_free(shelf);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, errors_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(two_readers_share_one_copy),
        CASE(a_changed_file_is_read_anew),
        CASE(what_cannot_be_read_says_why_each_time),
        CASE(threads_take_and_give_back_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
