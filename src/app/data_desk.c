#include "app/data_desk.h"

#include <stdatomic.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/thread.h"

static const double NEWS_S = 1.0 / 20; // between two calls of wake for shares

enum { UNKNOWN = -1, FAILED = -2 }; // of a share

struct DataDesk {
    DataShelf *shelf;
    int tries;
    void (*wake)(void *user);
    void *user;
    Thread thread;
    Mutex mutex;
    Cond news;
    // under mutex
    bool has_set, has_sheet;
    DataSource source;
    unsigned set_number, sheet_number;
    uint64_t seed;
    NnModel *model; // of the newest order
    bool fresh;

    atomic_bool stop, resting;
    atomic_uint wanted_set, wanted_sheet; // the newest numbers
    _Atomic(DataSet *) set;
    _Atomic(DataSheet *) sheet;
    atomic_int *shares; // (nn_hand_rows())

    // the thread's own
    NnModel *reader; // whose shares are counted
    NnHand *hand;
    size_t next_share;
    double told_s;
};

void data_set_free(DataSet *set) {
    if (set != NULL) {
        nn_facts_free(set->facts);
        data_shelf_give_back(set->shelf, set->data);
        mem_free(set);
    }
}

void data_sheet_free(DataSheet *sheet) {
    if (sheet != NULL) {
        mem_free(sheet->digits);
        mem_free(sheet->answers);
        mem_free(sheet);
    }
}

static void tell(DataDesk *self) {
    if (self->wake != NULL) {
        self->wake(self->user);
    }
}

// --- sets ----------------------------------------------------------------------------------------

typedef struct {
    DataDesk *self;
    unsigned number;
} Watch;

static bool set_wanted(void *user) {
    const Watch *watch = user;
    return !atomic_load(&watch->self->stop) &&
           atomic_load(&watch->self->wanted_set) == watch->number;
}

static void read_set(DataDesk *self, DataSource source, unsigned number) {
    static const struct {
        const char *name;
        NnSplit split;
    } known[] = {[DATA_MNIST_TRAIN] = {"mnist", NN_SPLIT_TRAIN},
                 [DATA_MNIST_TEST] = {"mnist", NN_SPLIT_TEST},
                 [DATA_FASHION] = {"fashion", NN_SPLIT_TRAIN},
                 [DATA_MINE] = {"mine", NN_SPLIT_TRAIN}};
    DataSet *set = mem_new(1, sizeof *set);
    if (set == NULL) {
        return; // not a word's memory left
    }
    Watch watch = {self, number};
    set->order = number;
    set->shelf = self->shelf;
    set->data =
        data_shelf_take(self->shelf, known[source].name, known[source].split, &set->trouble);
    if (set->data != NULL) {
        set->facts = nn_facts_new(set->data, set_wanted, &watch, &set->trouble);
    }
    if (set_wanted(&watch)) {
        data_set_free(atomic_exchange(&self->set, set)); // nobody came for the last one
        tell(self);
    } else {
        data_set_free(set);
    }
}

// --- handwriting ---------------------------------------------------------------------------------

static bool sheet_wanted(DataDesk *self, unsigned number) {
    return !atomic_load(&self->stop) && atomic_load(&self->wanted_sheet) == number;
}

// Another network: its shares are counted from the first.
static void seat(DataDesk *self, NnModel *owned_model) {
    nn_hand_free(self->hand);
    nn_model_free(self->reader);
    self->reader = owned_model;
    self->hand = nn_hand_new(self->reader, NULL); // make_sheet says it where that failed
    self->next_share = self->hand != NULL && self->reader != NULL ? 0 : nn_hand_rows();
    for (size_t i = 0; i < nn_hand_rows(); i++) {
        atomic_store(&self->shares[i], UNKNOWN);
    }
}

static bool draw_all(DataDesk *self, DataSheet *sheet) {
    for (size_t row = 0; row < sheet->rows; row++) {
        for (size_t i = 0; i < SHEET_COLUMNS; i++) {
            size_t at = row * SHEET_COLUMNS + i;
            if (!nn_hand_draw(self->hand, row, sheet->seed, i, &sheet->digits[at],
                              &sheet->answers[at])) {
                (void)nn_fail(&sheet->trouble, NN_ERR_NOMEM, "Not enough memory to draw digits.");
                return true;
            }
        }
        if (!sheet_wanted(self, sheet->order)) {
            return false;
        }
    }
    return true;
}

static void make_sheet(DataDesk *self, uint64_t seed, unsigned number) {
    DataSheet *sheet = mem_new(1, sizeof *sheet);
    if (sheet == NULL) {
        return;
    }
    size_t cells = nn_hand_rows() * SHEET_COLUMNS;
    sheet->order = number;
    sheet->seed = seed;
    sheet->rows = nn_hand_rows();
    sheet->answered = self->reader != NULL;
    sheet->digits = mem_new(cells, sizeof *sheet->digits);
    sheet->answers = mem_new(cells, sizeof *sheet->answers);
    bool good = self->hand != NULL && sheet->digits != NULL && sheet->answers != NULL;
    if (!good) {
        (void)nn_fail(&sheet->trouble, NN_ERR_NOMEM, "Not enough memory to draw digits.");
    }
    if (!good || draw_all(self, sheet)) {
        data_sheet_free(atomic_exchange(&self->sheet, sheet));
        tell(self);
    } else {
        data_sheet_free(sheet);
    }
}

