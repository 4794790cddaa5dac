#include "app/study_runner.h"

#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/mailbox.h"
#include "base/text.h"
#include "base/thread.h"
#include "nn/epochs.h"

static const double PROGRESS_S = 1.0 / 30; // between two reports

typedef struct {
    StudyPictures *pictures;
    StudyAnswers *answers;
    uint32_t *rows;
    size_t n;
    char path[STUDY_PATH_SIZE];
} SheetOrder;

struct StudyRunner {
    DataShelf *shelf;
    void (*wake)(void *user);
    void *user;
    Thread thread;
    Mutex mutex;
    Cond news;
    // under mutex
    bool has_order, has_sheet;
    StudyOrder order;
    unsigned number; // of the newest order
    SheetOrder sheet;

    atomic_bool stop;
    atomic_uint wanted; // number of the newest order, 0: none; what is not wanted is cancelled
    _Atomic(StudyOutcome *) outcome;
    _Atomic(StudySheet *) sheet_done;
    _Atomic(StudyEpochs *) epochs;
    atomic_bool working;
    bool sheet_busy; // UI's side: ordered and not yet taken
    Mailbox *progress;

    // the thread's own: the pictures read last, for the next network
    StudyPictures *read;
    StudySource read_source;
    char read_images[STUDY_PATH_SIZE];
    char run[STUDY_PATH_SIZE]; // of the network of the order, "": not found
};

// --- counted things ------------------------------------------------------------------------------

static StudyPictures *hold_pictures(StudyPictures *pictures) {
    if (pictures != NULL) {
        atomic_fetch_add(&pictures->holders, 1);
    }
    return pictures;
}

static StudyAnswers *hold_answers(StudyAnswers *answers) {
    if (answers != NULL) {
        atomic_fetch_add(&answers->holders, 1);
    }
    return answers;
}

void study_pictures_drop(StudyPictures *pictures) {
    if (pictures != NULL && atomic_fetch_sub(&pictures->holders, 1) == 1) {
        if (pictures->own != NULL) {
            nn_dataset_free(pictures->own);
        } else {
            data_shelf_give_back(pictures->shelf, pictures->data);
        }
        mem_free(pictures);
    }
}

void study_answers_drop(StudyAnswers *answers) {
    if (answers != NULL && atomic_fetch_sub(&answers->holders, 1) == 1) {
        nn_study_free(answers->study);
        mem_free(answers);
    }
}

void study_outcome_free(StudyOutcome *outcome) {
    if (outcome != NULL) {
        study_pictures_drop(outcome->pictures);
        study_answers_drop(outcome->answers);
        nn_triage_close(outcome->triage);
        mem_free(outcome);
    }
}

// --- the thread ----------------------------------------------------------------------------------

typedef struct {
    StudyRunner *self;
    unsigned number;
    double told_s;
} Watch;

static bool still_wanted(StudyRunner *self, unsigned number) {
    return !atomic_load(&self->stop) && atomic_load(&self->wanted) == number;
}

static void tell_progress(StudyRunner *self, unsigned number, size_t done, size_t total) {
    StudyProgress *slot = mailbox_back(self->progress);
    *slot = (StudyProgress){number, done, total};
    mailbox_publish(self->progress);
    if (self->wake != NULL) {
        self->wake(self->user);
    }
}

static bool watch(size_t done, size_t total, void *user) {
    Watch *own = user;
    double now_s = clock_s();
    if (now_s - own->told_s >= PROGRESS_S) {
        own->told_s = now_s;
        tell_progress(own->self, own->number, done, total);
    }
    return still_wanted(own->self, own->number);
}

static void publish(StudyRunner *self, StudyOutcome *owned_outcome) {
    study_outcome_free(
        atomic_exchange(&self->outcome, owned_outcome)); // nobody came for the last one
    if (self->wake != NULL) {
        self->wake(self->user);
    }
}

