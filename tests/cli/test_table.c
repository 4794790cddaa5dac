// Parser, help, man page and completions say the same as the table of commands.

#define _POSIX_C_SOURCE 200809L // open_memstream
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/help.h"
#include "cli/options.h"
#include "cli/suggest.h"

typedef struct {
    char *text;
    size_t n;
} Text;

static Text written_by(void (*write)(FILE *out)) {
    Text t = {0};
    FILE *out = open_memstream(&t.text, &t.n);
    assert_non_null(out);
    write(out);
    assert_int_equal(fclose(out), 0);
    return t;
}

static Text help_of(const Command *command) {
    Text t = {0};
    FILE *out = open_memstream(&t.text, &t.n);
    assert_non_null(out);
    help_command(out, command);
    assert_int_equal(fclose(out), 0);
    return t;
}

// The part of text that belongs to command in a man page: from its heading to the next one.
static char *man_section(const char *man, const char *name) {
    char heading[64];
    snprintf(heading, sizeof heading, ".SS inkling %s", name);
    const char *from = strstr(man, heading);
    assert_non_null(from);
    const char *to = strstr(from + 1, "\n.S");
    return strndup(from, (size_t)(to - from));
}

static void assert_says(const char *where, const char *text, const char *wanted) {
    if (strstr(text, wanted) == NULL) {
        fail_msg("%s does not mention %s", where, wanted);
    }
}

// A value that the parser takes for an option of this kind.
static const char *fitting_value(const Option *o, char *out, size_t size) {
    switch (o->kind) {
    case VALUE_INT:
    case VALUE_REAL:
        snprintf(out, size, "%.16g", o->high);
        break;
    case VALUE_PAIR:
        snprintf(out, size, "%.16g,%.16g", o->low, o->high);
        break;
    case VALUE_SIZE:
        snprintf(out, size, "%.16gx%.16g", o->low, o->high);
        break;
    case VALUE_CHOICE:
        snprintf(out, size, "%.*s", (int)strcspn(o->choices, "|"), o->choices);
        break;
    default:
        snprintf(out, size, "text");
    }
    return out;
}

static void fill_operands(const Command *command, const char **argv, int *argc) {
    static char words[OPERANDS_MAX][64];
    for (int i = 0; i < OPERANDS_MAX && command->operands[i].name != NULL; i++) {
        const Operand *o = &command->operands[i];
        snprintf(words[i], sizeof words[i], "%.*s",
                 o->kind == VALUE_CHOICE ? (int)strcspn(o->choices, "|") : 4,
                 o->kind == VALUE_CHOICE ? o->choices : "word");
        argv[(*argc)++] = words[i];
    }
}

static NnStatus parse(Args *args, int argc, const char **argv) {
    NnError err = {0};
    NnStatus status = args_parse(args, argc, (char **)(uintptr_t)argv, &err);
    if (status != NN_OK) {
        print_message("%s\n", err.message);
    }
    return status;
}

static void parser_takes_every_option_of_the_table(void **state) {
    (void)state;
    size_t count;
    const Command *table = command_table(&count);
    for (size_t i = 0; i < count; i++) {
        for (const Option *o = table[i].options; o->name != NULL; o++) {
            char value[64];
            char name[64];
            char joined[160];
            char letter[3] = {'-', o->letter, '\0'};
            snprintf(name, sizeof name, "--%s", o->name);
            fitting_value(o, value, sizeof value);
            snprintf(joined, sizeof joined, "%s=%s", name, value);
            // before the operands, after them, joined with '=', and by letter
            for (int form = 0; form < 4; form++) {
                const char *argv[12] = {"inkling", table[i].name};
                int argc = 2;
                if (form == 3 && o->letter == 0) {
                    continue;
                }
                if (form == 1) {
                    fill_operands(&table[i], argv, &argc);
                }
                if (form == 2 && o->kind != VALUE_NONE) {
                    argv[argc++] = joined;
                } else {
                    argv[argc++] = form == 3 ? letter : name;
                    if (o->kind != VALUE_NONE) {
                        argv[argc++] = value;
                    }
                }
                if (form != 1) {
                    fill_operands(&table[i], argv, &argc);
                }
                Args args;
                assert_int_equal(parse(&args, argc, argv), NN_OK);
                assert_ptr_equal(args.command, &table[i]);
                assert_true(args_has(&args, o->name));
                if (o->kind != VALUE_NONE) {
                    assert_string_equal(args_text(&args, o->name), value);
                }
                args_release(&args);
            }
        }
    }
}

