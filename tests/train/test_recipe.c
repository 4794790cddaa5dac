#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "nn/recipe.h"
#include "support/near.h"
#include "train/json_line.h"
#include "train/recipe_json.h"

#define HEAD "{\n\"name\": \"a\",\n"
#define NET "\"layers\": [{\"dense\": 10}]"

// --- the recipes that come with the program ------------------------------------------------------

typedef struct {
    const char *name;
    size_t parameters; // of the papers' tables, 0 where they give none
} Shipped;

static const Shipped shipped[] = {
    {"mlx-32-32", 26506},
    {"mlp-256-128", 235146},
    {"numpy-512-256-128", 567434},
    {"residual-16", 13002},
    {"linear", 7850},
    {"shallow-64", 0},
    {"shallow-128", 0},
    {"shallow-256", 0},
    {"shallow-512", 407050},
    {"deep-64-32", 0},
    {"deep-128-64", 0},
    {"deep-256-128", 235146},
    {"deep-512-256", 0},
    {"shallow-512-l2", 407050},
    {"mlp-5", 0},
    {"inkling-base", 0},
    {"inkling-mlp", 0},
    {"inkling-mlp-small", 109668},
    {"cnn-32-64", 421642},
    {"lenet5", 61706},
    {"cnn-7", 525274},
    {"resnet-small", 334234},
    {"fast-98", 203530},
};

// 0 for a network that is not all dense layers: the table has its number.
static size_t parameters_of(const NnRecipe *recipe) {
    size_t n = 0;
    for (int i = 0; i < recipe->arch.n_layers; i++) {
        const NnLayer *layer = &recipe->arch.layers[i];
        if (layer->kind != NN_LAYER_DENSE) {
            return 0;
        }
        n += (size_t)(layer->n_in + 1) * (size_t)layer->n_out;
    }
    return n;
}

static void every_shipped_recipe_builds_its_network(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof shipped / sizeof shipped[0]; i++) {
        NnRecipe recipe;
        NnError err = {0};
        if (nn_recipe_find(shipped[i].name, &recipe, &err) != NN_OK) {
            fail_msg("%s", err.message);
        }
        assert_string_equal(recipe.name, shipped[i].name);
        assert_string_equal(recipe.arch.name, shipped[i].name);
        assert_true(recipe.title[0] != '\0');
        NnModel *model = nn_model_new(&recipe.arch, &err);
        assert_non_null(model);
        size_t counted = parameters_of(&recipe);
        assert_true(counted > 0 || shipped[i].parameters > 0);
        if (counted > 0) {
            assert_int_equal(nn_model_param_count(model), counted);
        }
        if (shipped[i].parameters > 0) {
            assert_int_equal(nn_model_param_count(model), shipped[i].parameters);
        }
        nn_model_free(model);
    }
}

static void a_recipe_written_reads_back_the_same(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof shipped / sizeof shipped[0]; i++) {
        NnRecipe recipe, back;
        NnError err = {0};
        assert_int_equal(nn_recipe_find(shipped[i].name, &recipe, &err), NN_OK);
        json_t *json = recipe_to_json(&recipe);
        assert_non_null(json);
        char *text = json_dumps(json, 0);
        if (nn_recipe_parse(text, strlen(text), "written", &back, &err) != NN_OK) {
            fail_msg("%s", err.message);
        }
        assert_null(recipe_difference(&recipe, &back));
        back.arch.layers[0].activation = NN_ACT_SWISH;
        assert_string_equal(recipe_difference(&recipe, &back), "layers");
        free(text);
        json_decref(json);
    }
}

