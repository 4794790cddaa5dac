#include "app/script.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/patience.h"

enum { FILE_LIMIT = 4 << 20, WORDS_MAX = 2048 };

static const double POINT_MS = 10; // a pen's usual 100 points a second

void script_event(Script *script, UiEvent event) {
    if (script->input.n == SCRIPT_EVENTS) {
        script_frame(script);
    }
    event.t_ms = event.t_ms > 0 ? event.t_ms : script->input.now_ms;
    event.pressure = event.pressure > 0 ? event.pressure : 1;
    script->events[script->input.n++] = event;
}

void script_frame(Script *script) {
    script->frame(script->user, &script->input);
    script->input.n = 0;
    script->input.now_ms += SCRIPT_FRAME_MS;
}

void script_wait(Script *script, double ms) {
    double end = script->input.now_ms + ms;
    while (script->input.now_ms < end) {
        script_frame(script);
    }
}

bool script_settle_threads(Script *script, double seconds) {
    App *app = script->app;
    Patience patience = patience_begin(seconds);
    script_frame(script);
    while (browse_busy(&app->browse) || gallery_busy(&app->gallery) ||
           !training_settled(&app->training)) {
        if (patience_is_over(&patience)) {
            return false;
        }
        patience_sleep(&patience); // a frame is painted by the thread that the others give way to
        script_frame(script);
    }
    if (app->neighbours.wanted && app->recogniser.model != NULL) {
        script_wait(script, 1000); // the search starts a moment after the window
        return app->neighbours.search == NULL || neighbours_settle(app->neighbours.search, seconds);
    }
    return true;
}

void script_settle(Script *script) {
    script_frame(script);
    for (int i = 0; i < 120 && app_next_frame_ms(script->app) == 0; i++) {
        script_frame(script);
    }
}

void script_start(Script *script, App *app, float width, float height, float scale,
                  void (*frame)(void *user, const UiInput *input), void *user) {
    memset(script, 0, sizeof *script);
    script->app = app;
    script->frame = frame;
    script->user = user;
    script->input = (UiInput){.events = script->events,
                              .capacity = SCRIPT_EVENTS,
                              .width = width,
                              .height = height,
                              .scale = scale,
                              .now_ms = SCRIPT_FRAME_MS};
    script_frame(script);
}

// --- the pointer ---------------------------------------------------------------------------------

static void pointer(Script *script, UiEventKind kind, float x, float y, int button) {
    script->x = x;
    script->y = y;
    script_event(
        script,
        (UiEvent){
            .kind = kind, .x = x, .y = y, .button = button, .clicks = 1, .mods = script->mods});
}

static void stroke_begin(Script *script, float u, float v) {
    UiRect square = script->app->draw.square;
    float x = square.x + u * square.w, y = square.y + v * square.h;
    pointer(script, EVENT_MOVE, x, y, 0);
    script_frame(script);
    pointer(script, EVENT_DOWN, x, y, BUTTON_LEFT);
}

// Points fall into frames as they would with a pen: several to a frame when it is fast.
static void stroke_point(Script *script, float u, float v, double step_ms, double *t_ms) {
    UiRect square = script->app->draw.square;
    *t_ms += step_ms;
    while (*t_ms >= script->input.now_ms + SCRIPT_FRAME_MS) {
        script_frame(script);
    }
    script->x = square.x + u * square.w;
    script->y = square.y + v * square.h;
    script_event(script,
                 (UiEvent){.kind = EVENT_MOVE, .x = script->x, .y = script->y, .t_ms = *t_ms});
}

static void stroke_end(Script *script) {
    pointer(script, EVENT_UP, script->x, script->y, BUTTON_LEFT);
    script_frame(script);
}

// A relative name is looked for beside the script first.
static const char *beside(const char *script_path, const char *name, char *out, size_t size) {
    const char *slash = strrchr(script_path, '/');
    if (name[0] != '/' && slash != NULL) {
        int n = snprintf(out, size, "%.*s/%s", (int)(slash - script_path), script_path, name);
        if (n > 0 && (size_t)n < size && file_exists(out)) {
            return out;
        }
    }
    return name;
}

