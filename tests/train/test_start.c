// Training that begins with the weights of another network: where it begins, what is refused, and runs
// that are taken up.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "train/run_bench.h"
#include "train/start.h"
#include "train/trainer_state.h"

static NnRecipe recipe_of(const char *layers) {
    char text[1024];
    (void)snprintf(text, sizeof text, "{\"name\": \"start\", \"batch\": 64, \"layers\": [%s]}",
                   layers);
    NnRecipe recipe;
    NnError err;
    if (nn_recipe_parse(text, strlen(text), "start", &recipe, &err) != NN_OK) {
        fail_msg("%s", err.message);
    }
    return recipe;
}

static const char CONVOLUTIONS[] =
    "{\"conv\": 2, \"kernel\": 8, \"stride\": 4, \"activation\": \"none\"}, {\"batch_norm\": true, "
    "\"activation\": \"relu\"}, {\"conv\": 3, \"padding\": 1}, {\"flatten\": true}, {\"dense\": "
    "20}, "
    "{\"dense\": 10}";
static const char WRITTEN_OUT[] =
    "{\"dense\": 72}, {\"dense\": 108}, {\"dense\": 20}, {\"dense\": 10}";
static const char POOLED[] = "{\"conv\": 2, \"kernel\": 8, \"stride\": 4}, {\"max_pool\": 2}, "
                             "{\"flatten\": true}, {\"dense\": 10}";

// A network of such layers with random weights, whose file the bench's recipe names.
static NnModel *name_start(Bench *b, const char *layers, uint64_t seed) {
    NnRecipe recipe = recipe_of(layers);
    char path[TEMP_PATH];
    NnModel *model = nn_model_new(&recipe.arch, NULL);
    assert_non_null(model);
    nn_model_init(model, NN_INIT_HE_NORMAL, seed);
    assert_int_equal(
        nn_model_save(model, temp_path(path, b->root, "start.safetensors"), NULL, 0, NULL), NN_OK);
    assert_true(strlen(path) < NN_TEACHER_SIZE);
    snprintf(b->config.recipe.start, NN_TEACHER_SIZE, "%.*s", NN_TEACHER_SIZE - 1, path);
    return model;
}

static void use_layers(Bench *b, const char *layers) {
    b->config.recipe.arch = recipe_of(layers).arch;
}

static NnTrainer *trainer_of(const Bench *b) {
    NnError err;
    NnTrainer *trainer = nn_trainer_new(
        &(NnTrainerDesc){
            .recipe = &b->config.recipe, .train = &b->data, .seed = b->config.seed, .threads = 2},
        &err);
    if (trainer == NULL) {
        fail_msg("%s", err.message);
    }
    return trainer;
}

static void assert_weights(const NnModel *got, const NnModel *expected) {
    assert_memory_equal(nn_model_params_const(got), nn_model_params_const(expected),
                        nn_model_block_count(expected) * sizeof(float));
}

static void training_begins_with_the_weights_of_a_network_alike(void **state) {
    Bench *b = *state;
    use_layers(b, WRITTEN_OUT);
    NnModel *named = name_start(b, WRITTEN_OUT, 99);
    NnTrainer *trainer = trainer_of(b);
    assert_weights(nn_trainer_newest(trainer), named);
    nn_trainer_free(trainer);
    nn_model_free(named);
}

static void convolutions_are_written_out_where_the_layers_are_dense(void **state) {
    Bench *b = *state;
    use_layers(b, WRITTEN_OUT);
    NnModel *named = name_start(b, CONVOLUTIONS, 99), *dense = nn_model_unroll(named, NULL);
    assert_non_null(dense);
    NnTrainer *trainer = trainer_of(b);
    assert_weights(nn_trainer_newest(trainer), dense);
    nn_trainer_free(trainer);
    nn_model_free(dense);
    nn_model_free(named);
}

static void going_back_to_the_beginning_is_going_back_there(void **state) {
    Bench *b = *state;
    use_layers(b, WRITTEN_OUT);
    NnModel *named = name_start(b, WRITTEN_OUT, 99);
    NnTrainer *trainer = trainer_of(b);
    assert_int_equal(nn_trainer_step(trainer, NULL, NULL), NN_OK);
    trainer_restart(trainer);
    assert_weights(nn_trainer_newest(trainer), named);
    nn_trainer_free(trainer);
    nn_model_free(named);
}

static void a_start_matters_to_what_comes_of_it(void **state) {
    Bench *b = *state;
    use_layers(b, WRITTEN_OUT);
    char drawn[65], started[65], other[65];
    expected_hash(b, drawn);
    nn_model_free(name_start(b, CONVOLUTIONS, 99));
    expected_hash(b, started);
    nn_model_free(name_start(b, CONVOLUTIONS, 98));
    expected_hash(b, other);
    assert_string_not_equal(drawn, started);
    assert_string_not_equal(started, other);
}

// --- what cannot be begun with -------------------------------------------------------------------

