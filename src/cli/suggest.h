// suggest.h - the name somebody probably meant.

#ifndef INKLING_CLI_SUGGEST_H
#define INKLING_CLI_SUGGEST_H

#include <stdbool.h>
#include <stddef.h>

// The candidate (names separated by '|') closest to word, copied to out; false when none is close.
bool nearest_name(const char *word, const char *candidates, char *out, size_t size);

#endif
