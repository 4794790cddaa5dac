// cli.h - the command line: `inkling COMMAND ...`. Without a command, or with a view's name, the
// window.

#ifndef INKLING_CLI_CLI_H
#define INKLING_CLI_CLI_H

// Exit status: 0 done, 1 failed, 2 wrong usage, 3 bad input file, 4 I/O error.
int cli_main(int argc, char **argv);

#endif
