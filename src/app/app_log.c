// What the program says of itself in a file, a JSON object a line, for tests and for whoever wants to
// follow it: where the canvas is, each stroke with its answer, and how a training goes on.
#include <math.h>
#include <string.h>

#include "app/app_state.h"

void app_log_canvas(App *app) {
    UiRect square = app->draw.square, logged = app->files.logged_square;
    if (app->files.log == NULL ||
        (square.x == logged.x && square.y == logged.y && square.w == logged.w)) {
        return;
    }
    app->files.logged_square = square;
    (void)fprintf(app->files.log, "{\"canvas\": [%.1f, %.1f, %.1f]}\n", (double)square.x,
                  (double)square.y, (double)square.w);
    (void)fflush(app->files.log);
}

void app_log_stroke(App *app) {
    FILE *log = app->files.log;
    if (log == NULL) {
        return;
    }
    bool trains = app->view == APP_VIEW_TRAIN; // the answer on view is that of its network
    const Recogniser *recogniser = &app->recogniser;
    const NnAnswer *answer = trains ? &app->training.answer : &recogniser->answer;
    (void)fprintf(log, "{\"strokes\": %zu, \"points\": %zu", nn_ink_stroke_count(app->canvas.ink),
                  nn_ink_point_count(app->canvas.ink));
    if (trains ? app->training.has_answer : recogniser->has_answer) {
        (void)fprintf(log,
                      ", \"digit\": %d, \"confidence\": %.6f, \"sure\": %s, \"probabilities\": [",
                      answer->digit, (double)answer->confidence, answer->sure ? "true" : "false");
        for (int i = 0; i < NN_CLASSES; i++) {
            (void)fprintf(log, "%s%.6f", i > 0 ? ", " : "", (double)answer->probabilities[i]);
        }
        (void)fprintf(log, "]");
        if (!trains) {
            (void)fprintf(log, ", \"latency_ms\": %.4f", recogniser->latency_ms);
        }
        (void)fprintf(log, "}\n");
    } else {
        (void)fprintf(log, ", \"digit\": null}\n");
    }
    (void)fflush(log); // whoever follows the log sees the line at once
}

static void number(FILE *log, const char *key, float value) {
    if (isfinite(value)) {
        (void)fprintf(log, ", \"%s\": %.9g", key, (double)value);
    } else {
        (void)fprintf(log, ", \"%s\": null", key);
    }
}

static bool same_moment(const TrainMoment *a, const TrainMoment *b) {
    return a->chosen == b->chosen && a->phase == b->phase && a->epoch == b->epoch &&
           a->branch == b->branch && a->at == b->at && a->digit == b->digit &&
           a->steps == b->steps && a->resumable == b->resumable;
}

// A line whenever something of it has changed: recipe, phase, epoch, branch, the epoch on view, the answer to
// the drawing. While the run stands still, with the hash of the weights on view.
void app_log_train(App *app) {
    static const char *const phases[] = {"loading", "ready",   "running", "paused",
                                         "done",    "stopped", "failed"};
    const Training *training = &app->training;
    FILE *log = app->files.log;
    if (log == NULL || !training->opened) {
        return;
    }
    const NnRunnerState *state = &training->state;
    bool running = training->runner != NULL && state->phase == NN_RUNNER_RUNNING;
    TrainMoment now = {.chosen = training->chosen,
                       .phase = training->runner == NULL ? -1 : (int)state->phase,
                       .epoch = training_last_epoch(training),
                       .branch = state->branch,
                       .at = training->at,
                       .digit = training->has_answer ? training->answer.digit : -1,
                       .steps = running ? 0 : state->steps_done,
                       .resumable = training->runs.resumable};
    if (same_moment(&now, &app->files.logged_moment) && app->files.logged_training) {
        return;
    }
    app->files.logged_moment = now;
    app->files.logged_training = true;
    (void)fprintf(log,
                  "{\"train\": \"%s\", \"recipe\": \"%s\", \"epoch\": %d, \"steps\": %llu, "
                  "\"branch\": %d, \"at\": %d, \"digit\": %d, \"resumable\": %s",
                  now.phase < 0 ? "none" : phases[now.phase],
                  now.phase < 0 ? training->form.recipe.name : training->recipe.name, now.epoch,
                  (unsigned long long)state->steps_done, now.branch, now.at, now.digit,
                  now.resumable ? "true" : "false");
    if (training->epochs.n > 0) {
        const NnEpochPoint *point = training->epochs.points[training->epochs.n - 1];
        number(log, "train_loss", point->train_loss);
        number(log, "val_loss", point->val_loss);
        number(log, "val_accuracy", point->val_accuracy);
    }
    const NnModel *model = training_model(training);
    if (!running && model != NULL) {
        char hash[65];
        nn_model_sha256(model, hash);
        (void)fprintf(log, ", \"weights_sha256\": \"%s\"", hash);
    }
    (void)fprintf(log, "}\n");
    (void)fflush(log);
}
