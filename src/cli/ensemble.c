#include "cli/ensemble.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json_text.h"
#include "base/text.h"
#include "cli/signals.h"

Together *ensemble_new(NnError *err) {
    Together *together = mem_new(1, sizeof *together);
    if (together == NULL) {
        nn_fail(err, NN_ERR_NOMEM, "out of memory for an ensemble");
    }
    return together;
}

void ensemble_free(Together *together) {
    for (int i = 0; together != NULL && i < together->n; i++) {
        nn_model_free(together->models[i]);
    }
    mem_free(together);
}

NnStatus ensemble_add(Together *together, const char *path, const char *name, NnError *err) {
    if (together->n == NN_MEMBERS_MAX) {
        return nn_fail(err, NN_ERR_USAGE, "an ensemble has at most %d networks", NN_MEMBERS_MAX);
    }
    NnModel *model = nn_model_load(path, err);
    if (model == NULL) {
        return err->status;
    }
    text_escape(together->names[together->n], sizeof together->names[0], name);
    together->models[together->n++] = model;
    return NN_OK;
}

NnStatus ensemble_measure(Together *t, const NnDataset *data, int threads, NnError *err) {
    float *logits = mem_new_aligned(data->n, NN_CLASSES * sizeof *logits);
    if (logits == NULL) {
        return nn_fail(err, NN_ERR_NOMEM, "out of memory for %zu answers", data->n);
    }
    NnStatus status = nn_ensemble_evaluate(t->models, t->n, data, threads, logits, t->each,
                                           signals_should_stop, NULL, err);
    if (status == NN_OK) {
        nn_metrics_compute(&t->all, logits, data->labels, data->n, 1.0f);
    }
    mem_free(logits);
    return status;
}

static void print_row(const char *name, int width, const NnMetrics *m) {
    printf("%-*s  %8.2f %% ± %.2f  %5zu  %.4f  %.4f\n", width, name, 100 * m->accuracy,
           100 * m->stderr_accuracy, m->n - m->correct, m->loss, m->ece);
}

void ensemble_print(const Together *t, const NnDataset *data) {
    int width = (int)strlen("together");
    for (int i = 0; i < t->n; i++) {
        int length = (int)strlen(t->names[i]);
        width = length > width ? length : width;
    }
    printf("data       %s, %zu pictures%s\n\n", data->name, data->n,
           data->verified ? ", the published files" : "");
    printf("%-*s  %17s  %5s  %6s  %6s\n", width, "network", "accuracy", "wrong", "loss", "ECE");
    for (int i = 0; i < t->n; i++) {
        print_row(t->names[i], width, &t->each[i]);
    }
    print_row("together", width, &t->all);
}

static json_t *row_json(const NnMetrics *m) {
    return json_pack("{s:o, s:o, s:I, s:o, s:o}", "accuracy", json_number(m->accuracy),
                     "stderr_accuracy", json_number(m->stderr_accuracy), "wrong",
                     (json_int_t)(m->n - m->correct), "loss", json_number(m->loss), "ece",
                     json_number(m->ece));
}

json_t *ensemble_json(const Together *t, const NnDataset *data) {
    json_t *members = json_array();
    bool whole = members != NULL;
    for (int i = 0; whole && i < t->n; i++) {
        json_t *row = json_text_put(row_json(&t->each[i]), "network", json_string(t->names[i]));
        whole = json_array_append_new(members, row) == 0;
    }
    if (!whole) {
        json_decref(members);
        return NULL;
    }
    json_t *object = json_text_put(row_json(&t->all), "data", json_string(data->name));
    object = json_text_put(object, "n", json_integer((json_int_t)data->n));
    return json_text_put(object, "members", members);
}

// --- eval --ensemble -----------------------------------------------------------------------------

static NnStatus add_all(const Args *args, Together *together, NnError *err) {
    NnStatus status = NN_OK;
    const char *name;
    for (size_t i = 0; status == NN_OK && (name = args_operand(args, i)) != NULL; i++) {
        char path[512];
        status = model_find(name, path, sizeof path, err);
        status = status == NN_OK ? ensemble_add(together, path, name, err) : status;
    }
    return status;
}

NnStatus eval_ensemble(Cli *cli, NnError *err) {
    const Args *args = &cli->args;
    Together *together = ensemble_new(err);
    NnStatus status = together != NULL ? add_all(args, together, err) : NN_ERR_NOMEM;
    NnDataset *data = status == NN_OK ? eval_load_data(args, NULL, err) : NULL;
    if (data == NULL) {
        status = err->status;
    } else {
        status = ensemble_measure(together, data, (int)args_int(args, "threads", 0), err);
    }
    if (status == NN_OK && args_has(args, "json")) {
        status = json_print(ensemble_json(together, data), err);
    } else if (status == NN_OK) {
        ensemble_print(together, data);
    }
    nn_dataset_free(data);
    ensemble_free(together);
    return status;
}