static void teachers_are_written_and_read_back(void **state) {
    (void)state;
    const char *text = "{\"name\": \"a\", \"distil_weight\": 0.25, " NET
                       ", \"teachers\": [\"b\", \"c/d.safetensors\"]}";
    NnRecipe recipe, back;
    assert_int_equal(nn_recipe_parse(text, strlen(text), "a", &recipe, NULL), NN_OK);
    assert_int_equal(recipe.teachers.n, 2);
    assert_string_equal(recipe.teachers.names[1], "c/d.safetensors");
    json_t *json = recipe_to_json(&recipe);
    char *written = json_dumps(json, 0);
    assert_int_equal(nn_recipe_parse(written, strlen(written), "written", &back, NULL), NN_OK);
    assert_null(recipe_difference(&recipe, &back));
    assert_memory_equal(&back.teachers, &recipe.teachers, sizeof back.teachers);
    memcpy(back.teachers.names[1], "c/e", 3);
    assert_string_equal(recipe_difference(&recipe, &back), "teachers");
    free(written);
    json_decref(json);
    // Without teachers nothing of distillation is written: such recipes are as they always were.
    assert_int_equal(nn_recipe_set(&recipe, "teachers=[]", NULL), NN_OK);
    json = recipe_to_json(&recipe);
    assert_null(json_object_get(json, "teachers"));
    assert_null(json_object_get(json, "distil_weight"));
    assert_null(json_object_get(json, "distil_temperature"));
    json_decref(json);
}

static void names_are_sorted_and_all_of_them_are_known_here(void **state) {
    (void)state;
    size_t count;
    char **names = nn_recipe_names(&count);
    assert_int_equal(count, sizeof shipped / sizeof shipped[0]);
    for (size_t i = 0; i < count; i++) {
        assert_true(i == 0 || strcmp(names[i - 1], names[i]) < 0);
        bool known = false;
        for (size_t k = 0; k < count; k++) {
            known = known || strcmp(shipped[k].name, names[i]) == 0;
        }
        assert_true(known);
    }
    nn_recipe_names_free(names, count);
}

static void sizes_of_the_approximate_networks(void **state) {
    (void)state;
    NnRecipe recipe;
    assert_int_equal(nn_recipe_find("mlp-5", &recipe, NULL), NN_OK);
    assert_int_equal(recipe.arch.n_layers, 5);
    assert_in_range(parameters_of(&recipe), 95000, 105000);
    assert_int_equal(nn_recipe_find("inkling-mlp", &recipe, NULL), NN_OK);
    assert_in_range(parameters_of(&recipe), 1, 2000000);
}

static void an_unknown_name_lists_those_there_are(void **state) {
    (void)state;
    NnRecipe recipe;
    NnError err = {0};
    assert_int_equal(nn_recipe_find("mlx-33-33", &recipe, &err), NN_ERR_NOT_FOUND);
    assert_non_null(strstr(err.message, "\"mlx-33-33\""));
    assert_non_null(strstr(err.message, "mlx-32-32"));
    assert_int_equal(nn_recipe_find("../secret", &recipe, &err), NN_ERR_NOT_FOUND);
    assert_int_equal(nn_recipe_find("no/such/file.json", &recipe, &err), NN_ERR_NOT_FOUND);
}

