// bench_train.c - `bench train`: what a recipe's epoch takes, against what the machine can do; and
// `bench time-to`: how soon a network is good.

#include "cli/bench_train.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/signals.h"
#include "train/gauge.h"
#include "train/race.h"

// Recipes may want different data sets; they come one after the other, mostly of the same.
typedef struct {
    char name[32];
    NnDataset *train;
} Data;

static NnStatus need_data(Data *data, const char *name, NnError *err) {
    if (data->train != NULL && strcmp(data->name, name) == 0) {
        return NN_OK;
    }
    nn_dataset_free(data->train);
    text_copy(data->name, sizeof data->name, name);
    data->train = nn_dataset_load(name, NN_SPLIT_TRAIN, err);
    return data->train != NULL ? NN_OK : err->status;
}

static NnStatus read_recipe(const Args *args, const char *name, NnRecipe *recipe, NnError *err) {
    NnStatus status = nn_recipe_find(name, recipe, err);
    for (size_t i = 0; i < args_count(args, "set") && status == NN_OK; i++) {
        status = nn_recipe_set(recipe, args_nth(args, "set", i), err);
    }
    return status;
}

// --- train ---------------------------------------------------------------------------------------

typedef struct {
    Cli *cli;
    Data data;
    double gemm[NN_PRECISION_COUNT]; // FLOP/s, the best seen in this run; 0: not looked at
    json_t *list;
} TrainBench;

static const double GEMM_S = 0.25;

static void look_at_machine(TrainBench *bench, NnPrecision precision) {
    int threads = (int)args_int(&bench->cli->args, "threads", 0);
    double rate = gauge_gemm_rate(precision, threads, GEMM_S);
    bench->gemm[precision] = rate > bench->gemm[precision] ? rate : bench->gemm[precision];
}

static NnStatus tell(TrainBench *bench, const NnRecipe *recipe, const Gauge *g, NnError *err) {
    double gemm = bench->gemm[recipe->precision], share = gemm > 0 ? g->flops / gemm : 0;
    if (bench->list != NULL) {
        json_t *epochs = json_array();
        for (int i = 0; i < g->epochs; i++) {
            json_array_append_new(epochs, json_real(g->epoch_s[i]));
        }
        json_t *row =
            json_pack("{s:s, s:s, s:i, s:I, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:o}", "recipe",
                      recipe->name, "precision", nn_precision_name(recipe->precision), "epochs",
                      g->epochs, "samples", (json_int_t)g->samples, "epoch_s_min", g->epoch_s_min,
                      "epoch_s_median", g->epoch_s_median, "epoch_cpu_s", g->epoch_cpu_s,
                      "samples_per_s", g->samples_per_s, "gflops", g->flops / 1e9, "share_of_gemm",
                      share, "resident_mb", g->resident_mb, "epochs_s", epochs);
        return json_array_append_new(bench->list, row) == 0
                   ? NN_OK
                   : nn_fail(err, NN_ERR_NOMEM, "out of memory for the results");
    }
    printf("%-20s %10.4f %10.4f %10.4f %12.0f %9.1f %6.1f %% %8.0f%s\n", recipe->name,
           g->epoch_s_min, g->epoch_s_median, g->epoch_cpu_s, g->samples_per_s, g->flops / 1e9,
           100 * share, g->resident_mb, g->epochs == 0 ? "  from a part of an epoch" : "");
    (void)fflush(stdout);
    return NN_OK;
}

static NnStatus bench_recipe(TrainBench *bench, const char *name, NnError *err) {
    const Args *args = &bench->cli->args;
    const int epochs = 5;
    const double seconds = 15;
    NnRecipe recipe;
    NnStatus status = read_recipe(args, name, &recipe, err);
    status = status == NN_OK ? need_data(&bench->data, recipe.data, err) : status;
    if (status != NN_OK) {
        return status;
    }
    look_at_machine(bench, recipe.precision);
    Gauge gauge;
    status = gauge_training(&recipe, bench->data.train,
                            &(GaugePlan){.threads = (int)args_int(args, "threads", 0),
                                         .epochs = (int)args_int(args, "epochs", epochs),
                                         .seconds = args_real(args, "seconds", seconds),
                                         .should_stop = signals_should_stop},
                            &gauge, err);
    return status == NN_OK ? tell(bench, &recipe, &gauge, err) : status;
}

