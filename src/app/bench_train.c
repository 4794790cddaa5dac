#include "app/bench_train.h"

#include "base/clock.h"
#include "base/thread.h"

enum { ENDLESS = 100000 }; // epochs

NnStatus bench_train_recipe(const char *name, TrainForm *form, NnError *err) {
    NnRecipe recipe;
    NnStatus status = nn_recipe_find(name, &recipe, err);
    if (status == NN_OK) {
        train_form_take(form, &recipe, 1);
        form->recipe.epochs = ENDLESS;
        form->recipe.patience = 0;
    }
    return status;
}

typedef struct {
    NnTrainerDesc desc;
    NnStatus status;
    NnError error;
    double seconds, start_s, end_s;
    uint64_t steps;
} Headless;

// Asked before every step; the first ones warm the caches.
static bool enough(void *user) {
    const uint64_t warm_up = 20;
    Headless *headless = user;
    headless->steps++;
    headless->end_s = clock_s();
    if (headless->steps <= warm_up) {
        headless->start_s = headless->end_s;
        return false;
    }
    if (headless->end_s - headless->start_s < headless->seconds) {
        return false;
    }
    headless->steps -= warm_up;
    return true;
}

// On a thread of the priority the window's training has: what else runs on the machine takes the same
// from both.
static void train_alone(void *user) {
    Headless *headless = user;
    NnObserver observer = {.should_stop = enough, .user = headless};
    NnTrainer *trainer = nn_trainer_new(&headless->desc, &headless->error); // workers inherit it
    if (trainer != NULL) {
        headless->status = nn_trainer_run(trainer, &observer, &headless->error);
    }
    nn_trainer_free(trainer);
}

NnStatus bench_train_headless(const TrainForm *form, double seconds, double *samples_per_s,
                              NnError *err) {
    NnDataset *data = nn_dataset_load(form->recipe.data, NN_SPLIT_TRAIN, err);
    if (data == NULL) {
        return err->status;
    }
    Headless headless = {
        .desc = {.recipe = &form->recipe, .train = data, .seed = form->seed},
        .seconds = seconds,
        .status = NN_ERR_FAILED,
    };
    Thread thread = {0};
    if (thread_start(&thread, train_alone, &headless, true)) {
        thread_join(&thread);
    }
    nn_dataset_free(data);
    if (headless.status != NN_ERR_CANCELLED) {
        *err = headless.error;
        return headless.status != NN_OK ? headless.status : NN_ERR_FAILED;
    }
    double took_s = headless.end_s - headless.start_s;
    *samples_per_s = (double)headless.steps * form->recipe.batch / took_s;
    return NN_OK;
}

NnStatus bench_train_start(App *app, const TrainForm *form, void (*frame)(void *user), void *user,
                           double *first_point_ms, NnError *err) {
    const double patience_s = 60;
    Training *training = &app->training;
    app->view = APP_VIEW_TRAIN;
    frame(user);
    double deadline_s = clock_s() + patience_s;
    while (training->loading && clock_s() < deadline_s) {
        clock_sleep_ms(5);
        frame(user);
    }
    training->form = *form;
    double start_s = clock_s();
    NnStatus status = training_start(training, NN_ORDER_START, err);
    while (status == NN_OK && training->path.n == 0) {
        frame(user);
        if (training->data_trouble.status != NN_OK) {
            *err = training->data_trouble;
            status = err->status;
        } else if (training->state.phase == NN_RUNNER_FAILED) {
            *err = training->state.error;
            status = err->status;
        } else if (clock_s() > deadline_s) {
            status = nn_fail(err, NN_ERR_FAILED, "The run did not start within a minute.");
        }
        clock_sleep_ms(2);
    }
    *first_point_ms = (clock_s() - start_s) * 1000;
    return status;
}
