// man.c - the man page, as roff with the man macros.

#include <stdbool.h>

#include "cli/help.h"
#include "nn/nn.h"

// Text with roff's own characters made harmless: a backslash, a hyphen that is a minus, and a dot
// or quote that would open a request at the start of a line. `Backquoted` words become bold.
static void print_roff(FILE *out, const char *text) {
    bool bold = false; // between two backquotes
    for (const char *c = text; *c != '\0'; c++) {
        bool line_start = c == text || c[-1] == '\n';
        if (*c == '\\') {
            fputs("\\e", out);
        } else if (*c == '-') {
            fputs("\\-", out);
        } else if (line_start && (*c == '.' || *c == '\'')) {
            fprintf(out, "\\&%c", *c);
        } else if (*c == '`') {
            bold = !bold;
            fputs(bold ? "\\fB" : "\\fR", out);
        } else if (*c == '\'') {
            fputs("\\(cq", out);
        } else if (*c == '\n' && c[1] == '\n') {
            fputs("\n.PP", out); // the second newline ends the request
        } else {
            fputc(*c, out);
        }
    }
}

static void print_option(FILE *out, const Option *option) {
    if (option->help == NULL) {
        return;
    }
    fputs(".TP\n", out);
    if (option->letter != 0) {
        fprintf(out, "\\fB\\-%c\\fR, ", option->letter);
    }
    fputs("\\fB\\-\\-", out);
    print_roff(out, option->name);
    fputs("\\fR", out);
    if (option->value != NULL) {
        fputs(" \\fI", out);
        print_roff(out, option->value);
        fputs("\\fR", out);
    }
    fputs("\n", out);
    print_roff(out, option->help);
    fputs("\n", out);
}

static void print_options(FILE *out, const Option *options) {
    for (const Option *o = options; o != NULL && o->name != NULL; o++) {
        print_option(out, o);
    }
}

static void print_entries(FILE *out, const HelpEntry *entries) {
    for (const HelpEntry *e = entries; e->term != NULL; e++) {
        fprintf(out, ".TP\n\\fB%s\\fR\n", e->term);
        print_roff(out, e->text);
        fputs("\n", out);
    }
}

static void print_command(FILE *out, const Command *command) {
    char usage[256];
    help_usage(usage, sizeof usage, command);
    fputs(".SS ", out);
    print_roff(out, usage);
    fputs("\n", out);
    print_roff(out, command->about);
    fputs("\n", out);
    print_options(out, command->options);
    fputs(".PP\nExample:\n.PP\n.RS\n.nf\n", out);
    print_roff(out, command->example);
    fputs("\n.fi\n.RE\n", out);
}

void man_write(FILE *out) {
    fputs(".TH INKLING 1 \"\" \"inkling " NN_VERSION "\" \"User Commands\"\n"
          ".SH NAME\ninkling \\- draw a digit and see a neural network recognise it\n"
          ".SH SYNOPSIS\n\\fBinkling\\fR [\\fIoptions\\fR]\n.br\n"
          "\\fBinkling\\fR \\fICOMMAND\\fR [\\fIoptions\\fR]\n"
          ".SH DESCRIPTION\n"
          "Without a command the window opens: a digit drawn with mouse, pen or finger is "
          "recognised while "
          "it is drawn. Each command does a part of it without a window, with the same numbers.\n"
          ".PP\nResults go to standard output, progress and messages to standard error.\n"
          ".SH COMMANDS\n",
          out);
    size_t count;
    const Command *table = command_table(&count);
    for (size_t i = 0; i < count; i++) {
        print_command(out, &table[i]);
    }
    fputs(".SH OPTIONS\nWith every command:\n", out);
    print_options(out, options_everywhere());
    print_options(out, options_alone());
    fputs(".SH EXIT STATUS\n", out);
    print_entries(out, help_exit_statuses);
    fputs(".SH ENVIRONMENT\n", out);
    print_entries(out, help_environment);
}
