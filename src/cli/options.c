// options.c - one pass over argv. The first word that is no option names the command; options may
// stand before or after operands. Without a command the line belongs to `draw`, so `inkling --theme
// dark` opens the window.

#include "cli/options.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "cli/suggest.h"

enum { WORD_MAX = 64 }; // arguments are shown at most this long in messages

static void append_names(char *names, size_t size, const Option *options) {
    for (const Option *o = options; o != NULL && o->name != NULL; o++) {
        size_t used = strlen(names);
        snprintf(names + used, size - used, "--%s|", o->name);
    }
}

static NnStatus unknown_option(const Args *args, const char *shown, NnError *err) {
    char names[1024] = "";
    append_names(names, sizeof names, args->command->options);
    append_names(names, sizeof names, options_everywhere());
    nn_fail(err, NN_ERR_USAGE, "%s has no option %s", args->command->name, shown);
    char near[WORD_MAX];
    if (nearest_name(shown, names, near, sizeof near)) {
        nn_error_hint(err, "did you mean %s? `inkling %s --help` lists the options", near,
                      args->command->name);
    } else {
        nn_error_hint(err, "`inkling %s --help` lists the options", args->command->name);
    }
    return NN_ERR_USAGE;
}

static NnStatus unknown_command(const char *word, const char *shown, NnError *err) {
    char names[256] = "help|";
    size_t count;
    const Command *table = command_table(&count);
    for (size_t i = 0; i < count; i++) {
        size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "%s|", table[i].name);
    }
    nn_fail(err, NN_ERR_USAGE, "there is no command %s", shown);
    char near[WORD_MAX];
    if (text_ends_with(word, ".png") || text_ends_with(word, ".jpg") ||
        text_ends_with(word, ".jpeg")) {
        nn_error_hint(err, "to recognise a picture: inkling predict %s", shown);
    } else if (text_ends_with(word, ".safetensors")) {
        nn_error_hint(err, "to draw with these weights: inkling draw --model %s", shown);
    } else if (nearest_name(word, names, near, sizeof near)) {
        nn_error_hint(err, "did you mean %s? `inkling --help` lists the commands", near);
    } else {
        nn_error_hint(err, "`inkling --help` lists the commands");
    }
    return NN_ERR_USAGE;
}

// --- values --------------------------------------------------------------------------------------

const char *value_kind_words(ValueKind kind) {
    static const char *const words[] = {
        [VALUE_NONE] = "nothing",
        [VALUE_TEXT] = "a text",
        [VALUE_FILE] = "a file",
        [VALUE_INT] = "a whole number",
        [VALUE_REAL] = "a number",
        [VALUE_PAIR] = "two numbers with a comma between",
        [VALUE_SIZE] = "a width and a height with an x between",
        [VALUE_CHOICE] = "one of a list",
        [VALUE_MODEL] = "a weight file or the name of a shipped network",
        [VALUE_RECIPE] = "a recipe file or the name of a shipped recipe",
        [VALUE_SWEEP] = "a sweep file or the name of a shipped sweep",
        [VALUE_DATA] = "the name of a data set",
    };
    return words[kind];
}

// Reads a finite decimal number and moves *text behind it.
static bool take_number(const char **text, bool whole, double *value) {
    const char *from = *text;
    // strtod would also take blanks, "inf", "nan" and hexadecimal.
    size_t digits =
        strspn(from + (*from == '-' || *from == '+'), whole ? "0123456789" : "0123456789.");
    char next = from[(*from == '-' || *from == '+') + digits];
    if (digits == 0 || digits > 30 || (!whole && (next == 'x' || next == 'X'))) {
        return false;
    }
    char *end;
    errno = 0;
    *value = whole ? (double)strtoll(from, &end, 10) : strtod(from, &end);
    *text = end;
    return errno == 0 && isfinite(*value) && end != from;
}

