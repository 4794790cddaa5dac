#include "train/race.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "nn/metrics.h"
#include "nn/trainer.h"

static NnStatus look(const Race *race, NnTrainer *trainer, float *logits, RacePoint *point,
                     NnError *err) {
    NnStatus status = nn_evaluate(nn_trainer_newest(trainer), race->test, race->threads, logits,
                                  race->should_stop, race->user, err);
    if (status == NN_OK) {
        NnMetrics metrics;
        nn_metrics_compute(&metrics, logits, race->test->labels, race->test->n, 1);
        point->accuracy = metrics.accuracy;
    }
    return status;
}

static NnStatus run(const Race *race, NnTrainer *trainer, float *logits, RacePoint *points,
                    size_t *n, NnError *err) {
    NnObserver observer = {.should_stop = race->should_stop, .user = race->user};
    double seconds = 0;
    int last = 0; // look of the epoch
    while (!nn_trainer_finished(trainer)) {
        double start = clock_s();
        NnStatus status = nn_trainer_step(trainer, &observer, err);
        seconds += clock_s() - start;
        NnProgress p = nn_trainer_progress(trainer);
        int now = p.step * race->points_an_epoch / p.steps;
        if (status == NN_OK && (now != last || p.epoch_done) && *n < RACE_POINTS_MAX) {
            RacePoint *point = &points[(*n)++];
            *point =
                (RacePoint){.epochs = p.epoch - 1 + (double)p.step / p.steps, .seconds = seconds};
            status = look(race, trainer, logits, point, err);
        }
        if (status != NN_OK) {
            return status;
        }
        last = p.epoch_done ? 0 : now;
    }
    return NN_OK;
}

NnStatus race_run(const Race *race, RacePoint *points, size_t *n, NnError *err) {
    NnRecipe recipe = *race->recipe;
    recipe.validation = 0;
    recipe.patience = 0;
    *n = 0;
    float *logits = mem_new_aligned(race->test->n * NN_CLASSES, sizeof *logits);
    if (logits == NULL) {
        return nn_fail(err, NN_ERR_NOMEM, "out of memory for the answers to %s", race->test->name);
    }
    NnTrainer *trainer = nn_trainer_new(
        &(NnTrainerDesc){
            .recipe = &recipe, .train = race->train, .seed = race->seed, .threads = race->threads},
        err);
    NnStatus status = trainer != NULL ? run(race, trainer, logits, points, n, err) : NN_ERR_FAILED;
    nn_trainer_free(trainer);
    mem_free(logits);
    return status;
}
