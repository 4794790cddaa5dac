// study_triage.c - what a person said about samples, as lines that are only ever added.
//
//     {"row": 1901, "tag": "ambiguous"}
//     {"row": 1901, "note": "a 4 without its head"}
//     {"row": 1901, "note": "", "undo": true}
//
// Reading plays the lines from the top, so the file also is the history that undo walks back: an
// undo adds a line, too. A line is synced before memory changes; what a crash leaves of one (no
// newline at its end) was never reported as done, and is cut off before the next line is added.

#define _DEFAULT_SOURCE // flock
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/json_text.h"
#include "base/text.h"
#include "nn/study.h"

#define FOLDER "triage"

enum { PATH_SIZE = 4096, KEY_MAX = 64, FILE_MAX = 64 << 20 };

// What a row was before a change, or shall be by one.
typedef struct {
    size_t row;
    bool of_note; // else of the tag
    NnTag tag;
    char *note; // NULL: none
} Change;

struct NnTriage {
    size_t n;
    uint8_t *tags; // (n)
    char **notes;  // (n), NULL: none
    size_t count[NN_TAG_COUNT];
    Change *history;
    size_t n_history, room;
    bool torn;                               // the file may end in part of a line
    char path[PATH_SIZE], folder[PATH_SIZE]; // "": in memory alone
};

static const char *const tag_names[NN_TAG_COUNT] = {"", "model", "ambiguous", "label wrong",
                                                    "cropped"};

const char *nn_tag_name(NnTag tag) {
    NN_ASSERT((unsigned)tag < NN_TAG_COUNT);
    return tag_names[tag];
}

// --- changing what is in memory ------------------------------------------------------------------

static NnStatus no_memory(NnError *err) {
    return nn_fail(err, NN_ERR_NOMEM, "out of memory for tags and notes");
}

static bool make_history_room(NnTriage *triage) {
    if (triage->n_history < triage->room) {
        return true;
    }
    size_t room = triage->room > 0 ? 2 * triage->room : 64;
    Change *grown = mem_resize(triage->history, room, sizeof *grown);
    if (grown != NULL) {
        triage->history = grown;
        triage->room = room;
    }
    return grown != NULL;
}

// Makes the change and leaves in it what was there before.
static void swap(NnTriage *triage, Change *change) {
    if (change->of_note) {
        char *before = triage->notes[change->row];
        triage->notes[change->row] = change->note;
        change->note = before;
    } else {
        NnTag before = (NnTag)triage->tags[change->row];
        triage->tags[change->row] = (uint8_t)change->tag;
        triage->count[before]--;
        triage->count[change->tag]++;
        change->tag = before;
    }
}

static Change *newest(NnTriage *triage) {
    return triage->n_history > 0 ? &triage->history[triage->n_history - 1] : NULL;
}

static void forget_newest(NnTriage *triage) {
    mem_free(newest(triage)->note);
    triage->n_history--;
}

// --- reading -------------------------------------------------------------------------------------

static bool tag_parse(const char *name, NnTag *tag) {
    for (int i = 0; i < NN_TAG_COUNT; i++) {
        if (strcmp(name, tag_names[i]) == 0) {
            *tag = (NnTag)i;
            return true;
        }
    }
    return false;
}

// One line of text: whole UTF-8 sequences, no control characters.
static bool note_is_good(const char *note) {
    size_t n = 0;
    while (note[n] != '\0') {
        unsigned code;
        int length = text_utf8_decode(note + n, &code);
        if (length == 0 || code < 0x20 || code == 0x7f) {
            return false;
        }
        n += (size_t)length;
    }
    return n <= NN_TRIAGE_NOTE_MAX;
}

// NULL, or what is wrong with the line. The change's note is to be freed by the caller.
static const char *change_of_line(const json_t *line, size_t n, Change *change, bool *undo) {
    const json_t *row = json_object_get(line, "row");
    const char *tag = json_string_value(json_object_get(line, "tag"));
    const char *note = json_string_value(json_object_get(line, "note"));
    if (!json_is_integer(row) || json_integer_value(row) < 0 ||
        (uint64_t)json_integer_value(row) >= n) {
        return "needs a \"row\" of the data set";
    }
    if ((tag != NULL) == (note != NULL)) {
        return "needs either a \"tag\" or a \"note\"";
    }
    *change = (Change){.row = (size_t)json_integer_value(row), .of_note = note != NULL};
    *undo = json_is_true(json_object_get(line, "undo"));
    if (tag != NULL) {
        return tag_parse(tag, &change->tag) ? NULL : "has a tag this program does not know";
    }
    if (!note_is_good(note)) {
        return "has a note that is not one line of at most 500 bytes";
    }
    change->note = note[0] != '\0' ? mem_copy_text(note) : NULL;
    return NULL;
}

