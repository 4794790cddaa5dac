#define _POSIX_C_SOURCE 200809L // isatty, fileno, nl_langinfo
#include "cli/term.h"

#include <langinfo.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

enum { PROGRESS_CELLS = 24, PROGRESS_EVERY_MS = 100 };

void term_init(Term *term, bool quiet, bool no_color) {
    // The character set alone: numbers keep their decimal point whatever the language.
    (void)setlocale(LC_CTYPE, "");
    const char *kind = getenv("TERM");
    const char *refused = getenv("NO_COLOR");
    bool dumb = kind == NULL || strcmp(kind, "dumb") == 0;
    bool color = !no_color && !dumb && (refused == NULL || *refused == '\0');
    *term = (Term){
        .quiet = quiet,
        .color_out = color && isatty(STDOUT_FILENO),
        .color_err = color && isatty(STDERR_FILENO),
        .blocks = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
        .progress = !quiet && !dumb && isatty(STDERR_FILENO),
    };
}

void term_error(Term *term, const NnError *err) {
    term_progress_clear(term);
    (void)fflush(stdout); // on a terminal the results so far come first
    fprintf(stderr, "%serror:%s %s\n", term->color_err ? "\033[1;31m" : "",
            term->color_err ? "\033[0m" : "", err->message);
    if (err->hint[0] != '\0') {
        fprintf(stderr, "%shint:%s %s\n", term->color_err ? "\033[1m" : "",
                term->color_err ? "\033[0m" : "", err->hint);
    }
}

void term_note(Term *term, const char *format, ...) {
    if (term->quiet) {
        return;
    }
    term_progress_clear(term);
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

void term_progress(Term *term, double share, const char *format, ...) {
    uint64_t now = clock_ns();
    if (!term->progress ||
        (term->progress_shown && now - term->progress_ns < PROGRESS_EVERY_MS * 1000000ull)) {
        return;
    }
    term->progress_ns = now;
    term->progress_shown = true;
    fputs("\r\033[K", stderr);
    if (share >= 0) {
        char bar[TERM_BAR_BYTES];
        term_bar(term, share, PROGRESS_CELLS, bar);
        fprintf(stderr, "%s %3.0f %%  ", bar, 100 * share);
    }
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    (void)fflush(stderr);
}

void term_progress_clear(Term *term) {
    if (term->progress_shown) {
        fputs("\r\033[K", stderr);
        (void)fflush(stderr);
        term->progress_shown = false;
    }
}

static char *put(char *end, const char *cell) {
    while (*cell != '\0') {
        *end++ = *cell++;
    }
    return end;
}

void term_bar(const Term *term, double share, int width, char *out) {
    // U+258F to U+2588: one to eight eighths of a cell, counted from the left.
    static const char *const part[] = {"",       "\u258f", "\u258e", "\u258d",
                                       "\u258c", "\u258b", "\u258a", "\u2589"};
    NN_ASSERT(width > 0 && width <= 60);
    double cells = (share > 0 ? (share < 1 ? share : 1) : 0) * width;
    int rounded = (int)(cells * 8 + 0.5);
    int full = rounded / 8;
    int eighths = rounded % 8;
    int used = full;
    char *end = out;
    for (int i = 0; i < full; i++) {
        end = put(end, term->blocks ? "\u2588" : "#");
    }
    if (term->blocks && eighths > 0) {
        end = put(end, part[eighths]);
        used++;
    }
    for (; used < width; used++) {
        *end++ = ' ';
    }
    *end = '\0';
}

const char *term_strong(const Term *term) {
    return term->color_out ? "\033[1m" : "";
}

const char *term_plain(const Term *term) {
    return term->color_out ? "\033[0m" : "";
}