static void help_shows_every_option_of_the_table(void **state) {
    (void)state;
    size_t count;
    const Command *table = command_table(&count);
    Text program = written_by(help_program);
    for (size_t i = 0; i < count; i++) {
        Text t = help_of(&table[i]);
        assert_says("inkling --help", program.text, table[i].name);
        assert_says(table[i].name, t.text, table[i].example);
        for (int lists = 0; lists < 2; lists++) {
            const Option *options = lists == 0 ? table[i].options : options_everywhere();
            for (const Option *o = options; o->name != NULL; o++) {
                char wanted[128];
                snprintf(wanted, sizeof wanted, "--%s%s%s", o->name, o->value != NULL ? " " : "",
                         o->value != NULL ? o->value : "");
                assert_says(table[i].name, t.text, wanted);
            }
        }
        free(t.text);
    }
    free(program.text);
}

static void help_fits_80_columns(void **state) {
    (void)state;
    size_t count;
    const Command *table = command_table(&count);
    for (size_t i = 0; i <= count; i++) {
        Text t = i < count ? help_of(&table[i]) : written_by(help_program);
        for (const char *line = t.text; *line != '\0';) {
            size_t n = strcspn(line, "\n");
            if (n > 80 || (n > 0 && line[n - 1] == ' ')) {
                fail_msg("%zu columns: %.*s|", n, (int)n, line);
            }
            line += n + (line[n] == '\n');
        }
        free(t.text);
    }
}

static void man_page_has_every_option_of_the_table(void **state) {
    (void)state;
    size_t count;
    const Command *table = command_table(&count);
    Text man = written_by(man_write);
    for (size_t i = 0; i < count; i++) {
        char *section = man_section(man.text, table[i].name);
        for (const Option *o = table[i].options; o->name != NULL; o++) {
            char wanted[128] = "\\fB\\-\\-";
            for (const char *c = o->name; *c != '\0'; c++) {
                size_t used = strlen(wanted);
                snprintf(wanted + used, sizeof wanted - used, *c == '-' ? "\\%c" : "%c", *c);
            }
            assert_says(table[i].name, section, wanted);
        }
        free(section);
    }
    for (const Option *o = options_alone(); o->name != NULL; o++) {
        if (o->help != NULL) {
            assert_says("the man page", man.text, o->name);
        } else {
            assert_null(strstr(man.text, o->name));
        }
    }
    free(man.text);
}

static void completions_offer_every_option_of_the_table(void **state) {
    (void)state;
    size_t count;
    const Command *table = command_table(&count);
    Text bash = written_by(completion_bash);
    Text zsh = written_by(completion_zsh);
    Text fish = written_by(completion_fish);
    for (size_t i = 0; i < count; i++) {
        char heading[64];
        snprintf(heading, sizeof heading, "            %s) COMPREPLY", table[i].name);
        const char *at = strstr(bash.text, heading);
        assert_non_null(at);
        char *line = strndup(at, strcspn(at, "\n"));
        snprintf(heading, sizeof heading, "        %s) _arguments", table[i].name);
        at = strstr(zsh.text, heading);
        assert_non_null(at);
        char *block = strndup(at, (size_t)(strstr(at, ";;") - at));
        for (const Option *o = table[i].options; o->name != NULL; o++) {
            char wanted[128];
            snprintf(wanted, sizeof wanted, " --%s", o->name);
            assert_says("bash", line, wanted);
            snprintf(wanted, sizeof wanted, "--%s%s[", o->name, o->kind == VALUE_NONE ? "" : "=");
            assert_says("zsh", block, wanted);
            snprintf(wanted, sizeof wanted, "__fish_seen_subcommand_from %s' -l %s", table[i].name,
                     o->name);
            assert_says("fish", fish.text, wanted);
        }
        free(line);
        free(block);
    }
    free(bash.text);
    free(zsh.text);
    free(fish.text);
}

