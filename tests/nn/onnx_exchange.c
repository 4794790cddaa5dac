// onnx_exchange - the engine's side of test_onnx.py.
//
//     onnx_exchange NET PICTURES ONNX    NET: a weight file, or a name from the table below.
//
// Writes the network to ONNX, and prints its ten probabilities for every picture in PICTURES, a file
// of 784 bytes each. onnx_exchange --list prints the names.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nn/block_net.h"
#include "nn/onnx.h"
#include "nn/reference_spatial.h"

#define ACT(a) .activation = NN_ACT_##a
#define CONV(o, k, s, p, ...)                                                                      \
    { .kind = NN_LAYER_CONV, .channels = o, .kernel = k, .stride = s, .padding = p, __VA_ARGS__ }
#define DENSE(n, ...)                                                                              \
    { .n_out = n, __VA_ARGS__ }
#define NORM(...)                                                                                  \
    { .kind = NN_LAYER_BATCH_NORM, __VA_ARGS__ }
#define POOL(k)                                                                                    \
    { .kind = NN_LAYER_MAX_POOL, .kernel = k }
#define AVERAGE                                                                                    \
    { .kind = NN_LAYER_AVERAGE_POOL }
#define FLATTEN                                                                                    \
    { .kind = NN_LAYER_FLATTEN }
#define LOGITS DENSE(NN_CLASSES, ACT(NONE))

typedef struct {
    const char *name;
    float mean, sd, temperature;
    NnLayer layers[12];
} Net;

static const Net nets[] = {
    {"linear", 0, 0, 0, {LOGITS}},
    {"relu", 0.1307f, 0.3081f, 1.7f, {DENSE(20, ACT(RELU)), LOGITS}},
    {"leaky relu", 0, 0.5f, 0, {DENSE(20, ACT(LEAKY_RELU)), LOGITS}},
    {"elu", 0.25f, 0, 0.5f, {DENSE(20, ACT(ELU)), LOGITS}},
    {"gelu", 0, 0, 1, {DENSE(20, ACT(GELU)), DENSE(20, ACT(GELU)), LOGITS}},
    {"swish", 0, 0, 0, {DENSE(20, ACT(SWISH)), LOGITS}},
    {"tanh", 0, 0, 0, {DENSE(20, ACT(TANH)), LOGITS}},
    {"sigmoid", 0, 0, 0, {DENSE(20, ACT(SIGMOID)), LOGITS}},
    {"residual",
     0.1307f,
     0.3081f,
     2,
     {DENSE(16, ACT(RELU)), DENSE(16, ACT(RELU), .residual = true),
      DENSE(16, ACT(TANH), .residual = true), LOGITS}},
    {"dense layers that add",
     0,
     0,
     0,
     {DENSE(12, ACT(TANH)), DENSE(12, ACT(TANH), .residual = true), DENSE(12, ACT(TANH), .add = 1),
      DENSE(9, ACT(TANH), .from = 1), DENSE(9, ACT(NONE), .from = 3, .add = 4), LOGITS}},
    {"dense layers, normalised", 0, 0, 0, {DENSE(18, ACT(NONE)), NORM(ACT(RELU)), LOGITS}},
    {"convolution",
     0.1307f,
     0.3081f,
     1.3f,
     {CONV(4, 3, 1, 1, ACT(RELU)), POOL(2), CONV(6, 5, 1, 0, ACT(GELU)), POOL(3), FLATTEN,
      DENSE(20, ACT(SWISH)), LOGITS}},
    {"blocks with a projection",
     0,
     0,
     0,
     {CONV(4, 3, 2, 1, ACT(NONE)), NORM(ACT(RELU)), CONV(6, 3, 2, 1, ACT(NONE)), NORM(ACT(NONE)),
      CONV(6, 1, 2, 0, ACT(NONE), .from = 2), NORM(ACT(RELU), .add = 4),
      CONV(6, 3, 1, 1, ACT(ELU), .residual = true), AVERAGE, DENSE(10, ACT(NONE))}},
    {"an average of what is left over",
     0.5f,
     0.5f,
     0.8f,
     {CONV(10, 3, 3, 0, ACT(LEAKY_RELU)), POOL(2), AVERAGE, LOGITS}},
    {"a row taken for a picture",
     0,
     0,
     0,
     {DENSE(12, ACT(RELU)), CONV(14, 1, 1, 0, ACT(SIGMOID)), NORM(ACT(RELU)),
      DENSE(12, ACT(NONE), .add = 1), LOGITS}},
};

enum { NETS = sizeof nets / sizeof nets[0] };

static int fail(const NnError *err) {
    fprintf(stderr, "%s\n", err->message);
    return 1;
}

static NnModel *make(const char *name, NnError *err) {
    for (size_t i = 0; i < NETS; i++) {
        if (strcmp(nets[i].name, name) != 0) {
            continue;
        }
        NnArch arch = {.name = "test",
                       .input_mean = nets[i].mean,
                       .input_sd = nets[i].sd,
                       .temperature = nets[i].temperature};
        while (nets[i].layers[arch.n_layers].n_out > 0 ||
               nets[i].layers[arch.n_layers].kind != NN_LAYER_DENSE) {
            arch.layers[arch.n_layers] = nets[i].layers[arch.n_layers];
            arch.n_layers++;
        }
        NnModel *model = nn_arch_infer(&arch, err) == NN_OK ? nn_model_new(&arch, err) : NULL;
        if (model != NULL) {
            ref_randomise_all(model, i);
        }
        return model;
    }
    return nn_model_load(name, err);
}

static int exchange(const char *net, const char *pictures, const char *onnx) {
    NnError err = {0};
    NnModel *model = make(net, &err);
    NnWorkspace *work = model != NULL ? nn_workspace_new(model, 1, false, &err) : NULL;
    if (work == NULL || nn_model_export_onnx(model, onnx, &err) != NN_OK) {
        nn_model_free(model);
        return fail(&err);
    }
    FILE *file = fopen(pictures, "rb");
    NnDigit digit;
    while (file != NULL && fread(digit.pixels, 1, NN_PIXELS, file) == NN_PIXELS) {
        NnAnswer answer;
        nn_classify(model, work, &digit, &answer);
        for (int c = 0; c < NN_CLASSES; c++) {
            printf("%.9g\n", (double)answer.probabilities[c]);
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    nn_workspace_free(work);
    nn_model_free(model);
    return file != NULL ? 0 : 1;
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "--list") == 0) {
        for (size_t i = 0; i < NETS; i++) {
            puts(nets[i].name);
        }
        return 0;
    }
    if (argc == 4) {
        return exchange(argv[1], argv[2], argv[3]);
    }
    fprintf(stderr, "usage: onnx_exchange NET PICTURES ONNX | --list\n");
    return 2;
}
