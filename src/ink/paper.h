// paper.h - telling the ink of a digit from the paper it is on, in a grey picture.
//
// Paper may be lighter or darker than the ink, lit unevenly, ruled, speckled. What comes out is
// coverage as a drawing would have it: 0 paper, 255 ink, soft at the edges.

#ifndef NN_INK_PAPER_H
#define NN_INK_PAPER_H

#include <stdbool.h>
#include <stdint.h>

#include "ink/grid.h"
#include "nn/error.h"

enum {
    PAPER_SIDE = 512, // larger pictures are worked on at this size
    PAPER_SMALL = 64, // up to here a picture is a digit cut out already: no table, no ruled lines
};

typedef struct {
    int width, height;
    uint8_t *plain; // the picture as it is, paper being the dark side
    uint8_t *ink;   // the ink alone, 0 everywhere when none was found
    uint8_t *spare;
    GridRect
        box; // of the ink, edges to a fraction of a pixel; the whole picture when there is none
} Paper;

// NN_ERR_FORMAT when there is no ink to be found: paper is filled all the same. Release it in any
// case.
NnStatus paper_read(Paper *paper, const uint8_t *grey, int width, int height,
                    NnError *err) NN_MUST_CHECK;
void paper_release(Paper *paper);

// --- the steps of it, in order -------------------------------------------------------------------

// Whether the ink is the lighter part of the picture.
bool paper_ink_is_light(const uint8_t *grey, int width, int height);

// Fills ink from plain by dividing by the light that falls on the paper.
void paper_flatten(Paper *paper);

// Takes ruled lines out of ink. level: what is darker may belong to a line.
void paper_remove_lines(Paper *paper, int level);

// Drops from ink what is no part of the digit. work has room for 3 * width * height + 1 and starts
// zeroed. False when there is nothing left.
bool paper_keep_digit(Paper *paper, int *work);

#endif
