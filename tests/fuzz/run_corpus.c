// Runs a fuzz target without libFuzzer: every file of the corpus folder as it is, then a fixed
// number of mutations of each. Deterministic, so a failure here is a failure everywhere.
//
//     fuzz_idx tests/fuzz/corpus/idx [mutations of each file]
//
// With FUZZ_TRACE set each file is named on stderr before it is run: the last one is the one that
// crashed.

#define _POSIX_C_SOURCE 200809L
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

enum { FILE_MAX = 1 << 20, GROWTH = 64, MUTATIONS = 300, FILES_MAX = 512 };

// xorshift64*: the generator under test may not be the one that tests.
static uint64_t state;

static uint32_t next(uint32_t below) {
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (uint32_t)((state * 0x2545F4914F6CDD1Du) >> 33) % below;
}

static size_t mutate(uint8_t *bytes, size_t n) {
    static const uint8_t telling[] = {0, 1, 0x7F, 0x80, 0xFF, '"', '{', '}', '[', ',', '-', '9'};
    uint32_t times = 1 + next(4);
    for (uint32_t i = 0; i < times && n > 0; i++) {
        size_t at = next((uint32_t)n);
        size_t length = 1 + next(8);
        length = length < n - at ? length : n - at;
        switch (next(6)) {
        case 0:
            bytes[at] ^= (uint8_t)(1u << next(8));
            break;
        case 1:
            bytes[at] = telling[next(sizeof telling)];
            break;
        case 2:
            n = at; // cut off
            break;
        case 3: // take out
            memmove(bytes + at, bytes + at + length, n - at - length);
            n -= length;
            break;
        case 4: // say twice
            if (n + length <= FILE_MAX) {
                memmove(bytes + at + length, bytes + at, n - at);
                n += length;
            }
            break;
        default:
            for (size_t j = 0; j < length; j++) {
                bytes[at + j] = (uint8_t)next(256);
            }
        }
    }
    return n;
}

// An exact heap copy, so that a sanitizer sees a read of a single byte too much.
static void run(const uint8_t *bytes, size_t n) {
    uint8_t *copy = malloc(n > 0 ? n : 1);
    if (copy != NULL) {
        memcpy(copy, bytes, n);
        LLVMFuzzerTestOneInput(copy, n);
        free(copy);
    }
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int main(int argc, char **argv) {
    static uint8_t seed[FILE_MAX], work[FILE_MAX + GROWTH];
    static char *names[FILES_MAX];
    DIR *folder = argc > 1 ? opendir(argv[1]) : NULL;
    if (folder == NULL) {
        fprintf(stderr, "usage: %s CORPUS [MUTATIONS]\n", argv[0]);
        return 2;
    }
    int mutations = argc > 2 ? atoi(argv[2]) : MUTATIONS;
    size_t count = 0;
    for (struct dirent *entry = readdir(folder); entry != NULL && count < FILES_MAX;
         entry = readdir(folder)) {
        if (entry->d_name[0] != '.') {
            names[count++] = strdup(entry->d_name);
        }
    }
    closedir(folder);
    qsort(names, count, sizeof names[0], by_name);
    size_t runs = 0;
    for (size_t i = 0; i < count; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", argv[1], names[i]);
        FILE *file = fopen(path, "rb");
        if (file == NULL) {
            fprintf(stderr, "%s: cannot be read\n", path);
            return 1;
        }
        size_t n = fread(seed, 1, sizeof seed, file);
        fclose(file);
        if (getenv("FUZZ_TRACE") != NULL) {
            fprintf(stderr, "%s\n", path);
        }
        run(seed, n);
        state = 0x9E3779B97F4A7C15u + i;
        for (int j = 0; j < mutations; j++, runs++) {
            memcpy(work, seed, n);
            run(work, mutate(work, n));
        }
        free(names[i]);
        runs++;
    }
    printf("%zu files, %zu runs\n", count, runs);
    return count > 0 ? 0 : 1; // an empty corpus tests nothing
}
