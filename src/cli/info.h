// info.h - what `inkling info` says of each kind of file: a sentence that names it and says what it
// is, then a table, or all of it as one JSON object.

#ifndef INKLING_CLI_INFO_H
#define INKLING_CLI_INFO_H

#include <stdbool.h>

#include <jansson.h>

#include "nn/nn.h"

// info_model.c
NnStatus info_weights(const char *path, bool json, NnError *err) NN_MUST_CHECK;
NnStatus info_onnx(const char *path, bool json, NnError *err) NN_MUST_CHECK;
NnStatus info_recipe(const NnRecipe *recipe, bool json, NnError *err) NN_MUST_CHECK;
NnStatus info_ensemble(const char *path, bool json, NnError *err) NN_MUST_CHECK;

// info_data.c
NnStatus info_idx(const char *path, bool json, NnError *err) NN_MUST_CHECK;
NnStatus info_strokes(const char *path, bool json, NnError *err) NN_MUST_CHECK;
NnStatus info_picture(const char *path, bool json, NnError *err) NN_MUST_CHECK;

// info_run.c. A folder without a run is NN_ERR_NOT_FOUND.
NnStatus info_run(const char *folder, bool json, NnError *err) NN_MUST_CHECK;
NnStatus info_events(const char *path, bool json, NnError *err) NN_MUST_CHECK;

// info_sweep.c
bool info_is_sweep(const char *path); // a JSON file that plans runs
NnStatus info_sweep(const char *name, bool json, NnError *err) NN_MUST_CHECK; // or a path

// "digits.onnx is ..." with the path escaped and a full stop at the end: format is what follows it.
void info_sentence(const char *path, const char *format, ...) NN_PRINTF(2, 3);

// A row of the table, its value escaped; a name that repeats is "".
void info_row(const char *name, const char *format, ...) NN_PRINTF(2, 3);

// Text out of a file that may hold anything, for JSON: what is no UTF-8 is escaped first.
json_t *info_text(const char *text);
json_t *info_put(json_t *owned_object, const char *key, json_t *owned_item);

#endif
