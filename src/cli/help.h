// help.h - what --help says, and the files made from the same table.

#ifndef INKLING_CLI_HELP_H
#define INKLING_CLI_HELP_H

#include <stdio.h>

#include "cli/command.h"

void help_program(FILE *out);
void help_command(FILE *out, const Command *command);

// "inkling predict IMAGE... [options]"
void help_usage(char *out, size_t size, const Command *command);

void man_write(FILE *out); // roff, section 1
void completion_bash(FILE *out);
void completion_zsh(FILE *out);
void completion_fish(FILE *out);

typedef struct {
    const char *term, *text;
} HelpEntry;

// Ended by a NULL term.
extern const HelpEntry help_exit_statuses[];
extern const HelpEntry help_environment[];

#endif
