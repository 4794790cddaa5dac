#include "train/run_log.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/json_text.h"

enum {
    LOG_MAX_BYTES = 256 << 20, // a hundred thousand epochs of 2 kB
    LINE_MAX_BYTES = 64 << 10,
    DIGITS = 9,
    EXACT_DIGITS = 17, // of a double: a resumed run multiplies by the same bits
};

// --- appending -----------------------------------------------------------------------------------

void run_log_release(RunLog *log) {
    mem_free(log->waiting);
    log->waiting = NULL;
    log->n = log->room = 0;
}

NnStatus run_log_add(RunLog *log, const void *bytes, size_t n, NnError *err) {
    if (log->room - log->n < n) {
        size_t room = 2 * log->room > log->n + n ? 2 * log->room : log->n + n;
        unsigned char *more = mem_resize(log->waiting, room, 1);
        if (more == NULL) {
            return nn_fail_file(err, NN_ERR_NOMEM, log->path, -1,
                                "not enough memory for what is to be written");
        }
        log->waiting = more;
        log->room = room;
    }
    if (n > 0) {
        memcpy(log->waiting + log->n, bytes, n);
        log->n += n;
    }
    return NN_OK;
}

NnStatus run_log_flush(RunLog *log, NnError *err) {
    if (log->n == 0) {
        return NN_OK;
    }
    NnStatus status = file_append(log->path, log->waiting, log->n, err);
    log->n = status == NN_OK ? 0 : log->n;
    return status;
}

// --- a record as a line --------------------------------------------------------------------------

static json_t *real_or_null(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

// The text of a whole line; takes the object.
static char *line_of(json_t *owned_object, size_t digits) {
    char *text = owned_object != NULL
                     ? json_text_make(owned_object, JSON_COMPACT | JSON_REAL_PRECISION(digits))
                     : NULL;
    json_decref(owned_object);
    size_t n = text != NULL ? strlen(text) : 0;
    char *line = text != NULL ? mem_new(n + 2, 1) : NULL;
    if (line != NULL) {
        memcpy(line, text, n);
        line[n] = '\n';
    }
    mem_free(text);
    return line;
}

static json_t *class_accuracies(const NnMeasure *measure) {
    json_t *list = json_array();
    for (int c = 0; c < NN_CLASSES; c++) {
        list = json_text_push(list, real_or_null(measure->class_accuracy[c]));
    }
    return list;
}

static json_t *confusion(const NnMeasure *measure) {
    json_t *rows = json_array();
    for (int c = 0; c < NN_CLASSES; c++) {
        json_t *row = json_array();
        for (int answer = 0; answer < NN_CLASSES; answer++) {
            row = json_text_push(row, json_integer(measure->confusion[c][answer]));
        }
        rows = json_text_push(rows, row);
    }
    return rows;
}

// Adds "val_loss", "val_accuracy" ...
static bool put_measure(json_t *object, const char *prefix, const NnMeasure *m) {
    const struct {
        const char *name;
        json_t *value;
    } members[] = {
        {"n", json_integer((json_int_t)m->n)},
        {"loss", real_or_null(m->loss)},
        {"accuracy", real_or_null(m->accuracy)},
        {"stderr", real_or_null(m->stderr_accuracy)},
        {"macro_f1", real_or_null(m->macro_f1)},
        {"class_accuracy", class_accuracies(m)},
        {"confusion", confusion(m)},
    };
    bool whole = true;
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        char name[32];
        snprintf(name, sizeof name, "%s_%s", prefix, members[i].name);
        whole = json_object_set_new(object, name, members[i].value) == 0 && whole;
    }
    return whole;
}

char *run_record_json(const NnEpochRecord *r) {
    json_t *object = json_pack("{s:i, s:I, s:o, s:o, s:o, s:o, s:o}", "epoch", r->epoch, "steps",
                               (json_int_t)r->steps, "train_loss", real_or_null(r->train_loss),
                               "train_accuracy", real_or_null(r->train_accuracy), "learning_rate",
                               real_or_null(r->learning_rate), "seconds", real_or_null(r->seconds),
                               "samples_per_s", real_or_null(r->samples_per_s));
    bool whole = object != NULL &&
                 (r->validation.n == 0 || put_measure(object, "val", &r->validation)) &&
                 (r->test.n == 0 || put_measure(object, "test", &r->test));
    if (!whole) {
        json_decref(object);
        return NULL;
    }
    return line_of(object, DIGITS);
}

