#include "train/recipe_keys.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const char *optimiser(int i) {
    return i < NN_OPTIM_COUNT ? nn_optim_name((NnOptimKind)i) : NULL;
}

static const char *schedule(int i) {
    return i < NN_SCHEDULE_COUNT ? nn_schedule_name((NnScheduleKind)i) : NULL;
}

static const char *precision(int i) {
    return i < NN_PRECISION_COUNT ? nn_precision_name((NnPrecision)i) : NULL;
}

static const char *monitor(int i) {
    return i < NN_MONITOR_COUNT ? nn_monitor_name((NnMonitor)i) : NULL;
}

static const char *initialisation(int i) {
    return i < NN_INIT_COUNT ? nn_init_name((NnInit)i) : NULL;
}

static const char *activation(int i) {
    return i < NN_ACT_COUNT ? nn_activation_name((NnActivation)i) : NULL;
}

#define TEXT(key, field, help)                                                                     \
    {                                                                                              \
        key, KEY_TEXT, offsetof(NnRecipe, field), sizeof(((NnRecipe *)0)->field), 0, 0, NULL,      \
            help, 0                                                                                \
    }
#define REAL(key, field, low, high, help)                                                          \
    { key, KEY_REAL, offsetof(NnRecipe, field), 0, low, high, NULL, help, 0 }
#define WHOLE(key, field, low, high, help)                                                         \
    { key, KEY_WHOLE, offsetof(NnRecipe, field), 0, low, high, NULL, help, 0 }
#define CHOICE(key, field, choices, help)                                                          \
    { key, KEY_CHOICE, offsetof(NnRecipe, field), 0, 0, 0, choices, help, 0 }

static const RecipeKey keys[] = {
    TEXT("name", name, "what the recipe is called, as its file is"),
    TEXT("title", title, "one line for people"),
    TEXT("source", source, "where it comes from"),
    TEXT("data", data, "the data set to train on"),
    REAL("input_mean", arch.input_mean, 0, 1, "subtracted from pixel / 255"),
    REAL("input_sd", arch.input_sd, 0.001, 10, "what the difference is divided by"),
    CHOICE("init", init, initialisation, "distribution of the first weights"),
    TEXT("start", start, "network whose weights training begins with, by name or path"),
    CHOICE("precision", precision, precision, "of what dense and conv layers multiply in training"),
    CHOICE("optimiser", optimiser, optimiser, "rule that changes the weights"),
    CHOICE("schedule", schedule, schedule, "how the learning rate changes"),
    REAL("learning_rate", learning_rate, 1e-8, 1000, "size of a step; the peak of a schedule"),
    REAL("momentum", momentum, 0, 0.9999, "of momentum and Nesterov; decay of RMSProp is beta2"),
    REAL("beta1", beta1, 0, 0.9999, "decay of Adam's mean gradient"),
    REAL("beta2", beta2, 0, 0.999999, "decay of the mean squared gradient of Adam and RMSProp"),
    REAL("epsilon", epsilon, 1e-12, 1, "added to the root of the mean square"),
    REAL("weight_decay", weight_decay, 0, 10, "decoupled from the gradient, AdamW alone"),
    REAL("l1", l1, 0, 10, "penalty l1 * sum |w| of the weights"),
    REAL("l2", l2, 0, 10, "penalty l2 * sum w^2 of the weights: the gradient gets 2 * l2 * w"),
    REAL("clip_norm", clip_norm, 0, 1e6, "longest gradient, 0 for any"),
    REAL("label_smoothing", label_smoothing, 0, 0.9, "share of the target spread over all classes"),
    {"fuse_batch_norm", KEY_FLAG, offsetof(NnRecipe, fuse_batch_norm), 0, 0, 0, NULL,
     "whether the trained network's normalisations go into the layers before them", 0},
    REAL("ema", ema, 0, 0.999999, "decay of the averaged weights, 0 for none"),
    REAL("warmup_epochs", warmup_epochs, 0, 10000, "epochs over which the rate rises"),
    REAL("step_factor", step_factor, 1e-6, 1, "of the step and exponential schedules"),
    WHOLE("step_epochs", step_epochs, 1, 100000, "epochs between two steps of the step schedule"),
    WHOLE("batch", batch, 1, NN_BATCH_MAX, "samples a step"),
    WHOLE("epochs", epochs, 1, 100000, "passes over the training set"),
    WHOLE("patience", patience, 0, 100000,
          "epochs without a better validation result, 0 for no limit"),
    CHOICE("monitor", monitor, monitor, "validation result that tells the best epoch"),
    WHOLE("validation", validation, 0, 10000000, "samples held out of the training set"),
    WHOLE("folds", folds, 0, 100, "equal parts of the training set, one of them held out"),
    WHOLE("fold", fold, 0, 100, "which of the folds is held out, from 1"),
    REAL("styles", styles, 0, 0.5, "share of the samples that are generated handwriting"),
    REAL("non_digits", non_digits, 0, 0.5,
         "share of the samples that are scribbles, without an answer"),
    REAL("near_digits", near_digits, 0, 0.5,
         "share of the samples that look like writing and are no digits, without an answer"),
    {"teachers", KEY_NAMES, offsetof(NnRecipe, teachers), NN_TEACHER_SIZE, 0, 0, NULL,
     "networks to learn from beside the labels: names or paths of weight files", 0},
    REAL("distil_mixup", distil_mixup, 0, 1,
         "share of the pictures that two are blended into, for the teachers to answer"),
    WHOLE("distil_views", distil_views, 0, 1000,
          "epochs after which pictures and teachers' answers come again, 0 for new ones always"),
    REAL("distil_weight", distil_weight, 0, 1, "share of the loss that the teachers' answers have"),
    REAL("distil_temperature", distil_temperature, 1, 100,
         "what logits are divided by in the teachers' share of the loss"),
    REAL("augment.rotation_deg", augment.rotation_deg, 0, 180, "turned by up to so many degrees"),
    REAL("augment.shift_px", augment.shift_px, 0, 14, "moved by up to so many pixels"),
    REAL("augment.scale", augment.scale, 0, 0.9, "enlarged or shrunk by up to this share"),
    REAL("augment.shear", augment.shear, 0, 1, "slanted by up to this"),
    REAL("augment.elastic_px", augment.elastic_px, 0, 10, "root mean square elastic displacement"),
    REAL("augment.elastic_sigma", augment.elastic_sigma, 1, 14, "its smoothness in pixels"),
    REAL("augment.thickness_px", augment.thickness_px, 0, 2,
         "strokes wider or thinner by up to this"),
    REAL("augment.probability", augment.probability, 0.001, 1, "share of the samples changed"),
};

