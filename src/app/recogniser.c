#include "app/recogniser.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"

void recogniser_init(Recogniser *recogniser) {
    memset(recogniser, 0, sizeof *recogniser);
}

void recogniser_release(Recogniser *recogniser) {
    nn_workspace_free(recogniser->work);
    nn_model_free(recogniser->model);
    memset(recogniser, 0, sizeof *recogniser);
}

NnStatus recogniser_take(Recogniser *recogniser, NnModel *owned_model, NnError *err) {
    NnWorkspace *work = nn_workspace_new(owned_model, 1, false, err);
    if (work == NULL) {
        nn_model_free(owned_model);
        return NN_ERR_NOMEM;
    }
    nn_workspace_free(recogniser->work);
    nn_model_free(recogniser->model);
    recogniser->model = owned_model;
    recogniser->work = work;
    recogniser->own_threshold = nn_model_arch(owned_model)->threshold;
    recogniser->generation++;
    recogniser->has_answer = false;
    recogniser->looks++;
    recogniser->path[0] = '\0';
    const char *data = nn_model_note(owned_model, "data");
    (void)text_copy(recogniser->trained_on, sizeof recogniser->trained_on,
                    data != NULL ? data : "");
    return NN_OK;
}

NnStatus recogniser_load(Recogniser *recogniser, const char *path, NnError *err) {
    NnError local = {0};
    NnModel *model = nn_model_load(path, &local);
    NnStatus status = model != NULL ? recogniser_take(recogniser, model, &local) : local.status;
    if (status == NN_OK) {
        (void)path_real(recogniser->path, sizeof recogniser->path, path);
    } else if (err != NULL) {
        *err = local;
    }
    return status;
}

void recogniser_threshold(Recogniser *recogniser, float threshold) {
    if (recogniser->model != NULL) {
        float used = threshold < 0 ? recogniser->own_threshold : threshold;
        nn_model_arch_edit(recogniser->model)->threshold = used;
        recogniser->answer.sure = recogniser->answer.confidence >= used;
    }
}

static bool normalise(const Canvas *canvas, const NnNormaliseOptions *options, NnDigit *digit,
                      NnXray *xray) {
    const NnPicture *picture = &canvas->picture;
    if (picture->grey != NULL) {
        return nn_picture_normalise(picture->grey, picture->width, picture->height, options, digit,
                                    xray, NULL) == NN_OK;
    }
    const NnInk *ink = canvas_visible_ink(canvas);
    if (xray == NULL) {
        return nn_ink_normalise(ink, options, digit);
    }
    nn_ink_xray(ink, options, xray);
    *digit = xray->digit[NN_STAGE_CENTRE];
    return !xray->empty;
}

void recogniser_see(Recogniser *recogniser, const Canvas *canvas, bool answers) {
    uint64_t start = clock_ns();
    recogniser->has_ink = normalise(canvas, &recogniser->options, &recogniser->digit, NULL);
    recogniser->has_answer = answers && recogniser->has_ink && recogniser->model != NULL;
    if (recogniser->has_answer) {
        nn_classify(recogniser->model, recogniser->work, &recogniser->digit, &recogniser->answer);
        recogniser->latency_ms = (double)(clock_ns() - start) / 1e6;
    } else {
        memset(&recogniser->answer, 0, sizeof recogniser->answer);
    }
    if (!recogniser->has_ink) {
        memset(&recogniser->digit, 0, sizeof recogniser->digit);
    }
    recogniser->looks++;
}

void recogniser_need_xray(Recogniser *recogniser, const Canvas *canvas) {
    if (recogniser->xray_look == recogniser->looks) {
        return;
    }
    recogniser->xray_look = recogniser->looks;
    XrayReading *reading = &recogniser->xray;
    NnDigit last;
    if (!recogniser->has_ink || !normalise(canvas, &recogniser->options, &last, &reading->xray)) {
        memset(reading, 0, sizeof *reading);
        reading->xray.empty = true;
        return;
    }
    if (recogniser->model == NULL) {
        return;
    }
    for (int i = 0; i < NN_STAGE_COUNT; i++) {
        nn_classify(recogniser->model, recogniser->work, &reading->xray.digit[i],
                    &reading->answer[i]);
    }
    reading->complete = recogniser->answer;
    if (recogniser->options.skip != 0) {
        NnNormaliseOptions all = recogniser->options;
        all.skip = 0;
        if (normalise(canvas, &all, &last, NULL)) {
            nn_classify(recogniser->model, recogniser->work, &last, &reading->complete);
        }
    }
}

void recogniser_need_why(Recogniser *recogniser, int rival) {
    if (!recogniser->has_answer) {
        recogniser->why.possible = false;
        return;
    }
    int winner = recogniser->answer.digit;
    if (rival < 0 || rival == winner) {
        rival = recogniser->answer.runner_up;
    }
    if (recogniser->why_look != recogniser->looks || recogniser->why.rival != rival) {
        recogniser->why_look = recogniser->looks;
        recogniser_explain(recogniser, &recogniser->digit, winner, rival, &recogniser->why);
    }
}

void recogniser_explain(Recogniser *recogniser, const NnDigit *digit, int winner, int rival,
                        WhyReading *why) {
    why->winner = winner;
    why->rival = rival;
    why->possible = nn_explain(recogniser->model, recogniser->work, digit, winner, rival,
                               why->terms, &why->constant);
    if (!why->possible) {
        return;
    }
    double spoke_for = 0, spoke_against = 0;
    float largest = 0;
    for (int i = 0; i < NN_PIXELS; i++) {
        float term = why->terms[i];
        *(term > 0 ? &spoke_for : &spoke_against) += (double)term;
        largest = fmaxf(largest, fabsf(term));
    }
    why->spoke_for = (float)spoke_for;
    why->spoke_against = (float)spoke_against;
    why->largest = largest;
    for (int i = 0; i < NN_PIXELS; i++) {
        float share = largest > 0 ? why->terms[i] / largest : 0;
        why->shades[i] = (uint8_t)lroundf(128 + 127 * share);
    }
}

int recogniser_feature_layer(const NnModel *model) {
    return nn_model_arch(model)->n_layers - 2;
}

const float *recogniser_features(Recogniser *recogniser, int *n) {
    // The X-ray's and the explanation's passes leave their own activations behind.
    return recogniser->has_answer ? recogniser_features_of(recogniser, &recogniser->digit, n)
                                  : NULL;
}

const float *recogniser_features_of(Recogniser *recogniser, const NnDigit *digit, int *n) {
    int layer = recogniser_feature_layer(recogniser->model);
    if (layer < 0) {
        return NULL;
    }
    NnAnswer answer;
    nn_classify(recogniser->model, recogniser->work, digit, &answer);
    *n = nn_model_arch(recogniser->model)->layers[layer].n_out;
    return nn_workspace_activation(recogniser->work, layer);
}
