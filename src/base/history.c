// The table of chunks is of fixed size and its entries are written once, before the count that
// makes them reachable; so the one atomic is the count.
#include "base/history.h"

#include <stdatomic.h>
#include <string.h>

#include "base/alloc.h"
#include "nn/error.h"

enum { CHUNK_BYTES = 128 << 10, CHUNKS_MAX = 16384 };

struct History {
    size_t item_size, chunk_items;
    atomic_size_t count; // stored with release by the writer, loaded with acquire by readers
    unsigned char *chunks[CHUNKS_MAX];
};

History *history_new(size_t item_size) {
    History *history = mem_new(1, sizeof *history);
    if (history != NULL) {
        history->item_size = item_size;
        history->chunk_items = item_size < CHUNK_BYTES ? CHUNK_BYTES / item_size : 1;
        atomic_init(&history->count, 0);
    }
    return history;
}

void history_free(History *history) {
    if (history == NULL) {
        return;
    }
    for (size_t i = 0; i < CHUNKS_MAX && history->chunks[i] != NULL; i++) {
        mem_free(history->chunks[i]);
    }
    mem_free(history);
}

bool history_add(History *history, const void *item) {
    size_t n = atomic_load_explicit(&history->count, memory_order_relaxed);
    size_t chunk = n / history->chunk_items;
    if (chunk >= CHUNKS_MAX) {
        return false;
    }
    if (history->chunks[chunk] == NULL) {
        history->chunks[chunk] = mem_new(history->chunk_items, history->item_size);
        if (history->chunks[chunk] == NULL) {
            return false;
        }
    }
    memcpy(history->chunks[chunk] + n % history->chunk_items * history->item_size, item,
           history->item_size);
    atomic_store_explicit(&history->count, n + 1, memory_order_release);
    return true;
}

size_t history_count(const History *history) {
    return atomic_load_explicit(&history->count, memory_order_acquire);
}

const void *history_at(const History *history, size_t i) {
    NN_DEBUG_ASSERT(i < history_count(history));
    return history->chunks[i / history->chunk_items] +
           i % history->chunk_items * history->item_size;
}
