// Every kind of wrong usage: exit status 2, nothing on stdout, an error that names the culprit, a
// hint where there is a remedy. And the questions about the program itself.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "program.h"

typedef struct {
    const char *args[8];
    const char *error, *hint; // found in the error line, in the hint line; hint NULL: none needed
} Usage;

static const Usage usages[] = {
    {{"evl"}, "no command evl", "did you mean eval?"},
    {{"digit.png"}, "no command digit.png", "inkling predict digit.png"},
    {{"mine.safetensors"}, "no command", "draw --model mine.safetensors"},
    {{"qqqqqq"}, "no command qqqqqq", "inkling --help"},
    {{"\033[31m"}, "\\x1B[31m", NULL},
    {{"--modle", "x"}, "no option --modle", "--model"},
    {{"--versio"}, "no option --versio", NULL},
    {{"eval", "m", "--threds", "2"}, "eval has no option --threds", "--threads"},
    {{"eval", "m", "-x"}, "no option -x", "inkling eval --help"},
    {{"eval"}, "eval needs MODEL", "for example"},
    {{"eval", "a", "b"}, "several are named", "--ensemble"},
    {{"eval", "m", "--json=1"}, "--json takes no value", NULL},
    {{"eval", "m", "--threads"}, "--threads needs its N", NULL},
    {{"eval", "m", "--threads", "two"}, "whole number, got two", NULL},
    {{"eval", "m", "--threads", "1.5"}, "whole number, got 1.5", NULL},
    {{"eval", "m", "--threads", "-1"}, "between 0 and 256", NULL},
    {{"eval", "m", "--threads="}, "got nothing", NULL},
    {{"eval", "m", "--threads", "99999999999999999999"}, "--threads", NULL},
    {{"eval", "m", "--predictions="}, "--predictions CSV must be a file", NULL},
    {{"eval", "m", "--predictions", "--json"}, "got the option --json", "--predictions=--json"},
    {{"train"}, "train needs RECIPE", "for example"},
    {{"train", ""}, "RECIPE is empty", NULL},
    {{"train", "--run", "a"}, "train needs RECIPE", "for example"},
    {{"train", "linear", "--run", "a", "--resume", "b"}, "exclude each other", NULL},
    {{"train", "linear", "--keep", "--resume", "b"}, "exclude each other", NULL},
    {{"train", "linear", "--keep-epochs", "-1"}, "between 0 and 1048576", NULL},
    {{"train", "linear", "--epochs", "0"}, "between 1 and 100000", NULL},
    {{"train", "linear", "--seed", "-4"}, "between 0 and 9007199254740992", NULL},
    {{"export"}, "export needs MODEL", "for example"},
    {{"export", "inkling-mlp"}, "export needs --onnx FILE", "for example"},
    {{"predict"}, "predict needs IMAGE", "for example"},
    {{"replay"}, "replay needs STROKES", NULL},
    {{"replay", "x", "--scale", "nan"}, "a number, got nan", NULL},
    {{"replay", "x", "--scale", "0x1"}, "a number, got 0x1", NULL},
    {{"replay", "x", "--scale", "1e999"}, "a number, got 1e999", NULL},
    {{"replay", "x", "--move", "1"}, "two numbers", NULL},
    {{"replay", "x", "--move", "1,2,3"}, "two numbers", NULL},
    {{"replay", "x", "--brush", "7"}, "between 0.002 and 0.5", NULL},
    {{"render"}, "render needs VIEW: draw", "for example"},
    {{"render", "drw"}, "VIEW is drw", "did you mean draw?"},
    {{"render", "draw", "--size", "1280"}, "--size WxH must be a width and a height", NULL},
    {{"render", "draw", "--size", "1x1"}, "between 320 and 8192", NULL},
    {{"render", "draw", "--theme", "lihgt"},
     "--theme is lihgt; it can be light, dark",
     "did you mean light?"},
    {{"bench"}, "bench needs WHAT", NULL},
    {{"bench", "gpu"}, "WHAT is gpu", NULL},
    {{"bench", "infer", "linear"}, "bench infer takes no recipe", NULL},
    {{"bench", "time-to", "linear", "mlp-5"}, "bench time-to takes one recipe", NULL},
    {{"info"}, "info needs FILE", NULL},
    {{"data", "fetch"}, "fetch needs the name", "fetch mnist"},
    {{"data", "fetch", "mine"}, "nothing to fetch", NULL},
    {{"data", "frobnicate"}, "ACTION is frobnicate", NULL},
    {{"data", "list", "mnist", "x"}, "what to do with x", NULL},
    {{"--generate", "pdf"}, "--generate is pdf", NULL},
};

enum { USAGES = sizeof usages / sizeof usages[0] };

static void wrong_usage_exits_2(void **state) {
    (void)state;
    for (size_t i = 0; i < USAGES; i++) {
        const Usage *u = &usages[i];
        Result r = program_run(&(Run){.args = u->args});
        if (r.status != 2 || strncmp(r.err, "error: ", 7) != 0 || strstr(r.err, u->error) == NULL ||
            (u->hint != NULL &&
             (strstr(r.err, "\nhint: ") == NULL || strstr(r.err, u->hint) == NULL)) ||
            r.out[0] != '\0' || strchr(r.err, '\033') != NULL) {
            fail_msg("inkling %s %s %s: status %d, out '%s', err '%s'", u->args[0],
                     u->args[1] != NULL ? u->args[1] : "", u->args[2] != NULL ? u->args[2] : "",
                     r.status, r.out, r.err);
        }
        result_release(&r);
    }
}

static void answers_on_stdout(const char *const *args, const char *wanted) {
    Result r = program_run(&(Run){.args = args});
    if (r.status != 0 || strstr(r.out, wanted) == NULL || r.err[0] != '\0') {
        fail_msg("inkling %s: status %d, out '%s', err '%s'", args[0], r.status, r.out, r.err);
    }
    result_release(&r);
}

static void questions_about_the_program_are_answered(void **state) {
    (void)state;
    answers_on_stdout((const char *[]){"--help", NULL}, "usage: inkling");
    answers_on_stdout((const char *[]){"-h", NULL}, "usage: inkling");
    answers_on_stdout((const char *[]){"help", NULL}, "usage: inkling");
    answers_on_stdout((const char *[]){"help", "train", NULL}, "usage: inkling train [RECIPE]");
    answers_on_stdout((const char *[]){"eval", "--help", NULL}, "usage: inkling eval MODEL");
    answers_on_stdout((const char *[]){"--help", "eval", NULL}, "usage: inkling eval MODEL");
    answers_on_stdout((const char *[]){"--version", NULL}, "inkling 0.");
    answers_on_stdout((const char *[]){"--version", "eval", NULL}, "inkling 0.");
    answers_on_stdout((const char *[]){"--generate", "man", "eval", NULL}, ".TH INKLING 1");
    answers_on_stdout((const char *[]){"--generate", "bash", NULL},
                      "complete -o filenames -F _inkling");
    answers_on_stdout((const char *[]){"--generate=zsh", NULL}, "#compdef inkling");
    answers_on_stdout((const char *[]){"--generate", "fish", NULL}, "complete -c inkling");
    answers_on_stdout((const char *[]){"--generate", "recipes", NULL}, "linear\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_usage_exits_2),
        cmocka_unit_test(questions_about_the_program_are_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