static void a_recipe_says_what_it_says(void **state) {
    (void)state;
    const char *text =
        "{\"name\": \"mine\", \"layers\": [{\"dense\": 20, \"activation\": \"gelu\", "
        "\"dropout\": 0.25}, {\"dense\": 20, \"residual\": true}, {\"dense\": 10}],"
        "\"optimiser\": \"nesterov\", \"schedule\": \"one_cycle\", \"init\": "
        "\"xavier_normal\", \"learning_rate\": 2, \"epochs\": 3,"
        "\"augment\": {\"shear\": 0.5}}";
    NnRecipe recipe;
    assert_int_equal(nn_recipe_parse(text, strlen(text), "mine", &recipe, NULL), NN_OK);
    assert_int_equal(recipe.arch.n_layers, 3);
    assert_int_equal(recipe.arch.layers[0].n_in, 784);
    assert_int_equal(recipe.arch.layers[0].n_out, 20);
    assert_int_equal(recipe.arch.layers[0].activation, NN_ACT_GELU);
    assert_near(recipe.arch.layers[0].dropout, 0.25, 0, "recipe.arch.layers[0].dropout", 0);
    assert_true(recipe.arch.layers[1].residual);
    assert_int_equal(recipe.arch.layers[1].activation, NN_ACT_RELU); // where nothing is said
    assert_int_equal(recipe.arch.layers[2].activation, NN_ACT_NONE); // and at the end
    assert_int_equal(recipe.optimiser, NN_OPTIM_NESTEROV);
    assert_int_equal(recipe.schedule, NN_SCHEDULE_ONE_CYCLE);
    assert_int_equal(recipe.init, NN_INIT_XAVIER_NORMAL);
    assert_near(recipe.learning_rate, 2.0, 0, "recipe.learning_rate", 0);
    assert_int_equal(recipe.epochs, 3);
    assert_near(recipe.augment.shear, 0.5, 0, "recipe.augment.shear", 0);
    assert_string_equal(recipe.data, "mnist");
    assert_int_equal(recipe.batch, 64);
}

// --- malformed files -----------------------------------------------------------------------------

typedef struct {
    const char *text;
    int line; // -1: none to name
    const char *says, *hints;
} BadRow;

static void run_bad_file(void **state) {
    const BadRow *row = *state;
    NnRecipe recipe;
    memset(&recipe, 0x5a, sizeof recipe);
    NnRecipe before = recipe;
    NnError err = {0};
    assert_int_equal(nn_recipe_parse(row->text, strlen(row->text), "bad.json", &recipe, &err),
                     NN_ERR_FORMAT);
    if (strstr(err.message, row->says) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", err.message, row->says);
    }
    assert_int_equal(strncmp(err.message, "bad.json: ", 10), 0);
    assert_int_equal(err.offset, row->line);
    if (row->line > 0) {
        char line[32];
        snprintf(line, sizeof line, "line %d: ", row->line);
        assert_non_null(strstr(err.message, line));
    }
    if (row->hints != NULL) {
        assert_non_null(strstr(err.hint, row->hints));
    }
    assert_memory_equal(&recipe, &before, sizeof recipe);
}

