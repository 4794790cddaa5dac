#include "train/samples.h"

#include "base/rng.h"
#include "data/augment.h"
#include "nn/grad.h"
#include "nn/near_digit.h"
#include "nn/scribble.h"
#include "nn/style.h"

enum { ROWS_AHEAD = 4, CACHE_LINE = 64 };

// Shuffled rows lie anywhere in tens of megabytes, which no hardware prefetcher foresees.
static void prefetch(const uint8_t *pixels) {
    for (size_t at = 0; at < NN_PIXELS; at += CACHE_LINE) {
        __builtin_prefetch(pixels + at);
    }
    __builtin_prefetch(pixels + NN_PIXELS - 1); // a row need not start with a line
}

static uint64_t position(uint64_t epoch, uint32_t row) {
    return epoch << 32 | row;
}

bool samples_are_drawn(const NnRecipe *recipe) {
    return recipe->styles > 0 || recipe->non_digits > 0 || recipe->near_digits > 0;
}

uint64_t samples_view(const NnRecipe *recipe, uint64_t epoch) {
    return recipe->distil_views > 0 ? epoch % (uint64_t)recipe->distil_views : epoch;
}

SampleKind sample_kind(const Samples *samples, uint64_t epoch, uint32_t row) {
    const NnRecipe *recipe = samples->recipe;
    if (!samples_are_drawn(recipe)) {
        return SAMPLE_DATA;
    }
    // The seed turned round keeps the choice independent of how the sample is augmented.
    Rng rng = rng_at(~samples->seed, RNG_STREAM_AUGMENT, position(epoch, row));
    float u = rng_uniform(&rng, 0, 1);
    float style_from = recipe->non_digits + recipe->near_digits;
    return u < recipe->non_digits            ? SAMPLE_NON_DIGIT
           : u < style_from                  ? SAMPLE_NEAR_DIGIT
           : u < style_from + recipe->styles ? SAMPLE_STYLE
                                             : SAMPLE_DATA;
}

// The picture of a sample that is drawn, and its label. False where the data set's picture is to be
// shown: by choice, or because there was no memory to draw with.
static bool drawn(const Samples *samples, uint64_t epoch, uint32_t row, NnInk *ink, NnDigit *digit,
                  uint8_t *label) {
    uint64_t index = position(epoch, row);
    SampleKind kind = sample_kind(samples, epoch, row);
    switch (kind) {
    case SAMPLE_STYLE:
        return nn_style_picture(nn_style_random(*label, samples->seed, index), samples->seed, index,
                                ink, digit);
    case SAMPLE_NON_DIGIT:
    case SAMPLE_NEAR_DIGIT:
        if (kind == SAMPLE_NON_DIGIT ? nn_scribble(ink, samples->seed, index, digit)
                                     : nn_near_digit(ink, samples->seed, index, digit)) {
            *label = NN_LABEL_NONE;
            return true;
        }
        return false;
    default:
        return false;
    }
}

// One that is trained on: the pictures held out must not be seen in blends either.
static uint32_t another(const Samples *samples, Rng *rng) {
    return samples->rows != NULL ? samples->rows[rng_below(rng, (uint32_t)samples->n_rows)]
                                 : rng_below(rng, (uint32_t)samples->data->n);
}

// Lays another picture of the data set, changed at random as the first was, over input, as strongly
// as chance says. The label becomes that of the stronger one. False: not this one's turn.
static bool blended(const Samples *samples, uint64_t epoch, uint32_t row, float scale, float offset,
                    float *input, uint8_t *label) {
    enum { OTHER_EPOCHS = 1 << 24 }; // so that no picture is blended with its own augmented self
    Rng rng = rng_at(samples->seed, RNG_STREAM_MIXUP, position(epoch, row));
    if (rng_uniform(&rng, 0, 1) >= samples->recipe->distil_mixup) {
        return false;
    }
    uint32_t other = another(samples, &rng);
    float share = rng_uniform(&rng, 0, 1), picture[NN_PIXELS];
    augment_floats(&samples->recipe->augment, samples->data->images + (size_t)other * NN_PIXELS,
                   samples->seed, epoch + OTHER_EPOCHS, row, scale, offset, picture);
    for (size_t i = 0; i < NN_PIXELS; i++) {
        input[i] += share * (picture[i] - input[i]);
    }
    if (share > 0.5f) {
        *label = samples->data->labels[other];
    }
    return true;
}

void samples_gather(const Samples *samples, uint64_t epoch, const uint32_t *rows, int n, NnInk *ink,
                    float *inputs, uint8_t *labels, SampleKind *kinds) {
    const NnDataset *data = samples->data;
    const NnArch *arch = samples->arch;
    float sd = arch->input_sd > 0 ? arch->input_sd : 1.0f;
    float scale = 1.0f / (255.0f * sd), offset = -arch->input_mean / sd;
    bool augments = !augment_is_none(&samples->recipe->augment);
    for (int i = 0; i < n; i++) {
        const uint8_t *pixels = data->images + (size_t)rows[i] * NN_PIXELS;
        float *input = inputs + (size_t)i * NN_PIXELS;
        if (i + ROWS_AHEAD < n) {
            prefetch(data->images + (size_t)rows[i + ROWS_AHEAD] * NN_PIXELS);
        }
        labels[i] = data->labels[rows[i]];
        NnDigit digit;
        kinds[i] = sample_kind(samples, epoch, rows[i]);
        if (kinds[i] != SAMPLE_DATA && drawn(samples, epoch, rows[i], ink, &digit, &labels[i])) {
            // Drawn with its variety already in it, and resampled nowhere, as a person's drawing.
            nn_standardise(arch, input, digit.pixels, 1);
            continue;
        }
        if (augments) {
            augment_floats(&samples->recipe->augment, pixels, samples->seed, epoch, rows[i], scale,
                           offset, input);
        } else {
            nn_standardise(arch, input, pixels, 1);
        }
        kinds[i] = blended(samples, epoch, rows[i], scale, offset, input, &labels[i]) ? SAMPLE_BLEND
                                                                                      : SAMPLE_DATA;
    }
}
