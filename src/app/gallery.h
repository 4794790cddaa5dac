// gallery.h - what the Data view shows, worked out: the chosen set and its facts, or a sheet of the
// program's own handwriting. gallery_step() brings it up to date, once before each build; everything
// slow happens at the desk (data_desk.h). Thread: UI.

#ifndef INKLING_APP_GALLERY_H
#define INKLING_APP_GALLERY_H

#include "app/data_desk.h"
#include "app/recogniser.h"

enum { GALLERY_BINS = 32, GALLERY_GROUPS = NN_CLASSES + 1 };

typedef struct {
    DataShelf *shelf; // borrowed
    void (*wake)(void *user);
    void *wake_user;
    DataDesk *desk; // NULL until the view is first opened
    int tries;      // drawings of each form that shares are of

    DataSource source;
    unsigned set_order, sheet_order; // running; 0: none
    DataSet *set;                    // of source; NULL: none yet, or none of it
    DataSheet *sheet;                // NULL: none yet
    unsigned generation;             // of the network the sheet is answered by
    uint64_t seed;                   // of the sheet ordered last
    bool visible;                    // as gallery_step was told last
    bool seated;                     // the desk has that network
    NnError trouble;                 // why there is no set or no sheet; status NN_OK: none

    float bin_value[GALLERY_BINS], bin_share[GALLERY_BINS]; // pixels by grey value, per cent
} Gallery;

void gallery_init(Gallery *gallery, DataShelf *shelf, void (*wake)(void *user), void *wake_user);
void gallery_release(Gallery *gallery);

// seed: of the drawings wanted. visible: the view is open; else large sets are put back.
void gallery_step(Gallery *gallery, const Recogniser *recogniser, uint64_t seed, bool visible);

void gallery_choose(Gallery *gallery, DataSource source); // also: once more, from the files
bool gallery_busy(const Gallery *gallery);                // something on view is still to come

const char *gallery_source_name(DataSource source);
const char *gallery_class(const Gallery *gallery, int label);

// Of the drawings tried of a digit (NN_CLASSES: of what is none), the share answered rightly;
// negative: not known yet.
float gallery_group_share(const Gallery *gallery, int group);
float gallery_row_share(const Gallery *gallery, size_t row);
int gallery_group(size_t row); // of a row of handwriting

#endif
