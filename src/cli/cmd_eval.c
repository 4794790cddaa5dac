// cmd_eval.c - a network measured on a whole data set, in batches.

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json_text.h"
#include "base/text.h"
#include "cli/csv.h"
#include "cli/errors.h"
#include "cli/rejects.h"
#include "cli/signals.h"

// The folder of the network's run: the one given, else one that is found. False where there is none,
// with err filled when it was given.
static bool find_run(const Args *args, const NnModel *model, char *folder, size_t size,
                     NnError *err) {
    const char *given = args_text(args, "run");
    if (given == NULL) {
        return nn_run_find(model, args_operand(args, 0), folder, size, NULL, NULL);
    }
    if (!nn_run_near(model, given, folder, size)) {
        nn_fail_file(err, NN_ERR_NOT_FOUND, given, -1, "holds no run that keeps these weights");
        nn_error_hint(err, "A run is a folder made by inkling train --run or --keep.");
        return false;
    }
    return true;
}

static NnDataset *load_validation(const Args *args, const NnModel *model, NnError *err) {
    char folder[512];
    bool found = find_run(args, model, folder, sizeof folder, err);
    return found || err->status == NN_OK ? nn_run_validation(model, found ? folder : NULL, err)
                                         : NULL;
}

NnDataset *eval_load_data(const Args *args, const NnModel *model, NnError *err) {
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
    if (name != NULL && strcmp(name, "validation") == 0) {
        if (model == NULL) {
            nn_fail(err, NN_ERR_USAGE,
                    "several networks have no validation split in common: what one of them never "
                    "saw, another may have learnt");
            return NULL;
        }
        return load_validation(args, model, err);
    }
    return images != NULL ? nn_dataset_load_idx(images, labels, err)
                          : nn_dataset_load(name != NULL ? name : "mnist", NN_SPLIT_TEST, err);
}

// What the network answers at its own threshold, and what it would at a share of 99 %.
typedef struct {
    float temperature; // 1 for a network without
    NnCoverage sure, surest;
} Coverage;

static const double SUREST = 0.99;

static Coverage cover(const NnArch *arch, const NnDataset *data, const float *logits) {
    Coverage c = {.temperature = arch->temperature > 0 ? arch->temperature : 1};
    nn_coverage_at(&c.sure, logits, data->labels, data->n, arch->temperature, arch->threshold);
    nn_coverage_of(&c.surest, logits, data->labels, data->n, arch->temperature, SUREST);
    return c;
}

static json_t *coverage_json(const NnCoverage *c) {
    return json_pack("{s:f, s:f, s:I, s:I, s:f}", "threshold", (double)c->threshold, "coverage",
                     c->coverage, "answered", (json_int_t)c->answered, "wrong",
                     (json_int_t)c->wrong, "accuracy", c->accuracy);
}

static void print_coverage(const char *name, const NnCoverage *c) {
    printf(
        "%-10s %.2f %% answered, from a probability of %.3f; of them %.2f %% right (%zu wrong)\n",
        name, 100 * c->coverage, (double)c->threshold, 100 * c->accuracy, c->wrong);
}

