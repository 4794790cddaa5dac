#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "nn/nn.h"

int cli_main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        puts("inkling " NN_VERSION);
        return 0;
    }
    return nn_exit_code(NN_ERR_USAGE);
}
