// main.c - picks the window or a subcommand.

#include "cli/cli.h"

int main(int argc, char **argv) {
    return cli_main(argc, argv);
}
