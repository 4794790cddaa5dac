// A weight file says of its making which recipe, seed and data it comes from, and what was held out of
// these: enough to shuffle them as it was done then, and to count.

#include "train/teachers_seen.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "train/run_find.h"
#include "train/split.h"

enum { NOT_KNOWN = -1 };

// How many of the held rows the teacher has learnt from; NOT_KNOWN where its file does not say.
static long count_seen(const NnModel *teacher, const NnDataset *train, const uint32_t *held,
                       size_t n_held) {
    const char *images = nn_model_note(teacher, "data_images_sha256");
    if (images != NULL && images[0] != '\0' && train->images_sha256[0] != '\0' &&
        strcmp(images, train->images_sha256) != 0) {
        return 0; // it has learnt from other pictures
    }
    RunIdentity *identity = mem_new(1, sizeof *identity);
    uint32_t *rows = mem_new(train->n, sizeof *rows);
    uint8_t *learnt = mem_new(train->n, 1);
    bool known = identity != NULL && rows != NULL && learnt != NULL && images != NULL &&
                 train->images_sha256[0] != '\0' &&
                 run_identity_of_notes(teacher, identity, NULL) == NN_OK &&
                 split_held_out(&identity->config.recipe, train->n) < train->n;
    long seen = known ? 0 : NOT_KNOWN;
    if (known) {
        const NnRecipe *recipe = &identity->config.recipe;
        split_rows(recipe, identity->config.seed, rows, train->n);
        for (size_t i = 0; i < train->n - split_held_out(recipe, train->n); i++) {
            learnt[rows[i]] = 1;
        }
        for (size_t i = 0; i < n_held; i++) {
            seen += learnt[held[i]];
        }
    }
    mem_free(learnt);
    mem_free(rows);
    mem_free(identity);
    return seen;
}

static bool seen(const NnModel *network, const char *name, const char *what_it_does,
                 const Held *held, char *out, size_t size) {
    char shown[NN_TEACHER_SIZE];
    const char *slash = strrchr(name, '/');
    long count = held->n > 0 ? count_seen(network, held->train, held->rows, held->n) : 0;
    text_escape(shown, sizeof shown, slash != NULL ? slash + 1 : name);
    out[0] = '\0';
    if (count == NOT_KNOWN) {
        (void)snprintf(out, size,
                       "it is not known which pictures %s has learnt from, so the figures of "
                       "the held-out ones may flatter",
                       shown);
    } else if (count > 0) {
        (void)snprintf(out, size,
                       "%s, %s, has learnt from %ld of the %zu pictures that are "
                       "held out: their figures flatter",
                       shown, what_it_does, count, held->n);
    }
    return out[0] != '\0';
}

bool teachers_seen(const Teachers *teachers, const NnTeacherNames *names, const Held *held,
                   char *out, size_t size) {
    out[0] = '\0';
    for (int i = 0; i < teachers->n && out[0] == '\0'; i++) {
        (void)seen(teachers->models[i], names->names[i], "which teaches", held, out, size);
    }
    return out[0] != '\0';
}

bool start_seen(const Start *start, const char *name, const Held *held, char *out, size_t size) {
    out[0] = '\0';
    return start->named != NULL &&
           seen(start->named, name, "which training begins with", held, out, size);
}
