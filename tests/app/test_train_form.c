// The settings of a run as they are typed: what is sound reaches the recipe, what is not is said.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "app/train_form.h"

static TrainForm open_form(const char *name) {
    NnRecipe recipe;
    NnError err = {0};
    if (nn_recipe_find(name, &recipe, &err) != NN_OK) {
        fail_msg("%s", err.message);
    }
    TrainForm form;
    train_form_take(&form, &recipe, 3);
    return form;
}

static void a_recipe_reads_as_its_file_says(void **state) {
    (void)state;
    TrainForm form = open_form("mlp-256-128");
    assert_string_equal(form.text[FIELD_LAYERS], "256, 128");
    assert_string_equal(form.text[FIELD_ACTIVATION], "ReLU");
    assert_string_equal(form.text[FIELD_DROPOUT], "0.2");
    assert_string_equal(form.text[FIELD_OPTIMISER], "Adam");
    assert_string_equal(form.text[FIELD_RATE], "0.001");
    assert_string_equal(form.text[FIELD_AUGMENT], "none");
    assert_string_equal(form.text[FIELD_SEED], "3");
    assert_true(train_form_sound(&form));
    assert_false(train_form_changed(&form, FIELD_LAYERS));
    assert_true(train_form_changed(&form, FIELD_VALIDATION)); // held out so that there is a matrix
}

static void every_recipe_can_be_opened_and_is_left_as_it_was(void **state) {
    (void)state;
    size_t n;
    char **names = nn_recipe_names(&n);
    assert_true(n > 10);
    for (size_t i = 0; i < n; i++) {
        TrainForm form = open_form(names[i]);
        assert_true(train_form_sound(&form));
        form.recipe.validation = form.base.validation;
        assert_memory_equal(&form.recipe, &form.base, sizeof form.base);
    }
    nn_recipe_names_free(names, n);
}

static void layers_keep_activation_and_dropout(void **state) {
    (void)state;
    TrainForm form = open_form("mlp-256-128");
    assert_true(train_form_set(&form, FIELD_ACTIVATION, "GELU"));
    assert_true(train_form_set(&form, FIELD_LAYERS, "64x32x16"));
    const NnArch *arch = &form.recipe.arch;
    assert_int_equal(arch->n_layers, 4);
    assert_int_equal(arch->layers[0].n_out, 64);
    assert_int_equal(arch->layers[2].n_in, 32);
    assert_int_equal(arch->layers[2].activation, NN_ACT_GELU);
    assert_int_equal(arch->layers[3].n_out, 10);
    assert_int_equal(arch->layers[3].activation, NN_ACT_NONE);
    assert_true(arch->layers[1].dropout > 0.19f && arch->layers[1].dropout < 0.21f);
    assert_true(arch->layers[0].dropout == 0);            // the recipe has none there
    assert_true(train_form_set(&form, FIELD_LAYERS, "")); // no hidden layer at all
    assert_int_equal(form.recipe.arch.n_layers, 1);
    assert_true(train_form_changed(&form, FIELD_LAYERS));
}

static void presets_of_augmentation_are_recognised_again(void **state) {
    (void)state;
    TrainForm form = open_form("inkling-mlp");
    const char *items[FORM_CHOICES_MAX];
    int n = train_field_choices(&form, FIELD_AUGMENT, items);
    assert_true(n >= 4);
    for (int i = 0; i < n; i++) {
        assert_true(train_form_set(&form, FIELD_AUGMENT, items[i]));
        assert_int_equal(train_field_chosen(&form, FIELD_AUGMENT), i);
    }
    assert_true(train_form_set(&form, FIELD_AUGMENT, "none"));
    assert_true(form.recipe.augment.elastic_px == 0);
    assert_true(train_form_changed(&form, FIELD_AUGMENT));
}

typedef struct {
    const char *name;
    TrainField field;
    const char *text, *says;
} Bad;

static const Bad BAD[] = {
    {"layers: a word", FIELD_LAYERS, "many", "256, 128"},
    {"layers: none wide", FIELD_LAYERS, "0", "1 to 16384"},
    {"layers: too wide", FIELD_LAYERS, "128, 99999", "1 to 16384"},
    {"layers: a number beyond all", FIELD_LAYERS, "99999999999999999999", "whole numbers"},
    {"layers: more than fit", FIELD_LAYERS, "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1",
     "whole numbers"},
    {"dropout: all", FIELD_DROPOUT, "1", "0 to 0.95"},
    {"dropout: a word", FIELD_DROPOUT, "some", "0 to 0.95"},
    {"dropout: no number", FIELD_DROPOUT, "nan", "0 to 0.95"},
    {"rate: a word", FIELD_RATE, "fast", "must be a number"},
    {"rate: nothing", FIELD_RATE, "", "must be a number"},
    {"rate: negative", FIELD_RATE, "-1", "1e-08 to 1000"},
    {"batch: a fraction", FIELD_BATCH, "1.5", "whole number"},
    {"batch: none", FIELD_BATCH, "0", "1 to 16384"},
    {"l2: negative", FIELD_L2, "-0.1", "0 to 10"},
    {"epochs: none", FIELD_EPOCHS, "0", "1 to 100000"},
    {"validation: negative", FIELD_VALIDATION, "-5", "0 to 10000000"},
    {"seed: negative", FIELD_SEED, "-5", "whole number"},
    {"seed: a word", FIELD_SEED, "x", "whole number"},
    {"seed: too large", FIELD_SEED, "99999999999999999999999", "whole number"},
};

static void a_bad_value_is_said_and_the_recipe_kept(void **state) {
    const Bad *bad = *state;
    TrainForm form = open_form("mlp-256-128");
    NnRecipe before = form.recipe;
    assert_false(train_form_set(&form, bad->field, bad->text));
    assert_string_equal(form.text[bad->field], bad->text);
    if (strstr(form.problem[bad->field], bad->says) == NULL) {
        fail_msg("it says \"%s\"", form.problem[bad->field]);
    }
    assert_null(strstr(form.problem[bad->field], "--set"));
    assert_memory_equal(&form.recipe, &before, sizeof before);
    assert_int_equal(form.seed, 3);
    assert_false(train_form_sound(&form));
    assert_true(train_form_set(&form, bad->field, bad->field == FIELD_DROPOUT ? "0.5" : "7"));
    assert_true(train_form_sound(&form));
}

int main(void) {
    enum { N = sizeof BAD / sizeof BAD[0], PLAIN = 4 };
    struct CMUnitTest tests[PLAIN + N] = {
        cmocka_unit_test(a_recipe_reads_as_its_file_says),
        cmocka_unit_test(every_recipe_can_be_opened_and_is_left_as_it_was),
        cmocka_unit_test(layers_keep_activation_and_dropout),
        cmocka_unit_test(presets_of_augmentation_are_recognised_again),
    };
    for (size_t i = 0; i < N; i++) {
        tests[PLAIN + i] = (struct CMUnitTest){BAD[i].name, a_bad_value_is_said_and_the_recipe_kept,
                                               NULL, NULL, (void *)(uintptr_t)&BAD[i]};
    }
    return _cmocka_run_group_tests("train form", tests, PLAIN + N, NULL, NULL);
}
