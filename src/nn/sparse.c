#include "nn/sparse.h"

#include <string.h>

#include "base/alloc.h"
#include "nn/error.h"
#include "nn/sparse_kernels.h"
#include "nn/transpose.h"

enum {
    WORD = 64,
    // With fewer rows turning the weights takes longer than what is saved; a product of fewer outputs,
    // rows times O, less time than looking at the pictures.
    MIN_ROWS = 16,
    MIN_SIZE = 1024,
    // Shares of pixels in a four's list, and of samples in a group's set, with which these loops take
    // as long as the library's, in percent.
    FORWARD_PERCENT = 85,
    GRADIENT_PERCENT = 65,
};

struct Sparse {
    const SparseKernels *kernels;
    int O, max_batch, B;
    bool pays;
    const float *x;    // (B, 784) borrowed
    SparseInk *ink;    // (B)
    int *order;        // (B) rows as they are put in fours
    uint64_t *samples; // (SPARSE_GROUPS, words) a bit for each sample
    int words;         // of a bit for each of max_batch samples
    SparseFour *fours; // (n_fours)
    int n_fours;
    float *panel; // (784, columns) weights turned
    float *dz;    // (panels, max_batch, columns)
};

const SparseKernels *sparse_kernels(void) {
    const SparseKernels *best = sparse_kernels_avx512();
    return best != NULL ? best : sparse_kernels_avx2();
}

int sparse_columns(const SparseKernels *kernels) {
    return kernels->columns;
}

Sparse *sparse_new(const SparseKernels *kernels, int O, int max_batch) {
    Sparse *s = mem_new(1, sizeof *s);
    if (s == NULL) {
        return NULL;
    }
    size_t columns = (size_t)kernels->columns, panels = ((size_t)O + columns - 1) / columns;
    s->kernels = kernels;
    s->O = O;
    s->max_batch = max_batch;
    s->words = (max_batch + WORD - 1) / WORD;
    size_t words = (size_t)s->words, fours = ((size_t)max_batch + SPARSE_FOUR - 1) / SPARSE_FOUR;
    size_t panel = SPARSE_I * columns + SPARSE_BEYOND, dz = panels * (size_t)max_batch * columns;
    s->ink = mem_new((size_t)max_batch, sizeof *s->ink);
    s->order = mem_new((size_t)max_batch, sizeof *s->order);
    s->samples = mem_new(words * SPARSE_GROUPS, sizeof *s->samples);
    s->fours = mem_new(fours, sizeof *s->fours);
    s->panel = mem_new_aligned(panel, sizeof *s->panel);
    s->dz = mem_new_aligned(dz, sizeof *s->dz);
    if (s->ink == NULL || s->order == NULL || s->samples == NULL || s->fours == NULL ||
        s->panel == NULL || s->dz == NULL) {
        sparse_free(s);
        return NULL;
    }
    // What is computed for columns that are not there is nobody's, but it should be of numbers.
    memset(s->panel, 0, panel * sizeof *s->panel);
    memset(s->dz, 0, dz * sizeof *s->dz);
    return s;
}

void sparse_free(Sparse *s) {
    if (s != NULL) {
        mem_free(s->ink);
        mem_free(s->order);
        mem_free(s->samples);
        mem_free(s->fours);
        mem_free(s->panel);
        mem_free(s->dz);
        mem_free(s);
    }
}

// --- where the ink is ----------------------------------------------------------------------------

// Rows with much ink and rows with little are put in fours of their own: their lists are shorter
// then. order (B): by ink, as the rows come where it is about the same.
static void order_rows(const Sparse *s, int *order) {
    enum { STEP = 8, BINS = SPARSE_I / STEP + 1 };
    int begin[BINS + 1] = {0};
    for (int b = 0; b < s->B; b++) {
        begin[s->ink[b].n_pixels / STEP + 1]++;
    }
    for (int k = 0; k < BINS; k++) {
        begin[k + 1] += begin[k];
    }
    for (int b = 0; b < s->B; b++) {
        order[begin[s->ink[b].n_pixels / STEP]++] = b;
    }
}