static void table_is_consistent(void **state) {
    (void)state;
    size_t count;
    const Command *table = command_table(&count);
    for (size_t i = 0; i < count; i++) {
        assert_ptr_equal(command_find(table[i].name), &table[i]);
        assert_non_null(table[i].run);
        for (const Option *o = table[i].options; o->name != NULL; o++) {
            assert_true((o->kind == VALUE_NONE) == (o->value == NULL));
            assert_true((o->kind == VALUE_CHOICE) == (o->choices != NULL));
            assert_true(o->help != NULL && o->low <= o->high);
            for (const Option *p = o + 1; p->name != NULL; p++) {
                assert_string_not_equal(o->name, p->name);
                assert_true(o->letter == 0 || o->letter != p->letter);
            }
            for (const Option *p = options_everywhere(); p->name != NULL; p++) {
                assert_string_not_equal(o->name, p->name);
                assert_true(o->letter == 0 || o->letter != p->letter);
            }
        }
        // The example is a command line that parses.
        char example[256];
        const char *argv[16];
        int argc = 0;
        snprintf(example, sizeof example, "%s", table[i].example);
        for (char *rest = example, *word; (word = strtok_r(rest, " ", &rest)) != NULL;) {
            argv[argc++] = word;
        }
        Args args;
        assert_int_equal(parse(&args, argc, argv), NN_OK);
        assert_ptr_equal(args.command, &table[i]);
        args_release(&args);
    }
}

static void values_are_read_as_given(void **state) {
    (void)state;
    const char *argv[] = {"inkling", "replay",      "--move=-0.25,0.5", "x.jsonl", "--scale",
                          "3e-1",    "--brush=0.1", "--brush",          "0.2"};
    Args args;
    double dx;
    double dy;
    assert_int_equal(parse(&args, 9, argv), NN_OK);
    assert_true(args_pair(&args, "move", &dx, &dy));
    assert_true(dx == -0.25 && dy == 0.5);
    assert_true(args_real(&args, "scale", 1) == 0.3);
    assert_true(args_real(&args, "brush", 1) == 0.2); // the last one counts
    assert_false(args_has(&args, "json"));
    assert_string_equal(args_operand(&args, 0), "x.jsonl");
    assert_null(args_operand(&args, 1));
    args_release(&args);
}

static void repeated_options_keep_their_order(void **state) {
    (void)state;
    const char *argv[] = {"inkling", "train",     "--set",  "a=1",
                          "linear",  "--set=b=2", "--seed", "9007199254740992"};
    Args args;
    assert_int_equal(parse(&args, 8, argv), NN_OK);
    assert_int_equal(args_count(&args, "set"), 2);
    assert_string_equal(args_nth(&args, "set", 0), "a=1");
    assert_string_equal(args_nth(&args, "set", 1), "b=2");
    assert_true(args_int(&args, "seed", 1) == 9007199254740992);
    args_release(&args);
}

static void two_dashes_end_the_options(void **state) {
    (void)state;
    const char *argv[] = {"inkling", "predict", "--json", "--", "--model", "-"};
    Args args;
    assert_int_equal(parse(&args, 6, argv), NN_OK);
    assert_int_equal(args.n_operands, 2);
    assert_string_equal(args_operand(&args, 0), "--model");
    assert_string_equal(args_operand(&args, 1), "-");
    args_release(&args);
}

static void without_a_command_the_line_is_for_the_window(void **state) {
    (void)state;
    const char *argv[] = {"inkling", "--quiet", "--theme", "dark"};
    for (int argc = 1; argc <= 4; argc += argc == 1 ? 1 : 2) {
        Args args;
        assert_int_equal(parse(&args, argc, argv), NN_OK);
        assert_string_equal(args.command->name, "draw");
        args_release(&args);
    }
}

static void nearest_name_finds_what_was_meant(void **state) {
    (void)state;
    static const struct {
        const char *word, *nearest; // NULL: nothing is near
    } rows[] = {{"evl", "eval"},    {"trian", "train"}, {"predcit", "predict"},
                {"rep", "replay"},  {"help", NULL},     {"x", NULL},
                {"", NULL},         {"quantum", NULL},  {"replays", "replay"},
                {"Train", "train"}, {"inof", "info"},   {"zzzz", NULL}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char near[32] = "";
        bool found =
            nearest_name(rows[i].word, "eval|train|predict|replay|info|", near, sizeof near);
        if (found != (rows[i].nearest != NULL) || (found && strcmp(near, rows[i].nearest) != 0)) {
            fail_msg("%s: got %s", rows[i].word, near);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_is_consistent),
        cmocka_unit_test(parser_takes_every_option_of_the_table),
        cmocka_unit_test(help_shows_every_option_of_the_table),
        cmocka_unit_test(help_fits_80_columns),
        cmocka_unit_test(man_page_has_every_option_of_the_table),
        cmocka_unit_test(completions_offer_every_option_of_the_table),
        cmocka_unit_test(values_are_read_as_given),
        cmocka_unit_test(repeated_options_keep_their_order),
        cmocka_unit_test(two_dashes_end_the_options),
        cmocka_unit_test(without_a_command_the_line_is_for_the_window),
        cmocka_unit_test(nearest_name_finds_what_was_meant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
