#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#endif
#endif
#ifndef ASAN_POISON_MEMORY_REGION
#define ASAN_POISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

struct ArenaChunk {
    ArenaChunk *next;
    size_t used;
    size_t size;
    size_t padding; // keeps the bytes after the header aligned to 16
};

enum { ALIGNMENT = 16, DEFAULT_CHUNK = 64 << 10 };

static unsigned char *bytes_of(ArenaChunk *chunk) {
    return (unsigned char *)(chunk + 1);
}

static ArenaChunk *chunk_with(Arena *arena, size_t need) {
    ArenaChunk *last = NULL;
    for (ArenaChunk *c = arena->current; c != NULL; last = c, c = c->next) {
        if (c->size - c->used >= need) {
            return c;
        }
    }
    size_t size = arena->chunk_size > 0 ? arena->chunk_size : DEFAULT_CHUNK;
    size = need > size ? need : size;
    ArenaChunk *chunk = size > SIZE_MAX - sizeof *chunk ? NULL : mem_new(1, sizeof *chunk + size);
    if (chunk == NULL) {
        return NULL;
    }
    chunk->size = size;
    ASAN_POISON_MEMORY_REGION(bytes_of(chunk), size);
    if (last != NULL) {
        last->next = chunk;
    } else {
        arena->first = chunk;
    }
    return chunk;
}

void *arena_take(Arena *arena, size_t count, size_t size) {
    if (size != 0 && count > (SIZE_MAX - ALIGNMENT) / size) {
        return NULL;
    }
    size_t need = (count * size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    need = need > 0 ? need : ALIGNMENT;
    ArenaChunk *chunk = chunk_with(arena, need);
    if (chunk == NULL) {
        return NULL;
    }
    arena->current = chunk;
    unsigned char *block = bytes_of(chunk) + chunk->used;
    chunk->used += need;
    ASAN_UNPOISON_MEMORY_REGION(block, need);
    memset(block, 0, need);
    return block;
}

char *arena_printf(Arena *arena, const char *format, ...) {
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = n < 0 ? NULL : arena_take(arena, (size_t)n + 1, 1);
    if (text != NULL) {
        vsnprintf(text, (size_t)n + 1, format, again);
    }
    va_end(again);
    return text;
}

void arena_reset(Arena *arena) {
    for (ArenaChunk *c = arena->first; c != NULL; c = c->next) {
        ASAN_POISON_MEMORY_REGION(bytes_of(c), c->size);
        c->used = 0;
    }
    arena->current = arena->first;
}

void arena_release(Arena *arena) {
    ArenaChunk *chunk = arena->first;
    while (chunk != NULL) {
        ArenaChunk *next = chunk->next;
        ASAN_UNPOISON_MEMORY_REGION(bytes_of(chunk), chunk->size);
        mem_free(chunk);
        chunk = next;
    }
    arena->first = NULL;
    arena->current = NULL;
}
