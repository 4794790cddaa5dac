// style.h - handwriting that no data set is needed for: the forms in which people around the world
// write each digit, as pen strokes.
//
// A form ("1 with a long flag and a foot") is a few strokes of control points; a drawing of it is
// those points moved, warped, slanted, stretched, turned and shaken at random, as hands do, and
// drawn into an NnInk like anything a person draws. A pure function of (form, seed, index).
//
//     size_t form = nn_style_random(7, seed, index);    // one of the sevens, frequent ones more
//     often nn_style_draw(form, seed, index, ink);            // a drawing: replay it, normalise it
//     nn_style_picture(form, seed, index, ink, &digit); // or at once what training sees
//
// Thread: reentrant; an NnInk belongs to one thread at a time.

#ifndef NN_STYLE_H
#define NN_STYLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nn/ink.h"

typedef struct {
    int digit;
    const char *name; // what sets it apart from the digit's other forms: "barred"
} NnStyleForm;

// All forms, sorted by digit.
size_t nn_style_count(void);
NnStyleForm nn_style_form(size_t form);

// A form of this digit, each as often as it is to be met with.
size_t nn_style_random(int digit, uint64_t seed, uint64_t index);

// Replaces what is in ink, history included. The ink is inside the canvas, the strokes are in
// the order and with the lifts of a hand. False: out of memory, ink is empty.
bool nn_style_draw(size_t form, uint64_t seed, uint64_t index, NnInk *ink);

// The same drawing normalised, with a pen of 1.8 to 3.8 pixels.
// ink is working memory that holds the drawing afterwards. False: out of memory, digit is paper.
bool nn_style_picture(size_t form, uint64_t seed, uint64_t index, NnInk *ink, NnDigit *digit);

#endif
