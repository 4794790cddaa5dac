#include "app/train_form.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "nn/dataset.h"
#include "train/teachers.h"

enum { HELD_OUT = 5000 }; // of the training set, where the recipe holds out nothing

static const char *const ACTIVATIONS[NN_ACT_COUNT] = {
    [NN_ACT_NONE] = "none", [NN_ACT_RELU] = "ReLU",      [NN_ACT_LEAKY_RELU] = "leaky ReLU",
    [NN_ACT_ELU] = "ELU",   [NN_ACT_GELU] = "GELU",      [NN_ACT_SWISH] = "swish",
    [NN_ACT_TANH] = "tanh", [NN_ACT_SIGMOID] = "sigmoid"};
static const char *const OPTIMISERS[NN_OPTIM_COUNT] = {
    [NN_OPTIM_SGD] = "SGD",           [NN_OPTIM_MOMENTUM] = "momentum",
    [NN_OPTIM_NESTEROV] = "Nesterov", [NN_OPTIM_ADAGRAD] = "AdaGrad",
    [NN_OPTIM_RMSPROP] = "RMSProp",   [NN_OPTIM_ADAM] = "Adam",
    [NN_OPTIM_ADAMW] = "AdamW"};

typedef struct {
    const char *name;
    NnAugment augment;
} Augmentation;

static const Augmentation AUGMENTATIONS[] = {
    {"none", {.rotation_deg = 0}},
    {"shifts", {.shift_px = 2}},
    {"gentle", {.rotation_deg = 8, .shift_px = 1, .scale = 0.08f, .shear = 0.1f}},
    {"strong",
     {.rotation_deg = 15,
      .shift_px = 1.5f,
      .scale = 0.15f,
      .shear = 0.2f,
      .elastic_px = 1.2f,
      .elastic_sigma = 5,
      .thickness_px = 1.2f}},
};
enum { AUGMENTATION_COUNT = sizeof AUGMENTATIONS / sizeof AUGMENTATIONS[0] };

// Of each field in a recipe's file.
static const char *const KEYS[FIELD_COUNT] = {
    [FIELD_LAYERS] = "layers",
    [FIELD_ACTIVATION] = "layers",
    [FIELD_DROPOUT] = "layers",
    [FIELD_OPTIMISER] = "optimiser",
    [FIELD_RATE] = "learning_rate",
    [FIELD_BATCH] = "batch",
    [FIELD_PRECISION] = "precision",
    [FIELD_L2] = "l2",
    [FIELD_AUGMENT] = "augment",
    [FIELD_TEACHERS] = "teachers",
    [FIELD_DISTIL_WEIGHT] = "distil_weight",
    [FIELD_DISTIL_TEMPERATURE] = "distil_temperature",
    [FIELD_DISTIL_MIXUP] = "distil_mixup",
    [FIELD_EPOCHS] = "epochs",
    [FIELD_VALIDATION] = "validation",
    [FIELD_MONITOR] = "monitor",
    [FIELD_SEED] = "seed",
    [FIELD_DATA] = "data",
};

// --- from the recipe -----------------------------------------------------------------------------

bool train_form_has_layers(const TrainForm *form) {
    const NnArch *arch = &form->recipe.arch;
    int hidden = arch->n_layers - 1;
    for (int i = 0; i < arch->n_layers; i++) {
        const NnLayer *layer = &arch->layers[i];
        if (layer->kind != NN_LAYER_DENSE || layer->residual || layer->from != 0 ||
            layer->add != 0) {
            return false;
        }
        if (i < hidden && layer->activation != arch->layers[0].activation) {
            return false;
        }
    }
    return hidden <= FORM_LAYERS_MAX;
}

static float dropout_of(const NnArch *arch) {
    float most = 0;
    for (int i = 0; i < arch->n_layers - 1; i++) {
        most = arch->layers[i].dropout > most ? arch->layers[i].dropout : most;
    }
    return most;
}

static void describe_layers(const TrainForm *form, char *text) {
    const NnArch *arch = &form->recipe.arch;
    size_t used = 0;
    text[0] = '\0';
    if (!train_form_has_layers(form)) {
        nn_arch_describe(arch, text, FORM_TEXT);
        return;
    }
    for (int i = 0; i < arch->n_layers - 1 && used < FORM_TEXT; i++) {
        used += (size_t)snprintf(text + used, FORM_TEXT - used, i > 0 ? ", %d" : "%d",
                                 arch->layers[i].n_out);
    }
}

