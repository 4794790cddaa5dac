// mailbox.h - hand the newest value from one thread to another without waiting.
//
// One writer, one reader. Values may be skipped, never torn. For data that must all arrive use a
// queue.
//
//     Found *p = mailbox_back(box);  fill it;  mailbox_publish(box);    // writer
//     const Found *q = mailbox_latest(box, &fresh);                     // reader

#ifndef NN_BASE_MAILBOX_H
#define NN_BASE_MAILBOX_H

#include <stdbool.h>
#include <stddef.h>

typedef struct Mailbox Mailbox;

// Three zeroed slots of slot_size bytes. NULL if out of memory. Free with mailbox_free().
Mailbox *mailbox_new(size_t slot_size);
void mailbox_free(Mailbox *box); // NULL is fine; both threads must have let go

void *mailbox_back(Mailbox *box);   // writer thread only; contents are stale until filled
void mailbox_publish(Mailbox *box); // writer thread only; never waits

// Reader thread only. Valid until the next call. fresh (may be NULL) says whether it is new.
const void *mailbox_latest(Mailbox *box, bool *fresh);

#endif
