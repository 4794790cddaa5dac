// cli.c - from argv to an exit status: parse, run, report, and make sure that results arrived.

#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "cli/help.h"
#include "cli/run.h"
#include "cli/signals.h"

static NnStatus print_lines(char **lines, size_t count) {
    for (size_t i = 0; i < count; i++) {
        printf("%s\n", lines[i]);
    }
    return NN_OK;
}

static NnStatus generate(const char *what, NnError *err) {
    if (strcmp(what, "man") == 0) {
        man_write(stdout);
    } else if (strcmp(what, "bash") == 0) {
        completion_bash(stdout);
    } else if (strcmp(what, "zsh") == 0) {
        completion_zsh(stdout);
    } else if (strcmp(what, "fish") == 0) {
        completion_fish(stdout);
    } else if (strcmp(what, "recipes") == 0) {
        size_t count = 0;
        char **names = nn_recipe_names(&count);
        print_lines(names, count);
        nn_recipe_names_free(names, count);
    } else {
        return models_list(err);
    }
    return NN_OK;
}

static NnStatus run(Cli *cli, NnError *err) {
    const Args *args = &cli->args;
    if (args_has(args, "help")) {
        if (args->command != NULL) {
            help_command(stdout, args->command);
        } else {
            help_program(stdout);
        }
        return NN_OK;
    }
    if (args->command == NULL && args_has(args, "version")) {
        puts("inkling " NN_VERSION);
        return NN_OK;
    }
    if (args->command == NULL && args_has(args, "generate")) {
        return generate(args_text(args, "generate"), err);
    }
    return args->command->run(cli, err);
}

// Results that did not arrive are a failure, whatever the command thought: a full disk shows up only now.
// A reader that went away (`| head`) is no news to anyone.
static NnStatus flush_results(bool *reader_gone, NnError *err) {
    errno = 0;
    bool failed = fflush(stdout) != 0;
    int cause = errno;
    if (!failed && !ferror(stdout)) {
        return NN_OK;
    }
    *reader_gone = cause == EPIPE;
    return nn_fail(err, NN_ERR_IO, "standard output: %s",
                   cause != 0 ? strerror(cause) : "writing failed");
}

int cli_main(int argc, char **argv) {
    json_set_alloc_funcs(mem_malloc, mem_free);
    signals_ignore_pipe();
    Cli cli = {0};
    NnError err = {0};
    NnStatus status = args_parse(&cli.args, argc, argv, &err);
    bool parsed = status == NN_OK;
    term_init(&cli.term, parsed && args_has(&cli.args, "quiet"),
              parsed && args_has(&cli.args, "no-color"));
    if (parsed) {
        status = run(&cli, &err);
    }
    term_progress_clear(&cli.term);
    bool stopped = signals_caught() != 0;
    if (status != NN_OK && err.message[0] != '\0' && !(stopped && status == NN_ERR_CANCELLED)) {
        term_error(&cli.term, &err);
    }
    bool reader_gone = false;
    NnError lost = {0};
    NnStatus flushed = flush_results(&reader_gone, &lost);
    if (flushed != NN_OK && !reader_gone) {
        term_error(&cli.term, &lost);
        status = flushed;
    }
    args_release(&cli.args);
    enum { KILLED_BY = 128, PIPE_SIGNAL = 13 };
    if (stopped) {
        return KILLED_BY + signals_caught();
    }
    if (reader_gone && status == NN_OK) {
        return KILLED_BY + PIPE_SIGNAL;
    }
    return nn_exit_code(status);
}
