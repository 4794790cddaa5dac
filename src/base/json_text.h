// json_text.h - jansson, made to tell the truth when memory runs out.
//
// Where it cannot grow a buffer, jansson 2.14 drops what did not fit and goes on: a file read then
// lacks a letter in a key, a file written lacks a quote. These two notice. They also give jansson
// our allocator.
//
//     json_t *root = json_text_parse(bytes, n, JSON_REJECT_DUPLICATES, &fault, &no_memory);
//     char *text = json_text_make(root, JSON_COMPACT);    mem_free(text);

#ifndef NN_BASE_JSON_TEXT_H
#define NN_BASE_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

// As json_loadb, flags and fault included. NULL with *no_memory says that the text is not to blame.
json_t *json_text_parse(const void *bytes, size_t n, size_t flags, json_error_t *fault,
                        bool *no_memory);

// As json_dumps; NULL when out of memory. Free with mem_free.
char *json_text_make(const json_t *value, size_t flags);

// Build up piece by piece with one check at the end: `rows = json_text_push(rows, row)`. Take over
// what they are given; NULL, and all of it freed, where any of it is NULL or memory runs out.
json_t *json_text_push(json_t *owned_array, json_t *owned_item);
json_t *json_text_put(json_t *owned_object, const char *key, json_t *owned_item);

#endif
