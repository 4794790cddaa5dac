// alloc.h - the one way the program gets memory, so that a test can make any request fail.
//
// All sizes are checked: count * size that does not fit yields NULL, never a short block.
// jansson, stb_image_write and SDL are given these functions too. Thread-safe.
//
//     float *w = mem_new_aligned(n, sizeof *w);   if (w == NULL) return nn_fail(err, NN_ERR_NOMEM,
//     ...); mem_free(w);

#ifndef NN_BASE_ALLOC_H
#define NN_BASE_ALLOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Zeroed block of count * size bytes. NULL when out of memory or on overflow. 0 bytes gives a
// block that may be freed.
void *mem_new(size_t count, size_t size);

// The same, contents undefined, aligned to 64 bytes for the kernels. Blocks of 2 MiB and more are
// aligned to 2 MiB and offered to transparent huge pages. Freed with mem_free like any other.
void *mem_new_aligned(size_t count, size_t size);

// Grows or shrinks; on failure returns NULL and the old block is still there. Not for aligned
// blocks.
void *mem_resize(void *block, size_t count, size_t size);

void mem_free(void *block); // NULL is fine

char *mem_copy_text(const char *text);

// malloc-shaped forms, to be handed to libraries.
void *mem_malloc(size_t size);
void *mem_calloc(size_t count, size_t size);
void *mem_realloc(void *block, size_t size);

// Requests of this thread that got nothing, for want of memory or by order. Libraries that were
// given the functions above and swallow a failure are caught by comparing this before and after.
uint64_t mem_refusal_count(void);

// --- for tests and the overlay -------------------------------------------------------------------

// Number of requests made so far by this process.
uint64_t mem_request_count(void);

// The n-th request from now (1 = the next) fails; all later ones too when for_ever. 0: none.
void mem_fail_at(uint64_t n, bool for_ever);

#endif
