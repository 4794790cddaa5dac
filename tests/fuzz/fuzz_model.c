// A weight file, from the first byte to a network: whatever the bytes, a model that answers or a
// message.

#include <stddef.h>
#include <stdint.h>

#include "nn/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    NnError err = {0};
    NnModel *model = nn_model_parse(data, size, "fuzz", &err);
    if (model == NULL) {
        NN_ASSERT(err.status != NN_OK && err.message[0] != '\0');
        return 0;
    }
    NN_ASSERT(nn_arch_check(nn_model_arch(model), &err) == NN_OK);
    NnWorkspace *work = nn_workspace_new(model, 1, false, &err);
    if (work != NULL) {
        NnDigit digit = {{[400] = 255}};
        NnAnswer answer;
        nn_classify(model, work, &digit, &answer);
        NN_ASSERT(answer.digit >= 0 && answer.digit < NN_CLASSES);
        NN_ASSERT(answer.runner_up >= 0 && answer.runner_up < NN_CLASSES);
    }
    nn_workspace_free(work);
    nn_model_free(model);
    return 0;
}
