#include "train/start.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

static NnStatus other_layers(const NnRecipe *recipe, const NnModel *named, NnError *err) {
    char shown[NN_TEACHER_SIZE], layers[512], theirs[512];
    text_escape(shown, sizeof shown, recipe->start);
    nn_arch_describe(&recipe->arch, layers, sizeof layers);
    nn_arch_describe(nn_model_arch(named), theirs, sizeof theirs);
    NnStatus status = nn_fail(err, NN_ERR_SHAPE,
                              "\"start\" names %s, a network of other layers (%s) than \"%s\" (%s)",
                              shown, theirs, recipe->name, layers);
    nn_error_hint(err, "begin with random weights, --set start=, or name a network of the recipe's "
                       "layers or one whose convolutions, written out as "
                       "dense layers, have as many outputs");
    return status;
}

NnStatus start_load(Start *start, const NnRecipe *recipe, NnError *err) {
    *start = (Start){0};
    if (recipe->start[0] == '\0') {
        return NN_OK;
    }
    NnStatus status = network_load("start", recipe->start, &start->named, start->sha256, err);
    if (status != NN_OK) {
        return status;
    }
    if (!nn_arch_alike(nn_model_arch(start->named), &recipe->arch)) {
        start->dense = nn_model_unroll(start->named, NULL);
        if (start->dense == NULL || !nn_arch_alike(nn_model_arch(start->dense), &recipe->arch)) {
            status = other_layers(recipe, start->named, err);
            start_release(start);
            return status;
        }
    }
    network_note(start->note, sizeof start->note, recipe->start, start->sha256);
    return NN_OK;
}

const NnModel *start_weights(const Start *start) {
    return start->dense != NULL ? start->dense : start->named;
}

void start_release(Start *start) {
    nn_model_free(start->dense);
    nn_model_free(start->named);
    *start = (Start){0};
}
