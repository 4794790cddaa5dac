// The settings of a run as they are typed: what is sound reaches the recipe, what is not is said.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
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

static void precision_and_monitor_are_chosen(void **state) {
    (void)state;
    TrainForm form = open_form("mlp-256-128");
    const char *items[FORM_CHOICES_MAX];
    assert_string_equal(form.text[FIELD_PRECISION], "f32");
    assert_int_equal(train_field_choices(&form, FIELD_PRECISION, items), NN_PRECISION_COUNT);
    assert_true(train_form_set(&form, FIELD_PRECISION, "bf16"));
    assert_int_equal(form.recipe.precision, NN_PRECISION_BF16);
    assert_true(train_form_changed(&form, FIELD_PRECISION));
    assert_int_equal(train_field_choices(&form, FIELD_MONITOR, items), NN_MONITOR_COUNT);
    assert_true(train_form_set(&form, FIELD_MONITOR, "accuracy"));
    assert_int_equal(form.recipe.monitor, NN_MONITOR_ACCURACY);
    assert_true(train_form_changed(&form, FIELD_MONITOR));
    assert_false(train_form_set(&form, FIELD_MONITOR, "luck"));
    assert_int_equal(form.recipe.monitor, NN_MONITOR_ACCURACY);
}

static void a_recipe_that_stops_early_needs_validation_samples(void **state) {
    (void)state;
    TrainForm form = open_form("mlp-256-128");
    assert_true(train_form_set(&form, FIELD_VALIDATION, "0"));
    assert_true(train_form_set(&form, FIELD_VALIDATION, "5000"));
    form.recipe.patience = 3;
    assert_false(train_form_set(&form, FIELD_VALIDATION, "0"));
    assert_non_null(strstr(form.problem[FIELD_VALIDATION], "stops early"));
    assert_true(train_form_set(&form, FIELD_VALIDATION, "100"));
    assert_true(train_form_sound(&form));
}

static void teachers_come_and_go(void **state) {
    (void)state;
    TrainForm form = open_form("mlp-256-128");
    NnRecipe before = form.recipe;
    assert_string_equal(form.text[FIELD_TEACHERS], "none");
    assert_false(train_form_shows(&form, FIELD_DISTIL_WEIGHT));
    assert_true(train_form_set(&form, FIELD_TEACHERS, "inkling-mlp"));
    assert_true(train_form_has_teacher(&form, "inkling-mlp"));
    assert_string_equal(form.text[FIELD_TEACHERS], "inkling-mlp");
    assert_true(train_form_changed(&form, FIELD_TEACHERS));
    assert_true(train_form_shows(&form, FIELD_DISTIL_WEIGHT));
    assert_true(train_form_set(&form, FIELD_DISTIL_WEIGHT, "0.9"));
    assert_true(train_form_set(&form, FIELD_DISTIL_TEMPERATURE, "4"));
    assert_true(train_form_set(&form, FIELD_DISTIL_MIXUP, "0.25"));
    assert_true(form.recipe.distil_weight == 0.9f && form.recipe.distil_temperature == 4 &&
                form.recipe.distil_mixup == 0.25f);
    assert_true(train_form_changed(&form, FIELD_DISTIL_MIXUP));
    assert_false(train_form_set(&form, FIELD_DISTIL_TEMPERATURE, "0.5"));
    assert_string_equal(form.problem[FIELD_DISTIL_TEMPERATURE], "is 0.5, but must be 1 to 100");
    assert_false(train_form_sound(&form));

    // One that is not there is said, and can be taken away again.
    assert_false(train_form_set(&form, FIELD_TEACHERS, "/nowhere/nobody.safetensors"));
    assert_string_equal(form.text[FIELD_TEACHERS], "2 networks");
    assert_non_null(strstr(form.problem[FIELD_TEACHERS], "/nowhere/nobody.safetensors is not"));
    assert_true(train_form_set(&form, FIELD_TEACHERS, form.recipe.teachers.names[1]));
    assert_int_equal(form.recipe.teachers.n, 1);

    // Without the last one nothing is left of it all.
    assert_true(train_form_set(&form, FIELD_TEACHERS, form.recipe.teachers.names[0]));
    assert_true(train_form_sound(&form));
    assert_memory_equal(&form.recipe, &before, sizeof before);
    assert_string_equal(form.text[FIELD_DISTIL_MIXUP], "0");
    for (int i = 0; i < NN_TEACHERS_MAX; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "teacher-%d", i);
        assert_false(train_form_set(&form, FIELD_TEACHERS, name)); // none of them is there
    }
    assert_false(train_form_set(&form, FIELD_TEACHERS, "one-more"));
    assert_int_equal(form.recipe.teachers.n, NN_TEACHERS_MAX);
}

static void other_layers_begin_with_random_weights(void **state) {
    (void)state;
    TrainForm form = open_form("inkling-mlp");
    assert_string_equal(form.recipe.start, "inkling-base");
    assert_true(train_form_set(&form, FIELD_DROPOUT, "0.1"));
    assert_string_equal(form.recipe.start, "inkling-base"); // its weights still fit
    assert_true(train_form_set(&form, FIELD_LAYERS, "256, 128"));
    assert_string_equal(form.recipe.start, "");
}

static void a_recipe_with_a_teacher_says_so(void **state) {
    (void)state;
    TrainForm form = open_form("inkling-mlp-small");
    assert_string_equal(form.text[FIELD_TEACHERS], "inkling-mlp");
    assert_string_equal(form.text[FIELD_DISTIL_WEIGHT], "1");
    assert_true(train_form_shows(&form, FIELD_DISTIL_MIXUP));
    assert_false(train_form_changed(&form, FIELD_TEACHERS));
}

int main(void) {
    enum { N = sizeof BAD / sizeof BAD[0], PLAIN = 9 };
    struct CMUnitTest tests[PLAIN + N] = {
        cmocka_unit_test(a_recipe_reads_as_its_file_says),
        cmocka_unit_test(every_recipe_can_be_opened_and_is_left_as_it_was),
        cmocka_unit_test(layers_keep_activation_and_dropout),
        cmocka_unit_test(presets_of_augmentation_are_recognised_again),
        cmocka_unit_test(precision_and_monitor_are_chosen),
        cmocka_unit_test(a_recipe_that_stops_early_needs_validation_samples),
        cmocka_unit_test(teachers_come_and_go),
        cmocka_unit_test(a_recipe_with_a_teacher_says_so),
        cmocka_unit_test(other_layers_begin_with_random_weights),
    };
    for (size_t i = 0; i < N; i++) {
        tests[PLAIN + i] = (struct CMUnitTest){BAD[i].name, a_bad_value_is_said_and_the_recipe_kept,
                                               NULL, NULL, (void *)(uintptr_t)&BAD[i]};
    }
    return _cmocka_run_group_tests("train form", tests, PLAIN + N, NULL, NULL);
}