static bool same_augment(const NnAugment *a, const NnAugment *b) {
    bool none = a->rotation_deg == 0 && a->shift_px == 0 && a->scale == 0 && a->shear == 0 &&
                a->elastic_px == 0 && a->thickness_px == 0;
    return a->rotation_deg == b->rotation_deg && a->shift_px == b->shift_px &&
           a->scale == b->scale && a->shear == b->shear && a->elastic_px == b->elastic_px &&
           a->thickness_px == b->thickness_px &&
           (none || (a->elastic_sigma == b->elastic_sigma && a->probability == b->probability));
}

static bool is_preset(const NnAugment *augment) {
    for (int i = 0; i < AUGMENTATION_COUNT; i++) {
        if (same_augment(augment, &AUGMENTATIONS[i].augment)) {
            return true;
        }
    }
    return false;
}

static void describe_teachers(const NnTeacherNames *teachers, char *text) {
    if (teachers->n > 1) {
        (void)snprintf(text, FORM_TEXT, "%d networks", teachers->n);
        return;
    }
    const char *name = teachers->n == 1 ? teachers->names[0] : "none";
    const char *slash = strrchr(name, '/');
    text_escape(text, FORM_TEXT, slash != NULL ? slash + 1 : name);
}

static void describe_distillation(TrainForm *form) {
    const NnRecipe *recipe = &form->recipe;
    const struct {
        TrainField field;
        float value;
    } numbers[] = {{FIELD_DISTIL_WEIGHT, recipe->distil_weight},
                   {FIELD_DISTIL_TEMPERATURE, recipe->distil_temperature},
                   {FIELD_DISTIL_MIXUP, recipe->distil_mixup}};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        form->problem[numbers[i].field][0] = '\0';
        (void)snprintf(form->text[numbers[i].field], FORM_TEXT, "%g", (double)numbers[i].value);
    }
}

// What is wrong with the teachers there are.
static bool check_teachers(TrainForm *form) {
    const NnTeacherNames *teachers = &form->recipe.teachers;
    form->problem[FIELD_TEACHERS][0] = '\0';
    for (int i = 0; i < teachers->n; i++) {
        char path[TEACHER_PATH_SIZE], shown[64];
        if (!teacher_find(teachers->names[i], path) || !file_exists(path)) {
            text_escape(shown, sizeof shown, teachers->names[i]);
            (void)snprintf(form->problem[FIELD_TEACHERS], FORM_PROBLEM,
                           "%s is not among the networks there are", shown);
            return false;
        }
    }
    return true;
}

static void describe(TrainForm *form) {
    const NnRecipe *recipe = &form->recipe;
    char(*text)[FORM_TEXT] = form->text;
    describe_layers(form, text[FIELD_LAYERS]);
    (void)text_copy(text[FIELD_ACTIVATION], FORM_TEXT,
                    recipe->arch.n_layers > 1 ? ACTIVATIONS[recipe->arch.layers[0].activation]
                                              : ACTIVATIONS[NN_ACT_RELU]);
    (void)snprintf(text[FIELD_DROPOUT], FORM_TEXT, "%g", (double)dropout_of(&recipe->arch));
    (void)text_copy(text[FIELD_OPTIMISER], FORM_TEXT, OPTIMISERS[recipe->optimiser]);
    (void)snprintf(text[FIELD_RATE], FORM_TEXT, "%g", (double)recipe->learning_rate);
    (void)snprintf(text[FIELD_BATCH], FORM_TEXT, "%d", recipe->batch);
    (void)snprintf(text[FIELD_L2], FORM_TEXT, "%g", (double)recipe->l2);
    (void)text_copy(text[FIELD_PRECISION], FORM_TEXT, nn_precision_name(recipe->precision));
    (void)text_copy(text[FIELD_MONITOR], FORM_TEXT, nn_monitor_name(recipe->monitor));
    describe_teachers(&recipe->teachers, text[FIELD_TEACHERS]);
    describe_distillation(form);
    const char *augment = "as the recipe";
    for (int i = 0; i < AUGMENTATION_COUNT; i++) {
        augment = same_augment(&recipe->augment, &AUGMENTATIONS[i].augment) ? AUGMENTATIONS[i].name
                                                                            : augment;
    }
    (void)text_copy(text[FIELD_AUGMENT], FORM_TEXT, augment);
    (void)snprintf(text[FIELD_EPOCHS], FORM_TEXT, "%d", recipe->epochs);
    (void)snprintf(text[FIELD_VALIDATION], FORM_TEXT, "%d", recipe->validation);
    (void)snprintf(text[FIELD_SEED], FORM_TEXT, "%llu", (unsigned long long)form->seed);
    (void)text_copy(text[FIELD_DATA], FORM_TEXT, recipe->data);
}