static BadRow bad[] = {
    {"", 1, "JSON", NULL},
    {"[1]", 1, "object", NULL},
    {"{\n\"name\": \"a\",\n", 3, "JSON", NULL},
    {HEAD NET ",\n\"batch\": 1,\n\"batch\": 2}", 5, "duplicate", NULL},
    {HEAD NET "} x", 3, "JSON", NULL},
    {"{\n\"name\": \"a\xff\"}", 2, "JSON", NULL},
    {"{" NET "}", -1, "no \"name\"", NULL},
    {"{\"name\": \"a\"}", -1, "no \"layers\"", NULL},
    {HEAD NET ",\n\n\"lerning_rate\": 1}", 5, "\"lerning_rate\"", "\"learning_rate\""},
    {HEAD NET ",\n\"xyzzy\": 1}", 4, "\"xyzzy\"", NULL},
    {HEAD NET ",\n\"\\u0007\": 1}", -1, "\\x07", NULL},
    {HEAD NET ",\n\"augment.shear\": 0.1}", 4, "without the dot", NULL},
    {HEAD NET ",\n\"batch\": \"64\"}", 4, "a whole number", "samples a step"},
    {HEAD NET ",\n\"batch\": 64.0}", 4, "a whole number", NULL},
    {HEAD NET ",\n\"batch\": 0}", 4, "is 0, but must be 1 to 16384", NULL},
    {HEAD NET ",\n\"batch\": 16385}", 4, "must be 1 to 16384", NULL},
    {HEAD NET ",\n\"batch\": 9223372036854775807}", 4, "must be 1 to 16384", NULL},
    {HEAD NET ",\n\"batch\": 9223372036854775808}", 4, "JSON", NULL},
    {HEAD NET ",\n\"epochs\": -1}", 4, "must be 1", NULL},
    {HEAD NET ",\n\"learning_rate\": true}", 4, "a number", NULL},
    {HEAD NET ",\n\"learning_rate\": -1e-3}", 4, "is -0.001", "size of a step"},
    {HEAD NET ",\n\"learning_rate\": 1e999}", 4, "JSON", NULL},
    {HEAD NET ",\n\"optimiser\": \"adams\"}", 4, "sgd momentum nesterov", NULL},
    {HEAD NET ",\n\"optimiser\": 3}", 4, "must be one of", NULL},
    {HEAD NET ",\n\"precision\": \"bf8\"}", 4, "must be one of f32 bf16", "layers multiply"},
    {HEAD NET ",\n\"precision\": 16}", 4, "must be one of f32 bf16", NULL},
    {HEAD NET ",\n\"schedule\": null}", 4, "one_cycle", NULL},
    {HEAD NET ",\n\"title\": 1}", 4, "a text", NULL},
    {HEAD NET ",\n\"title\": \"a\\u001bb\"}", 4, "control character", NULL},
    {HEAD NET ",\n\"data\": \"0123456789012345678901234567890123456789\"}", 4, "at most 31", NULL},
    {HEAD NET ",\n\"augment\": 1}", 4, "an object", NULL},
    {HEAD NET ",\n\"augment\": {\n\"sheer\": 1}}", 5, "\"augment.sheer\"", "augment.shear"},
    {HEAD NET ",\n\"augment\": {\"shear\": 0,\n\"scale\": 1}}", 5, "must be 0 to 0.9", NULL},
    {HEAD NET ",\n\"styles\": 0.6}", 4, "must be 0 to 0.5", NULL},
    {HEAD NET ",\n\"teachers\": \"a\"}", 4, "a list of at most 8 names", "names or paths"},
    {HEAD NET ",\n\"teachers\": [\"a\", 3]}", 4, "number 2, that is no name", NULL},
    {HEAD NET ",\n\"teachers\": [\"\"]}", 4, "number 1, that is no name", NULL},
    {HEAD NET ",\n\"teachers\": [\"a\\u001b\"]}", 4, "number 1, that has a control", NULL},
    {HEAD NET ",\n\"teachers\": [1,2,3,4,5,6,7,8,9]}", 4, "a list of at most 8 names", NULL},
    {HEAD NET ",\n\"teachers\": [],\n\"distil_weight\": 1}", 5, "nothing without \"teachers\"",
     NULL},
    {HEAD NET ",\n\"distil_temperature\": 2}", 4, "nothing without \"teachers\"", NULL},
    {HEAD NET ",\n\"teachers\": [\"a\"], \"distil_mixup\": 1.5}", 4, "must be 0 to 1", NULL},
    {HEAD NET ",\n\"distil_mixup\": 0.5}", 4, "nothing without \"teachers\"", NULL},
    {HEAD NET ",\n\"teachers\": [\"a\"], \"distil_weight\": 1.1}", 4, "must be 0 to 1", NULL},
    {HEAD NET ",\n\"teachers\": [\"a\"], \"distil_temperature\": 0.9}", 4, "must be 1 to 100",
     NULL},
    {HEAD NET ",\n\"fuse_batch_norm\": true}", 4, "no \"batch_norm\" stands right behind", NULL},
    {HEAD NET ",\n\"fuse_batch_norm\": 1}", 4, "true or false", NULL},
    {HEAD "\"layers\": 3}", 3, "a list of 1 to 32", NULL},
    {HEAD "\"layers\": []}", 3, "a list of 1 to 32", NULL},
    {HEAD "\"layers\": [10]}", 3, "objects", NULL},
    {HEAD "\"layers\": [{\"dense\": 5},\n{\"dense\": 9}]}", 3, "must end with {\"dense\": 10}",
     NULL},
    {HEAD "\"layers\": [{\"dense\": 5},\n{\"activation\": \"relu\"},\n{\"dense\": 10}]}", 4,
     "without \"dense\"", NULL},
    {HEAD "\"layers\": [{\"dense\": 5,\n\"activation\": \"rely\"}, {\"dense\": 10}]}", 4, "relu",
     NULL},
    {HEAD "\"layers\": [{\"dense\": 5,\n\"droput\": 0.1}, {\"dense\": 10}]}", 4, "\"droput\"",
     "dropout"},
    {HEAD "\"layers\": [{\"dense\": 5, \"dropout\":\n1}, {\"dense\": 10}]}", 3, "must be 0 to 0.95",
     NULL},
    {HEAD "\"layers\": [{\"dense\": 5},\n{\"dense\": 6,\n\"residual\": true}, {\"dense\": 10}]}", 5,
     "adds 5 inputs to 6 outputs", NULL},
    {HEAD "\"layers\": [{\"dense\": 5, \"residual\": 1}, {\"dense\": 10}]}", 3, "true or false",
     NULL},
    {HEAD "\"layers\": [{\"dense\": 10, \"activation\": \"relu\"}]}", 3, "the last layer", NULL},
    {HEAD "\"layers\": [{\"conv\": 4,\n\"dense\": 5}, {\"dense\": 10}]}", 3, "two kinds", NULL},
    {HEAD "\"layers\": [{\"conv\": 4},\n{\"dense\": 10}]}", 4, "gets pictures of 4x26x26", NULL},
    {HEAD "\"layers\": [{\"conv\": 4,\n\"padding\": 3}, {\"flatten\": true}, {\"dense\": 10}]}", 3,
     "padding 3; it must be 0 to 2", NULL},
    {HEAD "\"layers\": [{\"conv\": 4,\n\"kernel\": 12}, {\"flatten\": true}, {\"dense\": 10}]}", 4,
     "must be 1 to 11", NULL},
    {HEAD "\"layers\": [{\"conv\": 4,\n\"stride\": 0}, {\"flatten\": true}, {\"dense\": 10}]}", 4,
     "must be 1 to 11", NULL},
    {HEAD "\"layers\": [{\"conv\": 0}, {\"flatten\": true}, {\"dense\": 10}]}", 3,
     "must be 1 to 2048", NULL},
    {HEAD "\"layers\": [{\"conv\": 2048}, {\"flatten\": true}, {\"dense\": 10}]}", 3, "to 1384448",
     NULL},
    {HEAD
     "\"layers\": [{\"max_pool\": 4}, {\"max_pool\": 7},\n{\"max_pool\": 2}, {\"dense\": 10}]}",
     4, "a window of side 2 on a 1x1 picture", NULL},
    {HEAD "\"layers\": [{\"max_pool\": 2,\n\"stride\": 2}, {\"dense\": 10}]}", 4,
     "nothing that a layer of kind max_pool has", NULL},
    {HEAD "\"layers\": [{\"max_pool\": true}, {\"dense\": 10}]}", 3, "a whole number", NULL},
    {HEAD "\"layers\": [{\"batch_norm\":\nfalse}, {\"dense\": 10}]}", 3, "must be true", NULL},
    {HEAD
     "\"layers\": [{\"dense\": 10, \"add\": 0},\n{\"dense\": 10, \"add\": 2}, {\"dense\": 10}]}",
     4, "may name a layer before it", NULL},
    {HEAD "\"layers\": [{\"dense\": 20},\n{\"dense\": 12, \"add\": 1}, {\"dense\": 10}]}", 4,
     "gives 12x1x1 and adds layer 1, which gives 20x1x1", NULL},
    {HEAD "\"layers\": [{\"dense\": 20}, {\"dense\": 12}, {\"dense\": 10, \"from\": 1}]}", 3,
     "no layer takes what layer 2 gives", NULL},
    {HEAD "\"layers\": [{\"conv\": 4, \"padding\": 1},\n{\"conv\": 5, \"padding\": 1, "
          "\"residual\": true}, "
          "{\"flatten\": true}, {\"dense\": 10}]}",
     4, "must be alike", NULL},
    {HEAD "\"layers\": [{\"batch_norm\": true, \"residual\": true}, {\"dense\": 10}]}", 3,
     "kind batch_norm", NULL},
    {HEAD "\"layers\": [{\"dense\": 16384}, {\"dense\": 16384}, {\"dense\": 10}]}", 3, "parameters",
     NULL},
};