static bool take_two(const char *text, char between, bool whole, double *a, double *b) {
    if (!take_number(&text, whole, a) || *text != between) {
        return false;
    }
    text++;
    return take_number(&text, whole, b) && *text == '\0';
}

static bool in_list(const char *word, const char *choices) {
    size_t n = strlen(word);
    while (*choices != '\0') {
        size_t m = strcspn(choices, "|");
        if (m == n && memcmp(word, choices, m) == 0) {
            return true;
        }
        choices += m + (choices[m] == '|');
    }
    return false;
}

// "light, dark"
static void list_words(const char *choices, char *out, size_t size) {
    size_t used = 0;
    for (; *choices != '\0' && used + 3 < size; choices++) {
        if (*choices == '|') {
            out[used++] = ',';
            out[used++] = ' ';
        } else {
            out[used++] = *choices;
        }
    }
    out[used] = '\0';
}

static NnStatus check_choice(const char *what, const char *value, const char *choices,
                             NnError *err) {
    if (in_list(value, choices)) {
        return NN_OK;
    }
    char list[256];
    char shown[WORD_MAX];
    char near[WORD_MAX];
    list_words(choices, list, sizeof list);
    text_escape(shown, sizeof shown, value);
    nn_fail(err, NN_ERR_USAGE, "%s is %s; it can be %s", what, shown, list);
    if (nearest_name(value, choices, near, sizeof near)) {
        nn_error_hint(err, "did you mean %s?", near);
    }
    return NN_ERR_USAGE;
}

static NnStatus check_value(const Option *option, const char *value, NnError *err) {
    double a = 0;
    double b = 0;
    bool form = true;
    const char *rest = value;
    switch (option->kind) {
    case VALUE_INT:
        form = take_number(&rest, true, &a) && *rest == '\0';
        b = a;
        break;
    case VALUE_REAL:
        form = take_number(&rest, false, &a) && *rest == '\0';
        b = a;
        break;
    case VALUE_PAIR:
        form = take_two(value, ',', false, &a, &b);
        break;
    case VALUE_SIZE:
        form = take_two(value, 'x', true, &a, &b);
        break;
    case VALUE_CHOICE: {
        char what[WORD_MAX];
        snprintf(what, sizeof what, "--%s", option->name);
        return check_choice(what, value, option->choices, err);
    }
    default:
        if (*value == '\0') {
            return nn_fail(err, NN_ERR_USAGE, "--%s %s must be %s, got nothing", option->name,
                           option->value, value_kind_words(option->kind));
        }
        return NN_OK;
    }
    char shown[WORD_MAX];
    text_escape(shown, sizeof shown, value);
    if (!form) {
        return nn_fail(err, NN_ERR_USAGE, "--%s %s must be %s, got %s", option->name, option->value,
                       value_kind_words(option->kind), *value != '\0' ? shown : "nothing");
    }
    if (a < option->low || a > option->high || b < option->low || b > option->high) {
        return nn_fail(err, NN_ERR_USAGE, "--%s must be between %.16g and %.16g, got %s",
                       option->name, option->low, option->high, shown);
    }
    return NN_OK;
}

// --- the pass over argv --------------------------------------------------------------------------

static const Option *find_option(const Option *options, const char *name, size_t n, bool letter) {
    for (const Option *o = options; o != NULL && o->name != NULL; o++) {
        if (letter ? (n == 1 && o->letter == name[0])
                   : (strlen(o->name) == n && memcmp(o->name, name, n) == 0)) {
            return o;
        }
    }
    return NULL;
}

// The option that argument names, with its command's options if there is a command already. *value
// is what follows a '=', or NULL.
static const Option *match_option(const Command *command, const char *argument,
                                  const char **value) {
    bool letter = argument[1] != '-';
    const char *name = argument + (letter ? 1 : 2);
    size_t n = letter ? strlen(name) : strcspn(name, "=");
    *value = name[n] == '=' ? name + n + 1 : NULL;
    const Option *option = find_option(options_everywhere(), name, n, letter);
    if (option == NULL && command == NULL) {
        option = find_option(options_alone(), name, n, letter);
    }
    if (option == NULL && command != NULL) {
        option = find_option(command->options, name, n, letter);
    }
    return option;
}