typedef struct {
    const char *title, *layers; // NULL: there is no such file
    NnStatus status;
    const char *says;
} BadStart;

static BadStart bad_starts[] = {
    {"a file that is not there", NULL, NN_ERR_NOT_FOUND, "start.safetensors"},
    {"a dense network of other layers", "{\"dense\": 20}, {\"dense\": 10}", NN_ERR_SHAPE,
     "a network of other layers (784-20-10, relu)"},
    {"convolutions of other layers",
     "{\"conv\": 2, \"kernel\": 7, \"stride\": 7}, {\"flatten\": true}, {\"dense\": 10}",
     NN_ERR_SHAPE, "a network of other layers (conv 2,"},
    {"a network that pools", POOLED, NN_ERR_SHAPE, "max_pool"},
};

static void run_bad_start(void **state) {
    const BadStart *row = *state;
    void *bench;
    set_up(&bench);
    Bench *b = bench;
    use_layers(b, WRITTEN_OUT);
    nn_model_free(name_start(b, row->layers != NULL ? row->layers : WRITTEN_OUT, 1));
    if (row->layers == NULL) {
        assert_int_equal(remove(b->config.recipe.start), 0);
    }
    NnError err = {0};
    Start start;
    assert_int_equal(start_load(&start, &b->config.recipe, &err), row->status);
    if (strstr(err.message, row->says) == NULL || strstr(err.message, "\"start\" names ") == NULL ||
        err.hint[0] == '\0') {
        fail_msg("%s (%s)", err.message, err.hint);
    }
    tear_down(&bench);
}

static void weights_for_other_inputs_are_refused(void **state) {
    Bench *b = *state;
    use_layers(b, WRITTEN_OUT);
    nn_model_free(name_start(b, CONVOLUTIONS, 99)); // of pixels as they are
    b->config.recipe.arch.input_mean = 0.1307f;
    b->config.recipe.arch.input_sd = 0.3081f;
    NnError err = {0};
    Start start;
    assert_int_equal(start_load(&start, &b->config.recipe, &err), NN_ERR_SHAPE);
    assert_non_null(strstr(err.message, "standardised otherwise"));
    assert_non_null(strstr(err.hint, "input_sd=1"));
}

// --- kept runs -----------------------------------------------------------------------------------

static void a_killed_run_goes_on_to_the_same_bits_and_notes_where_it_began(void **state) {
    Bench *b = *state;
    use_layers(b, WRITTEN_OUT);
    nn_model_free(name_start(b, CONVOLUTIONS, 99));
    char expected[65], got[65], path[TEMP_PATH];
    expected_hash(b, expected);
    train_for(b, 2 * STEPS + 1);
    train_for(b, -1);
    NnModel *model = nn_model_load(temp_path(path, b->folder, "last.safetensors"), NULL);
    assert_non_null(model);
    nn_model_sha256(model, got);
    assert_string_equal(got, expected);
    const char *note = nn_model_note(model, "start");
    assert_non_null(note);
    assert_memory_equal(note, "start.safetensors ", strlen("start.safetensors "));
    nn_model_free(model);
}

static void a_run_whose_start_has_changed_is_not_taken_up(void **state) {
    Bench *b = *state;
    use_layers(b, WRITTEN_OUT);
    nn_model_free(name_start(b, CONVOLUTIONS, 99));
    train_for(b, 5);
    nn_model_free(name_start(b, CONVOLUTIONS, 98));
    NnRunDesc desc = desc_of(b, NULL);
    NnError err = {0};
    assert_null(nn_run_new(&desc, &err));
    assert_int_equal(err.status, NN_ERR_USAGE);
    assert_non_null(strstr(err.message, "start.safetensors has changed since it began"));
    b->config.recipe.start[0] = '\0'; // another run
    assert_null(nn_run_new(&desc, &err));
    assert_non_null(strstr(err.message, "\"start\""));
}

#define AROUND(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    enum { N_OTHERS = 7, N_BAD = sizeof bad_starts / sizeof bad_starts[0] };
    struct CMUnitTest tests[N_OTHERS + N_BAD] = {
        AROUND(training_begins_with_the_weights_of_a_network_alike),
        AROUND(convolutions_are_written_out_where_the_layers_are_dense),
        AROUND(going_back_to_the_beginning_is_going_back_there),
        AROUND(a_start_matters_to_what_comes_of_it),
        AROUND(weights_for_other_inputs_are_refused),
        AROUND(a_killed_run_goes_on_to_the_same_bits_and_notes_where_it_began),
        AROUND(a_run_whose_start_has_changed_is_not_taken_up),
    };
    for (int i = 0; i < N_BAD; i++) {
        tests[N_OTHERS + i] =
            (struct CMUnitTest){bad_starts[i].title, run_bad_start, NULL, NULL, &bad_starts[i]};
    }
    return cmocka_run_group_tests_name("start", tests, NULL, NULL);
}
