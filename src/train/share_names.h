// share_names.h - the names of the JSON files in a folder that comes with the program.

#ifndef NN_TRAIN_SHARE_NAMES_H
#define NN_TRAIN_SHARE_NAMES_H

#include <stddef.h>

#include "nn/error.h"

// Of assets/FOLDER, without ".json", sorted. NULL with *count = 0 where there are none. Free with
// nn_recipe_names_free.
char **share_names(const char *folder, size_t *count);

// Where the file called name is: a name with a slash in it, or that ends in ".json", is a path.
// NN_ERR_NOT_FOUND calls it a `what` and lists those there are.
NnStatus share_find(char *path, size_t size, const char *folder, const char *what, const char *name,
                    NnError *err) NN_MUST_CHECK;

#endif
