// cli.c - from argv to an exit status: parse, run, report, and make sure that results arrived.

#include "cli/cli.h"

#define _POSIX_C_SOURCE 200809L // poll
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "cli/help.h"
#include "cli/run.h"
#include "cli/signals.h"

static void generate(const char *what) {
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
        for (size_t i = 0; i < count; i++) {
            puts(names[i]);
        }
        nn_recipe_names_free(names, count);
    } else if (strcmp(what, "sweeps") == 0) {
        size_t count = 0;
        char **names = nn_sweep_names(&count);
        for (size_t i = 0; i < count; i++) {
            puts(names[i]);
        }
        nn_recipe_names_free(names, count);
    } else {
        models_list();
    }
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
    if (args_has(args, "version")) {
        puts("inkling " NN_VERSION);
        return NN_OK;
    }
    if (args_has(args, "generate")) {
        generate(args_text(args, "generate"));
        return NN_OK;
    }
    NN_ASSERT(args->command != NULL); // the parser saw to it
    return args->command->run(cli, err);
}

// Results that did not arrive are a failure, whatever the command thought: a full disk shows up
// only now. A reader that went away (`| head`) is no news to anyone.
static NnStatus flush_results(bool *reader_gone, NnError *err) {
    errno = 0;
    bool failed = fflush(stdout) != 0;
    int cause = errno;
    if (!failed && !ferror(stdout)) {
        return NN_OK;
    }
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
    *reader_gone = cause == EPIPE || (poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0);
    return nn_fail(err, NN_ERR_IO, "standard output: %s",
                   cause != 0 ? strerror(cause) : "writing failed");
}

int cli_main(int argc, char **argv) {
    enum { KILLED_BY = 128 };
    json_set_alloc_funcs(mem_malloc, mem_free);
    signals_ignore_pipe();
    Cli cli = {.program = argc > 0 ? argv[0] : "inkling"};
    NnError err = {0};
    NnStatus status = args_parse(&cli.args, argc, argv, &err);
    bool parsed = status == NN_OK;
    term_init(&cli.term, parsed && args_has(&cli.args, "quiet"),
              parsed && args_has(&cli.args, "no-color"));
    if (parsed) {
        status = run(&cli, &err);
    }
    args_release(&cli.args);
    term_progress_clear(&cli.term);
    bool reader_gone = false;
    NnError lost = {0};
    NnStatus flushed = flush_results(&reader_gone, &lost);
    int signal_number = signals_caught() != 0 ? signals_caught() : reader_gone ? SIGPIPE : 0;
    if (status != NN_OK && err.message[0] != '\0' &&
        (status != NN_ERR_CANCELLED || signal_number == 0)) {
        term_error(&cli.term, &err);
    }
    if (signal_number != 0 && (status == NN_OK || status == NN_ERR_CANCELLED)) {
        return KILLED_BY + signal_number;
    }
    if (flushed != NN_OK && !reader_gone) {
        term_error(&cli.term, &lost);
        status = flushed;
    }
    return nn_exit_code(status);
}