void train_form_take(TrainForm *form, const NnRecipe *recipe, uint64_t seed) {
    memset(form, 0, sizeof *form);
    form->base = form->recipe = *recipe;
    form->seed = seed;
    if (form->recipe.validation == 0) {
        form->recipe.validation = HELD_OUT;
    }
    describe(form);
    (void)check_teachers(form);
}

bool train_form_shows(const TrainForm *form, TrainField field) {
    bool distils = field == FIELD_DISTIL_WEIGHT || field == FIELD_DISTIL_TEMPERATURE ||
                   field == FIELD_DISTIL_MIXUP;
    return !distils || form->recipe.teachers.n > 0;
}

static int teacher_at(const NnTeacherNames *teachers, const char *name) {
    int i = 0;
    while (i < teachers->n && strcmp(teachers->names[i], name) != 0) {
        i++;
    }
    return i < teachers->n ? i : -1;
}

bool train_form_has_teacher(const TrainForm *form, const char *name) {
    return teacher_at(&form->recipe.teachers, name) >= 0;
}

bool train_form_sound(const TrainForm *form) {
    for (int i = 0; i < FIELD_COUNT; i++) {
        if (form->problem[i][0] != '\0') {
            return false;
        }
    }
    return true;
}

bool train_form_changed(const TrainForm *form, TrainField field) {
    const NnRecipe *now = &form->recipe, *then = &form->base;
    switch (field) {
    case FIELD_LAYERS:
    case FIELD_ACTIVATION:
    case FIELD_DROPOUT: {
        TrainForm original;
        train_form_take(&original, then, form->seed);
        return strcmp(form->text[field], original.text[field]) != 0;
    }
    case FIELD_OPTIMISER:
        return now->optimiser != then->optimiser;
    case FIELD_RATE:
        return now->learning_rate != then->learning_rate;
    case FIELD_BATCH:
        return now->batch != then->batch;
    case FIELD_PRECISION:
        return now->precision != then->precision;
    case FIELD_TEACHERS:
        return memcmp(&now->teachers, &then->teachers, sizeof now->teachers) != 0;
    case FIELD_DISTIL_WEIGHT:
        return now->distil_weight != then->distil_weight;
    case FIELD_DISTIL_TEMPERATURE:
        return now->distil_temperature != then->distil_temperature;
    case FIELD_DISTIL_MIXUP:
        return now->distil_mixup != then->distil_mixup;
    case FIELD_MONITOR:
        return now->monitor != then->monitor;
    case FIELD_L2:
        return now->l2 != then->l2;
    case FIELD_AUGMENT:
        return !same_augment(&now->augment, &then->augment);
    case FIELD_EPOCHS:
        return now->epochs != then->epochs;
    case FIELD_VALIDATION:
        return now->validation != then->validation;
    case FIELD_DATA:
        return strcmp(now->data, then->data) != 0;
    default:
        return false; // the seed is no part of a recipe
    }
}

// --- choices -------------------------------------------------------------------------------------

int train_field_choices(const TrainForm *form, TrainField field, const char **items) {
    int n = 0;
    size_t n_known;
    const NnDatasetInfo *known;
    switch (field) {
    case FIELD_ACTIVATION:
        for (; n < NN_ACT_COUNT; n++) {
            items[n] = ACTIVATIONS[n];
        }
        return n;
    case FIELD_OPTIMISER:
        for (; n < NN_OPTIM_COUNT; n++) {
            items[n] = OPTIMISERS[n];
        }
        return n;
    case FIELD_PRECISION:
        for (; n < NN_PRECISION_COUNT; n++) {
            items[n] = nn_precision_name((NnPrecision)n);
        }
        return n;
    case FIELD_MONITOR:
        for (; n < NN_MONITOR_COUNT; n++) {
            items[n] = nn_monitor_name((NnMonitor)n);
        }
        return n;
    case FIELD_AUGMENT:
        for (; n < AUGMENTATION_COUNT; n++) {
            items[n] = AUGMENTATIONS[n].name;
        }
        if (!is_preset(&form->base.augment)) {
            items[n++] = "as the recipe";
        }
        return n;
    case FIELD_DATA:
        known = nn_dataset_known(&n_known);
        for (; (size_t)n < n_known && n < FORM_CHOICES_MAX; n++) {
            items[n] = known[n].name;
        }
        return n;
    default:
        return 0;
    }
}

