// help.c - --help for the program and for each command, wrapped at 80 columns.

#include "cli/help.h"

#include <string.h>

#include "nn/nn.h"

enum { COLUMNS = 80, LABEL_WIDTH = 24 };

const HelpEntry help_exit_statuses[] = {
    {"0", "done"},
    {"1", "failed"},
    {"2", "wrong usage"},
    {"3", "an input file is missing or not what it should be"},
    {"4", "reading or writing failed, the disk is full for example"},
    {"130, 143", "stopped by Ctrl-C or SIGTERM; train has saved what it had"},
    {NULL, NULL},
};

const HelpEntry help_environment[] = {
    {"INKLING_DATA", "folder with data sets: mnist/train-images-idx3-ubyte and so on"},
    {"INKLING_SHARE", "folder with assets/ and models/ in place of the installed one"},
    {"NO_COLOR", "no colours"},
    {NULL, NULL},
};

// Words of text between columns indent and COLUMNS; the cursor stands at column at.
static void print_wrapped(FILE *out, const char *text, int indent, int at) {
    bool first = true;
    while (*text != '\0') {
        if (*text == '\n') { // an empty line parts paragraphs
            fprintf(out, "\n");
            at = COLUMNS;
            text++;
            continue;
        }
        int n = (int)strcspn(text, " \n");
        if (!first && at + 1 + n > COLUMNS) {
            fprintf(out, "\n%*s", indent, "");
            at = indent;
        } else if (!first) {
            fprintf(out, " ");
            at++;
        }
        fprintf(out, "%.*s", n, text);
        at += n;
        first = false;
        text += n;
        text += *text == ' ';
    }
    fprintf(out, "\n");
}

static void print_entry(FILE *out, const char *label, const char *text) {
    int at = fprintf(out, "  %-*s", LABEL_WIDTH - 2, label);
    if (at > LABEL_WIDTH || label[strlen(label)] != '\0' || (int)strlen(label) > LABEL_WIDTH - 3) {
        at = fprintf(out, "\n%*s", LABEL_WIDTH, "") - 1;
    }
    print_wrapped(out, text, LABEL_WIDTH, at);
}

static void print_option(FILE *out, const Option *option) {
    char label[64];
    char letter[8] = "    ";
    if (option->letter != 0) {
        snprintf(letter, sizeof letter, "-%c, ", option->letter);
    }
    snprintf(label, sizeof label, "%s--%s%s%s", letter, option->name, option->value != NULL ? " " : "",
             option->value != NULL ? option->value : "");
    print_entry(out, label, option->help);
}

static void print_options(FILE *out, const Option *options) {
    for (const Option *o = options; o != NULL && o->name != NULL; o++) {
        if (o->help != NULL) {
            print_option(out, o);
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
    print_options(out, command->options);
    print_options(out, options_everywhere());
    fprintf(out, "\nexample\n  %s\n", command->example);
}

void help_program(FILE *out) {
    fprintf(out,
            "inkling " NN_VERSION ": draw a digit and see a neural network recognise it\n\n"
            "usage: inkling [options]              open the window\n"
            "       inkling COMMAND [options]      work without a window\n\n"
            "commands\n");
    size_t count;
    const Command *table = command_table(&count);
    for (size_t i = 0; i < count; i++) {
        char label[64];
        snprintf(label, sizeof label, "%s", table[i].name);
        print_entry(out, label, table[i].summary);
    }
    fprintf(out, "\noptions\n");
    print_options(out, options_everywhere());
    print_options(out, options_alone());
    fprintf(out, "\nexit status\n");
    for (const HelpEntry *e = help_exit_statuses; e->term != NULL; e++) {
        print_entry(out, e->term, e->text);
    }
    fprintf(out, "\nenvironment\n");
    for (const HelpEntry *e = help_environment; e->term != NULL; e++) {
        print_entry(out, e->term, e->text);
    }
    fprintf(out, "\nexample\n  inkling predict photo.jpg\n\n`inkling COMMAND --help` tells more.\n");
}
