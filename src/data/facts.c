#include "nn/facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"

enum { ASKED_EVERY = 64 }; // pictures

typedef struct {
    uint64_t hash;
    uint32_t row;
} Print;

typedef struct {
    const NnDataset *data;
    bool (*go_on)(void *user);
    void *user;
} Task;

static bool goes_on(const Task *task, size_t row) {
    return row % ASKED_EVERY != 0 || task->go_on == NULL || task->go_on(task->user);
}

static const uint8_t *picture(const Task *task, size_t row) {
    return task->data->images + row * NN_PIXELS;
}

static void sort_rows(NnFacts *facts, const NnDataset *data) {
    for (size_t i = 0; i < data->n; i++) {
        facts->count[data->labels[i]]++;
    }
    size_t next[NN_CLASSES];
    for (int c = 0; c < NN_CLASSES; c++) {
        next[c] = facts->first[c];
        facts->first[c + 1] = facts->first[c] + facts->count[c];
    }
    for (size_t i = 0; i < data->n; i++) {
        facts->rows[next[data->labels[i]]++] = (uint32_t)i;
    }
}

static bool measure_class(NnFacts *facts, const Task *task, int c, uint64_t *sum) {
    memset(sum, 0, NN_PIXELS * sizeof *sum);
    uint64_t total = 0, n = facts->count[c];
    for (size_t i = facts->first[c]; i < facts->first[c + 1]; i++) {
        const uint8_t *pixels = picture(task, facts->rows[i]);
        if (!goes_on(task, i)) {
            return false;
        }
        for (int p = 0; p < NN_PIXELS; p++) {
            sum[p] += pixels[p];
            facts->histogram[pixels[p]]++;
        }
    }
    for (int p = 0; p < NN_PIXELS && n > 0; p++) {
        facts->mean[c][p] = (uint8_t)((sum[p] + n / 2) / n);
        total += sum[p];
    }
    facts->ink[c] = n > 0 ? (double)total / (255.0 * NN_PIXELS * (double)n) : 0;
    return true;
}

// --- pictures that occur twice -------------------------------------------------------------------

// Eight bytes at a time (784 is a multiple): only equal bytes are compared in the end.
static uint64_t hash_of(const uint8_t *pixels) {
    uint64_t hash = 0x9E3779B97F4A7C15U, word;
    for (int i = 0; i < NN_PIXELS; i += 8) {
        memcpy(&word, pixels + i, sizeof word);
        hash = (hash ^ word) * 0xFF51AFD7ED558CCDU;
        hash ^= hash >> 32;
    }
    return hash;
}

static int by_hash(const void *a, const void *b) {
    const Print *x = a, *y = b;
    if (x->hash != y->hash) {
        return x->hash < y->hash ? -1 : 1;
    }
    return (x->row > y->row) - (x->row < y->row);
}

// Equal ones stand together, but for two different pictures of one hash, which never met so far.
static size_t count_repeated(const Task *task, const Print *prints, size_t n) {
    size_t repeated = 0;
    for (size_t i = 1; i < n; i++) {
        repeated +=
            prints[i].hash == prints[i - 1].hash &&
            memcmp(picture(task, prints[i].row), picture(task, prints[i - 1].row), NN_PIXELS) == 0;
    }
    return repeated;
}

static bool find_repeated(NnFacts *facts, const Task *task, Print *prints) {
    for (size_t i = 0; i < facts->n; i++) {
        if (!goes_on(task, i)) {
            return false;
        }
        prints[i] = (Print){hash_of(picture(task, i)), (uint32_t)i};
    }
    qsort(prints, facts->n, sizeof *prints, by_hash);
    facts->repeated = count_repeated(task, prints, facts->n);
    return true;
}

// --- all of it -----------------------------------------------------------------------------------

NnFacts *nn_facts_new(const NnDataset *data, bool (*go_on)(void *user), void *user, NnError *err) {
    Task task = {data, go_on, user};
    NnFacts *facts = mem_new(1, sizeof *facts);
    Print *prints = mem_new(data->n, sizeof *prints);
    uint64_t *sum = mem_new(NN_PIXELS, sizeof *sum);
    if (facts != NULL) {
        facts->rows = mem_new(data->n, sizeof *facts->rows);
    }
    bool whole = facts != NULL && prints != NULL && sum != NULL && facts->rows != NULL;
    if (!whole) {
        nn_fail(err, NN_ERR_NOMEM, "Not enough memory to look through %s.", data->name);
    } else {
        facts->n = data->n;
        sort_rows(facts, data);
        for (int c = 0; c < NN_CLASSES && whole; c++) {
            whole = measure_class(facts, &task, c, sum);
        }
        whole = whole && find_repeated(facts, &task, prints);
        if (!whole) {
            nn_fail(err, NN_ERR_CANCELLED, "The look through %s was stopped.", data->name);
        }
    }
    mem_free(sum);
    mem_free(prints);
    if (!whole) {
        nn_facts_free(facts);
        return NULL;
    }
    return facts;
}

void nn_facts_free(NnFacts *facts) {
    if (facts != NULL) {
        mem_free(facts->rows);
        mem_free(facts);
    }
}

NnStatus nn_facts_write_csv(const NnFacts *facts, const NnDataset *data, const char *path,
                            NnError *err) {
    enum { ROOM = 32768 };
    char *text = mem_new(ROOM, 1);
    if (text == NULL) {
        return nn_fail(err, NN_ERR_NOMEM, "Not enough memory to write a table.");
    }
    size_t used = (size_t)snprintf(text, ROOM, "class,name,count,share,mean_pixel\n");
    for (int c = 0; c < NN_CLASSES; c++) {
        double share = facts->n > 0 ? (double)facts->count[c] / (double)facts->n : 0;
        used += (size_t)snprintf(text + used, ROOM - used, "%d,%.40s,%zu,%.6f,%.6f\n", c,
                                 data->class_names[c], facts->count[c], share, facts->ink[c]);
    }
    used += (size_t)snprintf(text + used, ROOM - used, "\nvalue,pixels\n");
    for (int v = 0; v < 256; v++) {
        used += (size_t)snprintf(text + used, ROOM - used, "%d,%llu\n", v,
                                 (unsigned long long)facts->histogram[v]);
    }
    NnStatus status = file_save(path, text, used, err);
    mem_free(text);
    return status;
}
