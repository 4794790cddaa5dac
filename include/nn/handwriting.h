// handwriting.h - how a network reads what this program writes itself: every form of every digit
// (style.h), and what it should not take for a digit: every kind of scribble (scribble.h) and of
// near-digit (near_digit.h).
//
//     NnHand *hand = nn_hand_new(model, err);
//     for (size_t row = 0; row < nn_hand_rows(); row++) {
//         int right = nn_hand_try(hand, row, NN_HAND_SEED, NN_HAND_TRIES);
//
// Thread: one at a time for an NnHand.

#ifndef NN_HANDWRITING_H
#define NN_HANDWRITING_H

#include "nn/model.h"

// No recipe trains with this seed; the shares that model cards give are of so many drawings of it.
enum { NN_HAND_SEED = 2026, NN_HAND_TRIES = 100 };

// Rows: the forms, sorted by digit, then the kinds of what is no digit.
size_t nn_hand_rows(void);
int nn_hand_digit(size_t row); // -1: no digit
const char *nn_hand_name(size_t row);

typedef struct NnHand NnHand;

// Borrows the model; NULL: draws alone.
NnHand *nn_hand_new(const NnModel *model, NnError *err);
void nn_hand_free(NnHand *hand); // NULL is fine

// A drawing, brought to 28x28 as a person's is. answer may be NULL. False: out of memory.
bool nn_hand_draw(NnHand *hand, size_t row, uint64_t seed, uint64_t index, NnDigit *digit,
                  NnAnswer *answer);

// Whether that was the right thing to say: the digit, or "not sure" of what is none.
bool nn_hand_right(size_t row, const NnAnswer *answer);

// How many of drawings 0 .. n - 1 are answered rightly; -1: out of memory.
int nn_hand_try(NnHand *hand, size_t row, uint64_t seed, int n);

// A table of right answers by row, of n drawings each: digit, form, n, right, share. Negative: left out.
NnStatus nn_hand_write_csv(const int *right, int n, const char *path, NnError *err) NN_MUST_CHECK;

#endif
