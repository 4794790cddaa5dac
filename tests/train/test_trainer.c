#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "nn/trainer.h"
#include "support/near.h"
#include "train/synthetic.h"

static NnTrainer *make(const NnRecipe *recipe, const NnDataset *data, int threads) {
    NnError err = {0};
    NnTrainer *trainer = nn_trainer_new(
        &(NnTrainerDesc){.recipe = recipe, .train = data, .seed = 7, .threads = threads}, &err);
    if (trainer == NULL) {
        print_error("%s\n", err.message);
    }
    assert_non_null(trainer);
    return trainer;
}

// Trains to the end; hash (65) receives the result's.
static NnProgress train(const NnRecipe *recipe, const NnDataset *data, int threads, char *hash) {
    NnTrainer *trainer = make(recipe, data, threads);
    NnError err = {0};
    NnStatus status = nn_trainer_run(trainer, NULL, &err);
    if (status != NN_OK) {
        print_error("%s\n", err.message);
    }
    assert_int_equal(status, NN_OK);
    NnProgress progress = nn_trainer_progress(trainer);
    nn_model_sha256(nn_trainer_model(trainer), hash);
    nn_trainer_free(trainer);
    return progress;
}

// --- learning ------------------------------------------------------------------------------------

static void thirty_two_samples_are_learnt_by_heart(void **state) {
    (void)state;
    NnDataset data = synthetic(32, 1, 100); // labels without any sense
    NnRecipe recipe = small_recipe();
    recipe.epochs = 150;
    recipe.batch = 32;
    recipe.learning_rate = 0.01f;
    char hash[65];
    NnProgress progress = train(&recipe, &data, 1, hash);
    assert_near(progress.train_accuracy, 1.0, 0.0, "progress.train_accuracy", 0);
    assert_true(progress.train_loss < 0.02);
    synthetic_release(&data);
}

static void classes_with_a_pattern_are_learnt(void **state) {
    (void)state;
    NnDataset data = synthetic(1200, 1, 0), test = synthetic(500, 2, 0);
    NnRecipe recipe = small_recipe();
    recipe.epochs = 6;
    recipe.learning_rate = 0.005f;
    recipe.validation = 200;
    NnTrainer *trainer = make(&recipe, &data, 2);
    assert_int_equal(nn_trainer_run(trainer, NULL, NULL), NN_OK);
    float logits[500 * NN_CLASSES];
    assert_int_equal(nn_evaluate(nn_trainer_model(trainer), &test, 2, logits, NULL, NULL, NULL),
                     NN_OK);
    NnMetrics metrics;
    nn_metrics_compute(&metrics, logits, test.labels, test.n, 1.0f);
    assert_true(metrics.accuracy > 0.99);
    assert_true(nn_trainer_progress(trainer).val_accuracy > 0.99);
    // Calibrated on the split.
    const NnArch *arch = nn_model_arch(nn_trainer_model(trainer));
    assert_true(arch->temperature > 0 && arch->threshold > 0 && arch->threshold <= 1);
    nn_trainer_free(trainer);
    synthetic_release(&data);
    synthetic_release(&test);
}

static double test_accuracy(const NnRecipe *recipe, const NnDataset *data, const NnDataset *test,
                            uint64_t seed) {
    NnTrainer *trainer = nn_trainer_new(
        &(NnTrainerDesc){.recipe = recipe, .train = data, .seed = seed, .threads = 2}, NULL);
    assert_non_null(trainer);
    assert_int_equal(nn_trainer_run(trainer, NULL, NULL), NN_OK);
    static float logits[2000 * NN_CLASSES];
    assert_true(test->n <= 2000);
    assert_int_equal(nn_evaluate(nn_trainer_model(trainer), test, 2, logits, NULL, NULL, NULL),
                     NN_OK);
    NnMetrics metrics;
    nn_metrics_compute(&metrics, logits, test->labels, test->n, 1.0f);
    nn_trainer_free(trainer);
    return metrics.accuracy;
}