static NnStatus draw_from_file(Script *script, const char *path, long number, NnError *err) {
    NnError trouble = {0};
    NnStrokeFile *file = nn_strokes_open(path, &trouble);
    NnInk *ink = file == NULL ? NULL : nn_ink_new(&trouble);
    NnStatus status = trouble.status;
    if (status != NN_OK && err != NULL) {
        *err = trouble;
    }
    bool more = true;
    for (long i = 0; status == NN_OK && more && i <= number; i++) {
        int label;
        status = nn_strokes_next(file, ink, NN_DEFAULT_PEN, &label, &more, err);
    }
    if (status == NN_OK && !more) {
        status = nn_fail_file(err, NN_ERR_USAGE, path, -1, "has no drawing number %ld", number);
    }
    for (size_t s = 0; status == NN_OK && s < nn_ink_stroke_count(ink); s++) {
        NnStroke stroke = nn_ink_stroke(ink, s);
        stroke_begin(script, stroke.points[0].x, stroke.points[0].y);
        double t_ms = script->input.now_ms;
        for (size_t i = 1; i < stroke.n; i++) {
            double step_ms = (double)(stroke.points[i].t_ms - stroke.points[i - 1].t_ms);
            step_ms = step_ms > 0 && step_ms < 1000 ? step_ms : POINT_MS;
            stroke_point(script, stroke.points[i].x, stroke.points[i].y, step_ms, &t_ms);
        }
        stroke_end(script);
        script_wait(script, 120); // the pen moves to the next stroke
    }
    nn_ink_free(ink);
    nn_strokes_close(file);
    return status;
}

// --- keys ----------------------------------------------------------------------------------------

static const struct {
    const char *name;
    int key;
} KEY_NAMES[] = {
    {"escape", KEY_ESCAPE},  {"enter", KEY_ENTER},         {"tab", KEY_TAB},   {"space", KEY_SPACE},
    {"delete", KEY_DELETE},  {"backspace", KEY_BACKSPACE}, {"left", KEY_LEFT}, {"right", KEY_RIGHT},
    {"up", KEY_UP},          {"down", KEY_DOWN},           {"home", KEY_HOME}, {"end", KEY_END},
    {"pageup", KEY_PAGE_UP}, {"pagedown", KEY_PAGE_DOWN},
};

static bool key_of(const char *name, int *key, int *mods) {
    static const struct {
        const char *name;
        int mod;
    } prefixes[] = {{"ctrl+", MOD_CTRL}, {"shift+", MOD_SHIFT}, {"alt+", MOD_ALT}};
    *mods = 0;
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0];) {
        size_t n = strlen(prefixes[i].name);
        if (strncmp(name, prefixes[i].name, n) == 0) {
            *mods |= prefixes[i].mod;
            name += n;
            i = 0;
        } else {
            i++;
        }
    }
    if (strlen(name) == 1) {
        *key = (unsigned char)name[0];
        return true;
    }
    char *end;
    long number = name[0] == 'f' ? strtol(name + 1, &end, 10) : 0;
    if (number >= 1 && number <= 12 && *end == '\0') {
        *key = KEY_F1 + (int)number - 1;
        return true;
    }
    for (size_t i = 0; i < sizeof KEY_NAMES / sizeof KEY_NAMES[0]; i++) {
        if (strcmp(name, KEY_NAMES[i].name) == 0) {
            *key = KEY_NAMES[i].key;
            return true;
        }
    }
    return false;
}

// --- lines ---------------------------------------------------------------------------------------

typedef struct {
    char *word[WORDS_MAX];
    int n;
} Words;

static void split(Words *words, char *line) {
    words->n = 0;
    for (;;) {
        line += strspn(line, " \t\r\n");
        if (*line == '\0' || *line == '#' || words->n == WORDS_MAX) {
            return;
        }
        words->word[words->n++] = line;
        line += strcspn(line, " \t\r\n");
        if (*line != '\0') {
            *line++ = '\0';
        }
    }
}

