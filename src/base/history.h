// history.h - a series that one thread writes and another reads while it grows, without waiting.
//
// Chunks of fixed size never move, so what has been read once stays true: the prefix never changes.
// For values of which only the newest counts use mailbox.h.
//
//     if (!history_add(history, &point)) { out of memory: the point is lost }      // writer
//     size_t n = history_count(history);
//     for (; seen < n; seen++) { draw(history_at(history, seen)); }                // reader

#ifndef NN_BASE_HISTORY_H
#define NN_BASE_HISTORY_H

#include <stdbool.h>
#include <stddef.h>

typedef struct History History;

// Items of item_size bytes (not 0) without pointers of their own. NULL if out of memory.
History *history_new(size_t item_size);
void history_free(History *history); // NULL is fine; both threads must have let go

// Writer thread only. False, with nothing changed, when there is no memory or no room (16,384 blocks
// of 128 KiB). Allocates a block at a time.
bool history_add(History *history, const void *item);

size_t history_count(const History *history);             // any thread
const void *history_at(const History *history, size_t i); // i below a count seen by this thread

#endif
