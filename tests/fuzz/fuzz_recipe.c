// Recipe files, ensembles and --set: whatever is accepted builds a network, whatever is refused says why.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nn/ensemble.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void require(int holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "broken promise: %s\n", what);
        abort();
    }
}

static void check_refusal(NnStatus status, NnStatus refusal, const NnError *err) {
    require(status == refusal && err->status == status, "a refusal has its status");
    require(err->message[0] != '\0', "a refusal has its reason");
    for (const char *c = err->message; *c != '\0'; c++) {
        require((unsigned char)*c >= 0x20, "a message cannot drive a terminal");
    }
}

static void check(NnStatus status, NnStatus refusal, const NnRecipe *recipe, const NnError *err) {
    if (status == NN_OK) {
        require(nn_arch_check(&recipe->arch, NULL) == NN_OK, "an accepted network can be built");
        require(recipe->batch >= 1 && recipe->epochs >= 1, "an accepted recipe trains");
    } else {
        check_refusal(status, refusal, err);
    }
}

static void check_ensemble(const uint8_t *bytes, size_t n) {
    NnEnsemble ensemble;
    NnError err = {0};
    NnStatus status = nn_ensemble_parse((const char *)bytes, n, "fuzz", &ensemble, &err);
    if (status == NN_OK) {
        require(ensemble.n_members >= 1 && ensemble.n_members <= NN_MEMBERS_MAX &&
                    ensemble.members[0].recipe[0] != '\0',
                "an accepted ensemble has members");
    } else {
        check_refusal(status, NN_ERR_FORMAT, &err);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    NnRecipe recipe;
    NnError err = {0};
    check(nn_recipe_parse((const char *)bytes, n, "fuzz", &recipe, &err), NN_ERR_FORMAT, &recipe,
          &err);

    check_ensemble(bytes, n);
    static const char plain[] = "{\"name\": \"a\", \"layers\": [{\"dense\": 10}]}";
    require(nn_recipe_parse(plain, strlen(plain), "plain", &recipe, NULL) == NN_OK,
            "a plain one is read");
    char *text = malloc(n + 1);
    if (text != NULL) {
        memcpy(text, bytes, n);
        text[n] = '\0';
        err = (NnError){0};
        check(nn_recipe_set(&recipe, text, &err), NN_ERR_USAGE, &recipe, &err);
        free(text);
    }
    return 0;
}