static void every_prefix_of_a_recipe_is_refused(void **state) {
    (void)state;
    const char *text = HEAD NET ", \"augment\": {\"shear\": 0.25}, \"optimiser\": \"sgd\"}";
    for (size_t n = 0; n < strlen(text); n++) {
        NnRecipe recipe;
        assert_int_equal(nn_recipe_parse(text, n, "prefix", &recipe, NULL), NN_ERR_FORMAT);
    }
}

static void a_file_of_more_than_a_megabyte_is_refused(void **state) {
    (void)state;
    size_t n = (1u << 20) + 1;
    char *text = malloc(n);
    assert_non_null(text);
    memset(text, ' ', n);
    NnRecipe recipe;
    NnError err = {0};
    assert_int_equal(nn_recipe_parse(text, n, "big", &recipe, &err), NN_ERR_FORMAT);
    assert_non_null(strstr(err.message, "1048576"));
    free(text);
}

// --- --set ---------------------------------------------------------------------------------------

typedef struct {
    const char *assignment;
    const char *says; // NULL: is taken
} SetRow;

static SetRow sets[] = {
    {"learning_rate=0.01", NULL},
    {"epochs=7", NULL},
    {"optimiser=adam", NULL},
    {"title=two words", NULL},
    {"augment.shear=0.5", NULL},
    {"augment={\"scale\": 0.1}", NULL},
    {"layers=[{\"dense\": 7}, {\"dense\": 10}]", NULL},
    {"teachers=[\"a\", \"b/c.safetensors\"]", NULL},
    {"teachers=a", "a list of at most 8 names"},
    {"distil_weight=0.5", "which are set first"},
    {"learning_rate", "key=value"},
    {"=1", "key=value"},
    {"learning_rate=", "\"learning_rate\""},
    {"learning_rate=fast", "a number"},
    {"learning_rate=-1", "must be"},
    {"epochs=1.5", "a whole number"},
    {"augment.sheer=1", "\"augment.sheer\""},
    {"layers=[{\"dense\": 7}]", "must end with"},
    {"layers=[", "a list"},
    {"title=\xff", "no valid UTF-8"},
    {"a_key_that_is_much_longer_than_any_key_of_a_recipe_could_possibly_be=1", "key=value"},
};