int train_field_chosen(const TrainForm *form, TrainField field) {
    const char *items[FORM_CHOICES_MAX];
    int n = train_field_choices(form, field, items);
    for (int i = 0; i < n; i++) {
        if (strcmp(items[i], form->text[field]) == 0) {
            return i;
        }
    }
    return -1;
}

// --- to the recipe -------------------------------------------------------------------------------

// Without what only the command line's reader needs: `--set: "batch" must be ...`.
static bool problem(TrainForm *form, TrainField field, const char *message) {
    const char *quote = strrchr(message, '"');
    const char *words =
        strncmp(message, "--set: \"", 8) == 0 && quote != NULL ? quote + 1 : message;
    words += strspn(words, " ");
    (void)text_copy(form->problem[field], FORM_PROBLEM, words[0] != '\0' ? words : message);
    return false;
}

static bool assign(TrainForm *form, TrainField field, const char *value) {
    char assignment[2048];
    NnError err = {0};
    NnRecipe changed = form->recipe;
    int n = snprintf(assignment, sizeof assignment, "%s=%s", KEYS[field], value);
    if (n < 0 || (size_t)n >= sizeof assignment) {
        return problem(form, field, "is too long");
    }
    if (nn_recipe_set(&changed, assignment, &err) != NN_OK ||
        nn_arch_check(&changed.arch, &err) != NN_OK) {
        return problem(form, field, err.message);
    }
    form->recipe = changed;
    return true;
}

// "256, 128", any separator that is no digit.
static bool parse_widths(const char *text, int *widths, int *n) {
    *n = 0;
    while (*text != '\0') {
        text += strspn(text, " ,;x-\t");
        if (*text == '\0') {
            break;
        }
        char *end;
        errno = 0;
        long width = strtol(text, &end, 10);
        if (end == text || errno != 0 || *n == FORM_LAYERS_MAX || width > INT32_MAX || width < 0) {
            return false;
        }
        widths[(*n)++] = (int)width;
        text = end;
    }
    return true;
}

// Dropout stays where the recipe has it; where it has none, every hidden layer gets it.
static bool set_layers(TrainForm *form, TrainField field, const int *widths, int n,
                       const char *activation, double dropout) {
    const NnArch *arch = &form->recipe.arch;
    bool nowhere = dropout_of(arch) <= 0;
    char json[1800];
    size_t used = (size_t)snprintf(json, sizeof json, "[");
    for (int i = 0; i < n && used < sizeof json; i++) {
        bool drops = nowhere || i >= arch->n_layers - 1 || arch->layers[i].dropout > 0;
        used += (size_t)snprintf(json + used, sizeof json - used,
                                 "{\"dense\": %d, \"activation\": \"%s\", \"dropout\": %.9g}, ",
                                 widths[i], activation, drops ? dropout : 0);
    }
    if (used < sizeof json) {
        used += (size_t)snprintf(json + used, sizeof json - used, "{\"dense\": %d}]", NN_CLASSES);
    }
    return used < sizeof json ? assign(form, field, json)
                              : problem(form, field, "are more layers than fit");
}

