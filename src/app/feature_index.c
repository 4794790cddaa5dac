#include "app/feature_index.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "app/recogniser.h"
#include "base/alloc.h"
#include "nn/dataset.h"

enum {
    CHUNK = 250,          // pictures a step: some 20 ms, so that stopping is prompt
    UNITS_MAX = 256,      // kept of a layer: 60,000 x 256 bytes are 15 MB
    DIGITS_MAX = 1000000, // more than any published set of this form has
};

struct FeatureIndex {
    const NnModel *model;
    NnWorkspace *work;
    int layer, n_out;
    int n_units;
    int unit[UNITS_MAX]; // which outputs are kept; chosen on the first chunk
    gzFile images;       // reads plain files too
    size_t total, count;
    uint8_t *labels;  // (total)
    int8_t *features; // (total, n_units), each row scaled to +-127
    float *inverse;   // (total) 1 / length of the row
    uint8_t *chunk;   // (CHUNK, 784)
    char path[1024];
};

static uint32_t big_endian(const uint8_t *b) {
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static NnStatus open_images(FeatureIndex *index, const char *set, NnError *err) {
    char labels_path[1024];
    if (!nn_dataset_find(set, "train-images-idx3-ubyte", index->path, sizeof index->path) ||
        !nn_dataset_find(set, "train-labels-idx1-ubyte", labels_path, sizeof labels_path)) {
        (void)nn_fail(err, NN_ERR_NOT_FOUND, "The training pictures are not on this machine.");
        size_t n;
        const NnDatasetInfo *known = nn_dataset_known(&n);
        for (size_t i = 0; i < n; i++) {
            if (strcmp(known[i].name, set) == 0) {
                (void)nn_fail(err, NN_ERR_NOT_FOUND,
                              "The training pictures of %s are not on this machine.",
                              known[i].title);
                nn_error_hint(err, "%s", known[i].how_to_get);
            }
        }
        return NN_ERR_NOT_FOUND;
    }
    index->images = gzopen(index->path, "rb");
    uint8_t head[16];
    if (index->images == NULL || gzread(index->images, head, sizeof head) != (int)sizeof head) {
        return nn_fail_file(err, NN_ERR_FORMAT, index->path, 0, "cannot be read");
    }
    if (big_endian(head) != 0x803 || big_endian(head + 8) != NN_SIDE ||
        big_endian(head + 12) != NN_SIDE) {
        return nn_fail_file(err, NN_ERR_FORMAT, index->path, 0, "holds no 28 x 28 pictures");
    }
    index->total = big_endian(head + 4);
    if (index->total == 0 || index->total > DIGITS_MAX) {
        return nn_fail_file(err, NN_ERR_FORMAT, index->path, 4, "announces %zu pictures",
                            index->total);
    }
    NnIdx labels = {0};
    NnStatus status = nn_idx_read(labels_path, &labels, err);
    if (status != NN_OK) {
        return status;
    }
    bool fits = labels.rank == 1 && labels.dims[0] == index->total;
    for (size_t i = 0; fits && i < index->total; i++) {
        fits = labels.bytes[i] < NN_CLASSES;
    }
    index->labels = mem_new(index->total, 1);
    if (fits && index->labels != NULL) {
        memcpy(index->labels, labels.bytes, index->total);
    }
    nn_idx_release(&labels);
    if (!fits) {
        return nn_fail_file(err, NN_ERR_SHAPE, labels_path, -1, "does not fit its pictures");
    }
    return index->labels == NULL ? nn_fail(err, NN_ERR_NOMEM, "out of memory") : NN_OK;
}

FeatureIndex *feature_index_new(const NnModel *model, const char *set, NnError *err) {
    FeatureIndex *index = mem_new(1, sizeof *index);
    if (index == NULL) {
        (void)nn_fail(err, NN_ERR_NOMEM, "out of memory");
        return NULL;
    }
    index->model = model;
    index->layer = recogniser_feature_layer(model);
    index->n_out = nn_model_arch(model)->layers[index->layer].n_out;
    index->n_units = index->n_out < UNITS_MAX ? index->n_out : UNITS_MAX;
    if (open_images(index, set, err) != NN_OK) {
        feature_index_free(index);
        return NULL;
    }
    index->work = nn_workspace_new(model, CHUNK, false, err);
    index->chunk = mem_new_aligned(CHUNK, NN_PIXELS);
    index->features = mem_new_aligned(index->total, (size_t)index->n_units);
    index->inverse = mem_new_aligned(index->total, sizeof *index->inverse);
    if (index->work == NULL || index->chunk == NULL || index->features == NULL ||
        index->inverse == NULL) {
        (void)nn_fail(err, NN_ERR_NOMEM, "out of memory");
        feature_index_free(index);
        return NULL;
    }
    return index;
}

void feature_index_free(FeatureIndex *index) {
    if (index == NULL) {
        return;
    }
    if (index->images != NULL) {
        (void)gzclose(index->images);
    }
    nn_workspace_free(index->work);
    mem_free(index->labels);
    mem_free(index->features);
    mem_free(index->inverse);
    mem_free(index->chunk);
    mem_free(index);
}

size_t feature_index_total(const FeatureIndex *index) {
    return index->total;
}

size_t feature_index_count(const FeatureIndex *index) {
    return index->count;
}

typedef struct {
    int unit;
    double variance;
} Spread;

static int by_variance(const void *a, const void *b) {
    const Spread *p = a, *q = b;
    if (p->variance != q->variance) {
        return p->variance < q->variance ? 1 : -1;
    }
    return p->unit - q->unit; // a total order, so that the choice is the same everywhere
}

static bool choose_units(FeatureIndex *index, const float *outputs, int rows) {
    Spread *spread = mem_new((size_t)index->n_out, sizeof *spread);
    if (spread == NULL) {
        return false;
    }
    for (int k = 0; k < index->n_out; k++) {
        double sum = 0, squares = 0;
        for (int r = 0; r < rows; r++) {
            double v = (double)outputs[(size_t)r * (size_t)index->n_out + (size_t)k];
            sum += v;
            squares += v * v;
        }
        spread[k] = (Spread){k, squares / rows - sum / rows * (sum / rows)};
    }
    qsort(spread, (size_t)index->n_out, sizeof *spread, by_variance);
    for (int k = 0; k < index->n_units; k++) {
        index->unit[k] = spread[k].unit;
    }
    mem_free(spread);
    return true;
}

// Scales the kept outputs to bytes and returns 1 / length of the result; 0 for a row of zeros.
static float quantise(const FeatureIndex *index, const float *outputs, int8_t *row) {
    float largest = 0;
    for (int k = 0; k < index->n_units; k++) {
        largest = fmaxf(largest, fabsf(outputs[index->unit[k]]));
    }
    if (!(largest > 0) || !isfinite(largest)) {
        memset(row, 0, (size_t)index->n_units);
        return 0;
    }
    int squares = 0;
    for (int k = 0; k < index->n_units; k++) {
        int v = (int)lrintf(outputs[index->unit[k]] * (127 / largest));
        row[k] = (int8_t)v;
        squares += v * v;
    }
    return 1 / sqrtf((float)squares);
}

bool feature_index_grow(FeatureIndex *index, NnError *err) {
    size_t left = index->total - index->count;
    int rows = left < CHUNK ? (int)left : CHUNK;
    if (rows == 0) {
        return false;
    }
    // A search may have moved the reading position to fetch its pictures.
    z_off_t at = 16 + (z_off_t)(index->count * NN_PIXELS);
    if (gzseek(index->images, at, SEEK_SET) != at ||
        gzread(index->images, index->chunk, (unsigned)(rows * NN_PIXELS)) != rows * NN_PIXELS) {
        (void)nn_fail_file(err, NN_ERR_FORMAT, index->path, at, "ends before its last picture");
        return false;
    }
    (void)nn_forward_bytes(index->model, index->work, index->chunk, rows);
    const float *outputs = nn_workspace_activation(index->work, index->layer); // (rows, n_out)
    if (index->count == 0 && !choose_units(index, outputs, rows)) {
        (void)nn_fail(err, NN_ERR_NOMEM, "out of memory");
        return false;
    }
    for (int r = 0; r < rows; r++) {
        size_t i = index->count + (size_t)r;
        index->inverse[i] = quantise(index, outputs + (size_t)r * (size_t)index->n_out,
                                     index->features + i * (size_t)index->n_units);
    }
    index->count += (size_t)rows;
    return index->count < index->total;
}

static int dot(const int8_t *a, const int8_t *b, int n) {
    int sum = 0;
    for (int k = 0; k < n; k++) {
        sum += a[k] * b[k];
    }
    return sum;
}

// In file order, so that a gzipped file is run through once and not once a picture.
static void fetch_pictures(FeatureIndex *index, Neighbour *nearest, int n) {
    int64_t done = -1;
    for (int round = 0; round < n; round++) {
        Neighbour *next = NULL;
        for (int k = 0; k < n; k++) {
            bool later = (int64_t)nearest[k].index > done;
            if (later && (next == NULL || nearest[k].index < next->index)) {
                next = &nearest[k];
            }
        }
        done = next->index;
        next->label = index->labels[next->index];
        z_off_t at = 16 + (z_off_t)next->index * NN_PIXELS;
        if (gzseek(index->images, at, SEEK_SET) != at ||
            gzread(index->images, next->pixels, NN_PIXELS) != NN_PIXELS) {
            memset(next->pixels, 0, NN_PIXELS);
        }
    }
}

int feature_index_nearest(FeatureIndex *index, const float *features, Neighbour *nearest, int n) {
    if (index->count == 0) {
        return 0;
    }
    int8_t query[UNITS_MAX];
    float inverse = quantise(index, features, query);
    int found = 0;
    for (size_t i = 0; i < index->count; i++) {
        int product = dot(query, index->features + i * (size_t)index->n_units, index->n_units);
        float likeness = (float)product * inverse * index->inverse[i];
        if (found == n && likeness <= nearest[n - 1].likeness) {
            continue;
        }
        int place = found < n ? found++ : n - 1;
        while (place > 0 && nearest[place - 1].likeness < likeness) {
            nearest[place].index = nearest[place - 1].index;
            nearest[place].likeness = nearest[place - 1].likeness;
            place--;
        }
        nearest[place].index = (uint32_t)i;
        nearest[place].likeness = likeness;
    }
    fetch_pictures(index, nearest, found);
    return found;
}
