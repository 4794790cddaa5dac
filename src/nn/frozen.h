// frozen.h - a network that learns no more and is asked about very many pictures: in bf16, prepared
// once. Private to the engine; what a student's teachers are.
//
// The answers are nn_forward's but for rounding: operands of products and what convolutions give are
// rounded to bf16, sums are f32. A normalisation right behind a convolution is folded into its weights;
// a ReLU and an addition are done with it. What is said of a picture depends on that picture alone.
//
//     NnFrozen *frozen = nn_frozen_new(model, err);
//     void *room = mem_new_aligned(nn_frozen_room(frozen), 1);    // several networks may share it
//     nn_frozen_answer(frozen, room, logits, inputs, n);

#ifndef NN_NN_FROZEN_H
#define NN_NN_FROZEN_H

#include <stddef.h>

#include "nn/model.h"

typedef struct NnFrozen NnFrozen;

// The model may go. NULL with an error when out of memory.
NnFrozen *nn_frozen_new(const NnModel *model, NnError *err);
void nn_frozen_free(NnFrozen *frozen); // NULL is fine

size_t nn_frozen_room(const NnFrozen *frozen); // bytes that an answer needs meanwhile

// logits (n, 10) from inputs (n, 784), standardised. Any n. room is aligned to 64 bytes. No allocation.
// Thread: one at a time for a network, and for a room.
void nn_frozen_answer(NnFrozen *frozen, void *room, float *logits, const float *inputs, int n);

#endif
