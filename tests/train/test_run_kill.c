// Runs killed with SIGKILL, at random batches and at random moments, and taken up again. The child
// is this same program: a process with threads of its own cannot be forked and go on.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "nn/run.h"
#include "support/temp.h"
#include "train/synthetic.h"

enum { N = 500, STEPS = 11, EPOCHS = 5 };

typedef enum { NET_DENSE, NET_DENSE_BF16, NET_CNN } Net;

static NnRunConfig kill_config(Net net) {
    bool cnn = net == NET_CNN;
    NnRunConfig config = {.recipe = cnn ? small_cnn_recipe() : small_recipe(),
                          .seed = 5,
                          .track_test = true,
                          .keep_mb = 8};
    NnRecipe *recipe = &config.recipe; // 11 steps an epoch, the last batch smaller
    recipe->epochs = EPOCHS;
    recipe->batch = 40;
    recipe->validation = 80;
    recipe->patience = 4;
    recipe->ema = 0.9f;
    recipe->clip_norm = 0.5f;
    recipe->label_smoothing = 0.1f;
    recipe->schedule = NN_SCHEDULE_ONE_CYCLE;
    recipe->learning_rate = 0.02f;
    recipe->augment.shift_px = 1;
    recipe->augment.rotation_deg = 5;
    recipe->arch.layers[cnn ? 1 : 0].dropout = 0.2f;
    recipe->precision = net == NET_DENSE_BF16 ? NN_PRECISION_BF16 : NN_PRECISION_F32;
    return config;
}

// --- the child -----------------------------------------------------------------------------------

static bool kill_at_step(void *user) {
    int *left = user;
    if (*left >= 0 && (*left)-- == 0) {
        raise(SIGKILL);
    }
    return false;
}

// child FOLDER THREADS STEPS_LEFT EVERY_STEP NET: trains on; dies before a step where STEPS_LEFT >= 0.
static int child(char **args) {
    NnDataset data = synthetic(N, 1, 20), test = synthetic(100, 2, 20);
    NnRunConfig config = kill_config((Net)atoi(args[4]));
    int left = atoi(args[2]);
    NnError err = {0};
    NnRun *run = nn_run_new(&(NnRunDesc){.folder = args[0],
                                         .config = &config,
                                         .train = &data,
                                         .test = &test,
                                         .threads = atoi(args[1]),
                                         .resume = true,
                                         .checkpoint_s = atoi(args[3]) ? 1e-9 : 0},
                            &err);
    NnObserver observer = {.should_stop = kill_at_step, .user = &left};
    NnStatus status = run != NULL ? nn_run_train(run, &observer, &err) : err.status;
    if (status != NN_OK) {
        fprintf(stderr, "child: %s\n", err.message);
    }
    nn_run_free(run);
    synthetic_release(&data);
    synthetic_release(&test);
    return status == NN_OK ? 0 : 9;
}

// Its exit status, or -signal. A kill_ms of 0: left alone.
static int run_child(const char *folder, Net net, int threads, int steps_left, bool every_step,
                     uint32_t kill_ms) {
    char number[4][16];
    snprintf(number[0], sizeof number[0], "%d", threads);
    snprintf(number[1], sizeof number[1], "%d", steps_left);
    snprintf(number[2], sizeof number[2], "%d", every_step);
    snprintf(number[3], sizeof number[3], "%d", (int)net);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        execl("/proc/self/exe", "test_run_kill", "child", folder, number[0], number[1], number[2],
              number[3], (char *)NULL);
        _exit(127);
    }
    if (kill_ms > 0) {
        clock_sleep_ms(kill_ms);
        kill(pid, SIGKILL);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

// --- comparing -----------------------------------------------------------------------------------

static void same_file(const char *a, const char *b, const char *name) {
    char path[TEMP_PATH];
    size_t n, m;
    uint8_t *x = temp_read(temp_path(path, a, name), &n),
            *y = temp_read(temp_path(path, b, name), &m);
    if (n != m || memcmp(x, y, n) != 0) {
        fail_msg("%s differs from that of the run that was never interrupted", name);
    }
    free(x);
    free(y);
}

// Everything but times.
static void same_run(const char *a, const char *b) {
    static const char *const names[] = {
        "last.safetensors",       "best.safetensors",    "epochs/001.safetensors",
        "epochs/005.safetensors", "predictions/test.u8", "predictions/validation.u8",
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        same_file(a, b, names[i]);
    }
    size_t n, m;
    NnEpochRecord *x = nn_run_records(a, &n, NULL), *y = nn_run_records(b, &m, NULL);
    assert_int_equal(n, EPOCHS);
    assert_int_equal(m, EPOCHS);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(x[i].epoch, i + 1);
        x[i].seconds = y[i].seconds = x[i].samples_per_s = y[i].samples_per_s = 0;
        assert_memory_equal(&x[i], &y[i], sizeof x[i]);
    }
    free(x);
    free(y);
    NnRunState state;
    NnRunResult r, s;
    assert_int_equal(nn_run_read(a, &state, NULL, &r, NULL), NN_OK);
    assert_int_equal(state, NN_RUN_DONE);
    assert_int_equal(nn_run_read(b, &state, NULL, &s, NULL), NN_OK);
    assert_int_equal(state, NN_RUN_DONE);
    assert_string_equal(r.weights_sha256, s.weights_sha256);
    assert_true(r.test_accuracy == s.test_accuracy && r.test_loss == s.test_loss);
}

