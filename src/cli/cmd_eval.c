// cmd_eval.c - a network measured on a whole data set, in batches.

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "cli/csv.h"
#include "cli/run.h"
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

static json_t *confusion_json(const NnMetrics *m) {
    json_t *rows = json_array();
    for (int i = 0; rows != NULL && i < NN_CLASSES; i++) {
        json_t *row = json_array();
        for (int j = 0; row != NULL && j < NN_CLASSES; j++) {
            json_array_append_new(row, json_integer((json_int_t)m->confusion[i][j]));
        }
        json_array_append_new(rows, row);
    }
    return rows;
}

static json_t *per_class_json(const NnMetrics *m) {
    json_t *array = json_array();
    for (int c = 0; array != NULL && c < NN_CLASSES; c++) {
        const NnClassMetrics *k = &m->per_class[c];
        json_array_append_new(array,
                              json_pack("{s:f, s:f, s:f, s:I}", "precision", k->precision, "recall",
                                        k->recall, "f1", k->f1, "support", (json_int_t)k->support));
    }
    return array;
}

static NnStatus print_json(const NnMetrics *m, const NnDataset *data, NnError *err) {
    return json_print(json_pack("{s:s, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
                                "data", data->name, "n", (json_int_t)m->n, "correct",
                                (json_int_t)m->correct, "accuracy", json_number(m->accuracy),
                                "stderr", json_number(m->stderr_accuracy), "loss",
                                json_number(m->loss), "macro_f1", json_number(m->macro_f1), "ece",
                                json_number(m->ece), "first_half", json_number(m->first_half),
                                "second_half", json_number(m->second_half), "confusion",
                                confusion_json(m), "per_class", per_class_json(m)),
                      err);
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

static int top_class(const float *p) {
    int top = 0;
    for (int c = 1; c < NN_CLASSES; c++) {
        top = p[c] > p[top] ? c : top;
    }
    return top;
}

static NnStatus write_predictions(const char *path, const NnDataset *data, const float *logits,
                                  float temperature, NnError *err) {
    PredictionsCsv csv;
    NnStatus status = csv_open(&csv, path, err);
    for (size_t i = 0; i < data->n && status == NN_OK; i++) {
        float p[NN_CLASSES];
        nn_softmax(p, logits + i * NN_CLASSES, 1, NN_CLASSES, temperature);
        status = csv_row(&csv, i, data->labels[i], top_class(p), p, err);
    }
    if (status == NN_OK) {
        return csv_close(&csv, err);
    }
    csv_abandon(&csv);
    return status;
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
    if (status == NN_OK && args_has(args, "json")) {
        status = print_json(metrics, data, err);
    } else if (status == NN_OK) {
        print_text(metrics, data);
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