static void load(const StudyRunner *self, StudyPictures *pictures, const StudyOrder *order,
                 NnError *err) {
    static const struct {
        const char *name;
        NnSplit split;
    } known[] = {[STUDY_MNIST_TEST] = {"mnist", NN_SPLIT_TEST},
                 [STUDY_MNIST_TRAIN] = {"mnist", NN_SPLIT_TRAIN},
                 [STUDY_FASHION] = {"fashion", NN_SPLIT_TEST},
                 [STUDY_MINE] = {"mine", NN_SPLIT_TEST}};
    if (order->source == STUDY_FILES) {
        pictures->own = nn_dataset_load_idx(order->images, order->labels, err);
        pictures->data = pictures->own;
    } else if (order->source == STUDY_VALIDATION) {
        pictures->own =
            nn_run_validation(order->owned_model, self->run[0] != '\0' ? self->run : NULL, err);
        pictures->data = pictures->own;
    } else {
        pictures->data = data_shelf_take(pictures->shelf, known[order->source].name,
                                         known[order->source].split, err);
    }
}

// My digits grow while the window is open, so they are read each time; what was held out is another
// matter for each network, but the second one of a duel answers the pictures of the first.
static bool already_read(const StudyRunner *self, const StudyOrder *order) {
    bool changes = order->source == STUDY_MINE ||
                   (order->source == STUDY_VALIDATION && order->owned_model != NULL);
    return self->read != NULL && !order->fresh && !changes && order->source == self->read_source &&
           strcmp(order->images, self->read_images) == 0;
}

// The pictures of the order in self->read.
static bool read_pictures(StudyRunner *self, const StudyOrder *order, NnError *err) {
    if (already_read(self, order)) {
        return true;
    }
    study_pictures_drop(self->read); // before the next ones are read: two large sets are too much
    self->read = NULL;
    StudyPictures *pictures = mem_new(1, sizeof *pictures);
    if (pictures == NULL) {
        (void)nn_fail(err, NN_ERR_NOMEM, "Not enough memory for this data set.");
        return false;
    }
    atomic_init(&pictures->holders, 1);
    pictures->shelf = self->shelf;
    load(self, pictures, order, err);
    if (pictures->data == NULL) {
        mem_free(pictures);
        return false;
    }
    self->read = pictures;
    self->read_source = order->source;
    (void)text_copy(self->read_images, sizeof self->read_images, order->images);
    return true;
}

// Says so when there is no memory even for the outcome: by saying nothing.
static StudyOutcome *outcome_new(StudyRunner *self, unsigned number) {
    StudyOutcome *outcome = mem_new(1, sizeof *outcome);
    if (outcome != NULL) {
        outcome->order = number;
        outcome->pictures = hold_pictures(self->read);
    }
    return outcome;
}

static void answer(StudyRunner *self, const NnModel *model, bool tags_in_memory,
                   StudyOutcome *outcome) {
    Watch own = {self, outcome->order, clock_s()};
    StudyAnswers *answers = mem_new(1, sizeof *answers);
    if (answers == NULL) {
        (void)nn_fail(&outcome->trouble, NN_ERR_NOMEM, "Not enough memory for the answers.");
        return;
    }
    atomic_init(&answers->holders, 1);
    answers->study =
        nn_study_new(model, outcome->pictures->data, 0, watch, &own, &outcome->trouble);
    if (answers->study == NULL) {
        study_answers_drop(answers);
        return;
    }
    outcome->answers = answers;
    size_t n = nn_study_count(answers->study);
    outcome->triage = tags_in_memory ? nn_triage_new(n, &outcome->triage_trouble)
                                     : nn_triage_open(nn_study_triage_key(answers->study), n,
                                                      &outcome->triage_trouble);
}

static bool watch_search(void *user) {
    const Watch *own = user;
    return still_wanted(own->self, own->number);
}

static void find_run(StudyRunner *self, const StudyOrder *order, unsigned number) {
    Watch own = {.self = self, .number = number};
    if (!nn_run_find(order->owned_model, order->origin, self->run, sizeof self->run, watch_search,
                     &own)) {
        self->run[0] = '\0';
    }
}

