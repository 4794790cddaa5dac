// neighbours.h - which training pictures the network finds most like the one on view.
//
// A thread of low priority runs the 60,000 training digits of MNIST, or another set, through the network once, in chunks
// read straight from the IDX file, and keeps of each only its outputs in the last hidden layer, as
// bytes: about 15 MB instead of 47 MB of pictures and 120 MB of floats. A drawing is then compared
// with all of them by the cosine of the angle between these outputs. Queries and findings cross by
// mailbox: newest wins, nobody waits. Thread: UI, except what runs inside.

#ifndef INKLING_APP_NEIGHBOURS_H
#define INKLING_APP_NEIGHBOURS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nn/model.h"

enum { NEIGHBOURS_SHOWN = 12, NEIGHBOURS_FEATURES_MAX = 4096 };

typedef struct {
    uint32_t index; // in the training set
    uint8_t label;
    float likeness; // cosine, -1..1
    uint8_t pixels[NN_PIXELS];
} Neighbour;

typedef struct {
    unsigned query; // which drawing this answers
    int n;
    Neighbour nearest[NEIGHBOURS_SHOWN];
    size_t indexed, total; // training digits seen so far
    char trouble[800];     // a sentence or two if it cannot be done, else ""
} Findings;

typedef struct Neighbours Neighbours;

// Starts the thread over the training pictures of a data set ("mnist"; a literal). The model must stay as it is until neighbours_free. wake(user) is called from
// the thread when there are new findings; may be NULL. NULL on failure: no memory, no thread, or no
// hidden layer.
Neighbours *neighbours_new(const NnModel *model, const char *set, void (*wake)(void *user),
                           void *user);
void neighbours_free(Neighbours *self); // stops and joins; NULL is fine

// Asks for the nearest of these outputs (n) of the last hidden layer.
void neighbours_ask(Neighbours *self, unsigned query, const float *features, int n);

// The newest findings; valid until the next call.
const Findings *neighbours_latest(Neighbours *self);

// Waits (in real time) until everything asked is answered, or until nothing has been done for so many
// seconds (base/patience.h): for pictures and tests. 0: does not wait.
bool neighbours_settle(Neighbours *self, double seconds);

#endif
