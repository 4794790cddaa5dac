// dataset.h - labelled 28x28 pictures: MNIST, Fashion-MNIST, my digits, any IDX pair.
//
// Pixels stay bytes (MNIST as floats would take four times the memory); whoever computes converts.
// IDX is the format of the original MNIST files: big-endian magic 0x803 (pictures) or 0x801
// (labels), counts, then bytes; plain or gzipped.
//
//     NnDataset *train = nn_dataset_load("mnist", NN_SPLIT_TRAIN, err);
//
// Thread: a loaded data set is never written to and may be shared.

#ifndef NN_DATASET_H
#define NN_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nn/error.h"
#include "nn/ink.h"

enum { NN_CLASSES = 10 };

typedef enum { NN_SPLIT_TRAIN, NN_SPLIT_TEST } NnSplit;

typedef struct {
    char name[64];                 // "mnist train"
    size_t n;
    uint8_t *images;               // (n, 784), 0 paper .. 255 ink
    uint8_t *labels;               // (n), 0..9
    const char *const *class_names; // (10), "0".."9" or "T-shirt" ...
    char images_sha256[65];        // of the uncompressed files, in hex; "" where there is no file
    char labels_sha256[65];
    bool verified;                 // the hashes are those of the published files
} NnDataset;

void nn_dataset_free(NnDataset *data); // NULL is fine

// By name: "mnist", "fashion", "mine". Looked for in $INKLING_DATA, the user's data folder, and the system's
// (/usr/share/datasets). NN_ERR_NOT_FOUND says where it looked and how to get it.
NnDataset *nn_dataset_load(const char *name, NnSplit split, NnError *err);

// Any IDX pair. Pictures of another size than 28x28 are brought to MNIST's form by nn_picture_normalise.
NnDataset *nn_dataset_load_idx(const char *images_path, const char *labels_path, NnError *err);

// Rows first .. first + n - 1 as a data set that borrows the memory of data. Do not free; copy by value.
// A part has no hashes: those are of whole files.
NnDataset nn_dataset_slice(const NnDataset *data, size_t first, size_t n);

typedef struct {
    const char *name;       // "mnist"
    const char *title;      // "MNIST handwritten digits"
    const char *how_to_get; // a sentence
} NnDatasetInfo;

const NnDatasetInfo *nn_dataset_known(size_t *count);

// The entry a data set goes by: its name, or that of its package's folder ("fashion-mnist"). NULL: unknown.
const NnDatasetInfo *nn_dataset_info(const char *name);

// The file of pictures that nn_dataset_load would read, false if it would find none.
bool nn_dataset_pictures(const char *name, NnSplit split, char *path, size_t size);

// The path of one of its four files where it was found ("train-images-idx3-ubyte"), false if nowhere.
bool nn_dataset_find(const char *name, const char *file, char *path, size_t size);

// --- single files --------------------------------------------------------------------------------

typedef struct {
    int rank;          // 1 for labels, 3 for pictures
    size_t dims[3];
    uint8_t *bytes;    // free with nn_idx_release
    char sha256[65];   // of the uncompressed file
} NnIdx;

// On failure idx is empty.
NnStatus nn_idx_read(const char *path, NnIdx *idx, NnError *err) NN_MUST_CHECK; // .gz by content, not by name
NnStatus nn_idx_parse(const uint8_t *bytes, size_t n, const char *path, NnIdx *idx, NnError *err) NN_MUST_CHECK;
NnStatus nn_idx_write(const char *path, const uint8_t *bytes, int rank, const size_t *dims, NnError *err) NN_MUST_CHECK;
void nn_idx_release(NnIdx *idx);

// --- my digits -----------------------------------------------------------------------------------
// Kept in the user's data folder as an IDX pair and strokes.jsonl, each written so that a crash loses nothing.

NnStatus nn_mine_keep(const NnDigit *digit, const NnInk *ink, int label, const char *writer,
                      NnError *err) NN_MUST_CHECK;
size_t nn_mine_count(void);

#endif
