#define _DEFAULT_SOURCE // utimensat, dirent
#include "train/study_cache.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sha2.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"

#define FOLDER "studies"
#define ENDING ".study"

enum {
    PATH_SIZE = 4096,
    SHA_DIGITS = STUDY_SHA - 1,
    VERSION = 1,
    FILES_MAX = 64,
    FILE_BYTES_MAX = 16 << 20, // 400,000 pictures; larger sets are evaluated anew
    BYTES_MAX = 64 << 20,      // of all files together
    SEEN_MAX = 4 * FILES_MAX,  // files looked at when making room
};

// As it lies in the file. Byte order and float format are the machine's: a file from another kind
// of machine fails the check of the version.
typedef struct {
    char magic[8];
    uint32_t version, classes;
    uint64_t network[2];
    uint64_t n;
    char data_sha256[SHA_DIGITS], model_sha256[SHA_DIGITS];
} Header;

static const char magic[8] = "NNSTUDY";

// --- what answers depend on ----------------------------------------------------------------------

// Multiply and fold, the step of wyhash: good spread at several bytes a cycle.
static uint64_t mix(uint64_t a, uint64_t b) {
    a ^= b;
    a *= 0x9e3779b97f4a7c15u;
    return a ^ a >> 29;
}

// Four independent chains, so that the multiplications overlap.
static void digest(uint64_t state[4], const void *bytes, size_t n) {
    const unsigned char *at = bytes;
    for (; n >= 32; at += 32, n -= 32) {
        for (int i = 0; i < 4; i++) {
            uint64_t word;
            memcpy(&word, at + 8 * i, sizeof word);
            state[i] = mix(state[i], word);
        }
    }
    unsigned char rest[32] = {0};
    memcpy(rest, at, n);
    for (int i = 0; i < 4; i++) {
        uint64_t word;
        memcpy(&word, rest + 8 * i, sizeof word);
        state[i] = mix(state[i], word + n);
    }
}

StudyKey study_key(const NnModel *model, const NnDataset *data) {
    StudyKey key = {.n = data->n};
    uint64_t state[4] = {1, 2, 3, 4};
    const NnArch *arch = nn_model_arch(model);
    for (int i = 0; i < arch->n_layers; i++) {
        const NnLayer *layer = &arch->layers[i];
        const int shape[] = {(int)layer->kind, layer->n_in,   layer->n_out,  (int)layer->activation,
                             layer->residual,  layer->kernel, layer->stride, layer->padding,
                             layer->channels,  layer->from,   layer->add};
        digest(state, shape, sizeof shape);
    }
    const float input[] = {arch->input_mean, arch->input_sd};
    digest(state, input, sizeof input);
    digest(state, nn_model_params_const(model), nn_model_block_count(model) * sizeof(float));
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 4; i++) {
            key.network[round] = mix(key.network[round], state[i] + (uint64_t)round);
        }
    }
    study_data_sha256(data, key.data_sha256);
    return key;
}

// --- the files -----------------------------------------------------------------------------------

static bool path_of(const StudyKey *key, char *path, size_t size) {
    char name[128];
    snprintf(name, sizeof name, FOLDER "/%016llx%016llx-%.16s" ENDING,
             (unsigned long long)key->network[0], (unsigned long long)key->network[1],
             key->data_sha256);
    return place_path(path, size, PLACE_CACHE, name);
}

static size_t logits_size(const StudyKey *key) {
    return key->n * NN_CLASSES * sizeof(float);
}

static size_t file_size_of(const StudyKey *key) {
    return sizeof(Header) + logits_size(key) + SHA_DIGITS;
}

static bool worth_keeping(const StudyKey *key) {
    return key->n <= FILE_BYTES_MAX / (NN_CLASSES * sizeof(float));
}

static Header header_of(const StudyKey *key) {
    Header header = {.version = VERSION,
                     .classes = NN_CLASSES,
                     .network = {key->network[0], key->network[1]},
                     .n = key->n};
    memcpy(header.magic, magic, sizeof magic);
    memcpy(header.data_sha256, key->data_sha256, sizeof header.data_sha256);
    return header;
}