static bool number_at(const Words *words, int i, float *value) {
    if (i >= words->n) {
        return false;
    }
    char *end;
    *value = strtof(words->word[i], &end);
    return *end == '\0' && end != words->word[i] && isfinite(*value);
}

static int button_at(const Words *words, int i) {
    return i < words->n && strcmp(words->word[i], "right") == 0 ? BUTTON_RIGHT : BUTTON_LEFT;
}

static bool play_pointer(Script *script, const Words *words, const char *command) {
    float x, y;
    if (strcmp(command, "up") == 0) {
        pointer(script, EVENT_UP, script->x, script->y, script->button);
        script_frame(script);
        script->mods = 0;
        return true;
    }
    if (!number_at(words, 1, &x) || !number_at(words, 2, &y)) {
        return false;
    }
    pointer(script, EVENT_MOVE, x, y, 0);
    script_frame(script);
    if (strcmp(command, "wheel") == 0) {
        float lines;
        if (!number_at(words, 3, &lines)) {
            return false;
        }
        script_event(script, (UiEvent){.kind = EVENT_WHEEL, .x = x, .y = y, .dy = lines});
        script_frame(script);
        return true;
    }
    if (strcmp(command, "move") != 0) {
        script->button = button_at(words, 3);
        script->mods = words->n > 3 && strcmp(words->word[3], "shift") == 0 ? MOD_SHIFT : 0;
        pointer(script, EVENT_DOWN, x, y, script->button);
        script_frame(script);
    }
    if (strcmp(command, "click") == 0) {
        pointer(script, EVENT_UP, x, y, script->button);
        script_frame(script);
        script->mods = 0;
    }
    return true;
}

static bool play_stroke(Script *script, const Words *words) {
    float x, y;
    if (words->n < 3 || words->n % 2 == 0) {
        return false;
    }
    for (int i = 1; i < words->n; i += 2) {
        if (!number_at(words, i, &x) || !number_at(words, i + 1, &y)) {
            return false;
        }
    }
    double t_ms = 0;
    for (int i = 1; i < words->n; i += 2) {
        (void)number_at(words, i, &x);
        (void)number_at(words, i + 1, &y);
        if (i == 1) {
            stroke_begin(script, x, y);
            t_ms = script->input.now_ms;
        } else {
            stroke_point(script, x, y, POINT_MS, &t_ms);
        }
    }
    stroke_end(script);
    return true;
}

static bool play_window(Script *script, const Words *words, const char *command) {
    float a, b;
    if (strcmp(command, "wait") == 0) {
        if (!number_at(words, 1, &a) || a < 0 || a > 600000) {
            return false;
        }
        script_wait(script, (double)a);
        return true;
    }
    if (strcmp(command, "scale") == 0) {
        if (!number_at(words, 1, &a) || a < 0.5f || a > 8) {
            return false;
        }
        script->input.scale = a;
    } else {
        if (!number_at(words, 1, &a) || !number_at(words, 2, &b) || a < 320 || b < 240 ||
            a > 16384 || b > 16384) {
            return false;
        }
        script->input.width = a;
        script->input.height = b;
    }
    script_event(script, (UiEvent){.kind = EVENT_RESIZE});
    script_frame(script);
    return true;
}

// text takes the rest of the line as it stands.
static const char *rest_of(const char *line, const char *command) {
    const char *rest = strstr(line, command) + strlen(command);
    return rest + strspn(rest, " \t");
}

static void type_text(Script *script, const char *text) {
    for (size_t i = 0; text[i] != '\0' && text[i] != '\n'; i++) {
        UiEvent event = {.kind = EVENT_TEXT};
        event.text[0] = text[i];
        script_event(script, event);
    }
    script_frame(script);
}

