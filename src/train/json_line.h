// json_line.h - the line of a value in a JSON text, for messages.
//
// jansson checks a text but does not remember where its values stood, so the place is looked up
// once something was found wrong with the value.

#ifndef NN_TRAIN_JSON_LINE_H
#define NN_TRAIN_JSON_LINE_H

#include <stddef.h>

// text (n bytes) is valid JSON. path leads from the top to a member ("augment", "shear") or an item
// of a list ("layers", "2"). Lines count from 1; 0 when there is no such value.
int json_line_of(const char *text, size_t n, const char *const *path, size_t path_length);

#endif
