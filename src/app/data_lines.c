// Which pictures stand where, and how the keys walk among them.
#include "app/view_data.h"

void view_data_init(ViewData *own) {
    *own = (ViewData){.group = -1, .seed = 1, .spot = {-1, 0}};
}

void view_data_show(ViewData *own, int group) {
    own->group = own->group == group ? -1 : group;
    own->scroll = 0;
    own->spot.row = -1;
}

bool view_data_back(ViewData *own) {
    bool narrow = own->group >= 0;
    own->group = -1;
    own->scroll = 0;
    own->reveal = true;
    return narrow;
}

static bool is_handwriting(const Gallery *gallery) {
    return gallery->source == DATA_HANDWRITING;
}

size_t data_line_count(const Gallery *gallery, const ViewData *own) {
    if (!is_handwriting(gallery)) {
        return own->group < 0 ? NN_CLASSES : 1;
    }
    size_t n = 0;
    for (size_t row = 0; row < nn_hand_rows(); row++) {
        n += own->group < 0 || gallery_group(row) == own->group;
    }
    return n;
}

// Rows of a group stand together, in the order of the groups.
size_t data_line(const Gallery *gallery, const ViewData *own, size_t i) {
    if (!is_handwriting(gallery)) {
        return own->group < 0 ? i : (size_t)own->group;
    }
    size_t first = 0;
    while (own->group >= 0 && first < nn_hand_rows() && gallery_group(first) != own->group) {
        first++;
    }
    return first + i;
}

DataSpot data_spot_at(const Gallery *gallery, const ViewData *own, size_t line, size_t place) {
    if (is_handwriting(gallery)) {
        return (DataSpot){place < SHEET_COLUMNS ? (int64_t)line : -1, (int)place};
    }
    const NnFacts *facts = gallery->set->facts;
    size_t n = facts->count[line];
    if (place >= n) {
        return (DataSpot){-1, 0};
    }
    const size_t stride = 7919; // a prime: n places in a row are n different pictures
    size_t step = n % stride == 0 ? 1 : stride;
    size_t at = own->group >= 0 ? place : ((size_t)own->seed * 104729 + place * step) % n;
    return (DataSpot){facts->rows[facts->first[line] + at], 0};
}

const uint8_t *data_spot_pixels(const Gallery *gallery, DataSpot spot) {
    if (spot.row < 0) {
        return NULL;
    }
    if (!is_handwriting(gallery)) {
        const NnDataset *data = gallery->set != NULL ? gallery->set->data : NULL;
        return data != NULL && (size_t)spot.row < data->n
                   ? data->images + (size_t)spot.row * NN_PIXELS
                   : NULL;
    }
    size_t at = (size_t)spot.row * SHEET_COLUMNS + (size_t)spot.place;
    return gallery->sheet != NULL && (size_t)spot.row < gallery->sheet->rows
               ? gallery->sheet->digits[at].pixels
               : NULL;
}

const NnAnswer *data_spot_answer(const Gallery *gallery, DataSpot spot) {
    bool known = is_handwriting(gallery) && gallery->sheet != NULL && gallery->sheet->answered &&
                 spot.row >= 0 && (size_t)spot.row < gallery->sheet->rows;
    size_t at = (size_t)spot.row * SHEET_COLUMNS + (size_t)spot.place;
    return known ? &gallery->sheet->answers[at] : NULL;
}

// --- walking -------------------------------------------------------------------------------------

static bool same(DataSpot a, DataSpot b) {
    return a.row == b.row && a.place == b.place;
}

// One class of a set is a page of its own: all its pictures, so many in a line.
static void walk_page(ViewData *own, const Gallery *gallery, int64_t step) {
    size_t n = gallery->set->facts->count[own->group];
    int64_t at = -1;
    for (size_t i = 0; i < n && at < 0; i++) {
        bool here = same(own->spot, data_spot_at(gallery, own, (size_t)own->group, i));
        at = here ? (int64_t)i : -1;
    }
    int64_t to = at < 0 ? 0 : at + step;
    if (to >= 0 && to < (int64_t)n) {
        own->spot = data_spot_at(gallery, own, (size_t)own->group, (size_t)to);
    }
}

void view_data_walk(ViewData *own, const Gallery *gallery, int places, int lines) {
    bool handwriting = is_handwriting(gallery);
    if (own->columns <= 0 || (handwriting ? gallery->sheet == NULL : gallery->set == NULL)) {
        return;
    }
    own->reveal = true;
    if (!handwriting && own->group >= 0) {
        walk_page(own, gallery, places + (int64_t)lines * own->columns);
        return;
    }
    int64_t n_lines = (int64_t)data_line_count(gallery, own), line = -1, place = 0;
    for (int64_t i = 0; i < n_lines && line < 0; i++) {
        for (int64_t k = 0; k < own->columns && line < 0; k++) {
            size_t of = data_line(gallery, own, (size_t)i);
            if (own->spot.row >= 0 && same(own->spot, data_spot_at(gallery, own, of, (size_t)k))) {
                line = i;
                place = k;
            }
        }
    }
    place = line < 0 ? 0 : place + places;
    line = line < 0 ? 0 : line + lines;
    if (place >= 0 && place < own->columns && line >= 0 && line < n_lines) {
        DataSpot spot =
            data_spot_at(gallery, own, data_line(gallery, own, (size_t)line), (size_t)place);
        own->spot = spot.row >= 0 ? spot : own->spot;
    }
}
