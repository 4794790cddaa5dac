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

bool teachers_seen(const Teachers *teachers, const NnTeacherNames *names, const NnDataset *train,
                   const uint32_t *held, size_t n_held, char *out, size_t size) {
    out[0] = '\0';
    for (int i = 0; i < teachers->n && n_held > 0 && out[0] == '\0'; i++) {
        char shown[NN_TEACHER_SIZE];
        const char *slash = strrchr(names->names[i], '/');
        long seen = count_seen(teachers->models[i], train, held, n_held);
        text_escape(shown, sizeof shown, slash != NULL ? slash + 1 : names->names[i]);
        if (seen == NOT_KNOWN) {
            (void)snprintf(out, size,
                           "it is not known which pictures %s has learnt from, so the figures of "
                           "the held-out ones may flatter",
                           shown);
        } else if (seen > 0) {
            (void)snprintf(out, size,
                           "%s, which teaches, has learnt from %ld of the %zu pictures that are "
                           "held out: their figures flatter",
                           shown, seen, n_held);
        }
    }
    return out[0] != '\0';
}
