// The command line's parser: each line of the input is an argument. What is accepted keeps the
// promises a command relies on.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

enum { ARGS_MAX = 64 };

static void require(int holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "broken promise: %s\n", what);
        abort();
    }
}

static void check(const Args *args) {
    if (args_has(args, "help") || args_has(args, "version") || args_has(args, "generate")) {
        return;
    }
    require(args->command != NULL, "there is a command");
    for (size_t i = 0; i < OPERANDS_MAX && args->command->operands[i].name != NULL; i++) {
        require(args->command->operands[i].optional || args_operand(args, i) != NULL,
                "operands that must be there are");
    }
    for (const Option *o = args->command->options; o->name != NULL; o++) {
        double a = o->low;
        double b = o->low;
        switch (o->kind) {
        case VALUE_INT:
            a = b = (double)args_int(args, o->name, (int64_t)o->low);
            break;
        case VALUE_REAL:
            a = b = args_real(args, o->name, o->low);
            break;
        case VALUE_PAIR:
        case VALUE_SIZE:
            require(args_pair(args, o->name, &a, &b) == args_has(args, o->name),
                    "a pair can be read");
            break;
        default:
            require(o->kind == VALUE_NONE || !args_has(args, o->name) ||
                        args_text(args, o->name)[0] != '\0',
                    "a text is not empty");
            continue;
        }
        require(a >= o->low && a <= o->high && b >= o->low && b <= o->high,
                "a number is in its range");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    char program[] = "inkling";
    char *argv[ARGS_MAX + 1] = {program};
    int argc = 1;
    char *text = malloc(n + 1);
    if (text == NULL) {
        return 0;
    }
    memcpy(text, bytes, n);
    text[n] = '\0';
    for (char *word = text; argc < ARGS_MAX && word != NULL;) {
        char *end = strchr(word, '\n');
        if (end != NULL) {
            *end++ = '\0';
        }
        argv[argc++] = word;
        word = end;
    }
    Args args;
    NnError err = {0};
    NnStatus status = args_parse(&args, argc, argv, &err);
    if (status == NN_OK) {
        check(&args);
    } else {
        require(status == NN_ERR_USAGE && err.message[0] != '\0', "a refusal has a message");
    }
    args_release(&args);
    free(text);
    return 0;
}