static NnStatus take_option(Args *args, int argc, char **argv, int *at, NnError *err) {
    const char *argument = argv[*at];
    const char *value;
    const Option *option = match_option(args->command, argument, &value);
    if (option == NULL && args->command == NULL) {
        args->command = command_find("draw"); // the line has no command: it opens the window
        option = match_option(args->command, argument, &value);
    }
    if (option == NULL) {
        char shown[WORD_MAX];
        text_escape(shown, sizeof shown, argument);
        shown[strcspn(shown, "=")] = '\0';
        return unknown_option(args, shown, err);
    }
    if (option->kind == VALUE_NONE) {
        if (value != NULL) {
            return nn_fail(err, NN_ERR_USAGE, "--%s takes no value", option->name);
        }
    } else {
        const char *swallowed;
        if (value == NULL && *at + 1 < argc) {
            value = argv[++*at];
            // `--out --json` is a forgotten value, not a file called --json.
            if (strncmp(value, "--", 2) == 0 &&
                match_option(args->command, value, &swallowed) != NULL) {
                nn_fail(err, NN_ERR_USAGE, "--%s needs its %s, got the option %s", option->name,
                        option->value, value);
                nn_error_hint(err, "for a value that looks like an option: --%s=%s", option->name,
                              value);
                return NN_ERR_USAGE;
            }
        }
        if (value == NULL) {
            return nn_fail(err, NN_ERR_USAGE, "--%s needs its %s, %s", option->name, option->value,
                           value_kind_words(option->kind));
        }
        NnStatus status = check_value(option, value, err);
        if (status != NN_OK) {
            return status;
        }
    }
    args->given[args->n_given++] = (GivenOption){option, value};
    return NN_OK;
}

static NnStatus take_operand(Args *args, const char *word, NnError *err) {
    char shown[WORD_MAX];
    text_escape(shown, sizeof shown, word);
    const Command *command = args->command;
    if (command == NULL) {
        args->command = command_find(word);
        return args->command != NULL ? NN_OK : unknown_command(word, shown, err);
    }
    size_t last = 0;
    while (last + 1 < OPERANDS_MAX && command->operands[last + 1].name != NULL) {
        last++;
    }
    size_t i = args->n_operands < last ? args->n_operands : last;
    const Operand *operand = &command->operands[i];
    if (operand->name == NULL || (args->n_operands > last && !operand->repeats)) {
        nn_fail(err, NN_ERR_USAGE, "%s does not know what to do with %s", command->name, shown);
        nn_error_hint(err, "`inkling %s --help` says what it takes", command->name);
        return NN_ERR_USAGE;
    }
    if (*word == '\0') {
        return nn_fail(err, NN_ERR_USAGE, "%s is empty; it must be %s", operand->name,
                       value_kind_words(operand->kind));
    }
    if (operand->kind == VALUE_CHOICE) {
        NnStatus status = check_choice(operand->name, word, operand->choices, err);
        if (status != NN_OK) {
            return status;
        }
    }
    args->operands[args->n_operands++] = word;
    return NN_OK;
}

static NnStatus check_complete(const Args *args, NnError *err) {
    for (size_t i = args->n_operands; i < OPERANDS_MAX; i++) {
        const Operand *operand = &args->command->operands[i];
        if (operand->name != NULL && !operand->optional) {
            char list[256];
            list_words(operand->kind == VALUE_CHOICE ? operand->choices
                                                     : value_kind_words(operand->kind),
                       list, sizeof list);
            nn_fail(err, NN_ERR_USAGE, "%s needs %s: %s", args->command->name, operand->name, list);
            nn_error_hint(err, "for example: %s", args->command->example);
            return NN_ERR_USAGE;
        }
    }
    return NN_OK;
}

