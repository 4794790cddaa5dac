// help.c - --help for the program and for each command, wrapped at 80 columns.

#include "cli/help.h"

#include <string.h>

#include "nn/nn.h"

enum { COLUMNS = 80, OPTION_WIDTH = 26, WORD_WIDTH = 18 };

const HelpEntry help_exit_statuses[] = {
    {"0", "done"},
    {"1", "failed"},
    {"2", "wrong usage"},
    {"3", "a file is missing or not what it should be"},
    {"4", "reading or writing failed (a full disk)"},
    {"130, 143", "stopped by Ctrl-C or SIGTERM; train saves first"},
    {NULL, NULL},
};

const HelpEntry help_environment[] = {
    {"INKLING_DATA", "folder with data sets, one subfolder each (mnist/)"},
    {"INKLING_SHARE", "folder with assets/ and models/, if not the installed one"},
    {"NO_COLOR", "no colours"},
    {NULL, NULL},
};

// Words of text between columns indent and COLUMNS; the cursor stands at column at.
static void print_wrapped(FILE *out, const char *text, int indent, int at) {
    bool first = true; // on its line
    while (*text != '\0') {
        int n = (int)strcspn(text, " \n");
        if (!first && at + 1 + n > COLUMNS) {
            fprintf(out, "\n%*s", indent, "");
            at = indent;
        } else if (!first) {
            fputc(' ', out);
            at++;
        }
        fprintf(out, "%.*s", n, text);
        at += n;
        text += n;
        first = *text == '\n';
        for (; *text == '\n'; text++, at = indent) { // two of them part paragraphs
            fputc('\n', out);
        }
        text += *text == ' ';
    }
    fputc('\n', out);
}

// A label and its explanation, which begins at column width, on a line of its own after a long
// label.
static void print_entry(FILE *out, int width, const char *label, const char *text) {
    int at = fprintf(out, "  %-*s", width - 2, label);
    if (at > width || (int)strlen(label) > width - 3) {
        fprintf(out, "\n%*s", width, "");
    }
    print_wrapped(out, text, width, width);
}

static void print_option(FILE *out, int width, const Option *option) {
    char label[64];
    char letter[8] = "    ";
    if (option->letter != 0) {
        snprintf(letter, sizeof letter, "-%c, ", option->letter);
    }
    snprintf(label, sizeof label, "%s--%s%s%s", letter, option->name,
             option->value != NULL ? " " : "", option->value != NULL ? option->value : "");
    print_entry(out, width, label, option->help);
}

static void print_options(FILE *out, int width, const Option *options) {
    for (const Option *o = options; o != NULL && o->name != NULL; o++) {
        if (o->help != NULL) {
            print_option(out, width, o);
        }
    }
}

void help_usage(char *out, size_t size, const Command *command) {
    size_t used = (size_t)snprintf(out, size, "inkling %s", command->name);
    for (size_t i = 0; i < OPERANDS_MAX && command->operands[i].name != NULL && used < size; i++) {
        const Operand *o = &command->operands[i];
        const char *name = o->kind == VALUE_CHOICE ? o->choices : o->name;
        used += (size_t)snprintf(out + used, size - used, o->optional ? " [%s%s]" : " %s%s", name,
                                 o->repeats ? "..." : "");
    }
    if (used < size) {
        snprintf(out + used, size - used, " [options]");
    }
}

void help_command(FILE *out, const Command *command) {
    char usage[256];
    help_usage(usage, sizeof usage, command);
    fprintf(out, "usage: %s\n\n", usage);
    print_wrapped(out, command->about, 0, 0);
    fprintf(out, "\noptions\n");
    print_options(out, OPTION_WIDTH, command->options);
    print_options(out, OPTION_WIDTH, options_everywhere());
    fprintf(out, "\nexample\n  %s\n", command->example);
}

void help_program(FILE *out) {
    fprintf(out, "inkling " NN_VERSION ": draw a digit and see a neural network recognise it\n\n"
                 "usage: inkling [options]              open the window\n"
                 "       inkling COMMAND [options]      work without a window\n\n"
                 "commands\n");
    size_t count;
    const Command *table = command_table(&count);
    for (size_t i = 0; i < count; i++) {
        print_entry(out, WORD_WIDTH, table[i].name, table[i].summary);
    }
    fprintf(out, "\noptions\n");
    print_options(out, WORD_WIDTH, options_everywhere());
    print_options(out, WORD_WIDTH, options_alone());
    fprintf(out, "\nexit status\n");
    for (const HelpEntry *e = help_exit_statuses; e->term != NULL; e++) {
        print_entry(out, WORD_WIDTH, e->term, e->text);
    }
    fprintf(out, "\nenvironment\n");
    for (const HelpEntry *e = help_environment; e->term != NULL; e++) {
        print_entry(out, WORD_WIDTH, e->term, e->text);
    }
    fprintf(out,
            "\nexample\n  inkling predict photo.jpg\n\n`inkling COMMAND --help` tells more.\n");
}
