// arena.h - memory that is given back all at once: a frame, a parse, a run.
//
// Chunks are kept over arena_reset, so in a steady state nothing is requested from the system.
// Freed space is poisoned under AddressSanitizer. Not thread-safe.

#ifndef NN_BASE_ARENA_H
#define NN_BASE_ARENA_H

#include <stddef.h>

typedef struct ArenaChunk ArenaChunk;

typedef struct {
    ArenaChunk *first;
    ArenaChunk *current;
    size_t chunk_size; // 0 means 64 KiB
} Arena; // zero-initialised is ready to use

// Zeroed, aligned to 16 bytes. NULL when out of memory. Valid until reset or release.
void *arena_take(Arena *arena, size_t count, size_t size);
char *arena_printf(Arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

void arena_reset(Arena *arena);   // everything taken is invalid; the chunks stay
void arena_release(Arena *arena); // gives the chunks back; the arena may be used again

#endif