static bool change_layers(TrainForm *form, TrainField field, const char *text) {
    const NnArch *arch = &form->recipe.arch;
    int widths[FORM_LAYERS_MAX], n = 0;
    int activation = train_field_chosen(form, FIELD_ACTIVATION);
    double dropout = (double)dropout_of(arch);
    if (!train_form_has_layers(form)) {
        return problem(form, field, "cannot be changed here: this network is no plain chain");
    }
    for (int i = 0; i < arch->n_layers - 1; i++) {
        widths[n++] = arch->layers[i].n_out;
    }
    if (field == FIELD_LAYERS && !parse_widths(text, widths, &n)) {
        return problem(form, field, "are whole numbers, such as 256, 128");
    }
    if (field == FIELD_DROPOUT) {
        char *end;
        dropout = strtod(text, &end);
        if (end == text || *end != '\0' || !(dropout >= 0 && dropout <= 0.95)) {
            return problem(form, field, "must be 0 to 0.95");
        }
    }
    NnArch before = *arch;
    bool done = set_layers(
        form, field, widths, n,
        nn_activation_name((NnActivation)(activation < 0 ? NN_ACT_RELU : activation)), dropout);
    if (done && !nn_arch_alike(arch, &before)) {
        form->recipe.start[0] = '\0'; // its weights are those of the layers before
    }
    return done;
}

static bool change_seed(TrainForm *form, const char *text) {
    char *end;
    errno = 0;
    unsigned long long seed = strtoull(text, &end, 10);
    if (end == text || *end != '\0' || errno != 0 || text[0] == '-') {
        return problem(form, FIELD_SEED, "must be a whole number from 0");
    }
    form->seed = seed;
    return true;
}

// Adds a teacher, or takes it away. Without any, nothing is left to say of distillation.
static bool change_teachers(TrainForm *form, const char *text) {
    NnTeacherNames *teachers = &form->recipe.teachers;
    char name[NN_TEACHER_SIZE]; // text may be one of these very names
    if (!text_copy(name, sizeof name, text)) {
        return problem(form, FIELD_TEACHERS, "has too long a path to be named in a recipe");
    }
    int at = teacher_at(teachers, name);
    bool added = false;
    if (at >= 0) {
        teachers->n--;
        memmove(teachers->names[at], teachers->names[at + 1],
                (size_t)(teachers->n - at) * NN_TEACHER_SIZE);
    } else if (teachers->n < NN_TEACHERS_MAX) {
        added = text_copy(teachers->names[teachers->n++], NN_TEACHER_SIZE, name);
    }
    // A copy of another recipe is compared with it byte by byte.
    memset(teachers->names[teachers->n], 0,
           (size_t)(NN_TEACHERS_MAX - teachers->n) * NN_TEACHER_SIZE);
    if (teachers->n == 0) {
        form->recipe.distil_weight = form->base.distil_weight;
        form->recipe.distil_temperature = form->base.distil_temperature;
        form->recipe.distil_mixup = form->base.distil_mixup;
        describe_distillation(form);
    }
    describe_teachers(teachers, form->text[FIELD_TEACHERS]);
    if (!check_teachers(form)) {
        return false;
    }
    return at >= 0 || added ? true : problem(form, FIELD_TEACHERS, "are at most 8");
}

static bool change_choice(TrainForm *form, TrainField field) {
    int chosen = train_field_chosen(form, field);
    if (field == FIELD_AUGMENT) {
        form->recipe.augment = chosen >= 0 && chosen < AUGMENTATION_COUNT
                                   ? AUGMENTATIONS[chosen].augment
                                   : form->base.augment;
        return true;
    }
    if (field == FIELD_OPTIMISER && chosen >= 0) {
        return assign(form, field, nn_optim_name((NnOptimKind)chosen));
    }
    return assign(form, field, form->text[field]);
}

bool train_form_set(TrainForm *form, TrainField field, const char *text) {
    char kept[FORM_TEXT];
    if (field == FIELD_TEACHERS) { // a name may be longer than a field's text
        return change_teachers(form, text);
    }
    (void)text_copy(kept, sizeof kept, text); // text may be the field's own
    (void)text_copy(form->text[field], FORM_TEXT, kept);
    form->problem[field][0] = '\0';
    switch (field) {
    case FIELD_LAYERS:
    case FIELD_ACTIVATION:
    case FIELD_DROPOUT:
        return change_layers(form, field, kept);
    case FIELD_SEED:
        return change_seed(form, kept);
    case FIELD_VALIDATION:
        if (!assign(form, field, kept)) {
            return false;
        }
        return form->recipe.validation > 0 || form->recipe.patience == 0
                   ? true
                   : problem(form, field, "must be more than 0: this recipe stops early");
    case FIELD_PRECISION:
    case FIELD_MONITOR:
    case FIELD_OPTIMISER:
    case FIELD_AUGMENT:
    case FIELD_DATA:
        return change_choice(form, field);
    default:
        return assign(form, field, kept);
    }
}
