// cmd_eval.c - a network measured on a whole data set, in batches.

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "cli/csv.h"
#include "cli/errors.h"
#include "cli/signals.h"

static NnDataset *load_data(const Args *args, NnError *err) {
    const char *images = args_text(args, "images");
    const char *labels = args_text(args, "labels");
    const char *name = args_text(args, "data");
    if ((images == NULL) != (labels == NULL)) {
        nn_fail(err, NN_ERR_USAGE, "--images and --labels go together");
        return NULL;
    }
    if (images != NULL && name != NULL) {
        nn_fail(err, NN_ERR_USAGE, "either --data or --images and --labels, not both");
        return NULL;
    }
    return images != NULL ? nn_dataset_load_idx(images, labels, err)
                          : nn_dataset_load(name != NULL ? name : "mnist", NN_SPLIT_TEST, err);
}

static void print_text(const NnMetrics *m, const NnDataset *data) {
    printf("data       %s, %zu pictures%s\n", data->name, m->n,
           data->verified ? ", the published files" : "");
    printf("accuracy   %.2f %% ± %.2f  (%zu right, %zu wrong)\n", 100 * m->accuracy,
           100 * m->stderr_accuracy, m->correct, m->n - m->correct);
    printf("halves     %.2f %% in the first, %.2f %% in the second\n", 100 * m->first_half,
           100 * m->second_half);
    printf("loss       %.4f\nmacro F1   %.4f\nECE        %.4f\n", m->loss, m->macro_f1, m->ece);
    printf("\nclass  precision  recall      F1   count\n");
    for (int c = 0; c < NN_CLASSES; c++) {
        const NnClassMetrics *k = &m->per_class[c];
        const char *name = strlen(data->class_names[c]) > 1 ? data->class_names[c] : "";
        printf("%5d  %9.4f  %6.4f  %6.4f  %6zu%s%s\n", c, k->precision, k->recall, k->f1,
               k->support, *name != '\0' ? "  " : "", name);
    }
    printf("\n true  answered\n     ");
    for (int c = 0; c < NN_CLASSES; c++) {
        printf("%6d", c);
    }
    for (int i = 0; i < NN_CLASSES; i++) {
        printf("\n%5d", i);
        for (int j = 0; j < NN_CLASSES; j++) {
            if (m->confusion[i][j] == 0) {
                printf("     ."); // zeros would hide the errors
            } else {
                printf("%6zu", m->confusion[i][j]);
            }
        }
    }
    printf("\n");
}

// Of the logits: rounding makes equals of probabilities that are not.
static int top_class(const float *logits) {
    int top = 0;
    for (int c = 1; c < NN_CLASSES; c++) {
        top = logits[c] > logits[top] ? c : top;
    }
    return top;
}

static NnStatus write_predictions(const char *path, const NnDataset *data, const float *logits,
                                  float temperature, NnError *err) {
    PredictionsCsv csv;
    NnStatus status = csv_open(&csv, path, err);
    for (size_t i = 0; i < data->n && status == NN_OK; i++) {
        const float *row = logits + i * NN_CLASSES;
        float p[NN_CLASSES];
        nn_softmax(p, row, 1, NN_CLASSES, temperature);
        status = csv_row(&csv, i, data->labels[i], top_class(row), p, err);
    }
    if (status == NN_OK) {
        return csv_close(&csv, err);
    }
    csv_abandon(&csv);
    return status;
}

// --- against another network ---------------------------------------------------------------------

static json_t *duel_json(const char *other, const NnDuel *d) {
    return json_pack("{s:s, s:I, s:I, s:I, s:I, s:o}", "model", other, "both_right",
                     (json_int_t)d->both_right, "only_this", (json_int_t)d->only_a, "only_other",
                     (json_int_t)d->only_b, "both_wrong", (json_int_t)d->both_wrong, "p_value",
                     json_number(d->p_value));
}

static void print_duel(const char *this, const char *other, const NnDuel *d) {
    printf("\nboth right       %6zu\nonly %-11s %6zu\nonly %-11s %6zu\nboth wrong       %6zu\n",
           d->both_right, this, d->only_a, other, d->only_b, d->both_wrong);
    printf("McNemar          p = %.3g%s\n", d->p_value,
           d->p_value < 0.05 ? "" : ": the difference may well be chance");
}

