// Data sets by name: which there are, where they are looked for, and what their files must hash to.
//
// A file whose name is known but whose hash is not still loads, as people trim and extend these
// sets; the result then says that it is not verified.

#include "nn/dataset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"
#include "data/mine.h"

enum { PATH_SIZE = 4096, PLACES = 5 };

static const NnDatasetInfo infos[] = {
    {"mnist", "MNIST handwritten digits", "Run scripts/get-data, or inkling data fetch mnist."},
    {"fashion", "Fashion-MNIST pictures of clothes",
     "On Debian and its relatives: apt install dataset-fashion-mnist."},
    {MINE_FOLDER, "My digits", "Draw a digit in the window and keep it with a digit key."},
};

static const char *const digit_names[NN_CLASSES] = {"0", "1", "2", "3", "4",
                                                    "5", "6", "7", "8", "9"};
static const char *const fashion_names[NN_CLASSES] = {"T-shirt", "trousers",  "pullover", "dress",
                                                      "coat",    "sandal",    "shirt",    "sneaker",
                                                      "bag",     "ankle boot"};

typedef struct {
    const char *images, *labels;               // names of the files, ".gz" may follow
    const char *images_sha256, *labels_sha256; // NULL: nothing published
} Split;

typedef struct {
    // In /usr/share/datasets, also accepted in $INKLING_DATA. NULL: the user's folder is the only
    // place.
    const char *package_folder;
    bool bare; // its files may lie in $INKLING_DATA itself
    const char *const *class_names;
    Split splits[2]; // by NnSplit
} Source;