// Plays one line.
static NnStatus play(NnTriage *triage, const char *text, size_t n, int64_t number, NnError *err) {
    json_error_t fault;
    bool no_memory_left = false, undo = false;
    Change change = {0};
    json_t *line = json_text_parse(text, n, JSON_REJECT_DUPLICATES, &fault, &no_memory_left);
    const char *wrong = line == NULL ? "is not JSON" : NULL;
    uint64_t refused = mem_refusal_count();
    if (line != NULL) {
        wrong = change_of_line(line, triage->n, &change, &undo);
    }
    json_decref(line);
    if (no_memory_left || mem_refusal_count() != refused || !make_history_room(triage)) {
        mem_free(change.note);
        return no_memory(err);
    }
    if (wrong != NULL) {
        nn_fail_file(err, NN_ERR_FORMAT, triage->path, number, "line %lld %s", (long long)number,
                     wrong);
        nn_error_hint(err, "Correct the line, or move the file away to begin anew.");
        return NN_ERR_FORMAT;
    }
    swap(triage, &change);
    const Change *last = newest(triage);
    if (!undo) {
        triage->history[triage->n_history++] = change;
    } else {
        mem_free(change.note);
        if (last != NULL && last->row == change.row && last->of_note == change.of_note) {
            forget_newest(triage);
        }
    }
    return NN_OK;
}

// The whole lines of the file.
static NnStatus play_all(NnTriage *triage, const char *text, size_t size, NnError *err) {
    NnStatus status = NN_OK;
    const char *at = text, *end = text + size, *newline;
    for (int64_t number = 1; status == NN_OK; number++) {
        newline = memchr(at, '\n', (size_t)(end - at));
        if (newline == NULL) {
            break;
        }
        status = play(triage, at, (size_t)(newline - at), number, err);
        at = newline + 1;
    }
    triage->torn = at < end;
    return status;
}

static bool key_is_good(const char *key) {
    size_t n = strspn(key, "0123456789abcdefghijklmnopqrstuvwxyz-");
    return n > 0 && n <= KEY_MAX && key[n] == '\0';
}

NnTriage *nn_triage_new(size_t n, NnError *err) {
    NnTriage *triage = mem_new(1, sizeof *triage);
    if (triage != NULL) {
        triage->n = n;
        triage->count[NN_TAG_NONE] = n;
        triage->tags = mem_new(n, sizeof *triage->tags);
        triage->notes = mem_new(n, sizeof *triage->notes);
    }
    if (triage == NULL || triage->tags == NULL || triage->notes == NULL) {
        no_memory(err);
        nn_triage_close(triage);
        return NULL;
    }
    return triage;
}

NnTriage *nn_triage_open(const char *key, size_t n, NnError *err) {
    NnError own = {0};
    err = err != NULL ? err : &own;
    if (!key_is_good(key)) {
        nn_fail(err, NN_ERR_USAGE, "tags and notes belong to a data set's hash or name");
        return NULL;
    }
    NnTriage *triage = nn_triage_new(n, err);
    if (triage == NULL) {
        return NULL;
    }
    char name[KEY_MAX + 32];
    snprintf(name, sizeof name, FOLDER "/%s.jsonl", key);
    if (!place_path(triage->path, sizeof triage->path, PLACE_DATA, name) ||
        !place_path(triage->folder, sizeof triage->folder, PLACE_DATA, FOLDER)) {
        nn_fail(err, NN_ERR_IO, "there is no folder for tags and notes: HOME is not set");
        nn_error_hint(err, "Set HOME or XDG_DATA_HOME to an absolute path.");
        nn_triage_close(triage);
        return NULL;
    }
    if (file_size(triage->path) >= 0) {
        size_t size = 0;
        char *text = (char *)file_read(triage->path, FILE_MAX, &size, err);
        bool good = text != NULL && play_all(triage, text, size, err) == NN_OK;
        mem_free(text);
        if (!good) {
            nn_triage_close(triage);
            return NULL;
        }
    }
    return triage;
}

void nn_triage_close(NnTriage *triage) {
    if (triage == NULL) {
        return;
    }
    while (triage->n_history > 0) {
        forget_newest(triage);
    }
    for (size_t i = 0; i < triage->n && triage->notes != NULL; i++) {
        mem_free(triage->notes[i]);
    }
    mem_free(triage->history);
    mem_free(triage->notes);
    mem_free(triage->tags);
    mem_free(triage);
}

// --- asking --------------------------------------------------------------------------------------

NnTag nn_triage_tag(const NnTriage *triage, size_t row) {
    NN_ASSERT(row < triage->n);
    return (NnTag)triage->tags[row];
}

const char *nn_triage_note(const NnTriage *triage, size_t row) {
    NN_ASSERT(row < triage->n);
    return triage->notes[row] != NULL ? triage->notes[row] : "";
}

