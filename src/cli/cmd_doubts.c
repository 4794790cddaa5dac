// cmd_doubts.c - `data doubts`: labels of a training set that networks which never saw them
// contradict.

#include <stdio.h>

#include "base/alloc.h"
#include "base/json_text.h"
#include "cli/errors.h"
#include "cli/signals.h"

enum { SHOWN = 20 };

static json_t *suspects_json(const NnStudy *study, const uint32_t *rows, size_t n) {
    json_t *array = json_array();
    for (size_t i = 0; i < n; i++) {
        const NnStudyRow *row = nn_study_row(study, rows[i]);
        array =
            json_text_push(array, json_pack("{s:I, s:i, s:i, s:f, s:f}", "index",
                                            (json_int_t)rows[i], "label", row->label, "predicted",
                                            row->predicted, "p_label", (double)row->p_label,
                                            "doubt", (double)nn_study_doubt(study, rows[i])));
    }
    return array;
}

static void print_suspects(const NnStudy *study, const uint32_t *rows, size_t n) {
    const NnMetrics *m = nn_study_metrics(study);
    printf("%s, %s: %.2f %% answered as labelled\n%zu labels in doubt of %zu\n",
           nn_study_data_name(study), nn_study_model_name(study), 100 * m->accuracy, n,
           nn_study_count(study));
    if (n > 0) {
        printf("\n index  label  answered  doubt\n");
    }
    for (size_t i = 0; i < n && i < SHOWN; i++) {
        const NnStudyRow *row = nn_study_row(study, rows[i]);
        printf("%6u  %5d  %8d  %5.3f\n", rows[i], row->label, row->predicted,
               (double)nn_study_doubt(study, rows[i]));
    }
}

// Rows most doubtful first, cut where doubt ends.
static size_t suspects(const NnStudy *study, uint32_t *rows) {
    const NnStudyFilter all = {.label = -1, .predicted = -1};
    size_t n = nn_study_select(study, &all, NULL, NN_SORT_DOUBT, rows), doubted = 0;
    while (doubted < n && nn_study_doubt(study, rows[doubted]) > 0) {
        doubted++;
    }
    return doubted;
}

static NnStatus report(Cli *cli, const NnStudy *study, const NnDataset *data, NnError *err) {
    uint32_t *rows = mem_new(nn_study_count(study), sizeof *rows);
    if (rows == NULL) {
        return nn_fail(err, NN_ERR_NOMEM, "out of memory for the list of labels");
    }
    size_t n = suspects(study, rows);
    const char *folder = args_text(&cli->args, "out");
    NnStatus status =
        folder != NULL ? rows_save(cli, study, data, rows, n, NULL, folder, "doubts", err) : NN_OK;
    if (status == NN_OK && args_has(&cli->args, "json")) {
        const NnMetrics *m = nn_study_metrics(study);
        status =
            json_print(json_pack("{s:s, s:I, s:o, s:I, s:o}", "data", data->name, "n",
                                 (json_int_t)m->n, "accuracy", json_number(m->accuracy), "doubted",
                                 (json_int_t)n, "suspects", suspects_json(study, rows, n)),
                       err);
    } else if (status == NN_OK) {
        print_suspects(study, rows, n);
    }
    mem_free(rows);
    return status;
}

NnStatus data_doubts(Cli *cli, const char *name, NnError *err) {
    signals_catch();
    NnDataset *data = nn_dataset_load(name, NN_SPLIT_TRAIN, err);
    if (data == NULL) {
        return err->status;
    }
    NnStudy *study =
        nn_study_cross_validate(data, NULL, (int)args_int(&cli->args, "folds", 5),
                                (uint64_t)args_int(&cli->args, "seed", 1),
                                (int)args_int(&cli->args, "threads", 0), study_progress, cli, err);
    term_progress_clear(&cli->term);
    NnStatus status = study != NULL ? report(cli, study, data, err) : err->status;
    nn_study_free(study);
    nn_dataset_free(data);
    return status;
}
