// The steps, each on a picture of at most 512x512: make paper the light side, divide by the light
// that falls on it, take away ruled lines, cut at half the height between paper and ink, drop
// specks and what hangs in from the picture's edge.

#include "ink/paper.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"

enum { LEVELS = 256 };

// Ink differs from paper by at least this many of 255 levels.
static const double FAINTEST = 24.0;

static int clamp_int(int value, int low, int high) {
    return value < low ? low : value > high ? high : value;
}

// --- what counts as ink --------------------------------------------------------------------------

typedef struct {
    double paper, ink; // levels of the two; half-way between them is the edge
} Levels;

// Otsu's threshold: the cut for which the two sides' means lie furthest apart, weighted by their
// sizes.
static int otsu(const unsigned *count, int from, double *upper_mean) {
    double n = 0.0, total = 0.0;
    for (int level = from; level < LEVELS; level++) {
        n += count[level];
        total += (double)count[level] * level;
    }
    double below = 0.0, below_sum = 0.0, best = -1.0;
    int cut = from;
    *upper_mean = n > 0.0 ? total / n : 0.0;
    for (int level = from; level < LEVELS - 1; level++) {
        below += count[level];
        below_sum += (double)count[level] * level;
        double above = n - below;
        if (below <= 0.0 || above <= 0.0) {
            continue;
        }
        double apart = below_sum / below - (total - below_sum) / above;
        if (below * above * apart * apart > best) {
            best = below * above * apart * apart;
            cut = level;
            *upper_mean = (total - below_sum) / above;
        }
    }
    return cut;
}

// Paper is the commonest part, so its level is the median and its noise the spread around that.
// Among what stands out of the noise Otsu's cut parts strokes from their edges and from fainter
// marks.
static bool find_levels(const Paper *paper, Levels *levels) {
    unsigned count[LEVELS] = {0};
    int n = paper->width * paper->height;
    for (int i = 0; i < n; i++) {
        count[paper->ink[i]]++;
    }
    int median = 0, spread = 0;
    for (unsigned below = count[0]; below * 2 < (unsigned)n; below += count[median]) {
        median++;
    }
    for (unsigned near = count[median]; near * 2 < (unsigned)n;) {
        spread++;
        near += median >= spread ? count[median - spread] : 0;
        near += median + spread < LEVELS ? count[median + spread] : 0;
    }
    double noise = 1.48 * spread; // standard deviation, were it Gaussian
    int floor_level = clamp_int((int)(median + 4.0 * noise), 0, LEVELS - 2);
    (void)otsu(count, floor_level + 1, &levels->ink);
    levels->paper = median;
    return levels->ink - levels->paper >= fmax(FAINTEST, 6.0 * noise);
}

// The box of the ink; a border column that is at most half covered is half a column wide.
static GridRect box_of(const uint8_t *ink, int width, int height) {
    GridRect box = {width, height, 0, 0};
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            double covered = ink[y * width + x] / 255.0;
            if (covered > 0.1) {
                box.x0 = fmin(box.x0, x + 1 - covered);
                box.x1 = fmax(box.x1, x + covered);
                box.y0 = fmin(box.y0, y + 1 - covered);
                box.y1 = fmax(box.y1, y + covered);
            }
        }
    }
    return box;
}

void paper_release(Paper *paper) {
    mem_free(paper->plain);
    mem_free(paper->ink);
    mem_free(paper->spare);
    *paper = (Paper){0};
}

static void find_plain(Paper *paper, const uint8_t *grey, int width, int height) {
    if (width == paper->width && height == paper->height) {
        memcpy(paper->plain, grey, (size_t)width * (size_t)height);
    } else {
        grid_resample(grey, width, height, (GridRect){0, 0, width, height}, paper->plain,
                      paper->width, paper->height);
    }
    if (!paper_ink_is_light(paper->plain, paper->width, paper->height)) {
        for (int i = 0; i < paper->width * paper->height; i++) {
            paper->plain[i] = (uint8_t)(255 - paper->plain[i]);
        }
    }
}

// Stretches the levels between paper and ink over the whole range. False when there is too little
// between them.
static bool find_ink(Paper *paper) {
    Levels levels;
    paper_flatten(paper);
    if (!find_levels(paper, &levels)) {
        return false;
    }
    paper_remove_lines(paper, (int)(levels.paper + 0.3 * (levels.ink - levels.paper)));
    if (!find_levels(paper, &levels)) {
        return false; // there was nothing but lines
    }
    for (int i = 0; i < paper->width * paper->height; i++) {
        double share = (paper->ink[i] - levels.paper) / (levels.ink - levels.paper);
        paper->ink[i] = (uint8_t)(255.0 * fmin(fmax(share, 0.0), 1.0) + 0.5);
    }
    return true;
}

NnStatus paper_read(Paper *paper, const uint8_t *grey, int width, int height, NnError *err) {
    double shrink = fmin(1.0, PAPER_SIDE / fmax(width, height));
    *paper = (Paper){
        .width = clamp_int((int)(width * shrink + 0.5), 1, PAPER_SIDE),
        .height = clamp_int((int)(height * shrink + 0.5), 1, PAPER_SIDE),
    };
    paper->box = (GridRect){0, 0, paper->width, paper->height};
    size_t n = (size_t)paper->width * (size_t)paper->height;
    int *work = mem_new(3 * n + 1, sizeof *work); // for the pieces
    paper->plain = mem_new(n, 1);
    paper->ink = mem_new(n, 1);
    paper->spare = mem_new(n, 1);
    if (work == NULL || paper->plain == NULL || paper->ink == NULL || paper->spare == NULL) {
        mem_free(work);
        return nn_fail(err, NN_ERR_NOMEM, "out of memory for a picture of %d x %d", width, height);
    }
    find_plain(paper, grey, width, height);
    bool found = find_ink(paper) && paper_keep_digit(paper, work);
    mem_free(work);
    if (!found) {
        memset(paper->ink, 0, n);
        return nn_fail(err, NN_ERR_FORMAT,
                       "the picture is blank: nothing in it stands out from the paper");
    }
    paper->box = box_of(paper->ink, paper->width, paper->height);
    return NN_OK;
}
