// data_desk.h - what the Data view needs worked out, on a thread of its own: a data set read and
// looked through, handwriting drawn and answered.
//
// The newest order of each kind wins; one that is no longer wanted is given up within a few
// pictures. What is done is handed over through atomic pointers, so that nobody waits: a whole set
// with its facts, a whole sheet of drawings. The shares of forms that the network reads come one by
// one, as counts that only ever go from unknown to known.
//
//     unsigned order = data_desk_read(desk, DATA_MNIST_TRAIN);
//     DataSet *set = data_desk_take_set(desk);     // each frame; NULL: nothing new
//
// Thread: UI, except what runs inside.

#ifndef INKLING_APP_DATA_DESK_H
#define INKLING_APP_DATA_DESK_H

#include "app/data_shelf.h"
#include "nn/facts.h"
#include "nn/handwriting.h"

typedef enum {
    DATA_MNIST_TRAIN,
    DATA_MNIST_TEST,
    DATA_FASHION,
    DATA_MINE,
    DATA_HANDWRITING, // made by the program: no set
    DATA_SOURCE_COUNT,
} DataSource;

// A set with what there is to say of it.
typedef struct {
    unsigned order;
    NnFacts *facts;        // NULL with trouble
    const NnDataset *data; // the shelf's
    DataShelf *shelf;
    NnError trouble; // status NN_OK: none
} DataSet;

void data_set_free(DataSet *set); // NULL is fine

enum { SHEET_COLUMNS = 16 }; // drawings of each row

// Drawings of every row of nn/handwriting.h, with what the network says to them.
typedef struct {
    unsigned order;
    uint64_t seed;
    bool answered; // false: there was no network to ask
    size_t rows;
    NnDigit *digits;   // (rows, SHEET_COLUMNS)
    NnAnswer *answers; // (rows, SHEET_COLUMNS)
    NnError trouble;
} DataSheet;

void data_sheet_free(DataSheet *sheet); // NULL is fine

typedef struct DataDesk DataDesk;

// tries: drawings of each row that shares are counted of.
// The shelf outlives the desk and all sets. wake(user) is called from the thread when there is news;
// may be NULL. NULL: no memory or no thread.
DataDesk *data_desk_new(DataShelf *shelf, int tries, void (*wake)(void *user), void *user);
void data_desk_free(DataDesk *desk); // stops and joins; NULL is fine

// Return the order's number, never 0. DATA_HANDWRITING is no set.
unsigned data_desk_read(DataDesk *desk, DataSource source);
// fresh: by another network than before, owned_model (NULL: none to ask), whose shares are then counted.
unsigned data_desk_draw(DataDesk *desk, NnModel *owned_model, bool fresh, uint64_t seed);
void data_desk_rest(DataDesk *desk); // nobody looks: no set is wanted, no shares are counted
void data_desk_go_on(DataDesk *desk);

DataSet *data_desk_take_set(DataDesk *desk); // the caller's; NULL: nothing new
DataSheet *data_desk_take_sheet(DataDesk *desk);

// Of the drawings tried of a row, how many the network answers rightly; -1: not known yet.
int data_desk_share(const DataDesk *desk, size_t row);
bool data_desk_counted(const DataDesk *desk); // all of them are known, or cannot be

#endif
