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
    size_t used;
    char buffer[4096]; // a call of the system for every number would take most of the time
} Table;

// err is not NULL.
static void table_open(Table *table, const char *path, NnError *err) {
    table->err = err;
    table->used = 0;
    table->save = save_open(path, err);
    table->status = table->save != NULL ? NN_OK : err->status;
}

static void flush(Table *table) {
    if (table->status == NN_OK) {
        table->status = save_write(table->save, table->buffer, table->used, table->err);
    }
    table->used = 0;
}

static void put_bytes(Table *table, const char *bytes, size_t n) {
    if (n > sizeof table->buffer - table->used) {
        flush(table);
    }
    memcpy(table->buffer + table->used, bytes, n);
    table->used += n;
}

static void put(Table *table, const char *format, ...) NN_PRINTF(2, 3);

static void put(Table *table, const char *format, ...) {
    char text[256];
    va_list values;
    va_start(values, format);
    int n = vsnprintf(text, sizeof text, format, values);
    va_end(values);
    NN_ASSERT(n >= 0 && n < (int)sizeof text);
    put_bytes(table, text, (size_t)n);
}

// In quotes, its own doubled.
static void put_quoted(Table *table, const char *text) {
    put_bytes(table, "\"", 1);
    for (; *text != '\0'; text++) {
        if (*text == '"') {
            put_bytes(table, text, 1);
        }
        put_bytes(table, text, 1);
    }
    put_bytes(table, "\"", 1);
}

// Quoted where a reader would take it for more than one value.
static void put_name(Table *table, const char *name) {
    if (strpbrk(name, ",\"\n\r") != NULL) {
        put_quoted(table, name);
    } else {
        put_bytes(table, name, strlen(name));
    }
}

static NnStatus table_close(Table *table) {
    flush(table);
    if (table->save != NULL && table->status != NN_OK) {
        save_abandon(table->save);
        return table->status;
    }
    return table->save != NULL ? save_commit(table->save, table->err) : table->status;
}

// --- rows ----------------------------------------------------------------------------------------

static void put_epochs(Table *table, const NnEpochs *epochs, size_t i) {
    NnEpochsWord word = nn_epochs_word(epochs, i);
    put(table, ",%s,%d,%d,%d,", nn_learning_name(word.learning), word.learnt, word.forgotten,
        word.forgotten_at);
    for (int epoch = 1; epoch <= nn_epochs_count(epochs); epoch++) {
        uint8_t answer = nn_epochs_answer(epochs, epoch, i);
        char digit = answer == NN_EPOCHS_UNKNOWN ? '-' : (char)('0' + answer);
        put_bytes(table, &digit, 1);
    }
}

static void put_row(Table *table, const NnStudy *study, size_t i, const NnTriage *triage,
                    const NnEpochs *epochs) {
    const NnStudyRow *row = &study->rows[i];
    // Nine digits give every float back.
    put(table, "%zu,%d,%d,", i, row->label, row->predicted);
    put_name(table, study->class_names[row->label]);
    put(table, ",");
    put_name(table, study->class_names[row->predicted]);
    put(table, ",%d,%.9g,%.9g,%.9g,%.9g,%.9g,%d,%s,", row->runner_up, (double)row->confidence,
        (double)row->p_label, (double)row->loss, (double)row->margin, (double)study->doubt[i],
        row->disputed, triage != NULL ? nn_tag_name(nn_triage_tag(triage, i)) : "");
    put_quoted(table, triage != NULL ? nn_triage_note(triage, i) : "");
    for (int c = 0; c < NN_CLASSES; c++) {
        put(table, ",%.9g", (double)study->probabilities[i * NN_CLASSES + (size_t)c]);
    }
    if (epochs != NULL) {
        put_epochs(table, epochs, i);
    }
    put(table, "\n");
}

NnStatus nn_study_write_csv(const NnStudy *study, const uint32_t *rows, size_t n,
                            const NnTriage *triage, const NnEpochs *epochs, const char *path,
                            NnError *err) {
    NN_ASSERT(epochs == NULL || nn_epochs_rows(epochs) == study->n);
    NnError own;
    Table table;
    table_open(&table, path, err != NULL ? err : &own);
    put(&table,
        "index,label,predicted,label_name,predicted_name,runner_up,confidence,p_label,loss,"
        "margin,doubt,disputed,tag,note,p0,p1,p2,p3,p4,p5,p6,p7,p8,p9%s\n",
        epochs != NULL ? ",learning,learnt_at,forgotten,forgotten_at,by_epoch" : "");
    for (size_t i = 0; i < n && table.status == NN_OK; i++) {
        NN_ASSERT(rows[i] < study->n);
        put_row(&table, study, rows[i], triage, epochs);
    }
    return table_close(&table);
}

// --- the matrix ----------------------------------------------------------------------------------

NnStatus study_write_matrix_csv(const NnStudy *study, const char *path, NnError *err) {
    NnError own;
    Table table;
    table_open(&table, path, err != NULL ? err : &own);
    put(&table, "label");
    for (int c = 0; c < NN_CLASSES; c++) {
        put(&table, ",");
        put_name(&table, study->class_names[c]);
    }
    for (int i = 0; i < NN_CLASSES; i++) {
        put(&table, "\n");
        put_name(&table, study->class_names[i]);
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

typedef struct {
    size_t n, correct;
} Tally;

static Tally tally(const NnStudy *study, NnStudyFilter filter) {
    filter.label = filter.predicted = -1;
    Tally found = {0};
    for (size_t i = 0; i < study->n; i++) {
        if (study_passes(study, &filter, NULL, i)) {
            found.n++;
            found.correct += study->rows[i].predicted == study->rows[i].label;
        }
    }
    return found;
}

static void put_part(Table *table, const char *name, Tally part) {
    put(table, "%s", name);
    put_share(table, part.n, part.correct);
    put(table, ",,,,\n");
}

static void put_parts(Table *table, const NnStudy *study) {
    Tally all = tally(study, (NnStudyFilter){.half = 0});
    Tally odd = tally(study, (NnStudyFilter){.disputed_only = true});
    put_part(table, "all", all);
    put_part(table, "first half", tally(study, (NnStudyFilter){.half = 1}));
    put_part(table, "second half", tally(study, (NnStudyFilter){.half = 2}));
    put_part(table, "without disputed labels", (Tally){all.n - odd.n, all.correct - odd.correct});
    // All of them where the network knows no threshold.
    put_part(table, "sure", tally(study, (NnStudyFilter){.confidence_low = study->threshold}));
}

static void put_classes(Table *table, const NnStudy *study) {
    const NnMetrics *m = &study->metrics;
    double precision = 0.0, recall = 0.0;
    for (int c = 0; c < NN_CLASSES; c++) {
        const NnClassMetrics *k = &m->per_class[c];
        char name[STUDY_CLASS_NAME + 8];
        snprintf(name, sizeof name, "class %s", study->class_names[c]);
        put_name(table, name);
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
    Table table;
    table_open(&table, csv_path, err != NULL ? err : &own);
    put(&table, "group,n,correct,accuracy,stderr,precision,recall,f1,confidence\n");
    put_parts(&table, study);
    put_classes(&table, study);
    put_calibration(&table, study);
    return table_close(&table);
}