// Stopped early, when a good share is wrong and seeds differ.
static void bf16_learns_what_f32_learns(void **state) {
    (void)state;
    enum { SEEDS = 6 };
    NnDataset data = synthetic(800, 1, 20), test = synthetic(2000, 2, 20);
    NnRecipe recipe = small_recipe();
    double mean[NN_PRECISION_COUNT] = {0}, spread[NN_PRECISION_COUNT] = {0};
    for (int p = 0; p < NN_PRECISION_COUNT; p++) {
        double accuracy[SEEDS];
        recipe.precision = (NnPrecision)p;
        for (int i = 0; i < SEEDS; i++) {
            accuracy[i] = test_accuracy(&recipe, &data, &test, (uint64_t)i + 1);
            mean[p] += accuracy[i] / SEEDS;
        }
        for (int i = 0; i < SEEDS; i++) {
            spread[p] += (accuracy[i] - mean[p]) * (accuracy[i] - mean[p]) / (SEEDS - 1);
        }
        spread[p] = sqrt(spread[p]);
    }
    if (!(fabs(mean[1] - mean[0]) < spread[0]) || !(mean[0] > 0.5)) {
        fail_msg("f32 %.4f ± %.4f, bf16 %.4f ± %.4f", mean[0], spread[0], mean[1], spread[1]);
    }
    synthetic_release(&data);
    synthetic_release(&test);
}

// --- the same bits -------------------------------------------------------------------------------

typedef struct {
    int batch;
    NnOptimKind optimiser;
    bool everything; // dropout, augmentation, clipping, average, penalties
    NnPrecision precision;
} BitsRow;

static void run_same_bits(void **state) {
    const BitsRow *row = *state;
    NnDataset data = synthetic(700, 3, 10);
    NnRecipe recipe = small_recipe();
    recipe.batch = row->batch;
    recipe.optimiser = row->optimiser;
    recipe.precision = row->precision;
    recipe.arch.layers[0].n_out = recipe.arch.layers[1].n_in =
        40; // more than one piece of the optimiser
    if (row->everything) {
        recipe.arch.layers[0].dropout = 0.3f;
        recipe.augment =
            (NnAugment){.rotation_deg = 10, .shift_px = 1, .elastic_px = 1, .thickness_px = 1};
        recipe.clip_norm = 0.5f;
        recipe.ema = 0.9f;
        recipe.l1 = 1e-5f;
        recipe.l2 = 1e-4f;
        recipe.label_smoothing = 0.1f;
        recipe.styles = 0.2f;
        recipe.non_digits = 0.1f;
        recipe.validation = 130;
        recipe.patience = 1;
    }
    char first[65], hash[65];
    train(&recipe, &data, 1, first);
    const int threads[] = {1, 2, 3, 8};
    for (size_t i = 0; i < sizeof threads / sizeof threads[0]; i++) {
        train(&recipe, &data, threads[i], hash);
        assert_string_equal(hash, first);
    }
    synthetic_release(&data);
}

// Clipping needs the whole gradient at once; at a length that is never reached it changes nothing else.
static void a_wide_layer_has_the_bits_of_a_gradient_that_was_stored(void **state) {
    (void)state;
    NnDataset data = synthetic(201, 3, 10);
    NnRecipe recipe = small_recipe();
    recipe.batch = 100; // two shards, and one of a row at the end
    recipe.epochs = 2;
    recipe.arch.layers[0].n_out = recipe.arch.layers[1].n_in = 640;
    recipe.arch.layers[0].dropout = 0.3f;
    recipe.optimiser = NN_OPTIM_ADAMW;
    recipe.weight_decay = 0.01f;
    recipe.l1 = 1e-5f;
    recipe.ema = 0.9f;
    char stored[65], hash[65];
    recipe.clip_norm = 1e9f;
    train(&recipe, &data, 2, stored);
    recipe.clip_norm = 0;
    const int threads[] = {1, 2, 3, 8};
    for (size_t i = 0; i < sizeof threads / sizeof threads[0]; i++) {
        train(&recipe, &data, threads[i], hash);
        assert_string_equal(hash, stored);
    }
    synthetic_release(&data);
}