static NnRecipe plain(void) {
    NnRecipe recipe;
    assert_int_equal(nn_recipe_find("mlx-32-32", &recipe, NULL), NN_OK);
    return recipe;
}

static void run_set(void **state) {
    const SetRow *row = *state;
    NnRecipe recipe = plain(), before = recipe;
    NnError err = {0};
    NnStatus status = nn_recipe_set(&recipe, row->assignment, &err);
    if (row->says == NULL) {
        assert_int_equal(status, NN_OK);
        assert_memory_not_equal(&recipe, &before, sizeof recipe);
        return;
    }
    assert_int_equal(status, NN_ERR_USAGE);
    if (strstr(err.message, row->says) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", err.message, row->says);
    }
    assert_memory_equal(&recipe, &before, sizeof recipe);
}

static void set_changes_the_one_value(void **state) {
    (void)state;
    NnRecipe recipe = plain();
    assert_int_equal(nn_recipe_set(&recipe, "augment.rotation_deg=12.5", NULL), NN_OK);
    assert_near(recipe.augment.rotation_deg, 12.5, 0, "recipe.augment.rotation_deg", 0);
    assert_int_equal(nn_recipe_set(&recipe, "optimiser=adamw", NULL), NN_OK);
    assert_int_equal(recipe.optimiser, NN_OPTIM_ADAMW);
    assert_int_equal(nn_recipe_set(&recipe, "layers=[{\"dense\": 10}]", NULL), NN_OK);
    assert_int_equal(recipe.arch.n_layers, 1);
    assert_near(recipe.augment.rotation_deg, 12.5, 0, "recipe.augment.rotation_deg", 0);
    assert_string_equal(recipe.name, "mlx-32-32");
}

