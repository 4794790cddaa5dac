// study_fold.c - answers to pictures by networks that have not learnt them. The set is dealt into
// folds; each is answered by a network trained on the others. So a training set can be searched
// for wrong labels: a network that has learnt a wrong label by heart does not doubt it.

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/rng.h"
#include "nn/trainer.h"
#include "train/study_impl.h"

enum { FOLDS_MAX = 100, STEPS = 600, BATCH_MAX = 256 };

// Seconds for 60,000 digits, and good enough: what it finds odd is for a person to look at. A few
// hundred digits need as many steps to be learnt, so they get smaller batches and more epochs.
static NnStatus small_recipe(NnRecipe *recipe, size_t n, NnError *err) {
    static const char text[] =
        "{\"name\": \"mlp-256-128\", \"layers\": [{\"dense\": 256, \"activation\": \"relu\"},"
        " {\"dense\": 128, \"activation\": \"relu\", \"dropout\": 0.2}, {\"dense\": 10}],"
        " \"input_mean\": 0.1307, \"input_sd\": 0.3081, \"optimiser\": \"adam\","
        " \"learning_rate\": 4e-3, \"schedule\": \"one_cycle\"}";
    NnStatus status = nn_recipe_parse(text, sizeof text - 1, "the label check", recipe, err);
    if (status == NN_OK) {
        size_t batch = n / 60;
        recipe->batch = (int)(batch < 16 ? 16 : batch > BATCH_MAX ? BATCH_MAX : batch);
        size_t epochs = (size_t)STEPS * (size_t)recipe->batch / n;
        recipe->epochs = (int)(epochs < 3 ? 3 : epochs > 100 ? 100 : epochs);
    }
    return status;
}

typedef struct {
    const NnRecipe *recipe;
    const NnDataset *data;
    uint64_t seed;
    int threads;

    uint32_t *order; // (n) rows as they were dealt; fold f is a stretch of it
    // Both with room for the largest fold's needs.
    NnDataset learnt, held;
    float *held_logits, *logits; // (held, 10), (n, 10)

    bool (*progress)(size_t done, size_t total, void *user);
    void *user;
    size_t first, n_held; // of the fold in work
    bool stopped;
} Fold;

// Rows of `order` from..to as a data set of its own behind what `set` already has.
static void gather(NnDataset *set, const Fold *fold, size_t from, size_t to) {
    for (size_t i = from; i < to; i++) {
        size_t row = fold->order[i];
        memcpy(set->images + set->n * NN_PIXELS, fold->data->images + row * NN_PIXELS, NN_PIXELS);
        set->labels[set->n] = fold->data->labels[row];
        set->n++;
    }
}

static void tell(Fold *fold, double share) {
    size_t done = fold->first + (size_t)(share * (double)fold->n_held);
    if (fold->progress != NULL && !fold->progress(done, fold->data->n, fold->user)) {
        fold->stopped = true;
    }
}

static void on_progress(const NnProgress *progress, void *user) {
    double epochs = progress->epoch - 1 + (double)progress->step / (double)progress->steps;
    double share = epochs / (double)progress->epochs;
    tell(user, share < 1.0 ? share : 1.0);
}

static bool should_stop(void *user) {
    return ((const Fold *)user)->stopped;
}

static NnStatus train_and_answer(Fold *fold, NnError *err) {
    const NnObserver observer = {on_progress, should_stop, fold};
    NnTrainer *trainer = nn_trainer_new(&(NnTrainerDesc){.recipe = fold->recipe,
                                                         .train = &fold->learnt,
                                                         .seed = fold->seed,
                                                         .threads = fold->threads},
                                        err);
    if (trainer == NULL) {
        return err->status;
    }
    NnStatus status = nn_trainer_run(trainer, &observer, err);
    if (status == NN_OK) {
        status = nn_evaluate(nn_trainer_model(trainer), &fold->held, fold->threads,
                             fold->held_logits, should_stop, fold, err);
    }
    nn_trainer_free(trainer);
    if (status != NN_OK) {
        return status;
    }
    for (size_t i = 0; i < fold->n_held; i++) {
        size_t row = fold->order[fold->first + i];
        memcpy(fold->logits + row * NN_CLASSES, fold->held_logits + i * NN_CLASSES,
               NN_CLASSES * sizeof(float));
    }
    return NN_OK;
}