// Of rows and columns that are paper in all pictures no product is made; a narrow layer's gradient is stored,
// a wide one's made late.
static void pictures_on_paper_have_the_same_bits_on_any_number_of_threads(void **state) {
    (void)state;
    NnDataset data = synthetic(201, 3, 10);
    for (size_t i = 0; i < data.n * NN_PIXELS; i++) {
        size_t y = i % NN_PIXELS / NN_SIDE, x = i % NN_SIDE;
        data.images[i] = y > 6 && y < 20 && x > 4 && x < 22 ? data.images[i] : 0;
    }
    const int widths[] = {24, 640};
    for (size_t k = 0; k < sizeof widths / sizeof widths[0]; k++) {
        NnRecipe recipe = small_recipe();
        recipe.arch.input_mean = 0;
        recipe.epochs = 1;
        recipe.batch = 100; // two shards, and one of a row at the end
        recipe.augment = (NnAugment){.rotation_deg = 10, .shift_px = 1, .elastic_px = 1};
        recipe.arch.layers[0].n_out = recipe.arch.layers[1].n_in = widths[k];
        recipe.arch.layers[0].dropout = 0.3f;
        char first[65], hash[65];
        train(&recipe, &data, 1, first);
        const int threads[] = {1, 2, 3, 8};
        for (size_t i = 0; i < sizeof threads / sizeof threads[0]; i++) {
            train(&recipe, &data, threads[i], hash);
            assert_string_equal(hash, first);
        }
    }
    synthetic_release(&data);
}

static void a_convolutional_network_has_the_same_bits_on_any_number_of_threads(void **state) {
    (void)state;
    NnDataset data = synthetic(500, 3, 10); // the last batch and its last shard are smaller
    NnRecipe recipe = small_cnn_recipe();
    recipe.batch = 150;
    recipe.clip_norm = 0.5f;
    recipe.ema = 0.9f;
    recipe.validation = 30;
    for (int p = 0; p < NN_PRECISION_COUNT; p++) {
        recipe.precision = (NnPrecision)p;
        char first[65], hash[65];
        train(&recipe, &data, 1, first);
        const int threads[] = {1, 2, 3, 8};
        for (size_t i = 0; i < sizeof threads / sizeof threads[0]; i++) {
            train(&recipe, &data, threads[i], hash);
            assert_string_equal(hash, first);
        }
    }
    synthetic_release(&data);
}

static void a_convolutional_network_learns_and_its_averages_follow(void **state) {
    (void)state;
    NnDataset data = synthetic(1200, 1, 0);
    NnRecipe recipe = small_cnn_recipe();
    recipe.epochs = 4;
    recipe.learning_rate = 0.005f;
    recipe.validation = 200;
    NnTrainer *trainer = make(&recipe, &data, 2);
    assert_int_equal(nn_trainer_run(trainer, NULL, NULL), NN_OK);
    // Measured with the running averages: untouched ones would give nonsense.
    assert_true(nn_trainer_progress(trainer).val_accuracy > 0.97);
    nn_trainer_free(trainer);
    synthetic_release(&data);
}

static void another_seed_gives_another_network(void **state) {
    (void)state;
    NnDataset data = synthetic(100, 3, 0);
    NnRecipe recipe = small_recipe();
    char hashes[2][65];
    for (int i = 0; i < 2; i++) {
        NnTrainer *trainer = nn_trainer_new(
            &(NnTrainerDesc){.recipe = &recipe, .train = &data, .seed = (uint64_t)i}, NULL);
        assert_non_null(trainer);
        assert_int_equal(nn_trainer_run(trainer, NULL, NULL), NN_OK);
        nn_model_sha256(nn_trainer_model(trainer), hashes[i]);
        nn_trainer_free(trainer);
    }
    assert_string_not_equal(hashes[0], hashes[1]);
    synthetic_release(&data);
}

static void evaluation_does_not_depend_on_threads(void **state) {
    (void)state;
    NnDataset data = synthetic(300, 4, 0); // two batches and a bit
    NnRecipe recipe = small_recipe();
    NnModel *model = nn_model_new(&recipe.arch, NULL);
    assert_non_null(model);
    nn_model_init(model, NN_INIT_HE_NORMAL, 1);
    static float one[300 * NN_CLASSES], many[300 * NN_CLASSES];
    assert_int_equal(nn_evaluate(model, &data, 1, one, NULL, NULL, NULL), NN_OK);
    for (int threads = 2; threads <= 8; threads *= 2) {
        assert_int_equal(nn_evaluate(model, &data, threads, many, NULL, NULL, NULL), NN_OK);
        assert_memory_equal(one, many, sizeof one);
    }
    // One picture at a time agrees to rounding.
    NnWorkspace *work = nn_workspace_new(model, 1, false, NULL);
    assert_non_null(work);
    for (size_t i = 0; i < data.n; i++) {
        const float *logits = nn_forward_bytes(model, work, data.images + i * NN_PIXELS, 1);
        for (size_t c = 0; c < NN_CLASSES; c++) {
            assert_near(logits[c], one[i * NN_CLASSES + c], 1e-5, "logits[c]", i);
        }
    }
    nn_workspace_free(work);
    nn_model_free(model);
    synthetic_release(&data);
}

