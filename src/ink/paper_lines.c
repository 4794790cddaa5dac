// Ruled and squared paper. A ruled line runs from one edge of the picture to the other, thin and
// dark nearly all the way; it may be tilted. No stroke of a digit does that, but for the bar of a
// closely cropped 7 or the foot of a 1: a line is only taken away when it reaches well beyond the
// rest of the ink on both sides.

#include "ink/paper.h"

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
// than the line is thick. The way is followed again as it was found.
static void wipe_line(const Ruling *ruling, const int *way, int level) {
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
    if (thickness * 12 > ruling->breadth) {
        return; // too thick for a ruled line
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
}

// Wipes every line along one direction. True when there was one.
static bool wipe_lines(const Ruling *ruling, int level) {
    bool any = false;
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
        if (follow_line(ruling, darkest, level, way)) {
            wipe_line(ruling, way, level);
            any = true;
        }
        across = high;
    }
    return any;
}

// Dark pixels near the two edges the lines run between.
static int dark_at_ends(const Ruling *ruling, int level) {
    int band = ruling->length / 24 + 1, n = 0;
    for (int along = 0; along < ruling->length; along++) {
        if (along == band) {
            along = ruling->length - band > band ? ruling->length - band : band;
        }
        for (int across = 0; across < ruling->breadth; across++) {
            n += *at(ruling, along, across) >= level;
        }
    }
    return n;
}

void paper_remove_lines(Paper *paper, int level) {
    size_t n = (size_t)paper->width * (size_t)paper->height;
    const Ruling both[2] = {
        {paper->ink, paper->width, paper->height, 1, paper->width},
        {paper->ink, paper->height, paper->width, paper->width, 1},
    };
    for (int i = 0; i < 2; i++) {
        int before = dark_at_ends(&both[i], level);
        memcpy(paper->spare, paper->ink, n);
        if (wipe_lines(&both[i], level) && dark_at_ends(&both[i], level) * 5 > before) {
            memcpy(paper->ink, paper->spare, n); // part of the digit: it did not reach further
        }
    }
}
