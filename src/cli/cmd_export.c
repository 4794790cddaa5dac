// cmd_export.c - a network in a form that other programs run.

#include <stdio.h>

#include "base/file.h"
#include "base/text.h"
#include "cli/run.h"

NnStatus cmd_export(Cli *cli, NnError *err) {
    const Args *args = &cli->args;
    const char *name = args_operand(args, 0), *out = args_text(args, "onnx");
    if (out == NULL) {
        NnStatus status = nn_fail(err, NN_ERR_USAGE, "export needs --onnx FILE: where it goes");
        nn_error_hint(err, "for example: inkling export %s --onnx digits.onnx", DEFAULT_MODEL);
        return status;
    }
    char path[512];
    NnStatus status = model_find(name, path, sizeof path, err);
    if (status != NN_OK) {
        return status;
    }
    NnModel *model = nn_model_load(path, err);
    if (model == NULL) {
        return err->status;
    }
    status = nn_model_export_onnx(model, out, err);
    char layers[1024], shown[256];
    nn_arch_describe(nn_model_arch(model), layers, sizeof layers);
    nn_model_free(model);
    if (status != NN_OK) {
        return status;
    }
    if (args_has(args, "json")) {
        return json_print(json_pack("{s:s, s:s, s:s, s:I}", "model", name, "onnx", out, "layers",
                                    layers, "bytes", (json_int_t)file_size(out)),
                          err);
    }
    text_escape(shown, sizeof shown, out);
    printf("network    %s\nsaved      %s, %lld bytes\n", layers, shown, (long long)file_size(out));
    printf("input      pixels [batch, 1, 28, 28], paper 0 to ink 1, normalised as MNIST's\n");
    printf("output     probabilities [batch, 10]\n");
    return NN_OK;
}