// --- lines and memory ----------------------------------------------------------------------------

static void lines_are_found_past_strings_that_look_like_keys(void **state) {
    (void)state;
    const char *text =
        "{\n\"a\": \"}\\\"b\\\": [\",\n\"list\": [1, {\"b\": [2,\n3]},\n\"x\", {\"b\": 4,\n"
        "\"c\": null}],\n\"b\": true}";
    size_t n = strlen(text);
    const char *b[] = {"b"}, *list_c[] = {"list", "3", "c"}, *item[] = {"list", "2"};
    const char *none[] = {"z"}, *beyond[] = {"list", "4"}, *inside[] = {"a", "b"};
    assert_int_equal(json_line_of(text, n, b, 1), 7);
    assert_int_equal(json_line_of(text, n, list_c, 3), 6);
    assert_int_equal(json_line_of(text, n, item, 2), 5);
    assert_int_equal(json_line_of(text, n, none, 1), 0);
    assert_int_equal(json_line_of(text, n, beyond, 2), 0);
    assert_int_equal(json_line_of(text, n, inside, 2), 0);
}

static void every_failed_allocation_of_reading_is_an_error(void **state) {
    (void)state;
    for (uint64_t i = 1;; i++) {
        NnRecipe recipe;
        NnError err = {0};
        uint64_t before = mem_request_count();
        mem_fail_at(i, false);
        NnStatus status = nn_recipe_find("numpy-512-256-128", &recipe, &err);
        mem_fail_at(0, false);
        if (mem_request_count() - before < i) {
            assert_int_equal(status, NN_OK);
            return;
        }
        assert_int_equal(status, NN_ERR_NOMEM);
    }
}

enum { N_BAD = sizeof bad / sizeof bad[0], N_SETS = sizeof sets / sizeof sets[0] };

int main(void) {
    struct CMUnitTest bad_tests[N_BAD], set_tests[N_SETS];
    for (size_t i = 0; i < N_BAD; i++) {
        bad_tests[i] = (struct CMUnitTest){bad[i].says, run_bad_file, NULL, NULL, &bad[i]};
    }
    for (size_t i = 0; i < N_SETS; i++) {
        set_tests[i] = (struct CMUnitTest){sets[i].assignment, run_set, NULL, NULL, &sets[i]};
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_shipped_recipe_builds_its_network),
        cmocka_unit_test(a_recipe_written_reads_back_the_same),
        cmocka_unit_test(teachers_are_written_and_read_back),
        cmocka_unit_test(names_are_sorted_and_all_of_them_are_known_here),
        cmocka_unit_test(sizes_of_the_approximate_networks),
        cmocka_unit_test(an_unknown_name_lists_those_there_are),
        cmocka_unit_test(a_recipe_says_what_it_says),
        cmocka_unit_test(every_prefix_of_a_recipe_is_refused),
        cmocka_unit_test(a_file_of_more_than_a_megabyte_is_refused),
        cmocka_unit_test(set_changes_the_one_value),
        cmocka_unit_test(lines_are_found_past_strings_that_look_like_keys),
        cmocka_unit_test(every_failed_allocation_of_reading_is_an_error),
    };
    int failed = cmocka_run_group_tests_name("recipe", tests, NULL, NULL);
    failed += cmocka_run_group_tests_name("malformed recipes", bad_tests, NULL, NULL);
    return failed + cmocka_run_group_tests_name("--set", set_tests, NULL, NULL);
}