// --- the observer --------------------------------------------------------------------------------

typedef struct {
    int asked, stop_at; // should_stop says yes at the stop_at-th question; 0: never
    int calls, epochs_done;
    NnProgress last;
} Watch;

static void on_progress(const NnProgress *progress, void *user) {
    Watch *watch = user;
    watch->calls++;
    watch->epochs_done += progress->epoch_done;
    watch->last = *progress;
}

static bool should_stop(void *user) {
    Watch *watch = user;
    return ++watch->asked == watch->stop_at;
}

static void cancelling_is_obeyed_before_the_next_batch(void **state) {
    (void)state;
    NnDataset data = synthetic(640, 5, 0);
    NnRecipe recipe = small_recipe(); // 10 steps an epoch
    recipe.epochs = 1000;
    Watch watch = {.stop_at = 15};
    NnTrainer *trainer = make(&recipe, &data, 1);
    NnError err = {0};
    NnStatus status =
        nn_trainer_run(trainer, &(NnObserver){.should_stop = should_stop, .user = &watch}, &err);
    assert_int_equal(status, NN_ERR_CANCELLED);
    assert_int_equal(err.status, NN_ERR_CANCELLED);
    NnProgress progress = nn_trainer_progress(trainer);
    assert_int_equal(progress.epoch, 2);
    assert_int_equal(progress.step, 4);

    // What was learnt so far is kept: the same 14 steps, stopped by the clock of epochs.
    char cancelled[65], again[65];
    nn_model_sha256(nn_trainer_model(trainer), cancelled);
    nn_trainer_free(trainer);
    watch = (Watch){.stop_at = 15};
    trainer = make(&recipe, &data, 2);
    status =
        nn_trainer_run(trainer, &(NnObserver){.should_stop = should_stop, .user = &watch}, NULL);
    assert_int_equal(status, NN_ERR_CANCELLED);
    nn_model_sha256(nn_trainer_model(trainer), again);
    assert_string_equal(cancelled, again);
    nn_trainer_free(trainer);
    synthetic_release(&data);
}

static void an_evaluation_can_be_cancelled(void **state) {
    (void)state;
    NnDataset data = synthetic(10, 5, 0);
    NnRecipe recipe = small_recipe();
    NnModel *model = nn_model_new(&recipe.arch, NULL);
    float logits[10 * NN_CLASSES];
    Watch watch = {.stop_at = 1};
    assert_int_equal(nn_evaluate(model, &data, 1, logits, should_stop, &watch, NULL),
                     NN_ERR_CANCELLED);
    nn_model_free(model);
    synthetic_release(&data);
}

static void progress_comes_at_every_epoch_and_not_too_often(void **state) {
    (void)state;
    NnDataset data = synthetic(640, 5, 0);
    NnRecipe recipe = small_recipe();
    recipe.epochs = 5;
    recipe.validation = 64;
    Watch watch = {0};
    NnTrainer *trainer = make(&recipe, &data, 1);
    assert_int_equal(
        nn_trainer_run(trainer, &(NnObserver){.on_progress = on_progress, .user = &watch}, NULL),
        NN_OK);
    assert_int_equal(watch.epochs_done, 5);
    assert_true(watch.calls <= 5 + (int)(watch.last.seconds * 30) + 1);
    assert_int_equal(watch.last.epoch, 5);
    assert_int_equal(watch.last.step, 9);
    assert_int_equal(watch.last.steps, 9);
    assert_true(watch.last.samples_per_s > 0);
    assert_near(watch.last.seconds_left, 0.0, 0.0, "watch.last.seconds_left", 0);
    assert_true(isfinite(watch.last.val_loss) && watch.last.best_epoch >= 1);
    nn_trainer_free(trainer);
    synthetic_release(&data);
}

