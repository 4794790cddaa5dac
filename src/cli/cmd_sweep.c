// cmd_sweep.c - many runs: listed as commands for GNU parallel or a Slurm array, made here one after
// the other or several at a time, and collected into a table from what their folders hold.

#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/signals.h"
#include "cli/sweep_report.h"
#include "cli/sweep_run.h"

enum { PATH_SIZE = 4096, JOBS_MAX = 256 };

// Of a sweep without --out: below the user's data folder, so that any process finds it.
static NnStatus find_folder(const Cli *cli, const NnSweep *sweep, char *out, NnError *err) {
    const char *given = args_text(&cli->args, "out");
    char name[128];
    snprintf(name, sizeof name, "sweeps/%s", sweep->name);
    if (given != NULL) {
        return text_copy(out, PATH_SIZE, given)
                   ? NN_OK
                   : nn_fail(err, NN_ERR_USAGE, "the path of --out is too long");
    }
    return place_path(out, PATH_SIZE, PLACE_DATA, name)
               ? NN_OK
               : nn_fail(err, NN_ERR_USAGE, "there is no home folder to keep the runs in");
}

static NnStatus list_sweeps(NnError *err) {
    size_t count;
    NnStatus status = NN_OK;
    char **names = nn_sweep_names(&count);
    for (size_t i = 0; i < count && status == NN_OK; i++) {
        NnSweep *sweep = nn_sweep_find(names[i], err);
        status = sweep != NULL ? NN_OK : err->status;
        if (sweep != NULL) {
            printf("%-14s %4zu runs  %s\n", names[i], sweep->n_runs, sweep->title);
        }
        nn_sweep_free(sweep);
    }
    nn_recipe_names_free(names, count);
    return status;
}

// --- --list --------------------------------------------------------------------------------------

// A word as any shell takes it.
static void print_quoted(const char *word) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-_./=:,+@%";
    if (*word != '\0' && word[strspn(word, plain)] == '\0') {
        fputs(word, stdout);
        return;
    }
    putchar('\'');
    for (; *word != '\0'; word++) {
        if (*word == '\'') {
            fputs("'\\''", stdout);
        } else {
            putchar(*word);
        }
    }
    putchar('\'');
}

static void print_word(const char *word) {
    putchar(' ');
    print_quoted(word);
}

static void print_setting(const char *setting) {
    print_word("--set");
    print_word(setting);
}

// All that the run is stands in its command: it does not need the sweep file.
static void print_command(const Cli *cli, const NnSweep *sweep, size_t i, const char *folder) {
    const NnSweepRun *run = &sweep->runs[i];
    const NnSweepConfig *config = &sweep->configs[run->config];
    char number[32], path[PATH_SIZE + sizeof run->id];
    print_quoted(cli->program);
    print_word("train");
    print_word(config->recipe_name);
    for (size_t k = 0; k < config->n_settings; k++) {
        print_setting(config->settings[k]);
    }
    if (run->fold > 0) {
        snprintf(number, sizeof number, "folds=%d", config->folds);
        print_setting(number);
        snprintf(number, sizeof number, "fold=%d", run->fold);
        print_setting(number);
    }
    snprintf(number, sizeof number, "%llu", (unsigned long long)run->seed);
    print_word("--seed");
    print_word(number);
    if (sweep->track_test) {
        print_word("--track-test");
    }
    print_word("--keep-epochs");
    print_word("0");
    snprintf(number, sizeof number, "%d", (int)args_int(&cli->args, "threads", 1));
    print_word("--threads");
    print_word(number);
    print_word("--json");
    print_word("--quiet");
    print_word("--resume");
    snprintf(path, sizeof path, "%s/%s", folder, run->id);
    print_word(path);
    putchar('\n');
}

// --- --collect -----------------------------------------------------------------------------------

static NnStatus collect(Cli *cli, const NnSweep *sweep, const char *folder, NnError *err) {
    static const char *const forms[] = {[SWEEP_TEXT] = "text",
                                        [SWEEP_CSV] = "csv",
                                        [SWEEP_JSON] = "json",
                                        [SWEEP_MARKDOWN] = "markdown"};
    const char *as = args_text(&cli->args, "as");
    SweepForm form = args_has(&cli->args, "json") ? SWEEP_JSON : SWEEP_TEXT;
    for (int f = SWEEP_TEXT; as != NULL && f <= SWEEP_MARKDOWN; f++) {
        form = strcmp(as, forms[f]) == 0 ? (SweepForm)f : form;
    }
    NnSweepOutcome *outcomes = mem_new(sweep->n_runs, sizeof *outcomes);
    if (outcomes == NULL) {
        return nn_fail(err, NN_ERR_NOMEM, "out of memory for %zu runs", sweep->n_runs);
    }
    for (size_t i = 0; i < sweep->n_runs; i++) {
        nn_sweep_look(sweep, i, folder, &outcomes[i]);
    }
    NnStatus status = sweep_report(sweep, outcomes, form, err);
    sweep_report_missing(&cli->term, sweep, outcomes);
    mem_free(outcomes);
    return status;
}

// --- running -------------------------------------------------------------------------------------

static NnStatus run_one(SweepWork *work, size_t i, NnError *err) {
    NnSweepOutcome outcome;
    NnStatus status = sweep_run(work, i, &outcome, err);
    return status == NN_OK
               ? sweep_run_tell(work->sweep, i, &outcome, args_has(&work->cli->args, "json"), err)
               : status;
}

