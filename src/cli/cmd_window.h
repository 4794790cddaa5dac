// cmd_window.h - the window's part of the command line, between its files.

#ifndef INKLING_CLI_CMD_WINDOW_H
#define INKLING_CLI_CMD_WINDOW_H

#include "cli/run.h"

NnStatus bench_ui(Cli *cli, NnError *err);
NnStatus bench_errors(Cli *cli, NnError *err);

// Without a display: answers the drawings that come with the program in the terminal.
NnStatus headless_answers(Cli *cli, NnError *err);

#endif