// Pixels of each four pictures. Returns how many those are in all.
static int list_pixels(Sparse *s) {
    int total = 0;
    s->n_fours = 0;
    order_rows(s, s->order);
    for (int b = 0; b < s->B; b += SPARSE_FOUR) {
        SparseFour *four = &s->fours[s->n_fours++];
        uint64_t any[SPARSE_WORDS] = {0};
        for (int m = 0; m < SPARSE_FOUR; m++) {
            four->row[m] = s->order[b + m < s->B ? b + m : s->B - 1];
            for (int w = 0; w < SPARSE_WORDS; w++) {
                any[w] |= s->ink[four->row[m]].pixels[w];
            }
        }
        four->n = s->kernels->list(four->pixels, any);
        total += four->n;
    }
    return total;
}

// Rows become columns.
static void turn_bits(uint64_t a[WORD]) {
    uint64_t low = 0x00000000ffffffffu; // of every 2 * half bits the lower half
    for (int half = WORD / 2; half > 0; half /= 2, low ^= low << half) {
        for (int i = 0; i < WORD; i = (i + half + 1) & ~half) {
            uint64_t swapped = (a[i] >> half ^ a[i + half]) & low;
            a[i + half] ^= swapped;
            a[i] ^= swapped << half;
        }
    }
}

// Samples of each group of pixels.
static void list_samples(Sparse *s) {
    for (int word = 0; word < s->words; word++) {
        for (int w = 0; w < SPARSE_GROUP_WORDS; w++) {
            uint64_t turned[WORD] = {0};
            for (int b = 0; b < WORD && word * WORD + b < s->B; b++) {
                turned[b] = s->ink[word * WORD + b].groups[w];
            }
            turn_bits(turned);
            for (int g = 0; g < WORD && w * WORD + g < SPARSE_GROUPS; g++) {
                s->samples[(w * WORD + g) * s->words + word] = turned[g];
            }
        }
    }
}

bool sparse_look(Sparse *s, const float *x, int B) {
    NN_ASSERT(B >= 1 && B <= s->max_batch);
    s->x = x;
    s->B = B;
    s->pays = false;
    if (B < MIN_ROWS || B * s->O < MIN_SIZE) {
        return false;
    }
    int n_groups = 0;
    for (ptrdiff_t b = 0; b < B; b++) {
        s->kernels->find(&s->ink[b], x + b * SPARSE_I);
        n_groups += s->ink[b].n_groups;
    }
    s->pays = n_groups * 100 <= GRADIENT_PERCENT * SPARSE_GROUPS * B &&
              list_pixels(s) * 100 <= FORWARD_PERCENT * SPARSE_I * s->n_fours;
    if (s->pays) {
        list_samples(s);
    }
    return s->pays;
}

bool sparse_pays(const Sparse *s) {
    return s->pays;
}

// --- products ------------------------------------------------------------------------------------

void sparse_forward(Sparse *s, float *y, const float *w) {
    int step = s->kernels->columns;
    for (int o = 0; o < s->O; o += step) {
        int columns = s->O - o < step ? s->O - o : step;
        transpose(s->panel, w + (ptrdiff_t)o * SPARSE_I, columns, SPARSE_I);
        s->kernels->forward(y + o, s->O, columns, s->fours, s->n_fours, s->x, s->panel);
    }
}

static float *dz_panel(const Sparse *s, int o) {
    return s->dz + (ptrdiff_t)o * s->max_batch; // (max_batch, columns) for every `columns` outputs
}

void sparse_keep(Sparse *s, const float *dz) {
    int step = s->kernels->columns;
    for (int o = 0; o < s->O; o += step) {
        size_t columns = (size_t)(s->O - o < step ? s->O - o : step);
        float *panel = dz_panel(s, o);
        for (ptrdiff_t b = 0; b < s->B; b++) {
            memcpy(panel + b * step, dz + b * s->O + o, columns * sizeof *dz);
        }
    }
}

void sparse_gradient(Sparse *const *shards, int n, float *dw, int first, int rows) {
    const SparseKernels *kernels = shards[0]->kernels;
    int step = kernels->columns;
    NN_ASSERT(n <= SPARSE_SHARDS_MAX && first % step == 0 && first + rows <= shards[0]->O);
    for (int o = first; o < first + rows; o += step) {
        SparsePanel panels[SPARSE_SHARDS_MAX];
        for (int i = 0; i < n; i++) {
            const Sparse *s = shards[i];
            panels[i] = (SparsePanel){s->x, dz_panel(s, o), s->samples, s->words};
        }
        int count = first + rows - o < step ? first + rows - o : step;
        kernels->gradient(dw + (ptrdiff_t)(o - first) * SPARSE_I, count, panels, n);
    }
}