typedef struct {
    int threads;
    bool every_step; // a checkpoint after every batch, else after every epoch
    bool moments;    // killed at random times, in the middle of a save too
    int kills;
    Net net; // a convolutional one has normalisation: its averages are part of the position
} KillRow;

static void run_kills(void **state) {
    const KillRow *row = *state;
    char folder[TEMP_PATH], whole[TEMP_PATH], killed[TEMP_PATH];
    temp_folder(folder);
    temp_path(whole, folder, "whole");
    temp_path(killed, folder, "killed");
    assert_int_equal(run_child(whole, row->net, 2, -1, false, 0), 0);
    Rng rng = rng_at(11, RNG_STREAM_TEST, (uint64_t)(row->threads + 4 * (int)row->net));
    // So few batches at a time that the run outlives all its kills. Without a checkpoint after every
    // batch most kills throw back to an epoch's end.
    uint32_t most = row->every_step ? EPOCHS * STEPS / (uint32_t)row->kills : STEPS + 2;
    int kills = 0, status = -SIGKILL;
    for (int i = 0; kills < row->kills && status != 0; i++) {
        int threads = 1 + (row->threads + i) % 3; // another number each time
        int steps = row->moments ? -1 : 1 + (int)rng_below(&rng, most);
        uint32_t kill_ms = row->moments ? 5 + rng_below(&rng, 60) : 0;
        status = run_child(killed, row->net, threads, steps, row->every_step, kill_ms);
        assert_true(status == 0 || status == -SIGKILL);
        kills += status == -SIGKILL;
    }
    assert_true(row->moments ? kills > 0 : kills == row->kills);
    assert_int_equal(run_child(killed, row->net, row->threads, -1, row->every_step, 0), 0);
    same_run(whole, killed);
    assert_int_equal(run_child(killed, row->net, row->threads, -1, row->every_step, 0),
                     0); // done is done
    same_run(whole, killed);
    temp_remove(folder);
}

int main(int argc, char **argv) {
    if (argc == 7 && strcmp(argv[1], "child") == 0) {
        return child(argv + 2);
    }
    const char *many = getenv("INKLING_KILLS");
    int kills = many != NULL ? atoi(many) : 4;
    KillRow rows[] = {{1, true, false, 2 * kills, NET_DENSE},
                      {2, false, false, kills, NET_DENSE},
                      {3, true, true, kills, NET_DENSE},
                      {2, true, false, 2 * kills, NET_CNN},
                      {2, true, false, kills, NET_DENSE_BF16}};
    const struct CMUnitTest tests[] = {
        {"killed at random batches", run_kills, NULL, NULL, &rows[0]},
        {"killed after random epochs", run_kills, NULL, NULL, &rows[1]},
        {"killed at random moments", run_kills, NULL, NULL, &rows[2]},
        {"a convolutional network killed at random batches", run_kills, NULL, NULL, &rows[3]},
        {"a network in bf16 killed at random batches", run_kills, NULL, NULL, &rows[4]},
    };
    return cmocka_run_group_tests_name("runs that are killed", tests, NULL, NULL);
}
