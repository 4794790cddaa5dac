#define _POSIX_C_SOURCE 200809L // st_mtim

#include "app/data_shelf.h"

#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/text.h"
#include "base/thread.h"

enum { SHELF_PATH = 4096 };

// The pictures' file as it was when it was read. Files are only ever replaced as a whole.
typedef struct {
    dev_t device;
    ino_t file;
    off_t bytes;
    struct timespec changed;
} Stamp;

typedef struct Entry Entry;
struct Entry {
    Entry *next;
    char name[32];
    NnSplit split;
    Stamp stamp;     // all zero: no file was found
    bool reading;    // somebody is, others wait
    NnDataset *data; // NULL: being read, or it could not be
    NnError trouble; // then, for those who waited
    int holders;
};

struct DataShelf {
    Mutex mutex; // guards the entries, never while a file is read
    Cond read;
    Entry *first;
};

DataShelf *data_shelf_new(void) {
    DataShelf *shelf = mem_new(1, sizeof *shelf);
    if (shelf != NULL) {
        mutex_init(&shelf->mutex);
        cond_init(&shelf->read);
    }
    return shelf;
}

void data_shelf_free(DataShelf *shelf) {
    if (shelf != NULL) {
        NN_ASSERT(shelf->first == NULL);
        cond_release(&shelf->read);
        mutex_release(&shelf->mutex);
        mem_free(shelf);
    }
}

static Stamp stamp_of(const char *name, NnSplit split) {
    char path[SHELF_PATH];
    struct stat about;
    bool found = nn_dataset_pictures(name, split, path, sizeof path) && stat(path, &about) == 0;
    return found ? (Stamp){about.st_dev, about.st_ino, about.st_size, about.st_mtim} : (Stamp){0};
}

static bool same_stamp(const Stamp *a, const Stamp *b) {
    return a->device == b->device && a->file == b->file && a->bytes == b->bytes &&
           a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

static Entry *find(const DataShelf *shelf, const char *name, NnSplit split, const Stamp *stamp) {
    Entry *entry = shelf->first;
    while (entry != NULL && !(entry->split == split && strcmp(entry->name, name) == 0 &&
                              same_stamp(&entry->stamp, stamp))) {
        entry = entry->next;
    }
    return entry;
}

// With the lock held. The last holder takes the entry out; its data set is freed without the lock.
static NnDataset *let_go(DataShelf *shelf, Entry *entry) {
    if (--entry->holders > 0) {
        return NULL;
    }
    Entry **link = &shelf->first;
    while (*link != entry) {
        link = &(*link)->next;
    }
    *link = entry->next;
    NnDataset *data = entry->data;
    mem_free(entry);
    return data;
}

// With the lock held, which is let go of while the files are read.
static void read_entry(DataShelf *shelf, Entry *entry) {
    entry->reading = true;
    mutex_unlock(&shelf->mutex);
    NnDataset *data = nn_dataset_load(entry->name, entry->split, &entry->trouble);
    mutex_lock(&shelf->mutex);
    entry->data = data;
    entry->reading = false;
    cond_broadcast(&shelf->read);
}

static Entry *add(DataShelf *shelf, const char *name, NnSplit split, const Stamp *stamp) {
    Entry *entry = mem_new(1, sizeof *entry);
    if (entry != NULL) {
        (void)text_copy(entry->name, sizeof entry->name, name);
        entry->split = split;
        entry->stamp = *stamp;
        entry->next = shelf->first;
        shelf->first = entry;
    }
    return entry;
}

const NnDataset *data_shelf_take(DataShelf *shelf, const char *name, NnSplit split, NnError *err) {
    Stamp stamp = stamp_of(name, split);
    mutex_lock(&shelf->mutex);
    Entry *entry = find(shelf, name, split, &stamp);
    bool there = entry != NULL;
    entry = there ? entry : add(shelf, name, split, &stamp);
    if (entry == NULL) {
        mutex_unlock(&shelf->mutex);
        nn_fail(err, NN_ERR_NOMEM, "Not enough memory for the data set %s.", name);
        return NULL;
    }
    entry->holders++;
    if (!there) {
        read_entry(shelf, entry);
    }
    while (entry->reading) {
        cond_wait(&shelf->read, &shelf->mutex);
    }
    const NnDataset *data = entry->data;
    if (data == NULL) {
        if (err != NULL) {
            *err = entry->trouble;
        }
        (void)let_go(shelf, entry);
    }
    mutex_unlock(&shelf->mutex);
    return data;
}

// With the lock held.
static Entry *entry_of(const DataShelf *shelf, const NnDataset *data) {
    Entry *entry = shelf->first;
    while (entry != NULL && entry->data != data) {
        entry = entry->next;
    }
    NN_ASSERT(entry != NULL);
    return entry;
}

const NnDataset *data_shelf_hold(DataShelf *shelf, const NnDataset *data) {
    mutex_lock(&shelf->mutex);
    entry_of(shelf, data)->holders++;
    mutex_unlock(&shelf->mutex);
    return data;
}

void data_shelf_give_back(DataShelf *shelf, const NnDataset *data) {
    if (data == NULL) {
        return;
    }
    mutex_lock(&shelf->mutex);
    NnDataset *last = let_go(shelf, entry_of(shelf, data));
    mutex_unlock(&shelf->mutex);
    nn_dataset_free(last);
}
