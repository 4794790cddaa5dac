// command.h - what a subcommand is: one description from which the parser, --help, the man page and
// the shell completions all follow. The table itself is commands.c.

#ifndef INKLING_CLI_COMMAND_H
#define INKLING_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "nn/error.h"

struct Cli;

// What an option's value or an operand may be. The parser checks it; completions offer it.
typedef enum {
    VALUE_NONE, // a switch
    VALUE_TEXT,
    VALUE_FILE,
    VALUE_INT,    // low..high
    VALUE_REAL,   // low..high
    VALUE_PAIR,   // two numbers low..high, "0.1,-0.2"
    VALUE_SIZE,   // two whole numbers low..high, "1280x800"
    VALUE_CHOICE, // one of choices
    VALUE_MODEL,  // a weight file or the name of a shipped network
    VALUE_RECIPE, // a recipe file or the name of a shipped one
    VALUE_SWEEP,  // a sweep file or the name of a shipped one
    VALUE_DATA,   // the name of a data set
} ValueKind;

typedef struct {
    const char *name;    // without the dashes
    const char *value;   // what help calls it: "FILE"; NULL for a switch
    const char *choices; // "light|dark"
    const char *help;    // NULL: not for people, shown nowhere
    double low, high;
    ValueKind kind;
    char letter;  // short form, 0: none
    bool repeats; // may be given more than once; otherwise the last one counts
} Option;

typedef struct {
    const char *name; // "IMAGE"
    ValueKind kind;
    const char *choices;
    bool optional, repeats; // repeats: one or more, the last operand only
} Operand;

enum { OPERANDS_MAX = 2 };

typedef struct Command {
    const char *name;
    const char *summary;            // one line for the list of commands
    const char *about;              // a paragraph or two, separated by an empty line
    const char *example;            // a whole command line
    Operand operands[OPERANDS_MAX]; // name NULL ends them
    const Option *options;          // name NULL ends them
    // Results go to stdout. A failure without a message has been reported already.
    NnStatus (*run)(struct Cli *cli, NnError *err);
} Command;

const Command *command_table(size_t *count);
const Command *command_find(const char *name); // NULL when there is none

// Options every command takes, and those that stand without one.
const Option *options_everywhere(void);
const Option *options_alone(void);

const char *value_kind_words(ValueKind kind); // "a whole number", for messages

#endif
