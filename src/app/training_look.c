// What the weights on view say: to the drawing, to the validation split, and as pictures.
#include <math.h>
#include <string.h>

#include "app/training.h"
#include "base/alloc.h"

void training_show(Training *training, int epoch) {
    int before = training->at;
    training->at = TRAINING_NEWEST;
    if (training->runner != NULL && epoch >= 0 && epoch <= training_last_epoch(training)) {
        training->has_past = nn_runner_epoch_weights(training->runner, epoch, training->past);
        training->at = epoch;
    }
    training->version += training->at != before;
}

int training_last_epoch(const Training *training) {
    return training->epochs.n > 0 ? training->epochs.points[training->epochs.n - 1]->epoch : 0;
}

const NnModel *training_model(const Training *training) {
    if (training->at != TRAINING_NEWEST) {
        return training->has_past ? training->past : NULL;
    }
    return training->has_newest ? training->newest : NULL;
}

static const NnEpochPoint *epoch_point(const Training *training, int epoch) {
    for (size_t i = training->epochs.n; i > 0; i--) {
        if (training->epochs.points[i - 1]->epoch == epoch) {
            return training->epochs.points[i - 1];
        }
    }
    return NULL;
}

bool training_measured(const Training *training, TrainMeasured *measured) {
    const NnRunnerState *state = &training->state;
    memset(measured, 0, sizeof *measured);
    if (training->at == TRAINING_NEWEST && training->runner != NULL && state->measured_epoch > 0) {
        *measured = (TrainMeasured){.epoch = state->measured_epoch,
                                    .whole = state->measured_whole,
                                    .confusion = state->confusion};
        memcpy(measured->accuracy, state->class_accuracy, sizeof measured->accuracy);
        return true;
    }
    const NnEpochPoint *point = epoch_point(training, training->at);
    if (point == NULL) {
        return false;
    }
    *measured =
        (TrainMeasured){.epoch = point->epoch, .whole = true, .confusion = point->confusion};
    for (int i = 0; i < NN_CLASSES; i++) {
        measured->accuracy[i] = (double)point->class_accuracy[i];
    }
    return true;
}

// --- the drawing ---------------------------------------------------------------------------------

