// samples.h - what a training step shows the network: pictures of the data set, changed at random,
// and pictures made for the purpose.
//
// A recipe says which share of the samples are generated handwriting ("styles", nn/style.h) and
// which are no digits at all ("non_digits", nn/scribble.h; "near_digits", nn/near_digit.h). Such a picture takes the turn of a row
// of the data set: handwriting with that row's label, so that classes stay as frequent as they are.
// With "distil_mixup" a picture of the data set may be blended with another one.
// The augmentation changes the data set's pictures alone. Drawn ones are varied as strokes and shown
// as a person's drawing would be: slanted and bent once more, flagged ones and sevens meet.
// Everything is a pure function of (seed, epoch, row), and new every epoch, unless the recipe's
// "distil_views" lets pictures come again.
//
// Thread: reentrant; ink is one thread's scratch drawing.

#ifndef NN_TRAIN_SAMPLES_H
#define NN_TRAIN_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nn/dataset.h"
#include "nn/model.h"
#include "nn/recipe.h"

typedef struct {
    const NnRecipe *recipe;
    const NnDataset *data;
    const NnArch *arch; // says what the network's inputs are
    uint64_t seed;
    const uint32_t *rows; // (n_rows) those trained on, which alone are blended; NULL: all of data
    size_t n_rows;
} Samples;

typedef enum {
    SAMPLE_DATA,
    SAMPLE_BLEND,
    SAMPLE_STYLE,
    SAMPLE_NON_DIGIT,
    SAMPLE_NEAR_DIGIT
} SampleKind;

// Whether a sample is drawn, and what; SAMPLE_DATA also where it will be blended.
SampleKind sample_kind(const Samples *samples, uint64_t epoch, uint32_t row);

// Whether any sample is drawn, for which samples_gather needs an ink.
bool samples_are_drawn(const NnRecipe *recipe);

// The epoch, from 0, whose pictures are shown in this epoch: an earlier one where the recipe shows
// them again.
uint64_t samples_view(const NnRecipe *recipe, uint64_t epoch);

// inputs (n, 784), labels (n) and kinds (n) of these rows; NN_LABEL_NONE where there is no right
// answer. epoch is a samples_view. ink may be NULL where none is needed.
void samples_gather(const Samples *samples, uint64_t epoch, const uint32_t *rows, int n, NnInk *ink,
                    float *inputs, uint8_t *labels, SampleKind *kinds);

#endif
