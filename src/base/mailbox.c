// Three slots: one belongs to the writer, one to the reader, one lies between them. Publishing
// swaps the writer's slot with the middle one, reading swaps the reader's with it, each by one
// atomic exchange; so neither ever holds a slot the other may touch.
#include "base/mailbox.h"

#include <stdatomic.h>

#include "base/alloc.h"

enum { FRESH = 4 }; // set in `middle` when nobody has read that slot since it was published

struct Mailbox {
    size_t slot_size;
    atomic_uint middle; // slot number, maybe with FRESH
    unsigned back;      // the writer's
    unsigned front;     // the reader's
    unsigned char *slots;
};

Mailbox *mailbox_new(size_t slot_size) {
    Mailbox *box = mem_new(1, sizeof *box);
    if (box == NULL) {
        return NULL;
    }
    // Rounded up so that no two slots share a cache line or lose the block's alignment.
    box->slot_size = (slot_size + 63) / 64 * 64;
    box->slots = mem_new(3, box->slot_size);
    if (box->slots == NULL) {
        mem_free(box);
        return NULL;
    }
    box->back = 0;
    atomic_init(&box->middle, 1);
    box->front = 2;
    return box;
}

void mailbox_free(Mailbox *box) {
    if (box != NULL) {
        mem_free(box->slots);
        mem_free(box);
    }
}

void *mailbox_back(Mailbox *box) {
    return box->slots + box->back * box->slot_size;
}

void mailbox_publish(Mailbox *box) {
    // Release: the filled slot is seen by whoever takes it. Acquire: the slot we get back is no
    // longer read.
    unsigned old = atomic_exchange_explicit(&box->middle, box->back | FRESH, memory_order_acq_rel);
    box->back = old & ~(unsigned)FRESH;
}

const void *mailbox_latest(Mailbox *box, bool *fresh) {
    bool is_new = (atomic_load_explicit(&box->middle, memory_order_relaxed) & FRESH) != 0;
    if (is_new) {
        unsigned old = atomic_exchange_explicit(&box->middle, box->front, memory_order_acq_rel);
        box->front = old & ~(unsigned)FRESH;
    }
    if (fresh != NULL) {
        *fresh = is_new;
    }
    return box->slots + box->front * box->slot_size;
}