#define KIND(kind) (1u << NN_LAYER_##kind)

static const RecipeKey layer_keys[] = {
    // The kinds: each entry of "layers" has one of these.
    {"dense", KEY_WHOLE, offsetof(NnLayer, n_out), 0, 1, 16384, NULL, "outputs of a dense layer",
     KIND(DENSE)},
    {"conv", KEY_WHOLE, offsetof(NnLayer, channels), 0, 1, 2048, NULL,
     "output channels of a 2-D convolution", KIND(CONV)},
    {"max_pool", KEY_WHOLE, offsetof(NnLayer, kernel), 0, 2, 11, NULL,
     "side of the windows whose largest value is kept", KIND(MAX_POOL)},
    {"average_pool", KEY_TRUE, offsetof(NnLayer, kind), 0, 0, 0, NULL, "the mean of each channel",
     KIND(AVERAGE_POOL)},
    {"batch_norm", KEY_TRUE, offsetof(NnLayer, kind), 0, 0, 0, NULL,
     "normalises each channel over a shard of the batch", KIND(BATCH_NORM)},
    {"flatten", KEY_TRUE, offsetof(NnLayer, kind), 0, 0, 0, NULL, "channels of pictures to one row",
     KIND(FLATTEN)},
    // What they may say besides.
    {"kernel", KEY_WHOLE, offsetof(NnLayer, kernel), 0, 1, 11, NULL,
     "side of a convolution's window", KIND(CONV)},
    {"stride", KEY_WHOLE, offsetof(NnLayer, stride), 0, 1, 11, NULL,
     "step of a convolution's window", KIND(CONV)},
    {"padding", KEY_WHOLE, offsetof(NnLayer, padding), 0, 0, 10, NULL,
     "zeros around a convolution's input", KIND(CONV)},
    {"from", KEY_WHOLE, offsetof(NnLayer, from), 0, 0, NN_LAYERS_MAX, NULL,
     "number of the layer whose output this one takes, from 1; 0: the one before", 0},
    {"add", KEY_WHOLE, offsetof(NnLayer, add), 0, 0, NN_LAYERS_MAX, NULL,
     "number of a layer whose output is added before the activation; 0: none", 0},
    {"activation", KEY_CHOICE, offsetof(NnLayer, activation), 0, 0, 0, activation,
     "function of each output", 0},
    {"dropout", KEY_REAL, offsetof(NnLayer, dropout), 0, 0, 0.95, NULL,
     "share of the outputs dropped while training, of pictures whole channels", 0},
    {"residual", KEY_FLAG, offsetof(NnLayer, residual), 0, 0, 0, NULL,
     "whether the layer's input is added to its output", KIND(DENSE) | KIND(CONV)},
};

static const RecipeKey *table(bool in_layer, size_t *n) {
    *n = in_layer ? sizeof layer_keys / sizeof layer_keys[0] : sizeof keys / sizeof keys[0];
    return in_layer ? layer_keys : keys;
}

const RecipeKey *recipe_key(const char *name, size_t length, bool in_layer) {
    size_t n;
    const RecipeKey *list = table(in_layer, &n);
    for (size_t i = 0; i < n; i++) {
        if (strlen(list[i].name) == length && memcmp(list[i].name, name, length) == 0) {
            return &list[i];
        }
    }
    return NULL;
}

const RecipeKey *recipe_key_at(size_t i, bool in_layer) {
    size_t n;
    const RecipeKey *list = table(in_layer, &n);
    return i < n ? &list[i] : NULL;
}