// One row: a few milliseconds, between which orders are looked for.
static void count_share(DataDesk *self) {
    size_t row = self->next_share++;
    int right = nn_hand_try(self->hand, row, NN_HAND_SEED, self->tries);
    atomic_store(&self->shares[row], right >= 0 ? right : FAILED);
    bool last = self->next_share == nn_hand_rows();
    if (last || clock_s() - self->told_s >= NEWS_S) {
        self->told_s = clock_s();
        tell(self);
    }
}

// --- the thread ----------------------------------------------------------------------------------

typedef struct {
    bool set, sheet, fresh;
    DataSource source;
    unsigned set_number, sheet_number;
    uint64_t seed;
    NnModel *model;
} Orders;

static bool has_shares_to_count(const DataDesk *self) {
    return self->next_share < nn_hand_rows() && !atomic_load(&self->resting);
}

// Waits for something to do.
static Orders fetch(DataDesk *self) {
    mutex_lock(&self->mutex);
    while (!self->has_set && !self->has_sheet && !has_shares_to_count(self) &&
           !atomic_load(&self->stop)) {
        cond_wait(&self->news, &self->mutex);
    }
    Orders orders = {.set = self->has_set,
                     .sheet = self->has_sheet,
                     .fresh = self->fresh,
                     .source = self->source,
                     .set_number = self->set_number,
                     .sheet_number = self->sheet_number,
                     .seed = self->seed};
    if (self->has_sheet) {
        orders.model = self->model;
        self->model = NULL;
        self->fresh = false;
    }
    self->has_set = self->has_sheet = false;
    mutex_unlock(&self->mutex);
    return orders;
}

static void work(void *user) {
    DataDesk *self = user;
    while (!atomic_load(&self->stop)) {
        Orders orders = fetch(self);
        if (orders.set) {
            read_set(self, orders.source, orders.set_number);
        }
        if (orders.sheet) {
            if (orders.fresh) {
                seat(self, orders.model);
            }
            make_sheet(self, orders.seed, orders.sheet_number);
        } else if (has_shares_to_count(self) && !atomic_load(&self->stop)) {
            count_share(self);
        }
    }
}

// --- the window's side ---------------------------------------------------------------------------

DataDesk *data_desk_new(DataShelf *shelf, int tries, void (*wake)(void *user), void *user) {
    DataDesk *self = mem_new(1, sizeof *self);
    if (self == NULL) {
        return NULL;
    }
    self->shelf = shelf;
    self->tries = tries;
    self->wake = wake;
    self->user = user;
    self->next_share = nn_hand_rows();
    mutex_init(&self->mutex);
    cond_init(&self->news);
    self->shares = mem_new(nn_hand_rows(), sizeof *self->shares);
    for (size_t i = 0; self->shares != NULL && i < nn_hand_rows(); i++) {
        atomic_init(&self->shares[i], UNKNOWN);
    }
    if (self->shares == NULL || !thread_start(&self->thread, work, self, true)) {
        mem_free(self->shares);
        cond_release(&self->news);
        mutex_release(&self->mutex);
        mem_free(self);
        return NULL;
    }
    return self;
}

void data_desk_free(DataDesk *self) {
    if (self == NULL) {
        return;
    }
    mutex_lock(&self->mutex);
    atomic_store(&self->stop, true);
    cond_signal(&self->news);
    mutex_unlock(&self->mutex);
    thread_join(&self->thread);
    nn_hand_free(self->hand);
    nn_model_free(self->reader);
    nn_model_free(self->model);
    data_set_free(atomic_load(&self->set));
    data_sheet_free(atomic_load(&self->sheet));
    mem_free(self->shares);
    cond_release(&self->news);
    mutex_release(&self->mutex);
    mem_free(self);
}

static unsigned next_number(unsigned number) {
    return number + 1 > 0 ? number + 1 : 1;
}

unsigned data_desk_read(DataDesk *self, DataSource source) {
    NN_ASSERT(source != DATA_HANDWRITING);
    mutex_lock(&self->mutex);
    unsigned number = self->set_number = next_number(self->set_number);
    self->source = source;
    self->has_set = true;
    atomic_store(&self->wanted_set, number);
    cond_signal(&self->news);
    mutex_unlock(&self->mutex);
    return number;
}

unsigned data_desk_draw(DataDesk *self, NnModel *owned_model, bool fresh, uint64_t seed) {
    mutex_lock(&self->mutex);
    unsigned number = self->sheet_number = next_number(self->sheet_number);
    if (fresh) {
        nn_model_free(self->model); // of an order the thread never came to
        self->model = owned_model;
        self->fresh = true;
    }
    self->seed = seed;
    self->has_sheet = true;
    atomic_store(&self->wanted_sheet, number);
    cond_signal(&self->news);
    mutex_unlock(&self->mutex);
    return number;
}

void data_desk_rest(DataDesk *self) {
    atomic_store(&self->resting, true);
    atomic_store(&self->wanted_set, 0);
}

void data_desk_go_on(DataDesk *self) {
    if (atomic_load(&self->resting)) {
        mutex_lock(&self->mutex);
        atomic_store(&self->resting, false);
        cond_signal(&self->news);
        mutex_unlock(&self->mutex);
    }
}

DataSet *data_desk_take_set(DataDesk *self) {
    return atomic_exchange(&self->set, NULL);
}

DataSheet *data_desk_take_sheet(DataDesk *self) {
    return atomic_exchange(&self->sheet, NULL);
}

int data_desk_share(const DataDesk *self, size_t row) {
    int share = atomic_load(&self->shares[row]);
    return share >= 0 ? share : -1;
}

bool data_desk_counted(const DataDesk *self) {
    for (size_t i = 0; i < nn_hand_rows(); i++) {
        if (atomic_load(&self->shares[i]) == UNKNOWN) {
            return false;
        }
    }
    return true;
}
