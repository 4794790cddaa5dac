// Ruled and squared paper. A ruled line runs from one edge of the picture to the other, thin and
// dark nearly all the way; it may be tilted. A closely cropped digit can have such a stroke as
// well, the bar of a 7 or a 1 as a whole, but it is thicker, does not reach far beyond the rest of
// the ink on both sides, or is most of what there is.

#include "ink/paper.h"

#include <stdbool.h>
#include <string.h>

static int clamp_int(int value, int low, int high) {
    return value < low ? low : value > high ? high : value;
}

typedef struct {
    uint8_t *pixels;
    int length, breadth; // along the lines looked for, and across them
    int step_along, step_across;
} Ruling;

static uint8_t *at(const Ruling *ruling, int along, int across) {
    return ruling->pixels + along * ruling->step_along + across * ruling->step_across;
}

// Follows dark pixels from one edge of the picture to the other, one step aside at a time at most.
// False when the way is not dark nearly everywhere.
static bool follow_line(const Ruling *ruling, int start, int level, int *way) {
    int across = start, misses = 0;
    for (int along = 0; along < ruling->length; along++) {
        int best = across;
        for (int side = -1; side <= 1; side++) {
            int candidate = clamp_int(across + side, 0, ruling->breadth - 1);
            if (*at(ruling, along, candidate) > *at(ruling, along, best)) {
                best = candidate;
            }
        }
        across = best;
        way[along] = across;
        misses += *at(ruling, along, across) < level;
        if (misses * 20 > ruling->length) {
            return false;
        }
    }
    return true;
}

// The dark run through a place of the way: half-open, across the line.
static void run_across(const Ruling *ruling, int along, int across, int level, int *low,
                       int *high) {
    *low = across;
    *high = across + 1;
    while (*low > 0 && *at(ruling, along, *low - 1) >= level) {
        (*low)--;
    }
    while (*high < ruling->breadth && *at(ruling, along, *high) >= level) {
        (*high)++;
    }
}

// Takes a line away except where something crosses it, which is where the dark run is much longer
// than the line is thick. False for what is too thick to be ruled.
static bool wipe_line(const Ruling *ruling, const int *way, int level) {
    enum { THICKEST = 32 };
    int count[THICKEST + 1] = {0}, low, high;
    for (int along = 0; along < ruling->length; along++) {
        run_across(ruling, along, way[along], level, &low, &high);
        count[clamp_int(high - low, 0, THICKEST)]++;
    }
    int thickness = 0, below = 0;
    while (thickness < THICKEST && (below += count[thickness]) * 2 < ruling->length) {
        thickness++;
    }
    if (thickness * 32 > ruling->breadth) {
        return false; // too thick for a ruled line
    }
    for (int along = 0; along < ruling->length; along++) {
        run_across(ruling, along, way[along], level, &low, &high);
        if (high - low > 2 * thickness + 1) {
            continue;
        }
        for (int across = low - 2; across < high + 2; across++) { // its soft edges too
            if (across >= 0 && across < ruling->breadth) {
                *at(ruling, along, across) = 0;
            }
        }
    }
    return true;
}

// Wipes every line along one direction and says how many there were.
static int wipe_lines(const Ruling *ruling, int level) {
    int n = 0;
    int way[PAPER_SIDE];
    for (int across = 0; across < ruling->breadth; across++) {
        int low, high;
        if (*at(ruling, 0, across) < level) {
            continue;
        }
        run_across(ruling, 0, across, level, &low, &high);
        int darkest = across;
        for (int i = across; i < high; i++) {
            darkest = *at(ruling, 0, i) > *at(ruling, 0, darkest) ? i : darkest;
        }
        if (follow_line(ruling, darkest, level, way) && wipe_line(ruling, way, level)) {
            n++;
        }
        across = high;
    }
    return n;
}

// Dark pixels: all of them, and those near the two edges the lines run between.
static void count_dark(const Ruling *ruling, int level, int *all, int *at_ends) {
    int band = ruling->length / 24 + 1;
    *all = 0;
    *at_ends = 0;
    for (int along = 0; along < ruling->length; along++) {
        bool near_end = along < band || along >= ruling->length - band;
        for (int across = 0; across < ruling->breadth; across++) {
            bool dark = *at(ruling, along, across) >= level;
            *all += dark;
            *at_ends += dark && near_end;
        }
    }
}

void paper_remove_lines(Paper *paper, int level) {
    if (paper->width <= PAPER_SMALL || paper->height <= PAPER_SMALL) {
        return;
    }
    size_t n = (size_t)paper->width * (size_t)paper->height;
    const Ruling both[2] = {
        {paper->ink, paper->width, paper->height, 1, paper->width},
        {paper->ink, paper->height, paper->width, paper->width, 1},
    };
    for (int i = 0; i < 2; i++) {
        int all, at_ends, left, left_at_ends;
        count_dark(&both[i], level, &all, &at_ends);
        memcpy(paper->spare, paper->ink, n);
        int lines = wipe_lines(&both[i], level);
        count_dark(&both[i], level, &left, &left_at_ends);
        bool most_of_the_ink = lines <= 2 && 2 * left * lines < all - left;
        if (lines > 0 && (most_of_the_ink || left_at_ends * 5 > at_ends)) {
            memcpy(paper->ink, paper->spare, n);
        }
    }
}
