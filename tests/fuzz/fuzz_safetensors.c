// Weight files. Random bytes die at the length field, so the mutator keeps the frame and works on
// what is inside.

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "nn/safetensors.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    NnError err = {0};
    NnTensorFile *file = nn_tensors_parse(bytes, n, "fuzzed", &err);
    if (file == NULL) {
        for (const char *c = err.message; *c != '\0'; c++) {
            if ((unsigned char)*c < 0x20 || *c == 0x7F) {
                abort(); // could drive a terminal
            }
        }
        if (err.status == NN_OK || err.message[0] == '\0') {
            abort();
        }
        return 0;
    }
    size_t total = 0;
    for (size_t i = 0; i < nn_tensors_count(file); i++) {
        const NnTensor *tensor = nn_tensors_at(file, i);
        if (nn_tensors_find(file, tensor->name) != tensor) {
            abort();
        }
        for (size_t j = 0; j < tensor->count; j++) {
            if (!isfinite(tensor->data[j])) {
                abort();
            }
        }
        total += tensor->count;
    }
    if (total > n) { // no type has less than two bytes
        abort();
    }
    for (size_t i = 0; i < nn_tensors_meta_count(file); i++) {
        if (nn_tensors_meta(file, nn_tensors_meta_key(file, i)) == NULL) {
            abort();
        }
    }
    nn_tensors_free(file);
    return 0;
}

#if defined(INKLING_LIBFUZZER)
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t n, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t max, unsigned seed);

// Header or data is changed and the length follows; now and then the length itself.
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t max, unsigned seed) {
    uint64_t length = 0;
    if (n > 8) {
        memcpy(&length, bytes, sizeof length);
    }
    if (n <= 8 || length > n - 8 || seed % 8 == 0) {
        return LLVMFuzzerMutate(bytes, n, max);
    }
    size_t data = n - 8 - (size_t)length;
    if (seed % 2 == 0 && data > 0) {
        return 8 + length + LLVMFuzzerMutate(bytes + 8 + length, data, max - 8 - (size_t)length);
    }
    uint8_t *kept = malloc(data + 1);
    if (kept == NULL) {
        return n;
    }
    memcpy(kept, bytes + 8 + length, data);
    size_t changed = LLVMFuzzerMutate(bytes + 8, (size_t)length, max - 8 - data);
    memcpy(bytes + 8 + changed, kept, data);
    free(kept);
    length = changed;
    memcpy(bytes, &length, sizeof length);
    return 8 + changed + data;
}
#endif
