// term.h - how the command line speaks: notes, errors and progress on stderr, bars in results.
//
// A progress bar appears on a terminal only. NO_COLOR, TERM=dumb, --no-color and --quiet are
// honoured.

#ifndef INKLING_CLI_TERM_H
#define INKLING_CLI_TERM_H

#include <stdbool.h>
#include <stdint.h>

#include "nn/error.h"

typedef struct {
    bool quiet;
    bool color_out, color_err;
    bool blocks;   // the terminal's character set has block elements
    bool progress; // stderr can redraw a line
    bool progress_shown;
    uint64_t progress_ns; // when it was last drawn
} Term;

void term_init(Term *term, bool quiet, bool no_color);

// "error: ..." and, where there is one, "hint: ...".
void term_error(Term *term, const NnError *err);

void term_note(Term *term, const char *format, ...) NN_PRINTF(2, 3); // silent under --quiet

// Redraws the progress line, at most ten times a second: a bar filled to share (0..1; negative: no
// bar) and a text.
void term_progress(Term *term, double share, const char *format, ...) NN_PRINTF(3, 4);
void term_progress_clear(Term *term); // before anything else is printed

enum { TERM_BAR_BYTES = 256 };

// A horizontal bar for share (0..1) of width cells (at most 60), padded with spaces to that width.
void term_bar(const Term *term, double share, int width, char *out);

// Start and end of emphasis on stdout; empty strings where there is no colour.
const char *term_strong(const Term *term);
const char *term_plain(const Term *term);

#endif