// Insertions, deletions and replacements that turn a into b (Levenshtein).
static size_t distance(const char *a, const char *b) {
    size_t row[64];
    size_t n = strlen(b);
    if (n >= sizeof row / sizeof row[0]) {
        return SIZE_MAX;
    }
    for (size_t j = 0; j <= n; j++) {
        row[j] = j;
    }
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t replaced = corner + (a[i - 1] != b[j - 1]);
            size_t shorter = row[j] < row[j - 1] ? row[j] : row[j - 1];
            corner = row[j];
            row[j] = replaced < shorter + 1 ? replaced : shorter + 1;
        }
    }
    return row[n];
}

const char *recipe_key_like(const char *name, bool in_layer) {
    size_t n;
    const RecipeKey *list = table(in_layer, &n);
    const char *best = NULL;
    size_t nearest = strlen(name) / 3 + 1;
    for (size_t i = 0; i < n; i++) {
        size_t d = distance(name, list[i].name);
        if (d <= nearest && (best == NULL || d < nearest)) {
            nearest = d;
            best = list[i].name;
        }
    }
    return best;
}

// --- storing -------------------------------------------------------------------------------------

static bool wrong_type(const char *wanted, char *why, size_t why_size) {
    snprintf(why, why_size, "must be %s", wanted);
    return false;
}

static bool store_text(const RecipeKey *key, const json_t *value, char *target, char *why,
                       size_t why_size) {
    if (!json_is_string(value)) {
        return wrong_type("a text in quotes", why, why_size);
    }
    const char *text = json_string_value(value);
    if (strlen(text) >= key->size) {
        snprintf(why, why_size, "is %zu bytes long, but at most %zu fit", strlen(text),
                 key->size - 1);
        return false;
    }
    for (const char *c = text; *c != '\0'; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f) {
            snprintf(why, why_size, "has a control character in it");
            return false;
        }
    }
    text_copy(target, key->size, text);
    return true;
}

static bool store_names(const RecipeKey *key, const json_t *value, NnTeacherNames *target,
                        char *why, size_t why_size) {
    NnTeacherNames names = {.n = (int)json_array_size(value)};
    if (!json_is_array(value) || json_array_size(value) > NN_TEACHERS_MAX) {
        snprintf(why, why_size, "must be a list of at most %d names", NN_TEACHERS_MAX);
        return false;
    }
    for (int i = 0; i < names.n; i++) {
        const json_t *name = json_array_get(value, (size_t)i);
        if (!json_is_string(name) || json_string_length(name) == 0) {
            snprintf(why, why_size, "has an entry, number %d, that is no name in quotes", i + 1);
            return false;
        }
        char cause[128];
        if (!store_text(key, name, names.names[i], cause, sizeof cause)) {
            snprintf(why, why_size, "has an entry, number %d, that %s", i + 1, cause);
            return false;
        }
    }
    *target = names;
    return true;
}

static bool store_choice(const RecipeKey *key, const json_t *value, void *target, char *why,
                         size_t why_size) {
    const char *text = json_string_value(value);
    size_t used = (size_t)snprintf(why, why_size, "must be one of");
    for (int i = 0; key->choice(i) != NULL; i++) {
        if (text != NULL && strcmp(text, key->choice(i)) == 0) {
            memcpy(target, &i, sizeof i); // the enums are ints
            return true;
        }
        if (used < why_size) {
            used += (size_t)snprintf(why + used, why_size - used, " %s", key->choice(i));
        }
    }
    return false;
}

static bool store_number(const RecipeKey *key, const json_t *value, void *target, char *why,
                         size_t why_size) {
    bool whole = key->type == KEY_WHOLE;
    if (whole ? !json_is_integer(value) : !json_is_number(value)) {
        return wrong_type(whole ? "a whole number" : "a number", why, why_size);
    }
    double number = json_number_value(value);
    if (!(number >= key->low && number <= key->high)) {
        snprintf(why, why_size, "is %g, but must be %.9g to %.9g", number, key->low, key->high);
        return false;
    }
    if (whole) {
        *(int *)target = (int)number;
    } else {
        *(float *)target = (float)number;
    }
    return true;
}

bool recipe_key_store(const RecipeKey *key, const json_t *value, void *target, char *why,
                      size_t why_size) {
    _Static_assert(sizeof(NnOptimKind) == sizeof(int) && sizeof(NnActivation) == sizeof(int),
                   "choices are stored as ints");
    void *place = (char *)target + key->offset;
    switch (key->type) {
    case KEY_TEXT:
        return store_text(key, value, place, why, why_size);
    case KEY_CHOICE:
        return store_choice(key, value, place, why, why_size);
    case KEY_NAMES:
        return store_names(key, value, place, why, why_size);
    case KEY_TRUE:
        return json_is_true(value) || wrong_type("true", why, why_size);
    case KEY_FLAG:
        if (!json_is_boolean(value)) {
            return wrong_type("true or false", why, why_size);
        }
        *(bool *)place = json_is_true(value);
        return true;
    default:
        return store_number(key, value, place, why, why_size);
    }
}