static NnStatus bench_named(TrainBench *bench, NnError *err) {
    NnStatus status = NN_OK;
    const char *name;
    for (size_t i = 1; status == NN_OK && (name = args_operand(&bench->cli->args, i)) != NULL;
         i++) {
        status = bench_recipe(bench, name, err);
    }
    return status;
}

static NnStatus bench_all(TrainBench *bench, NnError *err) {
    size_t n;
    char **names = nn_recipe_names(&n);
    NnStatus status =
        names != NULL ? NN_OK : nn_fail(err, NN_ERR_NOT_FOUND, "there are no recipes");
    for (size_t i = 0; i < n && status == NN_OK; i++) {
        status = bench_recipe(bench, names[i], err);
    }
    nn_recipe_names_free(names, n);
    return status;
}

NnStatus bench_train(Cli *cli, NnError *err) {
    TrainBench bench = {.cli = cli};
    signals_catch();
    if (args_has(&cli->args, "json")) {
        bench.list = json_array();
    } else {
        printf("%-20s %10s %10s %10s %12s %9s %8s %8s\n", "recipe", "s/epoch", "median", "cpu s",
               "samples/s", "GFLOP/s", "of GEMM", "MB");
    }
    bool named = args_operand(&cli->args, 1) != NULL;
    NnStatus status = named ? bench_named(&bench, err) : bench_all(&bench, err);
    nn_dataset_free(bench.data.train);
    if (status != NN_OK) {
        json_decref(bench.list);
        return status;
    }
    if (bench.list != NULL) {
        json_t *gemm = json_object();
        for (int p = 0; p < NN_PRECISION_COUNT; p++) {
            if (bench.gemm[p] > 0) {
                json_object_set_new(gemm, nn_precision_name((NnPrecision)p),
                                    json_real(bench.gemm[p] / 1e9));
            }
        }
        return json_print(json_pack("{s:o, s:o}", "gemm_gflops", gemm, "recipes", bench.list), err);
    }
    for (int p = 0; p < NN_PRECISION_COUNT; p++) {
        if (bench.gemm[p] > 0) {
            printf("matrix product in %s: %.0f GFLOP/s\n", nn_precision_name((NnPrecision)p),
                   bench.gemm[p] / 1e9);
        }
    }
    return NN_OK;
}

// --- time-to -------------------------------------------------------------------------------------

#define DEFAULT_RACE "fast-98"

typedef struct {
    Cli *cli;
    NnRecipe recipe;
    NnDataset *train, *test;
    double accuracy; // wanted
    int reached;     // seeds that got there
    double slowest_s;
    RacePoint points[RACE_POINTS_MAX];
    size_t n;
    SaveFile *csv;
    json_t *list;
} TimeTo;

// The first point that is good enough, NULL: none.
static const RacePoint *arrival(const TimeTo *t) {
    for (size_t i = 0; i < t->n; i++) {
        if (t->points[i].accuracy >= t->accuracy) {
            return &t->points[i];
        }
    }
    return NULL;
}

static NnStatus keep_curve(const TimeTo *t, uint64_t seed, NnError *err) {
    NnStatus status = NN_OK;
    for (size_t i = 0; t->csv != NULL && i < t->n && status == NN_OK; i++) {
        char line[128];
        const RacePoint *p = &t->points[i];
        int n = snprintf(line, sizeof line, "%llu,%.4f,%.5f,%.4f\n", (unsigned long long)seed,
                         p->epochs, p->seconds, p->accuracy);
        status = save_write(t->csv, line, (size_t)n, err);
    }
    return status;
}

