// torch_fixture.h - tests/fixtures/torch.json, and the numbers its script fed to PyTorch.

#ifndef TESTS_NN_TORCH_FIXTURE_H
#define TESTS_NN_TORCH_FIXTURE_H

#include "support/near.h"

#include <jansson.h>

// The script's noise(): multiples of 2^-15 in [-1, 1), times scale.
static inline void fixture_noise(float *out, uint32_t seed, size_t n, float scale) {
    for (size_t i = 0; i < n; i++) {
        uint32_t h = (uint32_t)(((uint64_t)seed * 1000003u + i) * 2654435761u);
        h ^= h >> 16;
        h *= 2246822519u;
        h ^= h >> 13;
        out[i] = ((float)(h & 0xffffu) / 32768.0f - 1.0f) * scale;
    }
}

static inline json_t *fixture_open(void) {
    json_error_t fault;
    json_t *root = json_load_file(TEST_FIXTURES "/torch.json", 0, &fault);
    if (root == NULL) {
        fail_msg("torch.json: %s", fault.text);
    }
    float noise[4];
    fixture_noise(noise, 1, 4, 1.0f);
    for (size_t i = 0; i < 4; i++) {
        assert_near(noise[i],
                    json_number_value(json_array_get(json_object_get(root, "noise_check"), i)), 0.0,
                    "noise", i);
    }
    return root;
}

static inline double fixture_number(const json_t *array, size_t i) {
    const json_t *number = json_array_get(array, i);
    assert_true(json_is_number(number));
    return json_number_value(number);
}

#endif