static void a_step_allocates_nothing(void **state) {
    NnDataset data = synthetic(640, 5, 0);
    NnRecipe recipe = *(const NnRecipe *)*state;
    recipe.validation = 64;
    recipe.ema = 0.9f;
    recipe.augment.shift_px = 2;
    NnTrainer *trainer = make(&recipe, &data, 2);
    uint64_t before = mem_request_count();
    assert_int_equal(nn_trainer_run(trainer, NULL, NULL), NN_OK);
    assert_int_equal(mem_request_count(), before);
    nn_trainer_free(trainer);
    synthetic_release(&data);
}

// --- what a recipe asks for ----------------------------------------------------------------------

static void early_stopping_returns_the_best_epoch(void **state) {
    (void)state;
    NnDataset data = synthetic(300, 6, 60);
    NnRecipe recipe = small_recipe();
    recipe.epochs = 60;
    recipe.validation = 100;
    recipe.patience = 3;
    recipe.learning_rate = 0.01f;
    char stopped[65], best[65];
    NnProgress progress = train(&recipe, &data, 1, stopped);
    assert_true(progress.epoch < 60);
    assert_int_equal(progress.epoch, progress.best_epoch + 3);
    // A run that ends there has the same weights.
    recipe.epochs = progress.best_epoch;
    recipe.patience = 0;
    train(&recipe, &data, 1, best);
    assert_string_equal(stopped, best);
    synthetic_release(&data);
}

typedef struct {
    double lowest_loss, highest_accuracy;
    int at_loss, at_accuracy; // the first epochs that had them
} Bests;

static void note_bests(const NnProgress *p, void *user) {
    Bests *bests = user;
    if (p->epoch_done && (p->epoch == 1 || p->val_loss < bests->lowest_loss)) {
        bests->lowest_loss = p->val_loss;
        bests->at_loss = p->epoch;
    }
    if (p->epoch_done && p->val_accuracy > bests->highest_accuracy) {
        bests->highest_accuracy = p->val_accuracy;
        bests->at_accuracy = p->epoch;
    }
}

static void the_best_epoch_is_that_of_what_is_watched(void **state) {
    (void)state;
    NnDataset data = synthetic(300, 6, 60); // noisy labels: the loss rises while the accuracy holds
    NnRecipe recipe = small_recipe();
    recipe.epochs = 20;
    recipe.validation = 100;
    recipe.learning_rate = 0.01f;
    Bests bests[NN_MONITOR_COUNT] = {0};
    int best_epoch[NN_MONITOR_COUNT];
    for (int m = 0; m < NN_MONITOR_COUNT; m++) {
        recipe.monitor = (NnMonitor)m;
        NnTrainer *trainer = make(&recipe, &data, 1);
        const NnObserver observer = {.on_progress = note_bests, .user = &bests[m]};
        assert_int_equal(nn_trainer_run(trainer, &observer, NULL), NN_OK);
        best_epoch[m] = nn_trainer_progress(trainer).best_epoch;
        nn_trainer_free(trainer);
    }
    assert_int_equal(best_epoch[NN_MONITOR_LOSS], bests[0].at_loss);
    assert_int_equal(best_epoch[NN_MONITOR_ACCURACY], bests[1].at_accuracy);
    assert_int_not_equal(bests[0].at_loss, bests[0].at_accuracy); // or nothing was tested
    synthetic_release(&data);
}

static double distance(const NnModel *a, const NnModel *b) {
    const float *x = nn_model_params_const(a), *y = nn_model_params_const(b);
    double sum = 0;
    for (size_t i = 0; i < nn_model_block_count(a); i++) {
        sum += ((double)x[i] - (double)y[i]) * ((double)x[i] - (double)y[i]);
    }
    return sqrt(sum);
}

// One step of SGD at rate 1 moves the weights by the gradient itself.
static NnModel *after_one_step(NnRecipe *recipe, const NnDataset *data, const NnModel *start) {
    recipe->optimiser = NN_OPTIM_SGD;
    recipe->learning_rate = 1.0f;
    recipe->epochs = 1;
    recipe->batch = (int)data->n;
    NnTrainer *trainer = nn_trainer_new(
        &(NnTrainerDesc){.recipe = recipe, .train = data, .seed = 7, .start = start}, NULL);
    assert_non_null(trainer);
    assert_int_equal(nn_trainer_run(trainer, NULL, NULL), NN_OK);
    NnModel *copy = nn_model_copy(nn_trainer_model(trainer), NULL);
    assert_non_null(copy);
    nn_trainer_free(trainer);
    return copy;
}

