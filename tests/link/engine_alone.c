// A program of the engine alone: asks for something of each part, so that none is left out of the
// link.

#include <stdio.h>

#include "nn/nn.h"

int main(void) {
    NnError err = {0};
    size_t known = 0;
    NnDatasetInfo first = nn_dataset_known(&known)[0];
    NnModel *model = nn_model_load("/nowhere/at/all", &err);
    NnInk *ink = nn_ink_new(&err);
    NnRecipe recipe;
    NnPicture picture;
    bool refused = nn_recipe_parse("[]", 2, "none", &recipe, &err) != NN_OK &&
                   nn_picture_parse((const uint8_t *)"", 0, "none", &picture, &err) != NN_OK;
    printf("%s %zu %s\n", first.name, known, err.message);
    nn_ink_free(ink);
    return model == NULL && ink != NULL && refused ? 0 : 1;
}
