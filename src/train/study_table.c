// study_table.c - a study's rows, its confusion matrix and its figures as CSV, each file whole or
// not at all.

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "train/study_impl.h"

typedef struct {
    SaveFile *save;
    NnStatus status;
    NnError *err;
} Table;

// err is not NULL.
static Table table_open(const char *path, NnError *err) {
    Table table = {.save = save_open(path, err), .err = err};
    table.status = table.save != NULL ? NN_OK : err->status;
    return table;
}

static void put(Table *table, const char *format, ...) NN_PRINTF(2, 3);

static void put(Table *table, const char *format, ...) {
    char text[256];
    va_list values;
    va_start(values, format);
    int n = vsnprintf(text, sizeof text, format, values);
    va_end(values);
    NN_ASSERT(n >= 0 && n < (int)sizeof text);
    if (table->status == NN_OK) {
        table->status = save_write(table->save, text, (size_t)n, table->err);
    }
}

// In quotes, its own doubled.
static void put_quoted(Table *table, const char *text) {
    char quoted[2 * NN_TRIAGE_NOTE_MAX + 3];
    size_t n = 0;
    quoted[n++] = '"';
    for (; *text != '\0' && n + 3 < sizeof quoted; text++) {
        if (*text == '"') {
            quoted[n++] = '"';
        }
        quoted[n++] = *text;
    }
    quoted[n++] = '"';
    if (table->status == NN_OK) {
        table->status = save_write(table->save, quoted, n, table->err);
    }
}

static NnStatus table_close(Table *table) {
    if (table->save != NULL && table->status != NN_OK) {
        save_abandon(table->save);
        return table->status;
    }
    return table->save != NULL ? save_commit(table->save, table->err) : table->status;
}

// --- rows ----------------------------------------------------------------------------------------

static void put_row(Table *table, const NnStudy *study, size_t i, const NnTriage *triage) {
    const NnStudyRow *row = &study->rows[i];
    // Nine digits give every float back.
    put(table, "%zu,%d,%d,%s,%s,%d,%.9g,%.9g,%.9g,%.9g,%.9g,%d,%s,", i, row->label, row->predicted,
        study->class_names[row->label], study->class_names[row->predicted], row->runner_up,
        (double)row->confidence, (double)row->p_label, (double)row->loss, (double)row->margin,
        (double)study->doubt[i], row->disputed,
        triage != NULL ? nn_tag_name(nn_triage_tag(triage, i)) : "");
    put_quoted(table, triage != NULL ? nn_triage_note(triage, i) : "");
    for (int c = 0; c < NN_CLASSES; c++) {
        put(table, ",%.9g", (double)study->probabilities[i * NN_CLASSES + (size_t)c]);
    }
    put(table, "\n");
}

NnStatus nn_study_write_csv(const NnStudy *study, const uint32_t *rows, size_t n,
                            const NnTriage *triage, const char *path, NnError *err) {
    NnError own;
    Table table = table_open(path, err != NULL ? err : &own);
    put(&table, "index,label,predicted,label_name,predicted_name,runner_up,confidence,p_label,loss,"
                "margin,doubt,disputed,tag,note,p0,p1,p2,p3,p4,p5,p6,p7,p8,p9\n");
    for (size_t i = 0; i < n && table.status == NN_OK; i++) {
        NN_ASSERT(rows[i] < study->n);
        put_row(&table, study, rows[i], triage);
    }
    return table_close(&table);
}

// --- the matrix ----------------------------------------------------------------------------------

NnStatus study_write_matrix_csv(const NnStudy *study, const char *path, NnError *err) {
    NnError own;
    Table table = table_open(path, err != NULL ? err : &own);
    put(&table, "label");
    for (int c = 0; c < NN_CLASSES; c++) {
        put(&table, ",%s", study->class_names[c]);
    }
    for (int i = 0; i < NN_CLASSES; i++) {
        put(&table, "\n%s", study->class_names[i]);
        for (int j = 0; j < NN_CLASSES; j++) {
            put(&table, ",%zu", study->metrics.confusion[i][j]);
        }
    }
    put(&table, "\n");
    return table_close(&table);
}

// --- figures -------------------------------------------------------------------------------------

// A group of rows: how many, how many right, the share with its standard error.
static void put_share(Table *table, size_t n, size_t correct) {
    put(table, ",%zu,%zu", n, correct);
    if (n > 0) {
        put(table, ",%.9g,%.9g", (double)correct / (double)n, nn_proportion_stderr(correct, n));
    } else {
        put(table, ",,");
    }
}

static void put_part(Table *table, const NnStudy *study, const char *name,
                     const NnStudyFilter *filter) {
    size_t n = 0, correct = 0;
    for (size_t i = 0; i < study->n; i++) {
        if (study_passes(study, filter, NULL, i)) {
            n++;
            correct += study->rows[i].predicted == study->rows[i].label;
        }
    }
    put(table, "%s", name);
    put_share(table, n, correct);
    put(table, ",,,,\n");
}

static void put_classes(Table *table, const NnStudy *study) {
    const NnMetrics *m = &study->metrics;
    double precision = 0.0, recall = 0.0;
    for (int c = 0; c < NN_CLASSES; c++) {
        const NnClassMetrics *k = &m->per_class[c];
        put(table, "class %s", study->class_names[c]);
        put_share(table, k->support, m->confusion[c][c]);
        put(table, ",%.9g,%.9g,%.9g,\n", k->precision, k->recall, k->f1);
        precision += k->precision / NN_CLASSES;
        recall += k->recall / NN_CLASSES;
    }
    put(table, "macro");
    put_share(table, m->n, m->correct);
    put(table, ",%.9g,%.9g,%.9g,\n", precision, recall, m->macro_f1);
    // With one label and one answer a picture all three are the accuracy.
    put(table, "micro");
    put_share(table, m->n, m->correct);
    put(table, ",%.9g,%.9g,%.9g,\n", m->accuracy, m->accuracy, m->accuracy);
}

static void put_calibration(Table *table, const NnStudy *study) {
    enum { BINS = 10 };
    NnCalibrationBin bins[BINS];
    nn_study_calibration(study, bins, BINS);
    for (int i = 0; i < BINS; i++) {
        put(table, "confidence %.1f to %.1f", (double)i / BINS, (double)(i + 1) / BINS);
        put_share(table, bins[i].n, (size_t)(bins[i].accuracy * (double)bins[i].n + 0.5));
        if (bins[i].n > 0) {
            put(table, ",,,,%.9g\n", bins[i].confidence);
        } else {
            put(table, ",,,,\n");
        }
    }
}

NnStatus nn_study_write_metrics(const NnStudy *study, const char *csv_path, NnError *err) {
    NnError own;
    Table table = table_open(csv_path, err != NULL ? err : &own);
    put(&table, "group,n,correct,accuracy,stderr,precision,recall,f1,confidence\n");
    put_part(&table, study, "all", &(NnStudyFilter){.label = -1, .predicted = -1});
    put_part(&table, study, "first half",
             &(NnStudyFilter){.label = -1, .predicted = -1, .half = 1});
    put_part(&table, study, "second half",
             &(NnStudyFilter){.label = -1, .predicted = -1, .half = 2});
    put_part(&table, study, "disputed labels",
             &(NnStudyFilter){.label = -1, .predicted = -1, .disputed_only = true});
    put_part(&table, study, "sure", // all of them where the network knows no threshold
             &(NnStudyFilter){.label = -1, .predicted = -1, .confidence_low = study->threshold});
    put_classes(&table, study);
    put_calibration(&table, study);
    return table_close(&table);
}