const char run_csv_header[] =
    "epoch,steps,train_loss,train_accuracy,learning_rate,seconds,samples_per_s,"
    "val_loss,val_accuracy,val_stderr,val_macro_f1,test_loss,test_accuracy,test_stderr,"
    "test_macro_f1\n";

char *run_record_csv(const NnEpochRecord *r) {
    enum { CSV_LINE = 512 };
    char *line = mem_new(CSV_LINE, 1);
    if (line == NULL) {
        return NULL;
    }
    int n = snprintf(line, CSV_LINE, "%d,%llu,%.9g,%.9g,%.9g,%.3f,%.1f", r->epoch,
                     (unsigned long long)r->steps, r->train_loss, r->train_accuracy,
                     r->learning_rate, r->seconds, r->samples_per_s);
    const NnMeasure *measures[] = {&r->validation, &r->test};
    for (size_t i = 0; i < 2; i++) { // empty fields where nothing was measured
        const NnMeasure *m = measures[i];
        n += m->n == 0 ? snprintf(line + n, CSV_LINE - (size_t)n, ",,,,")
                       : snprintf(line + n, CSV_LINE - (size_t)n, ",%.9g,%.9g,%.9g,%.9g", m->loss,
                                  m->accuracy, m->stderr_accuracy, m->macro_f1);
    }
    snprintf(line + n, CSV_LINE - (size_t)n, "\n");
    return line;
}

// --- reading lines -------------------------------------------------------------------------------

// Told of each line; false says what is wrong with it in why.
typedef bool (*LineReader)(const json_t *object, void *user, const char **why);

static NnStatus read_line(const char *path, int number, const unsigned char *line, size_t n,
                          LineReader reader, void *user, NnError *err) {
    bool no_memory;
    json_t *object = json_text_parse(line, n, JSON_REJECT_DUPLICATES, NULL, &no_memory);
    if (no_memory) {
        return nn_fail_file(err, NN_ERR_NOMEM, path, -1, "not enough memory to read it");
    }
    const char *why = "is no JSON object";
    bool good = json_is_object(object) && reader(object, user, &why);
    json_decref(object);
    if (good) {
        return NN_OK;
    }
    NnStatus status = nn_fail_file(err, NN_ERR_FORMAT, path, number, "line %d %s", number, why);
    nn_error_hint(err, "remove that line, or the file, to go on without it");
    return status;
}

// Every whole line; what stands behind the last line's end was torn by a crash.
static NnStatus parse_lines(const unsigned char *bytes, size_t n, const char *path,
                            LineReader reader, void *user, NnError *err) {
    NnStatus status = NN_OK;
    int number = 1;
    const unsigned char *at = bytes, *end;
    while (status == NN_OK && (end = memchr(at, '\n', n - (size_t)(at - bytes))) != NULL) {
        size_t length = (size_t)(end - at);
        status = length <= LINE_MAX_BYTES ? read_line(path, number, at, length, reader, user, err)
                                          : nn_fail_file(err, NN_ERR_FORMAT, path, number,
                                                         "line %d has %zu bytes", number, length);
        number++;
        at = end + 1;
    }
    return status;
}

// NULL with err->status NN_OK where there is no file. err is not NULL. Free with mem_free.
static unsigned char *read_log(const char *path, size_t *n, NnError *err) {
    NnError cause = {0};
    unsigned char *bytes = file_read(path, LOG_MAX_BYTES, n, &cause);
    if (bytes == NULL) {
        *n = 0;
        if (cause.status != NN_ERR_NOT_FOUND) {
            *err = cause;
        }
    }
    return bytes;
}

// --- records -------------------------------------------------------------------------------------