static bool story_room(Training *training, int epochs) {
    if (epochs <= training->story_n) {
        return true;
    }
    int n = epochs > 2 * training->story_n ? epochs : 2 * training->story_n;
    n = n < 64 ? 64 : n;
    TrainWord *grown = mem_resize(training->story, (size_t)n, sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    memset(grown + training->story_n, 0, (size_t)(n - training->story_n) * sizeof *grown);
    training->story = grown;
    training->story_n = n;
    return true;
}

// An epoch's figures are there a moment before its weights are.
static int last_kept(const Training *training) {
    int last = training_last_epoch(training);
    return last < training->state.epochs_kept ? last : training->state.epochs_kept;
}

// One epoch a frame: its weights are copied, which takes as long as a frame may.
static void go_on_with_story(Training *training, const NnDigit *digit, unsigned look,
                             bool drawing) {
    int last = last_kept(training);
    bool none = training->runner == NULL || digit == NULL || last == 0;
    if (none || !story_room(training, last + 1)) {
        training->story_next = 0;
        return;
    }
    if (training->story_look != look || training->story_next > last + 1) {
        training->story_look = look;
        training->story_next = 0;
        memset(training->story, 0, (size_t)training->story_n * sizeof *training->story);
    }
    training->story_waits = drawing;
    if (training->story_next > last || training->story_waits) {
        return;
    }
    // past is borrowed for it: while an epoch is on view, it is that epoch's again afterwards.
    TrainWord *word = &training->story[training->story_next];
    word->known = nn_runner_epoch_weights(training->runner, training->story_next, training->past);
    if (word->known) {
        NnAnswer answer;
        nn_classify(training->past, training->work, digit, &answer);
        word->digit = answer.digit;
        word->confidence = answer.confidence;
    }
    training->story_next++;
    if (training->at != TRAINING_NEWEST) {
        training->has_past =
            nn_runner_epoch_weights(training->runner, training->at, training->past);
    }
}

bool training_wants_frame(const Training *training) {
    return training->runner != NULL && training->has_answer && !training->story_waits &&
           training->story_next <= last_kept(training) && last_kept(training) > 0;
}

// --- pictures ------------------------------------------------------------------------------------

// Weights of the first layer as 1 against .. 128 nothing .. 255 for. One scale for all of them, so
// that they are seen to grow.
static void shade(Training *training, const NnModel *model) {
    training->n_shades = 0;
    if (model == NULL) {
        return;
    }
    const NnLayer *layer = &nn_model_arch(model)->layers[0];
    if (layer->kind != NN_LAYER_DENSE || layer->n_in != NN_PIXELS) {
        return;
    }
    int n = layer->n_out < TRAINING_TEMPLATES ? layer->n_out : TRAINING_TEMPLATES;
    const float *weights = nn_model_weight(model, 0); // (O, 784)
    double squares = 0;
    for (int i = 0; i < n * NN_PIXELS; i++) {
        squares += (double)weights[i] * (double)weights[i];
    }
    float spread = (float)sqrt(squares / (n * NN_PIXELS));
    float full = spread > 0 ? 127 / (3 * spread) : 0;
    for (int i = 0; i < n; i++) {
        for (int p = 0; p < NN_PIXELS; p++) {
            float value = weights[i * NN_PIXELS + p] * full;
            training->shades[i][p] = (uint8_t)lroundf(128 + fmaxf(-127, fminf(value, 127)));
        }
    }
    training->n_shades = n;
}

void training_look(Training *training, const NnDigit *digit, unsigned look, bool drawing) {
    const NnModel *model = training_model(training);
    bool other = training->answered_look != look || training->answered_version != training->version;
    bool answers = digit != NULL && model != NULL;
    if (other || answers != training->has_answer) {
        training->answered_look = look;
        training->answered_version = training->version;
        training->has_answer = answers;
        if (answers) {
            nn_classify(model, training->work, digit, &training->answer);
        }
    }
    go_on_with_story(training, answers ? digit : NULL, look, drawing);
}

void training_need_templates(Training *training) {
    if (training->shades_version != training->version) {
        training->shades_version = training->version;
        shade(training, training_model(training));
    }
}

// --- the most typical sample of a cell -----------------------------------------------------------

static double distance(const uint8_t *pixels, const float *mean) {
    double sum = 0;
    for (int p = 0; p < NN_PIXELS; p++) {
        double difference = (double)pixels[p] - (double)mean[p];
        sum += difference * difference;
    }
    return sum;
}

static int typical_epoch(const Training *training) {
    return training->at != TRAINING_NEWEST ? training->at : training_last_epoch(training);
}

bool training_typical_is(const Training *training, int label, int answered) {
    const TrainTypical *typical = &training->typical;
    return typical->label == label && typical->answered == answered &&
           typical->epoch == typical_epoch(training) && typical->branch == training->seen_branch;
}

void training_find_typical(Training *training, int label, int answered) {
    TrainTypical *typical = &training->typical;
    const NnDataset *data =
        training->runner != NULL ? nn_runner_validation(training->runner) : NULL;
    if (training_typical_is(training, label, answered)) {
        return;
    }
    typical->known = false;
    typical->label = label;
    typical->answered = answered;
    typical->epoch = typical_epoch(training);
    typical->branch = training->seen_branch;
    typical->count = 0;
    size_t n = 0;
    const uint8_t *answers =
        data != NULL ? nn_runner_epoch_answers(training->runner, typical->epoch, &n) : NULL;
    if (answers == NULL) {
        return;
    }
    memset(typical->mean, 0, sizeof typical->mean);
    for (size_t i = 0; i < n; i++) {
        if (data->labels[i] == label && answers[i] == answered) {
            const uint8_t *pixels = data->images + i * NN_PIXELS;
            for (int p = 0; p < NN_PIXELS; p++) {
                typical->mean[p] += pixels[p];
            }
            typical->count++;
        }
    }
    if (typical->count == 0) {
        return;
    }
    for (int p = 0; p < NN_PIXELS; p++) {
        typical->mean[p] /= (float)typical->count;
    }
    double nearest = HUGE_VAL;
    for (size_t i = 0; i < n; i++) {
        if (data->labels[i] == label && answers[i] == answered) {
            double far = distance(data->images + i * NN_PIXELS, typical->mean);
            if (far < nearest) {
                nearest = far;
                typical->row = i;
            }
        }
    }
    typical->known = true;
}
