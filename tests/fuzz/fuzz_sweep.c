// Sweep files: whatever is accepted has runs with names of their own, whatever is refused says why.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nn/sweep.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void require(int holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "broken promise: %s\n", what);
        abort();
    }
}

static int plain_name(const char *text) {
    return *text != '\0' && text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                              "0123456789-_")] == '\0';
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    NnError err = {0};
    NnSweep *sweep = nn_sweep_parse((const char *)bytes, n, "fuzz", &err);
    if (sweep == NULL) {
        require(err.status == NN_ERR_FORMAT, "a refusal has its status");
        require(err.message[0] != '\0', "a refusal has its reason");
        for (const char *c = err.message; *c != '\0'; c++) {
            require((unsigned char)*c >= 0x20, "a message cannot drive a terminal");
        }
        return 0;
    }
    require(sweep->n_runs > 0 && sweep->n_runs <= NN_SWEEP_RUNS_MAX, "a sweep has runs");
    for (size_t i = 0; i < sweep->n_runs; i++) {
        require(plain_name(sweep->runs[i].id), "a run's name is that of a folder");
        require(sweep->runs[i].config < sweep->n_configs, "a run belongs to a configuration");
    }
    NnRunConfig last = nn_sweep_run_config(sweep, sweep->n_runs - 1);
    require(nn_arch_check(&last.recipe.arch, NULL) == NN_OK, "an accepted network can be built");
    nn_sweep_free(sweep);
    return 0;
}
