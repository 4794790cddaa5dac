// options.h - reads argv against the table of commands.
//
// Long options as `--name value` or `--name=value`, anywhere on the line; `--` ends them. Values
// are checked here, so a command may rely on their form and range.
//
//     Args args;
//     status = args_parse(&args, argc, argv, err);
//     int epochs = (int)args_int(&args, "epochs", recipe.epochs);
//     args_release(&args);
//
// Strings point into argv. Asking for a name the command's table does not have is a bug and stops
// the program, so a misspelling cannot pass for an option that was not given.

#ifndef INKLING_CLI_OPTIONS_H
#define INKLING_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/command.h"
#include "nn/error.h"

typedef struct {
    const Option *option;
    const char *value; // NULL for a switch
} GivenOption;

typedef struct {
    const Command *command; // NULL: only options that stand alone were given
    GivenOption *given;
    size_t n_given;
    const char **operands;
    size_t n_operands;
} Args;

// NN_ERR_USAGE names the argument, the cause and the nearest valid name. args needs args_release in
// any case.
NnStatus args_parse(Args *args, int argc, char **argv, NnError *err) NN_MUST_CHECK;
void args_release(Args *args);

bool args_has(const Args *args, const char *name);
const char *args_text(const Args *args, const char *name); // NULL when not given
int64_t args_int(const Args *args, const char *name, int64_t otherwise);
double args_real(const Args *args, const char *name, double otherwise);
bool args_pair(const Args *args, const char *name, double *a,
               double *b); // PAIR and SIZE; false: not given

// Of an option that repeats.
size_t args_count(const Args *args, const char *name);
const char *args_nth(const Args *args, const char *name, size_t i);

const char *args_operand(const Args *args, size_t i); // NULL past the last

#endif
