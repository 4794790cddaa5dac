// run_files.h - result.json, and the folder epochs/ of a run.

#ifndef NN_TRAIN_RUN_FILES_H
#define NN_TRAIN_RUN_FILES_H

#include "nn/run.h"

NnStatus run_result_write(const char *path, const char *recipe, uint64_t seed,
                          const NnRunResult *result, NnError *err) NN_MUST_CHECK;

// False, with result->state NN_RUN_STARTED, when there is none or it cannot be read.
bool run_result_read(const char *path, NnRunResult *result);
bool run_result_parse(const void *bytes, size_t n, NnRunResult *result);

// "FOLDER/epochs/007.safetensors" or "FOLDER/epochs/007.checkpoint.safetensors".
void run_epoch_path(char *out, size_t size, const char *folder, int epoch, bool checkpoint);

// Keeps the files at network and checkpoint as those of an epoch, within keep_mb: a power of two
// says which epochs are kept, and it grows with the run. *stride is 0 at first and belongs to the
// caller between calls.
NnStatus run_epoch_keep(const char *folder, int epoch, int keep_mb, const char *network,
                        const char *checkpoint, int *stride, NnError *err) NN_MUST_CHECK;

// "FOLDER/epochs/007.base.safetensors": the state a branch began with, which no thinning drops.
void run_base_path(char *out, size_t size, const char *folder, int epoch);
int run_base_epoch(const char *folder); // 0: it began at its start
// Keeps the file at checkpoint as that; epoch 0: there is none any more.
NnStatus run_base_keep(const char *folder, int epoch, const char *checkpoint,
                       NnError *err) NN_MUST_CHECK;

void run_epochs_drop_after(const char *folder, int epoch);

#endif