static void print_text(const NnMetrics *m, const Coverage *coverage, const NnDataset *data) {
    printf("data       %s, %zu pictures%s\n", data->name, m->n,
           data->verified ? ", the published files" : "");
    printf("accuracy   %.2f %% ± %.2f  (%zu right, %zu wrong)\n", 100 * m->accuracy,
           100 * m->stderr_accuracy, m->correct, m->n - m->correct);
    printf("halves     %.2f %% in the first, %.2f %% in the second\n", 100 * m->first_half,
           100 * m->second_half);
    printf("loss       %.4f\nmacro F1   %.4f\nECE        %.4f at temperature %.3f\n", m->loss,
           m->macro_f1, m->ece, (double)coverage->temperature);
    print_coverage("sure", &coverage->sure);
    print_coverage("surest", &coverage->surest);
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
    } else if (args_has(&cli->args, "json")) {
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

// --- epoch by epoch ------------------------------------------------------------------------------

// What its run answered to these pictures. NULL with an untouched err: not known.
static NnEpochs *open_epochs(const Args *args, const NnModel *model, const NnDataset *data,
                             NnError *err) {
    char folder[512];
    if (!find_run(args, model, folder, sizeof folder, err)) {
        return NULL;
    }
    return nn_epochs_open(folder, data, args_has(args, "run") ? err : NULL);
}

static NnStatus add_epochs(const NnEpochs *epochs, json_t *object, NnError *err) {
    json_t *tally = json_pack("{s:i}", "epochs", nn_epochs_count(epochs));
    for (int i = NN_LEARNING_NEVER; i < NN_LEARNING_COUNT && tally != NULL; i++) {
        json_t *n = json_integer((json_int_t)nn_epochs_tally(epochs, (NnLearning)i));
        if (json_object_set_new(tally, nn_learning_name((NnLearning)i), n) != 0) {
            json_decref(tally);
            tally = NULL;
        }
    }
    return json_object_set_new(object, "learning", tally) == 0
               ? NN_OK
               : nn_fail(err, NN_ERR_NOMEM, "out of memory for the JSON result");
}

static void print_epochs(const NnEpochs *epochs) {
    printf("\nover %d epochs", nn_epochs_count(epochs));
    for (int i = NN_LEARNING_NEVER; i < NN_LEARNING_COUNT; i++) {
        printf("%s %zu %s", i > NN_LEARNING_NEVER ? "," : "  ",
               nn_epochs_tally(epochs, (NnLearning)i), nn_learning_name((NnLearning)i));
    }
    printf("\n");
}

static NnStatus save_errors(Cli *cli, const NnModel *model, const NnStudy *study,
                            const NnDataset *data, const char *folder, json_t *object,
                            NnError *err) {
    NnEpochs *epochs = open_epochs(&cli->args, model, data, err);
    NnStatus status = err->status;
    if (status == NN_OK && epochs != NULL) {
        status = add_epochs(epochs, object, err);
        if (!args_has(&cli->args, "json")) {
            print_epochs(epochs);
        }
    }
    if (status == NN_OK) {
        status = errors_save(cli, study, data, epochs, object, folder, err);
    }
    nn_epochs_free(epochs);
    return status;
}

// --errors and --against. object: the result to add to.
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
    NnStatus status =
        folder != NULL ? save_errors(cli, model, study, data, folder, object, err) : NN_OK;
    if (status == NN_OK && against) {
        status = duel(cli, study, data, object, err);
    }
    nn_study_free(study);
    return status;
}

static NnStatus tell(Cli *cli, const NnModel *model, const NnMetrics *metrics,
                     const Coverage *coverage, const NnDataset *data, NnError *err) {
    bool json = args_has(&cli->args, "json");
    if (!json) {
        print_text(metrics, coverage, data);
    }
    json_t *object = metrics_json(metrics, data);
    object = json_text_put(object, "temperature", json_real((double)coverage->temperature));
    object = json_text_put(object, "sure", coverage_json(&coverage->sure));
    object = json_text_put(object, "surest_99", coverage_json(&coverage->surest));
    NnStatus status = object != NULL ? browse(cli, model, data, object, err)
                                     : nn_fail(err, NN_ERR_NOMEM, "out of memory for the result");
    if (status == NN_OK && json) {
        return json_print(object, err);
    }
    json_decref(object);
    return status;
}

// Every picture is taken for one that is no digit.
static NnStatus tell_rejects(Cli *cli, const NnArch *arch, const NnDataset *data,
                             const float *logits, NnError *err) {
    NnRejects rejects = {0};
    for (size_t i = 0; i < data->n; i++) {
        NnAnswer answer;
        nn_answer(arch, logits + i * NN_CLASSES, &answer);
        nn_rejects_add(&rejects, &answer);
    }
    if (args_has(&cli->args, "json")) {
        return json_print(rejects_json("data", data->name, &rejects), err);
    }
    rejects_print_head();
    rejects_print(data->name, &rejects);
    return NN_OK;
}