// Fashion-MNIST's files have the names of MNIST's, so one folder cannot hold both: MNIST alone may
// do without a folder of its own. My digits have no test split: a person's few digits are either
// learnt from or measured on, as they choose.
static const Source sources[] = {
    {
        .package_folder = "mnist",
        .bare = true,
        .class_names = digit_names,
        .splits = {{"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"},
                   {"t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte",
                    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"}},
    },
    {
        .package_folder = "fashion-mnist",
        .class_names = fashion_names,
        .splits = {{"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                    "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
                    "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"},
                   {"t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte",
                    "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
                    "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"}},
    },
    {
        .class_names = digit_names,
        .splits = {{MINE_IMAGES, MINE_LABELS, NULL, NULL}, {MINE_IMAGES, MINE_LABELS, NULL, NULL}},
    },
};

enum { KNOWN = sizeof infos / sizeof infos[0] };
_Static_assert(KNOWN == sizeof sources / sizeof sources[0], "one source for each name");

const NnDatasetInfo *nn_dataset_known(size_t *count) {
    *count = KNOWN;
    return infos;
}

// KNOWN where there is none of this name.
static size_t index_of(const char *name) {
    size_t i = 0;
    while (i < KNOWN && strcmp(infos[i].name, name) != 0 &&
           (sources[i].package_folder == NULL || strcmp(sources[i].package_folder, name) != 0)) {
        i++;
    }
    return i;
}

const NnDatasetInfo *nn_dataset_info(const char *name) {
    size_t i = index_of(name);
    return i < KNOWN ? &infos[i] : NULL;
}

// --- where files are -----------------------------------------------------------------------------

// The i-th folder that may hold the set; false where there is no such place.
static bool place(char *out, size_t size, size_t set, int i) {
    const Source *source = &sources[set];
    const char *base = getenv("INKLING_DATA");
    const char *folder = i == 0 ? infos[set].name : source->package_folder;
    if (i < 3 && (base == NULL || base[0] == '\0' || folder == NULL)) {
        return false;
    }
    switch (i) {
    case 0:
    case 1:
        return snprintf(out, size, "%s/%s", base, folder) < (int)size;
    case 2:
        return source->bare && text_copy(out, size, base);
    case 3:
        return place_path(out, size, PLACE_DATA, infos[set].name);
    default:
        return folder != NULL && snprintf(out, size, "/usr/share/datasets/%s", folder) < (int)size;
    }
}

static bool find_in(const char *folder, const char *file, char *path, size_t size) {
    static const char *const endings[] = {"", ".gz"};
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        int n = snprintf(path, size, "%s/%s%s", folder, file, endings[i]);
        if (n > 0 && (size_t)n < size && file_exists(path)) {
            return true;
        }
    }
    return false;
}

bool nn_dataset_find(const char *name, const char *file, char *path, size_t size) {
    size_t set = index_of(name);
    char folder[PATH_SIZE];
    for (int i = 0; set < KNOWN && i < PLACES; i++) {
        if (place(folder, sizeof folder, set, i) && find_in(folder, file, path, size)) {
            return true;
        }
    }
    return false;
}

// Both files from one place: two halves of different downloads do not belong together.
static bool find_pair(size_t set, const Split *files, char *images, char *labels) {
    char folder[PATH_SIZE];
    for (int i = 0; i < PLACES; i++) {
        if (place(folder, sizeof folder, set, i) &&
            find_in(folder, files->images, images, PATH_SIZE) &&
            find_in(folder, files->labels, labels, PATH_SIZE)) {
            return true;
        }
    }
    return false;
}

bool nn_dataset_pictures(const char *name, NnSplit split, char *path, size_t size) {
    size_t set = index_of(name);
    char images[PATH_SIZE], labels[PATH_SIZE];
    return set < KNOWN && find_pair(set, &sources[set].splits[split], images, labels) &&
           text_copy(path, size, images);
}

static void fail_not_found(size_t set, const Split *split, NnError *err) {
    char looked[400] = "";
    char folder[PATH_SIZE];
    for (int i = 0; i < PLACES; i++) {
        size_t used = strlen(looked);
        if (place(folder, sizeof folder, set, i)) {
            char shown[160];
            text_escape(shown, sizeof shown, folder);
            snprintf(looked + used, sizeof looked - used, "%s%s", used > 0 ? ", " : "", shown);
        }
    }
    nn_fail(err, NN_ERR_NOT_FOUND, "%s: no %s found in %s", infos[set].title, split->images,
            looked);
    nn_error_hint(err, "%s", infos[set].how_to_get);
}

// --- from two files to one set -------------------------------------------------------------------

// Pictures of another size become MNIST's. A blank one stays blank: it has a label like the others.
static NnStatus bring_to_form(NnIdx *images, const char *path, NnError *err) {
    size_t n = images->dims[0], height = images->dims[1], width = images->dims[2];
    uint8_t *pixels = mem_new(n, NN_PIXELS);
    if (pixels == NULL) {
        return nn_fail_file(err, NN_ERR_NOMEM, path, -1, "not enough memory for %zu pictures", n);
    }
    for (size_t i = 0; i < n; i++) {
        NnDigit digit;
        NnStatus status = nn_picture_normalise(images->bytes + i * height * width, (int)width,
                                               (int)height, NULL, &digit, NULL, err);
        if (status == NN_OK) {
            memcpy(pixels + i * NN_PIXELS, digit.pixels, NN_PIXELS);
        } else if (status != NN_ERR_FORMAT) {
            mem_free(pixels);
            return status;
        }
    }
    mem_free(images->bytes);
    images->bytes = pixels;
    return NN_OK;
}

static NnStatus check_pair(const NnIdx *images, const char *images_path, const NnIdx *labels,
                           const char *labels_path, NnError *err) {
    if (images->rank != 3) {
        return nn_fail_file(err, NN_ERR_SHAPE, images_path, 0,
                            "holds labels where pictures are needed");
    }
    if (labels->rank != 1) {
        return nn_fail_file(err, NN_ERR_SHAPE, labels_path, 0,
                            "holds pictures where labels are needed");
    }
    if (images->dims[0] == 0) {
        return nn_fail_file(err, NN_ERR_FORMAT, images_path, 4, "holds no pictures");
    }
    if (images->dims[0] != labels->dims[0]) {
        return nn_fail_file(err, NN_ERR_SHAPE, labels_path, 4,
                            "has %zu labels, but there are %zu pictures beside it", labels->dims[0],
                            images->dims[0]);
    }
    for (size_t i = 0; i < labels->dims[0]; i++) {
        if (labels->bytes[i] >= NN_CLASSES) {
            return nn_fail_file(err, NN_ERR_FORMAT, labels_path, (int64_t)(8 + i),
                                "label %zu is %d, labels are 0 to %d", i, labels->bytes[i],
                                NN_CLASSES - 1);
        }
    }
    return NN_OK;
}

// in_step: false where the longer of the two files is cut to the shorter instead of being refused.
static NnDataset *load_pair(const char *images_path, const char *labels_path, bool in_step,
                            NnError *err) {
    NnIdx images = {0};
    NnIdx labels = {0};
    NnDataset *data = NULL;
    NnStatus status = nn_idx_read(images_path, &images, err);
    if (status == NN_OK) {
        status = nn_idx_read(labels_path, &labels, err);
    }
    if (status == NN_OK && !in_step) {
        size_t n = images.dims[0] < labels.dims[0] ? images.dims[0] : labels.dims[0];
        images.dims[0] = n;
        labels.dims[0] = n;
    }
    if (status == NN_OK) {
        status = check_pair(&images, images_path, &labels, labels_path, err);
    }
    if (status == NN_OK && (images.dims[1] != NN_SIDE || images.dims[2] != NN_SIDE)) {
        status = bring_to_form(&images, images_path, err);
    }
    if (status == NN_OK) {
        data = mem_new(1, sizeof *data);
        if (data == NULL) {
            nn_fail_file(err, NN_ERR_NOMEM, images_path, -1, "not enough memory for the data set");
        }
    }
    if (data == NULL) {
        nn_idx_release(&images);
        nn_idx_release(&labels);
        return NULL;
    }
    data->n = images.dims[0];
    data->images = images.bytes;
    data->labels = labels.bytes;
    data->class_names = digit_names;
    memcpy(data->images_sha256, images.sha256, sizeof data->images_sha256);
    memcpy(data->labels_sha256, labels.sha256, sizeof data->labels_sha256);
    return data;
}

NnDataset *nn_dataset_load_idx(const char *images_path, const char *labels_path, NnError *err) {
    NnDataset *data = load_pair(images_path, labels_path, true, err);
    if (data != NULL) {
        const char *slash = strrchr(images_path, '/');
        text_copy(data->name, sizeof data->name, slash != NULL ? slash + 1 : images_path);
    }
    return data;
}

static bool hash_is(const char *published, const char *hash) {
    return published != NULL && strcmp(published, hash) == 0;
}

NnDataset *nn_dataset_load(const char *name, NnSplit split, NnError *err) {
    size_t set = index_of(name);
    if (set == KNOWN) {
        char shown[64];
        text_escape(shown, sizeof shown, name);
        nn_fail(err, NN_ERR_NOT_FOUND, "there is no data set named %s", shown);
        nn_error_hint(err, "Known names are mnist, fashion and mine.");
        return NULL;
    }
    const Source *source = &sources[set];
    const Split *files = &source->splits[split];
    char images[PATH_SIZE], labels[PATH_SIZE];
    if (!find_pair(set, files, images, labels)) {
        fail_not_found(set, files, err);
        return NULL;
    }
    bool mine = source->package_folder == NULL;
    NnDataset *data = load_pair(images, labels, !mine, err);
    if (data != NULL) {
        snprintf(data->name, sizeof data->name, "%s%s", infos[set].name,
                 mine                      ? ""
                 : split == NN_SPLIT_TRAIN ? " train"
                                           : " test");
        data->class_names = source->class_names;
        data->verified = hash_is(files->images_sha256, data->images_sha256) &&
                         hash_is(files->labels_sha256, data->labels_sha256);
    }
    return data;
}

NnDataset nn_dataset_slice(const NnDataset *data, size_t first, size_t n) {
    NN_ASSERT(first <= data->n && n <= data->n - first);
    NnDataset slice = *data;
    slice.n = n;
    slice.images = data->images + first * NN_PIXELS;
    slice.labels = data->labels + first;
    if (n < data->n) {
        slice.images_sha256[0] = '\0'; // these are of the whole files
        slice.labels_sha256[0] = '\0';
    }
    return slice;
}

void nn_dataset_free(NnDataset *data) {
    if (data != NULL) {
        mem_free(data->images);
        mem_free(data->labels);
        mem_free(data);
    }
}
