#include "cli/drawn.h"

#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "cli/errors.h"

enum { FIRST_ROOM = 256 };

static NnStatus grow(Drawn *drawn, NnError *err) {
    size_t room = drawn->room > 0 ? 2 * drawn->room : FIRST_ROOM;
    uint8_t *images = mem_resize(drawn->data.images, room, NN_PIXELS);
    drawn->data.images = images != NULL ? images : drawn->data.images;
    uint8_t *labels = images != NULL ? mem_resize(drawn->data.labels, room, 1) : NULL;
    drawn->data.labels = labels != NULL ? labels : drawn->data.labels;
    if (labels == NULL) {
        return nn_fail(err, NN_ERR_NOMEM, "out of memory for %zu drawings", room);
    }
    drawn->room = room;
    return NN_OK;
}

NnStatus drawn_add(Drawn *drawn, const NnDigit *digit, int label, NnError *err) {
    if (drawn->data.n == drawn->room) {
        NnStatus status = grow(drawn, err);
        if (status != NN_OK) {
            return status;
        }
    }
    memcpy(drawn->data.images + drawn->data.n * NN_PIXELS, digit->pixels, NN_PIXELS);
    drawn->data.labels[drawn->data.n++] = (uint8_t)label;
    return NN_OK;
}

void drawn_release(Drawn *drawn) {
    mem_free(drawn->data.images);
    mem_free(drawn->data.labels);
    *drawn = (Drawn){0};
}

NnStatus drawn_save_errors(Cli *cli, const NnModel *model, Drawn *drawn, const char *name,
                           const char *folder, NnError *err) {
    if (drawn->data.n == 0) {
        return nn_fail(err, NN_ERR_USAGE, "no drawing has a label: there are no errors to write");
    }
    text_copy(drawn->data.name, sizeof drawn->data.name, name);
    NnStudy *study = nn_study_new(model, &drawn->data, 0, study_progress, cli, err);
    term_progress_clear(&cli->term);
    if (study == NULL) {
        return err->status;
    }
    json_t *metrics = metrics_json(nn_study_metrics(study), &drawn->data);
    NnStatus status = metrics != NULL
                          ? errors_save(cli, study, &drawn->data, NULL, metrics, folder, err)
                          : nn_fail(err, NN_ERR_NOMEM, "out of memory for the figures");
    json_decref(metrics);
    nn_study_free(study);
    return status;
}
