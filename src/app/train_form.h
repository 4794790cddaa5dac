// train_form.h - a run's settings as a person edits them: the text of each field beside what it
// means, and what is wrong with it.
//
// The recipe always is the last sound state of all fields; a field with a problem keeps its text.
// Thread: UI.

#ifndef INKLING_APP_TRAIN_FORM_H
#define INKLING_APP_TRAIN_FORM_H

#include <stdbool.h>
#include <stdint.h>

#include "nn/recipe.h"

typedef enum {
    FIELD_LAYERS, // widths of the hidden layers: "256, 128"
    FIELD_ACTIVATION,
    FIELD_DROPOUT,
    FIELD_OPTIMISER,
    FIELD_RATE,
    FIELD_BATCH,
    FIELD_PRECISION,
    FIELD_L2,
    FIELD_AUGMENT,
    FIELD_TEACHERS, // set by naming one, which is added, or taken away where it is there
    FIELD_DISTIL_WEIGHT,
    FIELD_DISTIL_TEMPERATURE,
    FIELD_DISTIL_MIXUP,
    FIELD_EPOCHS,
    FIELD_VALIDATION,
    FIELD_MONITOR,
    FIELD_SEED,
    FIELD_DATA,
    FIELD_COUNT,
} TrainField;

enum { FORM_TEXT = 96, FORM_PROBLEM = 160, FORM_CHOICES_MAX = 16, FORM_LAYERS_MAX = 24 };

typedef struct {
    NnRecipe base;   // as its file has it
    NnRecipe recipe; // as edited
    uint64_t seed;
    char text[FIELD_COUNT][FORM_TEXT];
    char problem[FIELD_COUNT][FORM_PROBLEM]; // a sentence; "" when there is none
} TrainForm;

// A recipe without a validation split gets one: without it there is nothing to watch.
void train_form_take(TrainForm *form, const NnRecipe *recipe, uint64_t seed);

// False: the field's problem says why, the recipe is as it was.
bool train_form_set(TrainForm *form, TrainField field, const char *text);

bool train_form_sound(const TrainForm *form);

// Whether a field says anything: those of distillation do where there are teachers.
bool train_form_shows(const TrainForm *form, TrainField field);

bool train_form_has_teacher(const TrainForm *form, const char *name);

// The network is a chain of dense layers that this form can describe.
bool train_form_has_layers(const TrainForm *form);

bool train_form_changed(const TrainForm *form, TrainField field); // differs from the recipe's file

// How many items a field lets choose from; 0: it takes text. items has room for FORM_CHOICES_MAX.
int train_field_choices(const TrainForm *form, TrainField field, const char **items);
int train_field_chosen(const TrainForm *form, TrainField field); // -1: none of them

#endif