static NnStatus some_failed(size_t failed, size_t n, NnError *err) {
    if (failed == 0) {
        return NN_OK;
    }
    nn_fail(err, NN_ERR_FAILED, "%zu of %zu runs failed", failed, n);
    nn_error_hint(err, "the same command tries them again; --collect says what is missing");
    return NN_ERR_FAILED;
}

// A run that fails leaves the others their turn.
static NnStatus run_all(SweepWork *work, NnError *err) {
    size_t failed = 0;
    for (size_t i = 0; i < work->sweep->n_runs; i++) {
        NnError own = {0};
        NnStatus status = run_one(work, i, &own);
        if (status == NN_ERR_CANCELLED) {
            *err = own;
            return status;
        }
        if (status != NN_OK) {
            failed++;
            term_error(&work->cli->term, &own);
        }
    }
    return some_failed(failed, work->sweep->n_runs, err);
}

// A process for one run. It gets the signals that this one holds back, but a terminal's Ctrl-C only
// from here: of two it would die before its run is kept.
static pid_t start_child(const Cli *cli, size_t index) {
    char number[32], threads[32];
    const char *name = args_operand(&cli->args, 0), *folder = args_text(&cli->args, "out");
    snprintf(number, sizeof number, "%zu", index + 1);
    snprintf(threads, sizeof threads, "%d", (int)args_int(&cli->args, "threads", 1));
    const char *argv[16] = {cli->program, "sweep", name, "--index", number, "--threads", threads};
    size_t n = 7;
    if (folder != NULL) {
        argv[n++] = "--out";
        argv[n++] = folder;
    }
    if (args_has(&cli->args, "json")) {
        argv[n++] = "--json";
    }
    argv[n++] = "--quiet";
    (void)fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        (void)setpgid(0, 0);
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        union { // execv does not write to what it is given, but its type cannot say so
            const char *const *given;
            char *const *wanted;
        } words = {.given = argv};
        execv("/proc/self/exe", words.wanted);
        execvp(cli->program, words.wanted);
        _exit(127);
    }
    return pid;
}

// At most `jobs` processes at a time.
static NnStatus run_children(const Cli *cli, const NnSweep *sweep, size_t jobs, NnError *err) {
    pid_t pids[JOBS_MAX] = {0};
    size_t next = 0, alive = 0, failed = 0;
    bool told = false;
    while (alive > 0 || (next < sweep->n_runs && signals_caught() == 0)) {
        for (size_t k = 0; k < jobs; k++) {
            int status = 0;
            if (pids[k] > 0 && waitpid(pids[k], &status, WNOHANG) == pids[k]) {
                failed += !WIFEXITED(status) || WEXITSTATUS(status) != 0;
                pids[k] = 0;
                alive--;
            }
            if (pids[k] == 0 && next < sweep->n_runs && signals_caught() == 0) {
                pids[k] = start_child(cli, next);
                if (pids[k] < 0) {
                    pids[k] = 0;
                    if (alive == 0) {
                        return nn_fail(err, NN_ERR_FAILED, "cannot start a process: %s",
                                       strerror(errno));
                    }
                    break; // when one of the others has ended
                }
                next++;
                alive++;
            }
        }
        if (signals_caught() != 0 && !told) {
            told = true;
            for (size_t k = 0; k < jobs; k++) {
                if (pids[k] > 0) {
                    kill(pids[k], SIGTERM);
                }
            }
        }
        clock_sleep_ms(20);
    }
    return signals_caught() != 0 ? nn_fail(err, NN_ERR_CANCELLED, "the sweep was stopped")
                                 : some_failed(failed, sweep->n_runs, err);
}

static NnStatus run(Cli *cli, const NnSweep *sweep, const char *folder, NnError *err) {
    int64_t index = args_int(&cli->args, "index", 0), jobs = args_int(&cli->args, "jobs", 1);
    if (index > (int64_t)sweep->n_runs) {
        return nn_fail(err, NN_ERR_USAGE, "--index is %lld, but %s has %zu runs", (long long)index,
                       sweep->name, sweep->n_runs);
    }
    signals_catch();
    if (index == 0 && jobs > 1) {
        return run_children(cli, sweep, (size_t)jobs, err);
    }
    SweepWork work = {.cli = cli,
                      .sweep = sweep,
                      .folder = folder,
                      .threads = (int)args_int(&cli->args, "threads", 1)};
    NnStatus status = index > 0 ? run_one(&work, (size_t)index - 1, err) : run_all(&work, err);
    sweep_work_release(&work);
    return status;
}

NnStatus cmd_sweep(Cli *cli, NnError *err) {
    const Args *args = &cli->args;
    const char *name = args_operand(args, 0);
    bool list = args_has(args, "list"), wants_table = args_has(args, "collect");
    if (list + wants_table + args_has(args, "index") + args_has(args, "jobs") > 1) {
        return nn_fail(err, NN_ERR_USAGE,
                       "--list, --collect, --index and --jobs exclude each other");
    }
    if (args_has(args, "as") && !wants_table) {
        return nn_fail(err, NN_ERR_USAGE, "--as goes with --collect");
    }
    if (name == NULL) {
        return list_sweeps(err);
    }
    NnSweep *sweep = nn_sweep_find(name, err);
    char folder[PATH_SIZE];
    NnStatus status = sweep != NULL ? find_folder(cli, sweep, folder, err) : err->status;
    if (status == NN_OK && list) {
        for (size_t i = 0; i < sweep->n_runs; i++) {
            print_command(cli, sweep, i, folder);
        }
    } else if (status == NN_OK) {
        status = wants_table ? collect(cli, sweep, folder, err) : run(cli, sweep, folder, err);
    }
    nn_sweep_free(sweep);
    return status;
}
