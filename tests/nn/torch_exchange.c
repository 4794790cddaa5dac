// torch_exchange - the engine's side of test_torch.py.
//
//     torch_exchange save FILE ACTIVATION SEED    makes a network and saves it; "block" for
//     ACTIVATION: a convolutional one
//     torch_exchange run FILE                     loads a network and prints the logits of three
//     rows

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nn/block_net.h"
#include "nn/reference_spatial.h"

enum { ROWS = 3 };

static int fail(const NnError *err) {
    fprintf(stderr, "%s\n", err->message);
    return 1;
}

static int save(const char *path, const char *activation_name, uint64_t seed) {
    NnActivation activation = NN_ACT_NONE;
    NnError err = {0};
    bool block = strcmp(activation_name, "block") == 0;
    if (!block && !nn_activation_parse(activation_name, &activation)) {
        return 2;
    }
    NnArch arch =
        block ? block_net() : ref_arch((const int[]){48, 20}, 2, activation, false, 0.25f);
    if (nn_arch_infer(&arch, &err) != NN_OK) {
        return fail(&err);
    }
    NnModel *model = nn_model_new(&arch, &err);
    if (model == NULL) {
        return fail(&err);
    }
    if (block) {
        ref_randomise_all(model, seed);
    } else {
        ref_randomise(model, seed);
    }
    const NnNote note = {"recipe", "exchange with \"PyTorch\""};
    NnStatus status = nn_model_save(model, path, &note, 1, &err);
    nn_model_free(model);
    return status == NN_OK ? 0 : fail(&err);
}

static int run(const char *path) {
    NnError err = {0};
    NnModel *model = nn_model_load(path, &err);
    NnWorkspace *work = model != NULL ? nn_workspace_new(model, ROWS, false, &err) : NULL;
    if (work == NULL) {
        nn_model_free(model);
        return fail(&err);
    }
    float inputs[ROWS * NN_PIXELS];
    for (int i = 0; i < ROWS * NN_PIXELS; i++) {
        inputs[i] = (float)(i * 37 % 101) / 128.0f; // exact on both sides
    }
    const float *logits = nn_forward(model, work, inputs, ROWS);
    for (int i = 0; i < ROWS * NN_CLASSES; i++) {
        printf("%.9g\n", (double)logits[i]);
    }
    nn_workspace_free(work);
    nn_model_free(model);
    return 0;
}

int main(int argc, char **argv) {
    if (argc == 5 && strcmp(argv[1], "save") == 0) {
        return save(argv[2], argv[3], strtoull(argv[4], NULL, 10));
    }
    if (argc == 3 && strcmp(argv[1], "run") == 0) {
        return run(argv[2]);
    }
    fprintf(stderr, "usage: torch_exchange save FILE ACTIVATION SEED | run FILE\n");
    return 2;
}
