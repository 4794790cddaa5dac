// Recipe files and --set: whatever is accepted builds a network, whatever is refused says why.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nn/recipe.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void require(int holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "broken promise: %s\n", what);
        abort();
    }
}

static void check(NnStatus status, NnStatus refusal, const NnRecipe *recipe, const NnError *err) {
    if (status == NN_OK) {
        require(nn_arch_check(&recipe->arch, NULL) == NN_OK, "an accepted network can be built");
        require(recipe->batch >= 1 && recipe->epochs >= 1, "an accepted recipe trains");
    } else {
        require(status == refusal && err->status == status, "a refusal has its status");
        require(err->message[0] != '\0', "a refusal has its reason");
        for (const char *c = err->message; *c != '\0'; c++) {
            require((unsigned char)*c >= 0x20, "a message cannot drive a terminal");
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    NnRecipe recipe;
    NnError err = {0};
    check(nn_recipe_parse((const char *)bytes, n, "fuzz", &recipe, &err), NN_ERR_FORMAT, &recipe,
          &err);

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