static json_t *curve(const TimeTo *t) {
    json_t *list = json_array();
    for (size_t i = 0; i < t->n; i++) {
        const RacePoint *p = &t->points[i];
        json_t *point = json_pack("{s:f, s:f, s:f}", "epochs", p->epochs, "seconds", p->seconds,
                                  "accuracy", p->accuracy);
        if (json_array_append_new(list, point) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static NnStatus tell_seed(TimeTo *t, uint64_t seed, NnError *err) {
    const RacePoint *there = arrival(t), *last = &t->points[t->n - 1];
    t->reached += there != NULL;
    t->slowest_s = there != NULL && there->seconds > t->slowest_s ? there->seconds : t->slowest_s;
    if (t->list != NULL) {
        json_t *row = json_pack("{s:I, s:o, s:f, s:f, s:o}", "seed", (json_int_t)seed, "seconds",
                                there != NULL ? json_real(there->seconds) : json_null(), "end_s",
                                last->seconds, "end_accuracy", last->accuracy, "curve", curve(t));
        return json_array_append_new(t->list, row) == 0
                   ? NN_OK
                   : nn_fail(err, NN_ERR_NOMEM, "out of memory for the results");
    }
    printf("seed %2llu  ", (unsigned long long)seed);
    if (there != NULL) {
        printf("%.2f %% after %.3f s (%.2f epochs)", 100 * there->accuracy, there->seconds,
               there->epochs);
    } else {
        printf("not reached");
    }
    printf(";  %.2f %% at the end, after %.3f s\n", 100 * last->accuracy, last->seconds);
    (void)fflush(stdout);
    return NN_OK;
}

static NnStatus race_seeds(TimeTo *t, int seeds, NnError *err) {
    const Args *args = &t->cli->args;
    const char head[] = "seed,epochs,seconds,accuracy\n";
    NnStatus status = t->csv != NULL ? save_write(t->csv, head, strlen(head), err) : NN_OK;
    for (int seed = 1; seed <= seeds && status == NN_OK; seed++) {
        status = race_run(&(Race){.recipe = &t->recipe,
                                  .train = t->train,
                                  .test = t->test,
                                  .threads = (int)args_int(args, "threads", 0),
                                  .seed = (uint64_t)seed,
                                  .points_an_epoch = (int)args_int(args, "points", 4),
                                  .should_stop = signals_should_stop},
                          t->points, &t->n, err);
        status = status == NN_OK ? tell_seed(t, (uint64_t)seed, err) : status;
        status = status == NN_OK ? keep_curve(t, (uint64_t)seed, err) : status;
    }
    return status;
}

static NnStatus conclude(TimeTo *t, int seeds, NnError *err) {
    if (t->list != NULL) {
        return json_print(
            json_pack("{s:s, s:f, s:i, s:i, s:o, s:O}", "recipe", t->recipe.name, "accuracy",
                      t->accuracy, "seeds", seeds, "reached", t->reached, "slowest_s",
                      t->reached == seeds ? json_real(t->slowest_s) : json_null(), "runs", t->list),
            err);
    }
    if (t->reached == seeds) {
        printf("all %d reach %.2f %% on the test set; the slowest after %.3f s of training\n",
               seeds, 100 * t->accuracy, t->slowest_s);
    } else {
        printf("%d of %d reach %.2f %% on the test set\n", t->reached, seeds, 100 * t->accuracy);
    }
    return NN_OK;
}

static NnStatus race(TimeTo *t, NnError *err) {
    const Args *args = &t->cli->args;
    int seeds = (int)args_int(args, "seeds", 5);
    t->train = nn_dataset_load(t->recipe.data, NN_SPLIT_TRAIN, err);
    t->test = t->train != NULL ? nn_dataset_load(t->recipe.data, NN_SPLIT_TEST, err) : NULL;
    if (t->test == NULL) {
        return err->status;
    }
    const char *path = args_text(args, "csv");
    if (path != NULL && (t->csv = save_open(path, err)) == NULL) {
        return err->status;
    }
    NnStatus status = race_seeds(t, seeds, err);
    if (status == NN_OK && t->csv != NULL) {
        status = save_commit(t->csv, err);
    } else {
        save_abandon(t->csv);
    }
    return status == NN_OK ? conclude(t, seeds, err) : status;
}

NnStatus bench_time_to(Cli *cli, NnError *err) {
    const Args *args = &cli->args;
    const double accuracy = 0.98;
    const char *name = args_operand(args, 1);
    TimeTo *t = mem_new(1, sizeof *t);
    if (t == NULL) {
        return nn_fail(err, NN_ERR_NOMEM, "out of memory for the measurements");
    }
    t->cli = cli;
    t->accuracy = args_real(args, "accuracy", accuracy);
    t->list = args_has(args, "json") ? json_array() : NULL;
    signals_catch();
    NnStatus status = args_operand(args, 2) == NULL
                          ? read_recipe(args, name != NULL ? name : DEFAULT_RACE, &t->recipe, err)
                          : nn_fail(err, NN_ERR_USAGE, "bench time-to takes one recipe");
    status = status == NN_OK ? race(t, err) : status;
    nn_dataset_free(t->train);
    nn_dataset_free(t->test);
    json_decref(t->list);
    mem_free(t);
    return status;
}