static NnStatus tell_digits(Cli *cli, const NnModel *model, const NnDataset *data,
                            const float *logits, NnError *err) {
    NnMetrics *metrics = mem_new(1, sizeof *metrics);
    if (metrics == NULL) {
        return nn_fail(err, NN_ERR_NOMEM, "out of memory");
    }
    const NnArch *arch = nn_model_arch(model);
    nn_metrics_compute(metrics, logits, data->labels, data->n, arch->temperature);
    Coverage coverage = cover(arch, data, logits);
    NnStatus status = tell(cli, model, metrics, &coverage, data, err);
    mem_free(metrics);
    return status;
}

static NnStatus measure(Cli *cli, const NnModel *model, const NnDataset *data, float *logits,
                        NnError *err) {
    const Args *args = &cli->args;
    NnStatus status = nn_evaluate(model, data, (int)args_int(args, "threads", 0), logits,
                                  signals_should_stop, NULL, err);
    const char *csv = args_text(args, "predictions");
    if (status == NN_OK && csv != NULL) {
        status = write_predictions(csv, data, logits, nn_model_arch(model)->temperature, err);
    }
    if (status != NN_OK) {
        return status;
    }
    return args_has(args, "non-digits") ? tell_rejects(cli, nn_model_arch(model), data, logits, err)
                                        : tell_digits(cli, model, data, logits, err);
}

static NnStatus eval_data(Cli *cli, const NnModel *model, NnError *err) {
    NnDataset *data = eval_load_data(&cli->args, model, err);
    if (data == NULL) {
        return err->status;
    }
    float *logits = mem_new_aligned(data->n, NN_CLASSES * sizeof *logits);
    NnStatus status = logits != NULL
                          ? measure(cli, model, data, logits, err)
                          : nn_fail(err, NN_ERR_NOMEM, "out of memory for %zu answers", data->n);
    mem_free(logits);
    nn_dataset_free(data);
    return status;
}

// What cannot be asked for at once.
static NnStatus check_options(const Args *args, NnError *err) {
    static const char *const digits_only[] = {"errors", "against"};
    static const char *const single_only[] = {"errors", "against",     "non-digits",
                                              "styles", "predictions", "run"};
    static const char *const pictures_only[] = {"data",   "images",  "labels",    "predictions",
                                                "errors", "against", "non-digits"};
    const char *const *others = digits_only;
    size_t n = sizeof digits_only / sizeof digits_only[0];
    const char *option = "non-digits";
    if (args_has(args, "styles")) {
        option = "styles";
        others = pictures_only;
        n = sizeof pictures_only / sizeof pictures_only[0];
    }
    if (args_has(args, "ensemble")) {
        option = "ensemble";
        others = single_only;
        n = sizeof single_only / sizeof single_only[0];
    }
    for (size_t i = 0; args_has(args, option) && i < n; i++) {
        if (args_has(args, others[i])) {
            return nn_fail(err, NN_ERR_USAGE, "--%s and --%s do not go together", option,
                           others[i]);
        }
    }
    return NN_OK;
}

NnStatus cmd_eval(Cli *cli, NnError *err) {
    char path[512];
    signals_catch();
    NnStatus status = check_options(&cli->args, err);
    if (status == NN_OK && args_has(&cli->args, "ensemble")) {
        return eval_ensemble(cli, err);
    }
    if (status == NN_OK && args_operand(&cli->args, 1) != NULL) {
        status = nn_fail(err, NN_ERR_USAGE, "eval measures one network, but several are named");
        nn_error_hint(err, "--ensemble averages their answers, --against compares two");
        return status;
    }
    if (status == NN_OK) {
        status = model_find(args_operand(&cli->args, 0), path, sizeof path, err);
    }
    if (status != NN_OK) {
        return status;
    }
    NnModel *model = nn_model_load(path, err);
    if (model == NULL) {
        return err->status;
    }
    status =
        args_has(&cli->args, "styles") ? eval_styles(cli, model, err) : eval_data(cli, model, err);
    nn_model_free(model);
    return status;
}
