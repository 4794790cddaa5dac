// cmd_window.h - the window's part of the command line, between its files.

#ifndef INKLING_CLI_CMD_WINDOW_H
#define INKLING_CLI_CMD_WINDOW_H

#include "cli/run.h"

NnStatus bench_ui(Cli *cli, NnError *err);

// What `inkling draw` does without a display: answers the shipped drawings in the terminal and saves the
// Draw view as a picture. options: AppOptions of the view; NULL in a build without a window: no picture.
struct AppOptions;
NnStatus headless_run(Cli *cli, const void *options, NnError *err);

#endif