static void clipping_shortens_the_gradient_and_keeps_its_direction(void **state) {
    (void)state;
    NnDataset data = synthetic(200, 8, 0);
    NnRecipe recipe = small_recipe();
    NnModel *start = nn_model_new(&recipe.arch, NULL);
    assert_non_null(start);
    nn_model_init(start, NN_INIT_HE_NORMAL, 1);
    NnModel *free_step = after_one_step(&recipe, &data, start);
    recipe.clip_norm = 0.25f;
    NnModel *clipped = after_one_step(&recipe, &data, start);
    double norm = distance(start, free_step);
    assert_true(norm > 0.25);
    assert_near(distance(start, clipped), 0.25, 1e-4, "distance(start, clipped)", 0);
    // On the straight line between: the two parts add up to the whole.
    assert_near(distance(start, clipped) + distance(clipped, free_step), norm, 1e-4,
                "distance(start, clipped) + distance(clipped, free_step)", 0);
    // A long enough limit changes no bit.
    recipe.clip_norm = 1e6f;
    NnModel *unclipped = after_one_step(&recipe, &data, start);
    char a[65], b[65];
    nn_model_sha256(free_step, a);
    nn_model_sha256(unclipped, b);
    assert_string_equal(a, b);
    nn_model_free(start);
    nn_model_free(free_step);
    nn_model_free(clipped);
    nn_model_free(unclipped);
    synthetic_release(&data);
}

static void the_average_follows_the_weights(void **state) {
    (void)state;
    NnDataset data = synthetic(200, 8, 0);
    NnRecipe recipe = small_recipe();
    NnModel *start = nn_model_new(&recipe.arch, NULL);
    assert_non_null(start);
    nn_model_init(start, NN_INIT_HE_NORMAL, 1);
    NnModel *stepped = after_one_step(&recipe, &data, start);
    recipe.ema = 0.05f;
    NnModel *average = after_one_step(&recipe, &data, start);
    assert_near(distance(start, average), 0.95 * distance(start, stepped), 1e-4,
                "distance(start, average)", 0);
    recipe.ema = 0.999f; // a young one keeps only a tenth
    NnModel *young = after_one_step(&recipe, &data, start);
    assert_near(distance(start, young), 0.9 * distance(start, stepped), 1e-4,
                "distance(start, young)", 0);
    nn_model_free(start);
    nn_model_free(stepped);
    nn_model_free(average);
    nn_model_free(young);
    synthetic_release(&data);
}

// --- what goes wrong -----------------------------------------------------------------------------

static void a_diverging_run_stops_and_keeps_good_weights(void **state) {
    (void)state;
    NnDataset data = synthetic(640, 9, 0);
    NnRecipe recipe = small_recipe();
    recipe.arch.layers[0].activation = NN_ACT_NONE; // nothing dies, everything grows
    recipe.optimiser = NN_OPTIM_SGD;
    recipe.learning_rate = 1000.0f;
    recipe.epochs = 50;
    recipe.validation = 64;
    NnTrainer *trainer = make(&recipe, &data, 2);
    NnError err = {0};
    assert_int_equal(nn_trainer_run(trainer, NULL, &err), NN_ERR_NUMERIC);
    assert_non_null(strstr(err.message, "diverged"));
    assert_non_null(strstr(err.hint, "learning_rate"));
    float logits[640 * NN_CLASSES];
    assert_int_equal(nn_evaluate(nn_trainer_model(trainer), &data, 1, logits, NULL, NULL, NULL),
                     NN_OK);
    for (size_t i = 0; i < sizeof logits / sizeof logits[0]; i++) {
        assert_true(isfinite(logits[i]));
    }
    nn_trainer_free(trainer);
    synthetic_release(&data);
}

typedef struct {
    int validation, patience, batch;
    uint8_t label;
    size_t n;
    bool foreign_start;
    NnStatus status;
    const char *says;
} BadRow;

