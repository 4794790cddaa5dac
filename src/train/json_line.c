#include "train/json_line.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    const char *at, *end;
    int line; // of at
} Scan;

static bool more(const Scan *scan) {
    return scan->at < scan->end;
}

static void step(Scan *scan) {
    if (*scan->at == '\n') {
        scan->line++;
    }
    scan->at++;
}

static void skip_between(Scan *scan) {
    while (more(scan) && strchr(" \t\r\n,:", *scan->at) != NULL && *scan->at != '\0') {
        step(scan);
    }
}

static void skip_string(Scan *scan) {
    step(scan); // the opening quote
    while (more(scan) && *scan->at != '"') {
        if (*scan->at == '\\') {
            step(scan);
        }
        if (more(scan)) {
            step(scan);
        }
    }
    if (more(scan)) {
        step(scan);
    }
}

// A string, a number or word, or a list or object with all it holds.
static void skip_value(Scan *scan) {
    int depth = 0;
    do {
        char c = *scan->at;
        if (c == '"') {
            skip_string(scan);
        } else {
            depth += (c == '{' || c == '[') - (c == '}' || c == ']');
            step(scan);
            // A number or word ends where the next separator stands.
            while (depth == 0 && c != '}' && c != ']' && more(scan) &&
                   strchr(" \t\r\n,:]}", *scan->at) == NULL) {
                step(scan);
            }
        }
    } while (more(scan) && depth > 0);
}

// Moves into the object or list at scan, to the value called name, and returns the line where the
// member starts; 0 when there is none.
static int enter(Scan *scan, const char *name) {
    bool object = *scan->at == '{';
    if (!object && *scan->at != '[') {
        return 0;
    }
    step(scan);
    for (int item = 0;; item++) {
        skip_between(scan);
        if (!more(scan) || *scan->at == '}' || *scan->at == ']') {
            return 0;
        }
        int line = scan->line;
        bool found;
        if (object) {
            const char *key = scan->at + 1;
            skip_string(scan);
            size_t length = (size_t)(scan->at - 1 - key);
            found = length == strlen(name) && memcmp(key, name, length) == 0;
            skip_between(scan);
        } else {
            char index[16];
            snprintf(index, sizeof index, "%d", item);
            found = strcmp(index, name) == 0;
        }
        if (found) {
            return line;
        }
        if (!more(scan)) {
            return 0;
        }
        skip_value(scan);
    }
}

int json_line_of(const char *text, size_t n, const char *const *path, size_t path_length) {
    Scan scan = {text, text + n, 1};
    skip_between(&scan);
    int line = 0;
    for (size_t i = 0; i < path_length; i++) {
        if (!more(&scan)) {
            return 0;
        }
        line = enter(&scan, path[i]);
        if (line == 0) {
            return 0;
        }
    }
    return line;
}
