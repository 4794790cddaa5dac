#include "cli/errors.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/json_text.h"
#include "cli/signals.h"

enum { PATH_SIZE = 4096, SHEET_MAX = 3000 };

bool study_progress(size_t done, size_t total, void *user) {
    Cli *cli = user;
    if (done < total) {
        double share = (double)done / (double)total;
        term_progress(&cli->term, share, "%2.0f %%", 100 * share);
    } else {
        term_progress_clear(&cli->term);
    }
    return !signals_should_stop(NULL);
}

// --- metrics -------------------------------------------------------------------------------------

static json_t *confusion_json(const NnMetrics *m) {
    json_t *rows = json_array();
    for (int i = 0; i < NN_CLASSES; i++) {
        json_t *row = json_array();
        for (int j = 0; j < NN_CLASSES; j++) {
            row = json_text_push(row, json_integer((json_int_t)m->confusion[i][j]));
        }
        rows = json_text_push(rows, row);
    }
    return rows;
}

static json_t *per_class_json(const NnMetrics *m) {
    json_t *array = json_array();
    for (int c = 0; c < NN_CLASSES; c++) {
        const NnClassMetrics *k = &m->per_class[c];
        array = json_text_push(array, json_pack("{s:f, s:f, s:f, s:I}", "precision", k->precision,
                                                "recall", k->recall, "f1", k->f1, "support",
                                                (json_int_t)k->support));
    }
    return array;
}

json_t *metrics_json(const NnMetrics *m, const NnDataset *data) {
    return json_pack("{s:s, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "data",
                     data->name, "n", (json_int_t)m->n, "correct", (json_int_t)m->correct,
                     "accuracy", json_number(m->accuracy), "stderr",
                     json_number(m->stderr_accuracy), "loss", json_number(m->loss), "macro_f1",
                     json_number(m->macro_f1), "ece", json_number(m->ece), "first_half",
                     json_number(m->first_half), "second_half", json_number(m->second_half),
                     "confusion", confusion_json(m), "per_class", per_class_json(m));
}

static NnStatus save_metrics_json(const json_t *metrics, const char *path, NnError *err) {
    char *text = json_text_make(metrics, JSON_INDENT(1) | JSON_REAL_PRECISION(9));
    NnStatus status = text != NULL
                          ? file_save(path, text, strlen(text), err)
                          : nn_fail(err, NN_ERR_NOMEM, "out of memory for the JSON result");
    mem_free(text);
    return status;
}

// --- files ---------------------------------------------------------------------------------------

static NnStatus join(char *path, const char *folder, const char *name, const char *ending,
                     NnError *err) {
    int n = snprintf(path, PATH_SIZE, "%s/%s%s", folder, name, ending);
    return n > 0 && n < PATH_SIZE
               ? NN_OK
               : nn_fail(err, NN_ERR_USAGE, "the path of the folder is too long");
}

// What the person said about these pictures. A file that cannot be read is no reason to fail.
static NnTriage *open_triage(Cli *cli, const NnStudy *study) {
    NnError wrong = {0};
    NnTriage *triage = nn_triage_open(nn_study_triage_key(study), nn_study_count(study), &wrong);
    if (triage == NULL) {
        term_note(&cli->term, "note: without tags and notes: %s", wrong.message);
    }
    return triage;
}

NnStatus rows_save(Cli *cli, const NnStudy *study, const NnDataset *data, const uint32_t *rows,
                   size_t n, const NnEpochs *epochs, const char *folder, const char *name,
                   NnError *err) {
    char path[PATH_SIZE];
    NnStatus status = folder_make(folder, err);
    if (status == NN_OK) {
        status = join(path, folder, name, ".csv", err);
    }
    if (status == NN_OK) {
        NnTriage *triage = open_triage(cli, study);
        status = nn_study_write_csv(study, rows, n, triage, epochs, path, err);
        nn_triage_close(triage);
    }
    if (status == NN_OK) {
        status = join(path, folder, name, ".png", err);
    }
    return status == NN_OK
               ? nn_study_write_sheet(study, data, rows, n < SHEET_MAX ? n : SHEET_MAX, path, err)
               : status;
}

NnStatus errors_save(Cli *cli, const NnStudy *study, const NnDataset *data, const NnEpochs *epochs,
                     const json_t *metrics, const char *folder, NnError *err) {
    char png[PATH_SIZE], csv[PATH_SIZE];
    uint32_t *rows = mem_new(nn_study_count(study), sizeof *rows);
    if (rows == NULL) {
        return nn_fail(err, NN_ERR_NOMEM, "out of memory for the list of errors");
    }
    const NnStudyFilter wrong = {.wrong_only = true, .label = -1, .predicted = -1};
    size_t n = nn_study_select(study, &wrong, NULL, NN_SORT_LOSS, rows);
    NnStatus status = rows_save(cli, study, data, rows, n, epochs, folder, "errors", err);
    mem_free(rows);
    if (status == NN_OK && (status = join(png, folder, "confusion", ".png", err)) == NN_OK &&
        (status = join(csv, folder, "confusion", ".csv", err)) == NN_OK) {
        status = nn_study_write_matrix(study, png, csv, err);
    }
    if (status == NN_OK && (status = join(csv, folder, "metrics", ".csv", err)) == NN_OK) {
        status = nn_study_write_metrics(study, csv, err);
    }
    if (status == NN_OK && (status = join(csv, folder, "metrics", ".json", err)) == NN_OK) {
        status = save_metrics_json(metrics, csv, err);
    }
    if (status == NN_OK) {
        term_note(&cli->term, "%zu errors of %zu in %s", n, nn_study_count(study), folder);
    }
    return status;
}