static void run_bad_desc(void **state) {
    const BadRow *row = *state;
    NnDataset data = synthetic(50, 1, 0);
    data.labels[17] = row->label;
    NnRecipe recipe = small_recipe(), other = small_recipe();
    other.arch.layers[0].n_out = other.arch.layers[1].n_in = 17;
    NnModel *start = nn_model_new(&other.arch, NULL);
    assert_non_null(start);
    recipe.validation = row->validation;
    recipe.patience = row->patience;
    recipe.batch = row->batch;
    NnDataset slice = data;
    slice.n = row->n;
    NnError err = {0};
    NnTrainer *trainer = nn_trainer_new(
        &(NnTrainerDesc){
            .recipe = &recipe, .train = &slice, .start = row->foreign_start ? start : NULL},
        &err);
    assert_null(trainer);
    assert_int_equal(err.status, row->status);
    assert_non_null(strstr(err.message, row->says));
    nn_model_free(start);
    synthetic_release(&data);
}

static void handwriting_is_mixed_into_digits_alone(void **state) {
    (void)state;
    static const char *const garments[NN_CLASSES] = {"T-shirt", "Trouser", "Pullover", "Dress"};
    static const char *const digits[NN_CLASSES] = {"0", "1", "2", "3", "4"};
    NnDataset data = synthetic(50, 1, 0);
    NnRecipe recipe = small_recipe();
    recipe.styles = 0.1f;
    data.class_names = digits;
    nn_trainer_free(make(&recipe, &data, 1));
    data.class_names = garments;
    NnError err = {0};
    assert_null(nn_trainer_new(&(NnTrainerDesc){.recipe = &recipe, .train = &data}, &err));
    assert_int_equal(err.status, NN_ERR_USAGE);
    assert_non_null(strstr(err.message, "synthetic has no classes for"));
    assert_string_equal(err.hint, "use --set styles=0");
    synthetic_release(&data);
}

static void every_failed_allocation_is_an_error(void **state) {
    NnDataset data = synthetic(100, 1, 0);
    NnRecipe recipe = *(const NnRecipe *)*state;
    recipe.validation = 20;
    recipe.ema = 0.9f;
    uint64_t before = mem_request_count();
    nn_trainer_free(make(&recipe, &data, 2));
    uint64_t requests = mem_request_count() - before;
    assert_true(requests > 10);
    for (uint64_t i = 1; i <= requests; i++) {
        NnError err = {0};
        mem_fail_at(i, false);
        NnTrainer *trainer =
            nn_trainer_new(&(NnTrainerDesc){.recipe = &recipe, .train = &data, .threads = 2}, &err);
        mem_fail_at(0, false);
        // A thread that could not be started is done without.
        if (trainer == NULL) {
            assert_int_equal(err.status, NN_ERR_NOMEM);
            assert_true(err.message[0] != '\0');
        }
        nn_trainer_free(trainer);
    }
    synthetic_release(&data);
}

// --- the real thing ------------------------------------------------------------------------------

static void mnist_is_learnt_where_it_is_installed(void **state) {
    (void)state;
    NnDataset *train_set = nn_dataset_load("mnist", NN_SPLIT_TRAIN, NULL);
    if (train_set == NULL) {
        print_message("skipped: MNIST is not installed\n");
        skip();
        return;
    }
    NnDataset part = nn_dataset_slice(train_set, 0, 3000);
    NnRecipe recipe = small_recipe();
    recipe.arch.input_mean = 0.13f; // at the synthetic pictures' 0.5 all units may die
    recipe.epochs = 4;
    recipe.learning_rate = 0.005f;
    recipe.validation = 500;
    char hash[65];
    NnProgress progress = train(&recipe, &part, 2, hash);
    assert_true(progress.val_accuracy > 0.85);
    nn_dataset_free(train_set);
}

static BitsRow small_batch = {10, NN_OPTIM_SGD, false, NN_PRECISION_F32};
static BitsRow middle_batch = {50, NN_OPTIM_MOMENTUM, false, NN_PRECISION_F32};
static BitsRow large_batch = {300, NN_OPTIM_ADAM, false, NN_PRECISION_F32};
static BitsRow everything = {64, NN_OPTIM_ADAMW, true, NN_PRECISION_F32};
static BitsRow large_batch_bf16 = {300, NN_OPTIM_ADAM, false, NN_PRECISION_BF16};
static BitsRow everything_bf16 = {64, NN_OPTIM_ADAMW, true, NN_PRECISION_BF16};