static NnStatus duel(Cli *cli, const NnStudy *study, const NnDataset *data, json_t *object,
                     NnError *err) {
    const char *name = args_text(&cli->args, "against");
    char path[512];
    NnStatus status = model_find(name, path, sizeof path, err);
    if (status != NN_OK) {
        return status;
    }
    NnModel *model = nn_model_load(path, err);
    NnStudy *other = model != NULL
                         ? nn_study_new(model, data, (int)args_int(&cli->args, "threads", 0),
                                        study_progress, cli, err)
                         : NULL;
    NnDuel result;
    if (other == NULL) {
        status = err->status;
    } else if (!nn_study_duel(study, other, &result, NULL)) {
        status = nn_fail(err, NN_ERR_FAILED, "the two networks answered different pictures");
    } else if (object != NULL) {
        json_t *against = duel_json(nn_study_model_name(other), &result);
        if (json_object_set_new(object, "against", against) != 0) {
            status = nn_fail(err, NN_ERR_NOMEM, "out of memory for the JSON result");
        }
    } else {
        print_duel(nn_study_model_name(study), nn_study_model_name(other), &result);
    }
    nn_study_free(other);
    nn_model_free(model);
    return status;
}

// --errors and --against. object: the result to add to, NULL where people read it.
static NnStatus browse(Cli *cli, const NnModel *model, const NnDataset *data, json_t *object,
                       NnError *err) {
    const char *folder = args_text(&cli->args, "errors");
    bool against = args_has(&cli->args, "against");
    if (folder == NULL && !against) {
        return NN_OK;
    }
    NnStudy *study = nn_study_new(model, data, (int)args_int(&cli->args, "threads", 0),
                                  study_progress, cli, err);
    term_progress_clear(&cli->term);
    if (study == NULL) {
        return err->status;
    }
    NnStatus status = folder != NULL ? errors_save(cli, study, data, folder, err) : NN_OK;
    if (status == NN_OK && against) {
        status = duel(cli, study, data, object, err);
    }
    nn_study_free(study);
    return status;
}

static NnStatus tell(Cli *cli, const NnModel *model, const NnMetrics *metrics,
                     const NnDataset *data, NnError *err) {
    if (!args_has(&cli->args, "json")) {
        print_text(metrics, data);
        return browse(cli, model, data, NULL, err);
    }
    json_t *object = metrics_json(metrics, data);
    NnStatus status = browse(cli, model, data, object, err);
    if (status != NN_OK) {
        json_decref(object);
        return status;
    }
    return json_print(object, err);
}

static NnStatus measure(Cli *cli, const NnModel *model, const NnDataset *data, float *logits,
                        NnError *err) {
    const Args *args = &cli->args;
    NnStatus status = nn_evaluate(model, data, (int)args_int(args, "threads", 0), logits,
                                  signals_should_stop, NULL, err);
    if (status != NN_OK) {
        return status;
    }
    float temperature = nn_model_arch(model)->temperature;
    NnMetrics *metrics = mem_new(1, sizeof *metrics);
    if (metrics == NULL) {
        return nn_fail(err, NN_ERR_NOMEM, "out of memory");
    }
    nn_metrics_compute(metrics, logits, data->labels, data->n, temperature);
    const char *csv = args_text(args, "predictions");
    if (csv != NULL) {
        status = write_predictions(csv, data, logits, temperature, err);
    }
    if (status == NN_OK) {
        status = tell(cli, model, metrics, data, err);
    }
    mem_free(metrics);
    return status;
}

NnStatus cmd_eval(Cli *cli, NnError *err) {
    char path[512];
    signals_catch();
    NnStatus status = model_find(args_operand(&cli->args, 0), path, sizeof path, err);
    if (status != NN_OK) {
        return status;
    }
    NnModel *model = nn_model_load(path, err);
    NnDataset *data = model != NULL ? load_data(&cli->args, err) : NULL;
    float *logits = NULL;
    if (data == NULL) {
        status = err->status;
    } else {
        logits = mem_new_aligned(data->n, NN_CLASSES * sizeof *logits);
        status = logits != NULL
                     ? measure(cli, model, data, logits, err)
                     : nn_fail(err, NN_ERR_NOMEM, "out of memory for %zu answers", data->n);
    }
    mem_free(logits);
    nn_dataset_free(data);
    nn_model_free(model);
    return status;
}
