// letters.h - pen forms of letters that look like no digit: for scribbles.

#ifndef NN_INK_LETTERS_H
#define NN_INK_LETTERS_H

#include <stddef.h>

enum { LETTER_LIFT = -2, LETTER_END = -1 };

typedef struct {
    char name;
    const signed char *points; // x, y in tenths of the box, 0..10; LETTER_LIFT between strokes
} Letter;

extern const Letter letters[];
extern const size_t letters_count;

#endif
