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

static float deviation(const NnArch *arch) {
    return arch->input_sd > 0 ? arch->input_sd : 1.0f;
}

static NnStatus other_inputs(const NnRecipe *recipe, const NnArch *theirs, NnError *err) {
    char shown[NN_TEACHER_SIZE];
    text_escape(shown, sizeof shown, recipe->start);
    NnStatus status =
        nn_fail(err, NN_ERR_SHAPE,
                "\"start\" names %s, whose pixels are standardised otherwise than those of \"%s\"",
                shown, recipe->name);
    nn_error_hint(err, "use --set input_mean=%g --set input_sd=%g", (double)theirs->input_mean,
                  (double)deviation(theirs));
    return status;
}

// The convolutions of the named network, written out, where the recipe's layers are these.
static NnStatus fit(Start *start, const NnRecipe *recipe, NnError *err) {
    const NnArch *theirs = nn_model_arch(start->named);
    if (!nn_arch_alike(theirs, &recipe->arch)) {
        NnError cause = {0};
        start->dense = nn_model_unroll(start->named, &cause);
        if (cause.status == NN_ERR_NOMEM) {
            return nn_fail(err, NN_ERR_NOMEM, "not enough memory for the start of \"%s\"",
                           recipe->name);
        }
        if (start->dense == NULL || !nn_arch_alike(nn_model_arch(start->dense), &recipe->arch)) {
            return other_layers(recipe, start->named, err);
        }
    }
    bool same = theirs->input_mean == recipe->arch.input_mean &&
                deviation(theirs) == deviation(&recipe->arch);
    return same ? NN_OK : other_inputs(recipe, theirs, err);
}

NnStatus start_load(Start *start, const NnRecipe *recipe, NnError *err) {
    *start = (Start){0};
    if (recipe->start[0] == '\0') {
        return NN_OK;
    }
    NnStatus status = network_load("start", recipe->start, &start->named, start->sha256, err);
    status = status == NN_OK ? fit(start, recipe, err) : status;
    if (status != NN_OK) {
        start_release(start);
        return status;
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