size_t nn_triage_count(const NnTriage *triage, NnTag tag) {
    NN_ASSERT((unsigned)tag < NN_TAG_COUNT);
    return triage->count[tag];
}

// --- changing ------------------------------------------------------------------------------------

// Cuts what is behind the last newline off the file.
static NnStatus cut_torn_line(NnTriage *triage, NnError *err) {
    if (file_size(triage->path) < 0) {
        triage->torn = false;
        return NN_OK;
    }
    size_t size = 0;
    unsigned char *text = file_read(triage->path, FILE_MAX, &size, err);
    if (text == NULL) {
        return err->status;
    }
    size_t whole = size;
    while (whole > 0 && text[whole - 1] != '\n') {
        whole--;
    }
    NnStatus status = whole < size ? file_save(triage->path, text, whole, err) : NN_OK;
    triage->torn = status != NN_OK;
    mem_free(text);
    return status;
}

static NnStatus append(NnTriage *triage, const char *line, size_t n, NnError *err) {
    if (triage->path[0] == '\0') {
        return NN_OK;
    }
    NnStatus status = folder_make(triage->folder, err);
    if (status != NN_OK) {
        return status;
    }
    // Two windows may tag at the same time. The lock goes with the descriptor, and where a file
    // system has none we do without.
    int lock = open(triage->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock >= 0) {
        (void)flock(lock, LOCK_EX);
    }
    status = triage->torn ? cut_torn_line(triage, err) : NN_OK;
    if (status == NN_OK) {
        status = file_append(triage->path, line, n, err);
        triage->torn = status != NN_OK;
    }
    if (lock >= 0) {
        (void)close(lock);
    }
    return status;
}

// The change as a line with its newline. NULL: out of memory. Free with mem_free.
static char *line_of(const Change *change, bool undo) {
    const char *key = change->of_note ? "note" : "tag";
    const char *value = !change->of_note       ? tag_names[change->tag]
                        : change->note != NULL ? change->note
                                               : "";
    json_t *object = json_pack("{s:I, s:s}", "row", (json_int_t)change->row, key, value);
    if (object != NULL && undo && json_object_set_new(object, "undo", json_true()) != 0) {
        json_decref(object);
        object = NULL;
    }
    char *text = object != NULL ? json_text_make(object, 0) : NULL;
    json_decref(object);
    size_t n = text != NULL ? strlen(text) : 0;
    char *line = text != NULL ? mem_resize(text, n + 2, 1) : NULL;
    if (line == NULL) {
        mem_free(text);
        return NULL;
    }
    line[n] = '\n';
    line[n + 1] = '\0';
    return line;
}

// Everything that may fail comes before the line is on disk. Takes over the note.
static NnStatus make_change(NnTriage *triage, Change change, NnError *err) {
    NnError own;
    err = err != NULL ? err : &own;
    char *line = make_history_room(triage) ? line_of(&change, false) : NULL;
    NnStatus status = line != NULL ? append(triage, line, strlen(line), err) : no_memory(err);
    mem_free(line);
    if (status != NN_OK) {
        mem_free(change.note);
        return status;
    }
    swap(triage, &change);
    triage->history[triage->n_history++] = change;
    return NN_OK;
}

NnStatus nn_triage_set_tag(NnTriage *triage, size_t row, NnTag tag, NnError *err) {
    NN_ASSERT(row < triage->n && (unsigned)tag < NN_TAG_COUNT);
    if (triage->tags[row] == tag) {
        return NN_OK;
    }
    return make_change(triage, (Change){.row = row, .tag = tag}, err);
}

NnStatus nn_triage_set_note(NnTriage *triage, size_t row, const char *note, NnError *err) {
    NN_ASSERT(row < triage->n);
    if (!note_is_good(note)) {
        return nn_fail(err, NN_ERR_USAGE, "a note is one line of at most %d bytes of UTF-8",
                       NN_TRIAGE_NOTE_MAX);
    }
    if (strcmp(nn_triage_note(triage, row), note) == 0) {
        return NN_OK;
    }
    Change change = {.row = row, .of_note = true};
    if (note[0] != '\0') {
        change.note = mem_copy_text(note);
        if (change.note == NULL) {
            return no_memory(err);
        }
    }
    return make_change(triage, change, err);
}

bool nn_triage_undo(NnTriage *triage, size_t *row, NnError *err) {
    Change *last = newest(triage);
    if (last == NULL) {
        return false;
    }
    NnError own;
    err = err != NULL ? err : &own;
    char *line = line_of(last, true);
    NnStatus status = line != NULL ? append(triage, line, strlen(line), err) : no_memory(err);
    mem_free(line);
    if (status != NN_OK) {
        return false;
    }
    *row = last->row;
    swap(triage, last);
    forget_newest(triage);
    return true;
}