static NnStatus each_fold(Fold *fold, size_t folds, NnError *err) {
    size_t n = fold->data->n;
    NnStatus status = NN_OK;
    for (size_t f = 0; f < folds && status == NN_OK; f++) {
        fold->first = f * n / folds;
        size_t end = (f + 1) * n / folds;
        fold->n_held = end - fold->first;
        fold->learnt.n = 0;
        gather(&fold->learnt, fold, 0, fold->first);
        gather(&fold->learnt, fold, end, n);
        fold->held.n = 0;
        gather(&fold->held, fold, fold->first, end);
        status = train_and_answer(fold, err);
    }
    if (status == NN_OK) {
        tell(fold, 1.0); // too late to stop
    }
    return status;
}

static bool allocate(Fold *fold, size_t folds) {
    size_t n = fold->data->n, held = (n + folds - 1) / folds, learnt = n - n / folds;
    fold->order = mem_new(n, sizeof *fold->order);
    fold->learnt.images = mem_new_aligned(learnt, NN_PIXELS);
    fold->learnt.labels = mem_new(learnt, 1);
    fold->held.images = mem_new_aligned(held, NN_PIXELS);
    fold->held.labels = mem_new(held, 1);
    fold->held_logits = mem_new_aligned(held, NN_CLASSES * sizeof(float));
    fold->logits = mem_new_aligned(n, NN_CLASSES * sizeof(float));
    return fold->order != NULL && fold->learnt.images != NULL && fold->learnt.labels != NULL &&
           fold->held.images != NULL && fold->held.labels != NULL && fold->held_logits != NULL &&
           fold->logits != NULL;
}

static void release(Fold *fold) {
    mem_free(fold->order);
    mem_free(fold->learnt.images);
    mem_free(fold->learnt.labels);
    mem_free(fold->held.images);
    mem_free(fold->held.labels);
    mem_free(fold->held_logits);
    mem_free(fold->logits);
}

static NnStudy *study_of_folds(const Fold *fold, int folds, NnError *err) {
    const NnDataset *data = fold->data;
    // Fair for all rows: none of these answers comes from a network that has learnt its row.
    float temperature = nn_fit_temperature(fold->logits, data->labels, data->n);
    NnStudy *study = study_of_logits(data, fold->logits, temperature, err);
    if (study != NULL) {
        snprintf(study->model_name, sizeof study->model_name, "%.40s, %d folds", fold->recipe->name,
                 folds);
        study_data_sha256(data, study->data_sha256);
    }
    return study;
}

NnStudy *nn_study_cross_validate(const NnDataset *data, const NnRecipe *recipe, int folds,
                                 uint64_t seed, int threads,
                                 bool (*progress)(size_t done, size_t total, void *user),
                                 void *user, NnError *err) {
    NnError own;
    err = err != NULL ? err : &own;
    if (folds < 2 || folds > FOLDS_MAX || (size_t)folds > data->n) {
        nn_fail(err, NN_ERR_USAGE, "%zu pictures cannot be dealt into %d folds", data->n, folds);
        nn_error_hint(err, "Choose 2 to %d folds, at most as many as there are pictures.",
                      FOLDS_MAX);
        return NULL;
    }
    NnRecipe settings;
    if (recipe != NULL) {
        settings = *recipe;
    } else if (small_recipe(&settings, data->n, err) != NN_OK) {
        return NULL;
    }
    settings.validation = 0; // the fold that is held out is for answers alone
    settings.patience = 0;
    Fold fold = {.recipe = &settings,
                 .data = data,
                 .seed = seed,
                 .threads = threads,
                 .learnt = {.name = "learnt"},
                 .held = {.name = "held out"},
                 .progress = progress,
                 .user = user};
    NnStudy *study = NULL;
    if (!allocate(&fold, (size_t)folds)) {
        nn_fail(err, NN_ERR_NOMEM, "out of memory for %d folds of %zu pictures", folds, data->n);
    } else {
        Rng rng = rng_at(seed, RNG_STREAM_SPLIT, 0);
        rng_permutation(&rng, fold.order, data->n);
        if (each_fold(&fold, (size_t)folds, err) == NN_OK) {
            study = study_of_folds(&fold, folds, err);
        }
    }
    release(&fold);
    return study;
}