bool study_cache_read(const StudyKey *key, float *logits, char *model_sha256) {
    char path[PATH_SIZE];
    size_t expected = file_size_of(key), size = 0;
    if (!worth_keeping(key) || !path_of(key, path, sizeof path)) {
        return false;
    }
    unsigned char *bytes = file_read(path, expected, &size, NULL);
    bool good = bytes != NULL && size == expected;
    if (good) {
        Header wanted = header_of(key), header;
        memcpy(&header, bytes, sizeof header);
        // Whatever it says of the network's own hash, the rest has to be what is asked for.
        memcpy(wanted.model_sha256, header.model_sha256, sizeof wanted.model_sha256);
        memcpy(model_sha256, header.model_sha256, sizeof header.model_sha256);
        model_sha256[sizeof header.model_sha256] = '\0';
        char sha[STUDY_SHA];
        SHA256Data(bytes, size - SHA_DIGITS, sha);
        good = memcmp(&wanted, &header, sizeof header) == 0 &&
               memcmp(sha, bytes + size - SHA_DIGITS, SHA_DIGITS) == 0 &&
               strspn(model_sha256, "0123456789abcdef") == sizeof header.model_sha256;
        if (good) {
            memcpy(logits, bytes + sizeof header, logits_size(key));
            // Making room goes by the time a file was last of use.
            (void)utimensat(AT_FDCWD, path, NULL, 0);
        }
    }
    mem_free(bytes);
    return good;
}

typedef struct {
    char name[64];
    struct timespec used;
    int64_t size;
} Kept;

static bool older(const Kept *a, const Kept *b) {
    return a->used.tv_sec != b->used.tv_sec ? a->used.tv_sec < b->used.tv_sec
                                            : a->used.tv_nsec < b->used.tv_nsec;
}

static size_t list_files(const char *folder, Kept *kept) {
    DIR *entries = opendir(folder);
    if (entries == NULL) {
        return 0;
    }
    size_t n = 0;
    const struct dirent *entry;
    while (n < SEEN_MAX && (entry = readdir(entries)) != NULL) {
        char path[PATH_SIZE];
        struct stat info;
        int length = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (text_ends_with(entry->d_name, ENDING) && length > 0 && (size_t)length < sizeof path &&
            text_copy(kept[n].name, sizeof kept[n].name, entry->d_name) &&
            lstat(path, &info) == 0 && S_ISREG(info.st_mode)) {
            kept[n].used = info.st_mtim;
            kept[n].size = (int64_t)info.st_size;
            n++;
        }
    }
    closedir(entries);
    return n;
}

// Removes the files longest unused until another one of this size fits.
static void make_room(const char *folder, int64_t size) {
    Kept *kept = mem_new(SEEN_MAX, sizeof *kept);
    if (kept == NULL) {
        return;
    }
    size_t n = list_files(folder, kept);
    int64_t sum = size;
    for (size_t i = 0; i < n; i++) {
        sum += kept[i].size;
    }
    while (n > 0 && (n + 1 > FILES_MAX || sum > BYTES_MAX)) {
        size_t oldest = 0;
        for (size_t i = 1; i < n; i++) {
            oldest = older(&kept[i], &kept[oldest]) ? i : oldest;
        }
        char path[PATH_SIZE];
        if (snprintf(path, sizeof path, "%s/%s", folder, kept[oldest].name) < (int)sizeof path) {
            (void)unlink(path);
        }
        sum -= kept[oldest].size;
        kept[oldest] = kept[--n];
    }
    mem_free(kept);
}

void study_cache_write(const StudyKey *key, const float *logits, const char *model_sha256) {
    char path[PATH_SIZE], folder[PATH_SIZE];
    size_t size = file_size_of(key);
    if (!worth_keeping(key) || !path_of(key, path, sizeof path) ||
        !place_path(folder, sizeof folder, PLACE_CACHE, FOLDER) ||
        folder_make(folder, NULL) != NN_OK) {
        return;
    }
    unsigned char *bytes = mem_new(size, 1);
    if (bytes == NULL) {
        return;
    }
    Header header = header_of(key);
    memcpy(header.model_sha256, model_sha256, sizeof header.model_sha256);
    memcpy(bytes, &header, sizeof header);
    memcpy(bytes + sizeof header, logits, logits_size(key));
    char sha[STUDY_SHA];
    SHA256Data(bytes, size - SHA_DIGITS, sha);
    memcpy(bytes + size - SHA_DIGITS, sha, SHA_DIGITS);
    folder_sweep(folder);
    make_room(folder, (int64_t)size);
    NnStatus status = file_save(path, bytes, size, NULL);
    (void)status; // computed again next time
    mem_free(bytes);
}
