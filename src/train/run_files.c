#define _POSIX_C_SOURCE 200809L
#include "train/run_files.h"

#include <dirent.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/json_text.h"
#include "base/text.h"
#include "train/run_log.h"

enum { RESULT_MAX_BYTES = 1 << 16, DIGITS = 9 };

// --- result.json ---------------------------------------------------------------------------------

static json_t *real_or_null(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

NnStatus run_result_write(const char *path, const char *recipe, uint64_t seed, const NnRunResult *r,
                          NnError *err) {
    json_t *object = json_pack(
        "{s:s, s:s, s:I, s:i, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:s, "
        "s:s}",
        "status", r->state == NN_RUN_FAILED ? "failed" : "done", "recipe", recipe, "seed",
        (json_int_t)seed, "epochs", r->epochs, "best_epoch", r->best_epoch, "val_loss",
        real_or_null(r->val_loss), "val_accuracy", real_or_null(r->val_accuracy), "test_loss",
        real_or_null(r->test_loss), "test_accuracy", real_or_null(r->test_accuracy), "test_stderr",
        real_or_null(r->test_stderr), "test_precision", real_or_null(r->test_precision),
        "test_recall", real_or_null(r->test_recall), "test_f1", real_or_null(r->test_f1), "seconds",
        real_or_null(r->seconds), "weights_sha256", r->weights_sha256, "network", r->network,
        "message", r->message);
    char *text = object != NULL
                     ? json_text_make(object, JSON_INDENT(2) | JSON_REAL_PRECISION(DIGITS))
                     : NULL;
    json_decref(object);
    NnStatus status = text != NULL ? file_save(path, text, strlen(text), err)
                                   : nn_fail_file(err, NN_ERR_NOMEM, path, -1,
                                                  "not enough memory for the result");
    mem_free(text);
    return status;
}

static double number(const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

// They are printed: what is no digest could drive a terminal.
static bool is_sha256(const char *text) {
    return strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64;
}

static bool from_json(const json_t *object, NnRunResult *r) {
    const char *status = json_string_value(json_object_get(object, "status"));
    const char *sha = json_string_value(json_object_get(object, "weights_sha256"));
    const char *network = json_string_value(json_object_get(object, "network"));
    const char *message = json_string_value(json_object_get(object, "message"));
    const json_t *epochs = json_object_get(object, "epochs"),
                 *best = json_object_get(object, "best_epoch");
    if (status == NULL || sha == NULL || network == NULL || message == NULL ||
        !json_is_integer(epochs) || !json_is_integer(best) ||
        (strcmp(status, "done") != 0 && strcmp(status, "failed") != 0) ||
        strchr(network, '/') != NULL || !is_sha256(sha)) {
        return false;
    }
    r->epochs = (int)json_integer_value(epochs);
    r->best_epoch = (int)json_integer_value(best);
    r->val_loss = number(object, "val_loss");
    r->val_accuracy = number(object, "val_accuracy");
    r->test_loss = number(object, "test_loss");
    r->test_accuracy = number(object, "test_accuracy");
    r->test_stderr = number(object, "test_stderr");
    r->test_precision = number(object, "test_precision");
    r->test_recall = number(object, "test_recall");
    r->test_f1 = number(object, "test_f1");
    r->seconds = number(object, "seconds");
    r->state = strcmp(status, "done") == 0 ? NN_RUN_DONE : NN_RUN_FAILED;
    text_copy(r->message, sizeof r->message, message);
    return text_copy(r->weights_sha256, sizeof r->weights_sha256, sha) &&
           text_copy(r->network, sizeof r->network, network);
}

bool run_result_parse(const void *bytes, size_t n, NnRunResult *result) {
    bool no_memory;
    json_t *object = json_text_parse(bytes, n, JSON_REJECT_DUPLICATES, NULL, &no_memory);
    *result = (NnRunResult){.state = NN_RUN_STARTED};
    bool read = from_json(object, result);
    json_decref(object);
    if (!read) {
        *result = (NnRunResult){.state = NN_RUN_STARTED};
    }
    return read;
}

bool run_result_read(const char *path, NnRunResult *result) {
    size_t n = 0;
    unsigned char *bytes = file_read(path, RESULT_MAX_BYTES, &n, NULL);
    bool read = run_result_parse(bytes != NULL ? (const char *)bytes : "", n, result);
    mem_free(bytes);
    return read;
}

// --- epochs/ -------------------------------------------------------------------------------------

static const char CHECKPOINT[] = ".checkpoint.safetensors", NETWORK[] = ".safetensors";
static const char BASE[] = ".base.safetensors";

void run_epoch_path(char *out, size_t size, const char *folder, int epoch, bool checkpoint) {
    snprintf(out, size, "%s/epochs/%03d%s", folder, epoch, checkpoint ? CHECKPOINT : NETWORK);
}

static void drop(const char *folder, int epoch) {
    char path[RUN_PATH_SIZE];
    run_epoch_path(path, sizeof path, folder, epoch, false);
    (void)unlink(path); // mostly there is none
    run_epoch_path(path, sizeof path, folder, epoch, true);
    (void)unlink(path);
}

// The smallest power of two whose multiples up to epoch fit the limit; 0: not even one does.
static int stride_for(int epoch, int64_t bytes, int keep_mb) {
    int64_t room = bytes > 0 ? ((int64_t)keep_mb << 20) / bytes : 0;
    int stride = 1;
    while (room > 0 && epoch / stride > room) {
        stride *= 2;
    }
    return room > 0 ? stride : 0;
}

NnStatus run_epoch_keep(const char *folder, int epoch, int keep_mb, const char *network,
                        const char *checkpoint, int *stride, NnError *err) {
    int now = stride_for(epoch, file_size(network) + file_size(checkpoint), keep_mb);
    if (now != *stride) {
        for (int i = 1; i < epoch; i++) {
            if (now == 0 || i % now != 0) {
                drop(folder, i);
            }
        }
        *stride = now;
    }
    if (now == 0 || epoch % now != 0) {
        return NN_OK;
    }
    char path[RUN_PATH_SIZE];
    snprintf(path, sizeof path, "%s/epochs", folder);
    NnStatus status = folder_make(path, err);
    run_epoch_path(path, sizeof path, folder, epoch, false);
    status = status == NN_OK ? file_share(network, path, err) : status;
    run_epoch_path(path, sizeof path, folder, epoch, true);
    return status == NN_OK ? file_share(checkpoint, path, err) : status;
}

// The number that a file's name begins with and what follows it; 0: no epoch's.
static int number_of(const char *name, const char **rest) {
    char *end;
    long epoch = name[0] >= '0' && name[0] <= '9' ? strtol(name, &end, 10) : 0;
    if (epoch <= 0 || epoch > INT32_MAX) {
        return 0;
    }
    *rest = end;
    return (int)epoch;
}

void run_base_path(char *out, size_t size, const char *folder, int epoch) {
    snprintf(out, size, "%s/epochs/%03d%s", folder, epoch, BASE);
}

int run_base_epoch(const char *folder) {
    char path[RUN_PATH_SIZE];
    snprintf(path, sizeof path, "%s/epochs", folder);
    DIR *list = opendir(path);
    const struct dirent *entry;
    int base = 0;
    while (list != NULL && (entry = readdir(list)) != NULL) {
        const char *rest;
        int epoch = number_of(entry->d_name, &rest);
        base = epoch > 0 && strcmp(rest, BASE) == 0 && (base == 0 || epoch < base) ? epoch : base;
    }
    if (list != NULL) {
        closedir(list);
    }
    return base;
}

// The new one first: of two that a crash leaves, the earlier counts.
NnStatus run_base_keep(const char *folder, int epoch, const char *checkpoint, NnError *err) {
    char path[RUN_PATH_SIZE];
    int before = run_base_epoch(folder);
    NnStatus status = NN_OK;
    if (epoch > 0) {
        snprintf(path, sizeof path, "%s/epochs", folder);
        status = folder_make(path, err);
        run_base_path(path, sizeof path, folder, epoch);
        status = status == NN_OK ? file_share(checkpoint, path, err) : status;
    }
    if (status == NN_OK && before > 0 && before != epoch) {
        run_base_path(path, sizeof path, folder, before);
        (void)unlink(path);
    }
    return status;
}

// The epoch a file in epochs/ belongs to, 0: none of ours.
static int epoch_of(const char *name) {
    const char *rest;
    int epoch = number_of(name, &rest);
    return epoch > 0 && (strcmp(rest, CHECKPOINT) == 0 || strcmp(rest, NETWORK) == 0) ? epoch : 0;
}

void run_epochs_drop_after(const char *folder, int epoch) {
    char path[RUN_PATH_SIZE];
    snprintf(path, sizeof path, "%s/epochs", folder);
    DIR *list = opendir(path);
    const struct dirent *entry;
    while (list != NULL && (entry = readdir(list)) != NULL) {
        if (epoch_of(entry->d_name) > epoch) {
            drop(folder, epoch_of(entry->d_name));
        }
    }
    if (list != NULL) {
        closedir(list);
    }
}
