// The runs are a sweep of one configuration: seeds --seed, --seed + 1 .. and of each the folds. With
// --run or --resume each is kept in a folder of its own below DIR.

#include "cli/train_repeat.h"

#include "base/alloc.h"
#include "cli/signals.h"
#include "cli/sweep_report.h"
#include "cli/sweep_run.h"

bool train_repeats(const Args *args) {
    return args_has(args, "repeat") || args_has(args, "folds");
}

static NnSweep *make_sweep(const Args *args, const TrainRun *run, NnError *err) {
    size_t n = (size_t)args_int(args, "repeat", 1);
    uint64_t *seeds = mem_new(n, sizeof *seeds);
    if (seeds == NULL) {
        nn_fail(err, NN_ERR_NOMEM, "out of memory for %zu seeds", n);
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        seeds[i] = run->config.seed + i;
    }
    NnSweep *sweep = nn_sweep_of(&run->config.recipe, seeds, n, (int)args_int(args, "folds", 0),
                                 run->config.track_test, err);
    mem_free(seeds);
    return sweep;
}

static NnStatus train_all(SweepWork *work, NnSweepOutcome *outcomes, NnError *err) {
    bool json = args_has(&work->cli->args, "json");
    NnStatus status = NN_OK;
    for (size_t i = 0; i < work->sweep->n_runs && status == NN_OK; i++) {
        status = sweep_run(work, i, &outcomes[i], err);
        if (status == NN_OK && !json) {
            status = sweep_run_tell(work->sweep, i, &outcomes[i], false, err);
        }
    }
    if (status == NN_OK && !json) {
        putchar('\n');
    }
    return status == NN_OK
               ? sweep_report(work->sweep, outcomes, json ? SWEEP_JSON : SWEEP_TEXT, err)
               : status;
}

NnStatus train_repeat(Cli *cli, const TrainRun *run, NnError *err) {
    static const char *const single[] = {"out", "log", "keep", "keep-epochs"};
    for (size_t i = 0; i < sizeof single / sizeof single[0]; i++) {
        if (args_has(&cli->args, single[i])) {
            return nn_fail(err, NN_ERR_USAGE,
                           "--%s is for one run; with --repeat and --folds use --run DIR, which "
                           "keeps them all",
                           single[i]);
        }
    }
    NnSweep *sweep = make_sweep(&cli->args, run, err);
    NnSweepOutcome *outcomes = sweep != NULL ? mem_new(sweep->n_runs, sizeof *outcomes) : NULL;
    NnStatus status = sweep == NULL      ? err->status
                      : outcomes == NULL ? nn_fail(err, NN_ERR_NOMEM, "out of memory for the runs")
                                         : NN_OK;
    if (status == NN_OK) {
        SweepWork work = {.cli = cli,
                          .sweep = sweep,
                          .folder = run->folder[0] != '\0' ? run->folder : NULL,
                          .threads = (int)args_int(&cli->args, "threads", 0)};
        status = train_all(&work, outcomes, err);
        sweep_work_release(&work);
    }
    mem_free(outcomes);
    nn_sweep_free(sweep);
    return status;
}
