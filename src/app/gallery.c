#include "app/gallery.h"

#include <math.h>
#include <string.h>

const char *gallery_source_name(DataSource source) {
    static const char *const names[DATA_SOURCE_COUNT] = {
        "MNIST training", "MNIST test", "Fashion-MNIST", "My digits", "Made handwriting"};
    return names[source];
}

const char *gallery_class(const Gallery *gallery, int label) {
    static const char *const digits[NN_CLASSES] = {"0", "1", "2", "3", "4",
                                                   "5", "6", "7", "8", "9"};
    const NnDataset *data = gallery->set != NULL ? gallery->set->data : NULL;
    return data != NULL && data->class_names != NULL ? data->class_names[label] : digits[label];
}

int gallery_group(size_t row) {
    int digit = nn_hand_digit(row);
    return digit >= 0 ? digit : NN_CLASSES;
}

void gallery_init(Gallery *gallery, DataShelf *shelf, void (*wake)(void *user), void *wake_user) {
    memset(gallery, 0, sizeof *gallery);
    gallery->shelf = shelf;
    gallery->wake = wake;
    gallery->wake_user = wake_user;
    gallery->tries = NN_HAND_TRIES;
}

static void forget_set(Gallery *gallery) {
    data_set_free(gallery->set);
    gallery->set = NULL;
    gallery->set_order = 0;
}

void gallery_release(Gallery *gallery) {
    data_desk_free(gallery->desk);
    data_set_free(gallery->set);
    data_sheet_free(gallery->sheet);
    memset(gallery, 0, sizeof *gallery);
}

void gallery_choose(Gallery *gallery, DataSource source) {
    forget_set(gallery);
    gallery->source = source;
    gallery->trouble = (NnError){0};
}

bool gallery_busy(const Gallery *gallery) {
    bool handwriting = gallery->source == DATA_HANDWRITING;
    bool counting = handwriting && gallery->sheet != NULL && gallery->sheet->answered &&
                    !data_desk_counted(gallery->desk);
    return gallery->desk != NULL && gallery->visible &&
           (handwriting ? gallery->sheet_order != 0 || counting : gallery->set_order != 0);
}

// --- what comes back -----------------------------------------------------------------------------

static void bin_pixels(Gallery *gallery) {
    const NnFacts *facts = gallery->set->facts;
    double all = (double)facts->n * NN_PIXELS;
    const int width = 256 / GALLERY_BINS;
    for (int i = 0; i < GALLERY_BINS; i++) {
        uint64_t sum = 0;
        for (int v = i * width; v < (i + 1) * width; v++) {
            sum += facts->histogram[v];
        }
        gallery->bin_value[i] = (float)(i * width) + (float)(width - 1) / 2;
        gallery->bin_share[i] = sum > 0 ? (float)(100 * (double)sum / all) : NAN;
    }
}

static void take_set(Gallery *gallery) {
    DataSet *set = data_desk_take_set(gallery->desk);
    if (set == NULL || set->order != gallery->set_order) {
        data_set_free(set);
        return;
    }
    gallery->set_order = 0;
    if (set->facts == NULL) {
        gallery->trouble = set->trouble;
        data_set_free(set);
        return;
    }
    gallery->set = set;
    bin_pixels(gallery);
}

static void take_sheet(Gallery *gallery) {
    DataSheet *sheet = data_desk_take_sheet(gallery->desk);
    if (sheet == NULL || sheet->order != gallery->sheet_order) {
        data_sheet_free(sheet);
        return;
    }
    gallery->sheet_order = 0;
    if (sheet->trouble.status != NN_OK) {
        gallery->trouble = sheet->trouble;
        data_sheet_free(sheet);
        return;
    }
    data_sheet_free(gallery->sheet);
    gallery->sheet = sheet;
}

// --- what is ordered -----------------------------------------------------------------------------

static void order_sheet(Gallery *gallery, const Recogniser *recogniser, uint64_t seed) {
    bool fresh = !gallery->seated || gallery->generation != recogniser->generation;
    NnModel *copy = NULL;
    if (fresh && recogniser->model != NULL) {
        copy = nn_model_copy(recogniser->model, &gallery->trouble);
        if (copy == NULL) {
            return;
        }
    }
    gallery->sheet_order = data_desk_draw(gallery->desk, copy, fresh, seed);
    gallery->seed = seed;
    gallery->generation = recogniser->generation;
    gallery->seated = true;
}

static void order(Gallery *gallery, const Recogniser *recogniser, uint64_t seed) {
    bool troubled = gallery->trouble.status != NN_OK;
    if (gallery->source != DATA_HANDWRITING) {
        if (gallery->set == NULL && gallery->set_order == 0 && !troubled) {
            gallery->set_order = data_desk_read(gallery->desk, gallery->source);
        }
        return;
    }
    bool outdated =
        !gallery->seated || gallery->generation != recogniser->generation || gallery->seed != seed;
    if (outdated && !troubled) {
        order_sheet(gallery, recogniser, seed);
    }
}

void gallery_step(Gallery *gallery, const Recogniser *recogniser, uint64_t seed, bool visible) {
    gallery->visible = visible;
    if (!visible) {
        if (gallery->desk != NULL && (gallery->set != NULL || gallery->set_order != 0)) {
            forget_set(gallery); // 47 MB of MNIST's: read again in a moment when they are wanted
        }
        if (gallery->desk != NULL) {
            data_desk_rest(gallery->desk);
        }
        return;
    }
    if (gallery->desk == NULL && gallery->trouble.status == NN_OK) {
        gallery->desk =
            data_desk_new(gallery->shelf, gallery->tries, gallery->wake, gallery->wake_user);
        if (gallery->desk == NULL) {
            (void)nn_fail(&gallery->trouble, NN_ERR_NOMEM,
                          "Not enough memory to look through data.");
        }
    }
    if (gallery->desk != NULL) {
        data_desk_go_on(gallery->desk);
        take_set(gallery);
        take_sheet(gallery);
        order(gallery, recogniser, seed);
    }
}

// --- shares --------------------------------------------------------------------------------------

float gallery_row_share(const Gallery *gallery, size_t row) {
    int right = gallery->desk != NULL ? data_desk_share(gallery->desk, row) : -1;
    return right >= 0 ? (float)right / (float)gallery->tries : -1;
}

float gallery_group_share(const Gallery *gallery, int group) {
    float sum = 0;
    int rows = 0;
    for (size_t row = 0; row < nn_hand_rows(); row++) {
        float share = gallery_group(row) == group ? gallery_row_share(gallery, row) : 0;
        if (share < 0) {
            return -1;
        }
        sum += share;
        rows += gallery_group(row) == group;
    }
    return rows > 0 ? sum / (float)rows : -1;
}
