// Says of each weight file on standard input whether the reader takes it: a line "ok" or "bad
// STATUS message" each. Files come as four bytes of length, little-endian, and the bytes.
// differential.py asks the questions.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "nn/safetensors.h"

int main(void) {
    uint8_t length[4];
    while (fread(length, 1, sizeof length, stdin) == sizeof length) {
        size_t n = (size_t)length[0] | (size_t)length[1] << 8 | (size_t)length[2] << 16 |
                   (size_t)length[3] << 24;
        uint8_t *bytes = malloc(n > 0 ? n : 1);
        if (bytes == NULL || fread(bytes, 1, n, stdin) != n) {
            return 1;
        }
        NnError err = {0};
        NnTensorFile *file = nn_tensors_parse(bytes, n, "x", &err);
        if (file != NULL) {
            puts("ok");
        } else {
            printf("bad %d %s\n", err.status, err.message);
        }
        nn_tensors_free(file);
        free(bytes);
    }
    return 0;
}
