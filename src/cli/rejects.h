// rejects.h - drawings that are no digits: how many got "not sure", as text and as JSON.

#ifndef INKLING_CLI_REJECTS_H
#define INKLING_CLI_REJECTS_H

#include <jansson.h>

#include "nn/metrics.h"

// {"n", "rejected", "share", "confidence", "most_claimed", "claimed"}; name, where it is not NULL, as
// the value of key. NULL: out of memory.
json_t *rejects_json(const char *key, const char *name, const NnRejects *rejects);

void rejects_print_head(void);
void rejects_print(const char *name, const NnRejects *rejects); // a line of the table

#endif
