// recogniser.h - the network in use and what it says about the drawing.
//
// recogniser_see() is the live path: normalise, classify, timed alone. What only a panel needs (the
// X-ray's stages, the terms of "why") is worked out when that panel asks, and kept until the
// drawing changes. Thread: UI; the model itself may be read by the neighbours' thread.

#ifndef INKLING_APP_RECOGNISER_H
#define INKLING_APP_RECOGNISER_H

#include <stdbool.h>

#include "app/canvas.h"
#include "nn/model.h"

typedef struct {
    NnXray xray;
    NnAnswer answer[NN_STAGE_COUNT]; // after each stage
    NnAnswer complete;               // with no stage left out
} XrayReading;

typedef struct {
    int winner, rival;
    float terms[NN_PIXELS];
    float constant, spoke_for, spoke_against; // logit difference = constant + for + against
    float largest;                            // of |terms|, for the colour scale
    bool possible;                            // the network is piecewise linear
    uint8_t shades[NN_PIXELS];                // terms as 1 against .. 128 nothing .. 255 for
} WhyReading;

typedef struct {
    NnModel *model; // NULL: none loaded
    NnWorkspace *work;
    char path[1024];
    char trained_on[64]; // the data set as the file names it, "": unknown
    float own_threshold; // as the file has it
    unsigned generation; // counts models, so that others notice a new one

    NnNormaliseOptions options; // stages the person switched off
    NnDigit digit;              // what the network sees
    NnAnswer answer;
    bool has_ink;      // digit holds something
    bool has_answer;   // answer belongs to digit
    double latency_ms; // of the last look: normalise and classify
    unsigned looks;    // counts looks, so that others notice a new answer

    XrayReading xray;
    WhyReading why;
    unsigned xray_look, why_look; // the look they belong to
} Recogniser;

void recogniser_init(Recogniser *recogniser);
void recogniser_release(Recogniser *recogniser);

// On failure the old model stays in use.
NnStatus recogniser_load(Recogniser *recogniser, const char *path, NnError *err) NN_MUST_CHECK;

// In place of the one in use; owned_model is taken in any case.
NnStatus recogniser_take(Recogniser *recogniser, NnModel *owned_model, NnError *err) NN_MUST_CHECK;

// The confidence below which the answer counts as "not sure"; negative: the model's own.
void recogniser_threshold(Recogniser *recogniser, float threshold);

// Looks at what the canvas shows. answers: the network is asked as well.
void recogniser_see(Recogniser *recogniser, const Canvas *canvas, bool answers);

void recogniser_need_xray(Recogniser *recogniser, const Canvas *canvas);
void recogniser_need_why(Recogniser *recogniser, int rival); // rival negative: the runner-up

// The same for a picture of its own; needs a model, writes why alone.
void recogniser_explain(Recogniser *recogniser, const NnDigit *digit, int winner, int rival,
                        WhyReading *why);

// Outputs of the last hidden layer for the digit last seen. NULL without an answer. *n: how many.
const float *recogniser_features(Recogniser *recogniser, int *n);
const float *recogniser_features_of(Recogniser *recogniser, const NnDigit *digit, int *n);

// Which layer that is: the last hidden one, -1 for a network without.
int recogniser_feature_layer(const NnModel *model);

#endif