NnStatus args_parse(Args *args, int argc, char **argv, NnError *err) {
    memset(args, 0, sizeof *args);
    size_t room = argc > 0 ? (size_t)argc : 1;
    args->given = mem_new(room, sizeof *args->given);
    args->operands = mem_new(room, sizeof *args->operands);
    if (args->given == NULL || args->operands == NULL) {
        return nn_fail(err, NN_ERR_NOMEM, "out of memory for %d arguments", argc);
    }
    NnStatus status = NN_OK;
    bool options_over = false;
    for (int i = 1; i < argc && status == NN_OK; i++) {
        const char *argument = argv[i];
        if (!options_over && strcmp(argument, "--") == 0) {
            options_over = true;
        } else if (!options_over && argument[0] == '-' && argument[1] != '\0') {
            status = take_option(args, argc, argv, &i, err);
        } else if (args->command == NULL && strcmp(argument, "help") == 0) {
            args->given[args->n_given++] =
                (GivenOption){find_option(options_everywhere(), "help", 4, false), NULL};
        } else {
            status = take_operand(args, argument, err);
        }
    }
    if (status != NN_OK) {
        return status;
    }
    if (args_has(args, "help") || args_has(args, "version") || args_has(args, "generate")) {
        return NN_OK; // a question about the program is answered whatever else is missing
    }
    if (args->command == NULL) {
        args->command = command_find("draw");
    }
    return check_complete(args, err);
}

void args_release(Args *args) {
    mem_free(args->given);
    mem_free(args->operands);
    memset(args, 0, sizeof *args);
}

// --- what was given ------------------------------------------------------------------------------

static bool is_known(const Args *args, const char *name) {
    size_t n = strlen(name);
    return find_option(options_everywhere(), name, n, false) != NULL ||
           find_option(options_alone(), name, n, false) != NULL ||
           (args->command != NULL && find_option(args->command->options, name, n, false) != NULL);
}

static const GivenOption *last_given(const Args *args, const char *name) {
    NN_ASSERT(is_known(args, name));
    for (size_t i = args->n_given; i > 0; i--) {
        if (strcmp(args->given[i - 1].option->name, name) == 0) {
            return &args->given[i - 1];
        }
    }
    return NULL;
}

bool args_has(const Args *args, const char *name) {
    return last_given(args, name) != NULL;
}

const char *args_text(const Args *args, const char *name) {
    const GivenOption *given = last_given(args, name);
    return given != NULL ? given->value : NULL;
}

int64_t args_int(const Args *args, const char *name, int64_t otherwise) {
    const char *text = args_text(args, name);
    return text != NULL ? strtoll(text, NULL, 10) : otherwise;
}

double args_real(const Args *args, const char *name, double otherwise) {
    const char *text = args_text(args, name);
    return text != NULL ? strtod(text, NULL) : otherwise;
}

bool args_pair(const Args *args, const char *name, double *a, double *b) {
    const GivenOption *given = last_given(args, name);
    if (given == NULL) {
        return false;
    }
    bool size = given->option->kind == VALUE_SIZE;
    return take_two(given->value, size ? 'x' : ',', size, a, b);
}

size_t args_count(const Args *args, const char *name) {
    NN_ASSERT(is_known(args, name));
    size_t n = 0;
    for (size_t i = 0; i < args->n_given; i++) {
        n += strcmp(args->given[i].option->name, name) == 0;
    }
    return n;
}

const char *args_nth(const Args *args, const char *name, size_t i) {
    for (size_t k = 0; k < args->n_given; k++) {
        if (strcmp(args->given[k].option->name, name) == 0 && i-- == 0) {
            return args->given[k].value;
        }
    }
    return NULL;
}

const char *args_operand(const Args *args, size_t i) {
    return i < args->n_operands ? args->operands[i] : NULL;
}