static double number(const json_t *object, const char *prefix, const char *name) {
    char key[32];
    snprintf(key, sizeof key, "%s%s", prefix, name);
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

// False where the set was measured but not all of it can be read.
static bool read_measure(const json_t *object, const char *prefix, NnMeasure *m) {
    char key[32];
    snprintf(key, sizeof key, "%sn", prefix);
    const json_t *n = json_object_get(object, key);
    *m = (NnMeasure){0};
    if (n == NULL) {
        return true;
    }
    snprintf(key, sizeof key, "%sclass_accuracy", prefix);
    const json_t *classes = json_object_get(object, key);
    snprintf(key, sizeof key, "%sconfusion", prefix);
    const json_t *rows = json_object_get(object, key);
    m->n = json_integer_value(n) > 0 ? (size_t)json_integer_value(n) : 0;
    m->loss = number(object, prefix, "loss");
    m->accuracy = number(object, prefix, "accuracy");
    m->stderr_accuracy = number(object, prefix, "stderr");
    m->macro_f1 = number(object, prefix, "macro_f1");
    bool whole =
        m->n > 0 && json_array_size(classes) == NN_CLASSES && json_array_size(rows) == NN_CLASSES;
    for (size_t c = 0; whole && c < NN_CLASSES; c++) {
        const json_t *row = json_array_get(rows, c);
        m->class_accuracy[c] = json_number_value(json_array_get(classes, c));
        whole = json_array_size(row) == NN_CLASSES;
        for (size_t d = 0; whole && d < NN_CLASSES; d++) {
            json_int_t count = json_integer_value(json_array_get(row, d));
            whole = count >= 0 && count <= UINT32_MAX;
            m->confusion[c][d] = (uint32_t)count;
        }
    }
    return whole;
}

typedef struct {
    NnEpochRecord *list;
    size_t n, room;
    bool no_memory;
} Records;

static bool read_record(const json_t *object, void *user, const char **why) {
    Records *records = user;
    const json_t *epoch = json_object_get(object, "epoch"),
                 *steps = json_object_get(object, "steps");
    NnEpochRecord r = {
        .epoch = (int)json_integer_value(epoch),
        .steps = (uint64_t)json_integer_value(steps),
        .train_loss = number(object, "", "train_loss"),
        .train_accuracy = number(object, "", "train_accuracy"),
        .learning_rate = number(object, "", "learning_rate"),
        .seconds = number(object, "", "seconds"),
        .samples_per_s = number(object, "", "samples_per_s"),
    };
    int before = records->n > 0 ? records->list[records->n - 1].epoch : 0;
    if (!json_is_integer(epoch) || !json_is_integer(steps) || json_integer_value(epoch) <= before ||
        json_integer_value(epoch) > INT32_MAX || !read_measure(object, "val_", &r.validation) ||
        !read_measure(object, "test_", &r.test)) {
        *why = "is no record of an epoch that follows the one before";
        return false;
    }
    if (records->n == records->room) {
        size_t room = records->room > 0 ? 2 * records->room : 64;
        NnEpochRecord *more = mem_resize(records->list, room, sizeof *more);
        if (more == NULL) {
            records->no_memory = true;
            *why = "is one too many for the memory";
            return false;
        }
        records->list = more;
        records->room = room;
    }
    records->list[records->n++] = r;
    return true;
}

NnEpochRecord *run_records_parse(const uint8_t *bytes, size_t n_bytes, const char *path, size_t *n,
                                 NnError *err) {
    Records records = {0};
    NnStatus status = parse_lines(bytes, n_bytes, path, read_record, &records, err);
    *n = status == NN_OK ? records.n : 0;
    if (status != NN_OK) {
        mem_free(records.list);
        if (records.no_memory) {
            err->status = NN_ERR_NOMEM;
        }
        return NULL;
    }
    return records.list;
}

NnEpochRecord *run_records_read(const char *path, size_t *n, NnError *err) {
    size_t n_bytes;
    unsigned char *bytes = read_log(path, &n_bytes, err);
    NnEpochRecord *records = NULL;
    *n = 0;
    if (bytes != NULL) {
        records = run_records_parse(bytes, n_bytes, path, n, err);
    }
    mem_free(bytes);
    return records;
}

static NnStatus write_lines(const char *path, const char *header,
                            char *(*line_of_record)(const NnEpochRecord *),
                            const NnEpochRecord *records, size_t n, NnError *err) {
    RunLog text = {0}; // as a buffer that grows
    NnStatus status = run_log_add(&text, header, strlen(header), err);
    for (size_t i = 0; status == NN_OK && i < n; i++) {
        char *line = line_of_record(&records[i]);
        status = line != NULL ? run_log_add(&text, line, strlen(line), err)
                              : nn_fail_file(err, NN_ERR_NOMEM, path, -1, "not enough memory");
        mem_free(line);
    }
    status = status == NN_OK ? file_save(path, text.waiting, text.n, err) : status;
    run_log_release(&text);
    return status;
}

NnStatus run_records_write(const char *jsonl, const char *csv, const NnEpochRecord *records,
                           size_t n, NnError *err) {
    NnStatus status = write_lines(jsonl, "", run_record_json, records, n, err);
    return status == NN_OK ? write_lines(csv, run_csv_header, run_record_csv, records, n, err)
                           : status;
}

// --- predictions ---------------------------------------------------------------------------------

NnStatus run_answers_fit(const char *path, size_t rows, size_t n, NnError *err) {
    int64_t here = file_size(path);
    size_t wanted = rows * n, got = 0;
    if ((here < 0 && wanted == 0) || (here >= 0 && (uint64_t)here == wanted)) {
        return NN_OK;
    }
    unsigned char *bytes = mem_new(wanted, 1), *old = NULL;
    if (bytes == NULL) {
        return nn_fail_file(err, NN_ERR_NOMEM, path, -1, "not enough memory for its %zu rows",
                            rows);
    }
    memset(bytes, RUN_ANSWER_UNKNOWN, wanted);
    NnError ignored; // an unreadable file is made anew
    old = here > 0 ? file_read(path, LOG_MAX_BYTES * (size_t)4, &got, &ignored) : NULL;
    if (old != NULL) { // half a row is none
        got -= got % n;
        memcpy(bytes, old, got < wanted ? got : wanted);
    }
    mem_free(old);
    NnStatus status = file_save(path, bytes, wanted, err);
    mem_free(bytes);
    return status;
}

// --- changes of the learning rate ----------------------------------------------------------------

char *run_rate_json(RateChange change) {
    return line_of(
        json_pack("{s:I, s:f}", "step", (json_int_t)change.step, "factor", change.factor),
        EXACT_DIGITS);
}

typedef struct {
    NnTrainer *trainer;
    NnStatus status;
} Rates;

static bool read_rate(const json_t *object, void *user, const char **why) {
    Rates *rates = user;
    const json_t *step = json_object_get(object, "step"),
                 *factor = json_object_get(object, "factor");
    size_t n;
    const RateChange *before = trainer_rates(rates->trainer, &n);
    RateChange change = {(uint64_t)json_integer_value(step), json_number_value(factor)};
    *why = "is no change of the learning rate that follows the one before";
    if (!json_is_integer(step) || json_integer_value(step) < 0 || !json_is_number(factor) ||
        (n > 0 && before[n - 1].step > change.step)) {
        return false;
    }
    rates->status = trainer_add_rate(rates->trainer, change, NULL);
    return rates->status == NN_OK;
}

NnStatus run_rates_read(const char *path, NnTrainer *trainer, NnError *err) {
    Rates rates = {trainer, NN_OK};
    NnError cause = {0};
    size_t n;
    unsigned char *bytes = read_log(path, &n, &cause);
    NnStatus status =
        bytes != NULL ? parse_lines(bytes, n, path, read_rate, &rates, &cause) : cause.status;
    mem_free(bytes);
    if (status != NN_OK && rates.status == NN_ERR_NOMEM) {
        return nn_fail_file(err, NN_ERR_NOMEM, path, -1, "not enough memory to read it");
    }
    if (status != NN_OK && err != NULL) {
        *err = cause;
    }
    return status;
}