static void epochs_free(StudyEpochs *epochs) {
    if (epochs != NULL) {
        nn_epochs_free(epochs->epochs);
        mem_free(epochs);
    }
}

// A run without answers to these pictures is as good as none: nothing is shown then.
static void tell_epochs(StudyRunner *self, unsigned number) {
    StudyEpochs *found = self->run[0] != '\0' ? mem_new(1, sizeof *found) : NULL;
    if (found != NULL) {
        *found = (StudyEpochs){number, nn_epochs_open(self->run, self->read->data, NULL)};
        bool useful = found->epochs != NULL && still_wanted(self, number);
        epochs_free(useful ? atomic_exchange(&self->epochs, found) : found);
        if (useful && self->wake != NULL) {
            self->wake(self->user);
        }
    }
}

static void carry_out(StudyRunner *self, StudyOrder *order, unsigned number) {
    tell_progress(self, number, 0, 0);
    NnError err = {0};
    if (order->source == STUDY_VALIDATION && order->owned_model != NULL) {
        find_run(self, order, number);
    }
    bool good = read_pictures(self, order, &err);
    StudyOutcome *first = good && still_wanted(self, number) ? outcome_new(self, number) : NULL;
    if (first != NULL) {
        publish(self, first);
    }
    NnModel *model = order->owned_model;
    if (good && model == NULL) {
        model = nn_model_load(order->model_path, &err);
        good = model != NULL;
    }
    StudyOutcome *outcome = still_wanted(self, number) ? outcome_new(self, number) : NULL;
    if (outcome != NULL && good) {
        answer(self, model, order->tags_in_memory, outcome);
        good = outcome->answers != NULL;
    } else if (outcome != NULL) {
        outcome->trouble = err;
    }
    if (outcome != NULL && still_wanted(self, number)) {
        publish(self, outcome);
        if (good && order->owned_model != NULL) {
            if (order->source != STUDY_VALIDATION) {
                find_run(self, order, number);
            }
            tell_epochs(self, number);
        }
    } else {
        study_outcome_free(outcome);
    }
    nn_model_free(model);
}

static void sheet_release(SheetOrder *order) {
    study_pictures_drop(order->pictures);
    study_answers_drop(order->answers);
    mem_free(order->rows);
    memset(order, 0, sizeof *order);
}

static void write_sheet(StudyRunner *self, SheetOrder *order) {
    StudySheet *sheet = mem_new(1, sizeof *sheet);
    if (sheet != NULL) {
        (void)text_copy(sheet->path, sizeof sheet->path, order->path);
        sheet->status = nn_study_write_sheet(order->answers->study, order->pictures->data,
                                             order->rows, order->n, order->path, &sheet->err);
        mem_free(atomic_exchange(&self->sheet_done, sheet));
        if (self->wake != NULL) {
            self->wake(self->user);
        }
    }
    sheet_release(order);
}

static void work(void *user) {
    StudyRunner *self = user;
    StudyOrder *order = mem_new(1, sizeof *order);
    while (order != NULL && !atomic_load(&self->stop)) {
        SheetOrder sheet = {0};
        unsigned number = 0;
        mutex_lock(&self->mutex);
        while (!self->has_order && !self->has_sheet && !atomic_load(&self->stop)) {
            cond_wait(&self->news, &self->mutex);
        }
        if (self->has_order) {
            *order = self->order;
            self->order.owned_model = NULL;
            self->has_order = false;
            number = self->number;
        } else if (self->has_sheet) {
            sheet = self->sheet;
            self->has_sheet = false;
        }
        atomic_store(&self->working, number != 0);
        mutex_unlock(&self->mutex);
        if (number != 0) {
            carry_out(self, order, number);
            atomic_store(&self->working, false);
        } else if (sheet.rows != NULL) {
            write_sheet(self, &sheet);
        }
    }
    study_pictures_drop(self->read);
    self->read = NULL;
    mem_free(order);
}

// --- the window's side ---------------------------------------------------------------------------