// Epoch by epoch, so that what is shown afterwards does not depend on the machine's speed.
static NnStatus train_epochs(Script *script, int n, const char *path, int number, NnError *err) {
    const double patience_s = 600;
    App *app = script->app;
    bool settled = script_settle_threads(script, patience_s);
    for (int i = 0; settled && i < n; i++) {
        app_apply(app, &(Action){.kind = ACTION_TRAIN_EPOCH});
        settled = script_settle_threads(script, patience_s);
    }
    return settled ? NN_OK
                   : nn_fail_file(
                         err, NN_ERR_FAILED, path, number,
                         "line %d: nothing was done for ten minutes, and the epochs are not over",
                         number);
}

NnStatus script_line(Script *script, const char *line, const char *path, int number, NnError *err) {
    char *copy = mem_copy_text(line);
    Words *words = mem_new(1, sizeof *words);
    NnStatus status = NN_OK;
    bool good = true;
    if (copy == NULL || words == NULL) {
        status = nn_fail(err, NN_ERR_NOMEM, "Out of memory while playing a script.");
        goto done;
    }
    split(words, copy);
    if (words->n == 0) {
        goto done;
    }
    const char *command = words->word[0];
    if (strcmp(command, "move") == 0 || strcmp(command, "down") == 0 ||
        strcmp(command, "up") == 0 || strcmp(command, "click") == 0 ||
        strcmp(command, "wheel") == 0) {
        good = play_pointer(script, words, command);
    } else if (strcmp(command, "stroke") == 0) {
        good = play_stroke(script, words);
    } else if (strcmp(command, "wait") == 0 || strcmp(command, "size") == 0 ||
               strcmp(command, "scale") == 0) {
        good = play_window(script, words, command);
    } else if (strcmp(command, "key") == 0) {
        UiEvent event = {.kind = EVENT_KEY};
        good = words->n == 2 && key_of(words->word[1], &event.key, &event.mods);
        if (good) {
            script_event(script, event);
            script_frame(script);
        }
    } else if (strcmp(command, "epochs") == 0) {
        float n;
        good = number_at(words, 1, &n) && n >= 1 && n <= 1000;
        status = good ? train_epochs(script, (int)n, path, number, err) : NN_OK;
    } else if (strcmp(command, "settle") == 0) {
        const double patience_s = 120;
        if (!script_settle_threads(script, patience_s)) {
            status = nn_fail_file(
                err, NN_ERR_FAILED, path, number,
                "line %d: nothing was done for two minutes, and not all is settled", number);
        }
    } else if (strcmp(command, "text") == 0) {
        type_text(script, rest_of(line, "text"));
    } else if (strcmp(command, "draw") == 0) {
        float which;
        good = words->n == 3 && number_at(words, 2, &which) && which >= 0;
        if (good) {
            char found[PATH_SIZE];
            status = draw_from_file(script, beside(path, words->word[1], found, sizeof found),
                                    (long)which, err);
        }
    } else if (strcmp(command, "drop") == 0) {
        good = words->n == 2;
        if (good) {
            char found[PATH_SIZE];
            const char *file = beside(path, words->word[1], found, sizeof found);
            script_event(script, (UiEvent){.kind = EVENT_DROP, .path = file});
            script_frame(script);
        }
    } else {
        status = nn_fail_file(err, NN_ERR_FORMAT, path, number,
                              "line %d: there is no command \"%s\"", number, command);
    }
    if (!good) {
        status = nn_fail_file(err, NN_ERR_FORMAT, path, number,
                              "line %d: \"%s\" needs other words behind it", number, command);
    }
done:
    mem_free(words);
    mem_free(copy);
    return status;
}

NnStatus script_play(Script *script, const char *path, NnError *err) {
    size_t size;
    unsigned char *bytes = file_read(path, FILE_LIMIT, &size, err);
    if (bytes == NULL) {
        return err != NULL && err->status != NN_OK ? err->status : NN_ERR_IO;
    }
    NnStatus status = NN_OK;
    char *line = (char *)bytes;
    for (int number = 1; status == NN_OK && *line != '\0'; number++) {
        char *end = line + strcspn(line, "\n");
        bool last = *end == '\0';
        *end = '\0';
        status = script_line(script, line, path, number, err);
        line = last ? end : end + 1;
    }
    mem_free(bytes);
    return status;
}