static BadRow no_data = {0, 0, 8, 0, 0, false, NN_ERR_USAGE, "0 samples"};
static BadRow bad_label = {0, 0, 8, 10, 50, false, NN_ERR_FORMAT, "sample 17 is labelled 10"};
static BadRow all_held_out = {50, 0, 8, 0, 50, false, NN_ERR_USAGE, "leaves none"};
static BadRow patience_alone = {0, 5, 8, 0, 50, false, NN_ERR_USAGE, "validation split"};
static BadRow no_batch = {0, 0, 0, 0, 50, false, NN_ERR_USAGE, "batch 0"};
static BadRow huge_batch = {0, 0, 16385, 0, 50, false, NN_ERR_USAGE, "1 to 16384"};
static BadRow foreign_start = {0, 0, 8, 0, 50, true, NN_ERR_SHAPE, "belong to"};

int main(void) {
    static NnRecipe recipes[3];
    recipes[0] = small_recipe();
    recipes[1] = small_cnn_recipe();
    recipes[2] = small_recipe();
    recipes[2].precision = NN_PRECISION_BF16;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thirty_two_samples_are_learnt_by_heart),
        cmocka_unit_test(classes_with_a_pattern_are_learnt),
        {"same bits: one shard a batch", run_same_bits, NULL, NULL, &small_batch},
        {"same bits: two shards", run_same_bits, NULL, NULL, &middle_batch},
        {"same bits: three shards", run_same_bits, NULL, NULL, &large_batch},
        {"same bits: with everything on", run_same_bits, NULL, NULL, &everything},
        {"same bits: three shards in bf16", run_same_bits, NULL, NULL, &large_batch_bf16},
        {"same bits: with everything on, in bf16", run_same_bits, NULL, NULL, &everything_bf16},
        cmocka_unit_test(bf16_learns_what_f32_learns),
        cmocka_unit_test(a_wide_layer_has_the_bits_of_a_gradient_that_was_stored),
        cmocka_unit_test(pictures_on_paper_have_the_same_bits_on_any_number_of_threads),
        cmocka_unit_test(a_convolutional_network_has_the_same_bits_on_any_number_of_threads),
        cmocka_unit_test(a_convolutional_network_learns_and_its_averages_follow),
        cmocka_unit_test(another_seed_gives_another_network),
        cmocka_unit_test(evaluation_does_not_depend_on_threads),
        cmocka_unit_test(cancelling_is_obeyed_before_the_next_batch),
        cmocka_unit_test(an_evaluation_can_be_cancelled),
        cmocka_unit_test(progress_comes_at_every_epoch_and_not_too_often),
        {"a dense step allocates nothing", a_step_allocates_nothing, NULL, NULL, &recipes[0]},
        {"a convolutional step allocates nothing", a_step_allocates_nothing, NULL, NULL,
         &recipes[1]},
        {"a step in bf16 allocates nothing", a_step_allocates_nothing, NULL, NULL, &recipes[2]},
        cmocka_unit_test(early_stopping_returns_the_best_epoch),
        cmocka_unit_test(the_best_epoch_is_that_of_what_is_watched),
        cmocka_unit_test(clipping_shortens_the_gradient_and_keeps_its_direction),
        cmocka_unit_test(the_average_follows_the_weights),
        cmocka_unit_test(a_diverging_run_stops_and_keeps_good_weights),
        {"refused: no data", run_bad_desc, NULL, NULL, &no_data},
        {"refused: a label beyond 9", run_bad_desc, NULL, NULL, &bad_label},
        {"refused: everything held out", run_bad_desc, NULL, NULL, &all_held_out},
        {"refused: patience without a split", run_bad_desc, NULL, NULL, &patience_alone},
        {"refused: empty batches", run_bad_desc, NULL, NULL, &no_batch},
        {"refused: batches beyond the limit", run_bad_desc, NULL, NULL, &huge_batch},
        {"refused: weights of other layers", run_bad_desc, NULL, NULL, &foreign_start},
        cmocka_unit_test(handwriting_is_mixed_into_digits_alone),
        {"every failed allocation is an error", every_failed_allocation_is_an_error, NULL, NULL,
         &recipes[0]},
        {"every failed allocation is an error in bf16", every_failed_allocation_is_an_error, NULL,
         NULL, &recipes[2]},
        cmocka_unit_test(mnist_is_learnt_where_it_is_installed),
    };
    return cmocka_run_group_tests_name("trainer", tests, NULL, NULL);
}