StudyRunner *study_runner_new(DataShelf *shelf, void (*wake)(void *user), void *user) {
    StudyRunner *self = mem_new(1, sizeof *self);
    if (self == NULL) {
        return NULL;
    }
    self->shelf = shelf;
    self->wake = wake;
    self->user = user;
    mutex_init(&self->mutex);
    cond_init(&self->news);
    self->progress = mailbox_new(sizeof(StudyProgress));
    if (self->progress == NULL || !thread_start(&self->thread, work, self, true)) {
        study_runner_free(self);
        return NULL;
    }
    return self;
}

void study_runner_free(StudyRunner *self) {
    if (self == NULL) {
        return;
    }
    mutex_lock(&self->mutex);
    atomic_store(&self->stop, true);
    cond_signal(&self->news);
    mutex_unlock(&self->mutex);
    thread_join(&self->thread);
    nn_model_free(self->order.owned_model);
    if (self->has_sheet) {
        sheet_release(&self->sheet);
    }
    study_outcome_free(atomic_load(&self->outcome));
    mem_free(atomic_load(&self->sheet_done));
    epochs_free(atomic_load(&self->epochs));
    mailbox_free(self->progress);
    cond_release(&self->news);
    mutex_release(&self->mutex);
    mem_free(self);
}

unsigned study_runner_order(StudyRunner *self, const StudyOrder *order) {
    mutex_lock(&self->mutex);
    nn_model_free(self->order.owned_model); // of an order the thread never came to
    self->order = *order;
    self->has_order = true;
    self->number = self->number + 1 > 0 ? self->number + 1 : 1;
    unsigned number = self->number;
    atomic_store(&self->wanted, number);
    cond_signal(&self->news);
    mutex_unlock(&self->mutex);
    return number;
}

void study_runner_cancel(StudyRunner *self) {
    mutex_lock(&self->mutex);
    nn_model_free(self->order.owned_model);
    self->order.owned_model = NULL;
    self->has_order = false;
    atomic_store(&self->wanted, 0);
    mutex_unlock(&self->mutex);
}

StudyOutcome *study_runner_take(StudyRunner *self) {
    return atomic_exchange(&self->outcome, NULL);
}

bool study_runner_take_epochs(StudyRunner *self, StudyEpochs *epochs) {
    StudyEpochs *found = atomic_exchange(&self->epochs, NULL);
    *epochs = found != NULL ? *found : (StudyEpochs){0};
    mem_free(found);
    return found != NULL;
}

bool study_runner_idle(StudyRunner *self) {
    mutex_lock(&self->mutex);
    bool idle = !self->has_order && !atomic_load(&self->working);
    mutex_unlock(&self->mutex);
    return idle;
}

StudyProgress study_runner_progress(StudyRunner *self) {
    return *(const StudyProgress *)mailbox_latest(self->progress, NULL);
}

bool study_runner_sheet(StudyRunner *self, StudyPictures *pictures, StudyAnswers *answers,
                        const uint32_t *rows, size_t n, const char *path) {
    SheetOrder order = {.n = n};
    order.rows = self->sheet_busy ? NULL : mem_new(n > 0 ? n : 1, sizeof *rows);
    if (order.rows == NULL || !text_copy(order.path, sizeof order.path, path)) {
        mem_free(order.rows);
        return false;
    }
    memcpy(order.rows, rows, n * sizeof *rows);
    order.pictures = hold_pictures(pictures);
    order.answers = hold_answers(answers);
    mutex_lock(&self->mutex);
    self->sheet = order;
    self->has_sheet = true;
    cond_signal(&self->news);
    mutex_unlock(&self->mutex);
    self->sheet_busy = true;
    return true;
}

bool study_runner_take_sheet(StudyRunner *self, StudySheet *sheet) {
    StudySheet *done = atomic_exchange(&self->sheet_done, NULL);
    if (done == NULL) {
        return false;
    }
    *sheet = *done;
    mem_free(done);
    self->sheet_busy = false;
    return true;
}
