// run_config.h - config.json: what a run is, and whether another one is the same.

#ifndef NN_TRAIN_RUN_CONFIG_H
#define NN_TRAIN_RUN_CONFIG_H

#include "nn/run.h"

enum { RUN_SHA_SIZE = 65 };

// What a data set was when the run began.
typedef struct {
    char name[64];
    size_t n;
    char images_sha256[RUN_SHA_SIZE], labels_sha256[RUN_SHA_SIZE];
} RunData;

typedef struct {
    NnRunConfig config;
    RunData train, test; // test.n is 0 unless it is tracked
    char teachers_sha256[NN_TEACHERS_MAX]
                        [RUN_SHA_SIZE]; // of the files; as many as the recipe names
    char start_sha256[RUN_SHA_SIZE];    // of the weights it begins with, "": none are named
} RunIdentity;

// A data set without hashes of its own (a slice, a made-up one) is hashed, and so are the teachers'
// files; the errors are those of reading them.
NnStatus run_identity(RunIdentity *identity, const NnRunConfig *config, const NnDataset *train,
                      const NnDataset *test, NnError *err) NN_MUST_CHECK;

// The text of the file, and the reading of such a text. run_config_text: NULL when out of memory; free
// with mem_free.
char *run_config_text(const RunIdentity *identity);
NnStatus run_config_parse(const void *bytes, size_t n, const char *path, RunIdentity *identity,
                          NnError *err) NN_MUST_CHECK;

NnStatus run_config_write(const char *path, const RunIdentity *identity,
                          NnError *err) NN_MUST_CHECK;
NnStatus run_config_read(const char *path, RunIdentity *identity, NnError *err) NN_MUST_CHECK;

// The first key that differs, NULL: the same run. keep_mb does not count. data: whether the data
// sets are compared, too.
const char *run_difference(const RunIdentity *a, const RunIdentity *b, bool data);

// The name of a teacher or a start that both runs name and that is another network by now; NULL: none.
const char *run_changed_network(const RunIdentity *then, const RunIdentity *now);

// SHA-256 of all that counts, for checkpoints to say whose they are. out has RUN_SHA_SIZE bytes.
NnStatus run_identity_sha256(const RunIdentity *identity, char *out, NnError *err) NN_MUST_CHECK;

#endif
