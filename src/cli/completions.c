// completions.c - bash, zsh and fish completions. Names of recipes and networks are asked of the
// program itself when a completion needs them (`inkling --generate recipes`), so new files appear
// at once.

#include <string.h>

#include "cli/help.h"

// `a|b|c` with blanks between.
static void print_choices(FILE *out, const char *choices) {
    for (const char *c = choices; *c != '\0'; c++) {
        fputc(*c == '|' ? ' ' : *c, out);
    }
}

static void print_command_names(FILE *out) {
    size_t count;
    const Command *table = command_table(&count);
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "%s%s", i > 0 ? " " : "", table[i].name);
    }
}

// --- bash ----------------------------------------------------------------------------------------

// What COMPREPLY should hold for a value of this kind; $cur is the word so far.
static void bash_value(FILE *out, ValueKind kind, const char *choices) {
    switch (kind) {
    case VALUE_CHOICE:
        fputs("COMPREPLY=($(compgen -W '", out);
        print_choices(out, choices);
        fputs("' -- \"$cur\"))", out);
        break;
    case VALUE_DATA:
        fputs("COMPREPLY=($(compgen -W 'mnist fashion mine' -- \"$cur\"))", out);
        break;
    case VALUE_MODEL:
        fputs(
            "COMPREPLY=($(compgen -W \"$(inkling --generate models 2>/dev/null)\" -f -- \"$cur\"))",
            out);
        break;
    case VALUE_SWEEP:
        fputs("COMPREPLY=($(compgen -W \"$(inkling --generate sweeps 2>/dev/null)\" -f -- "
              "\"$cur\"))",
              out);
        break;
    case VALUE_RECIPE:
        fputs("COMPREPLY=($(compgen -W \"$(inkling --generate recipes 2>/dev/null)\" -f -- "
              "\"$cur\"))",
              out);
        break;
    case VALUE_FILE:
        fputs("COMPREPLY=($(compgen -f -- \"$cur\"))", out);
        break;
    default:
        fputs("COMPREPLY=()", out); // a number or free text: nothing to offer
    }
}

static void bash_option_names(FILE *out, const Option *options) {
    for (const Option *o = options; o != NULL && o->name != NULL; o++) {
        if (o->help != NULL) {
            fprintf(out, " --%s", o->name);
        }
    }
}

static void bash_option_values(FILE *out, const Command *command) {
    for (const Option *o = command->options; o != NULL && o->name != NULL; o++) {
        if (o->kind == VALUE_NONE) {
            continue;
        }
        fprintf(out, "        %s:--%s", command->name, o->name);
        if (o->letter != 0) {
            fprintf(out, " | %s:-%c", command->name, o->letter);
        }
        fputs(") ", out);
        bash_value(out, o->kind, o->choices);
        fputs("; return ;;\n", out);
    }
}

void completion_bash(FILE *out) {
    size_t count;
    const Command *table = command_table(&count);
    fputs("# bash completion for inkling, made by `inkling --generate bash`\n"
          "_inkling() {\n"
          "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command= "
          "place=0 i\n"
          "    COMPREPLY=()\n"
          "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
          "        case ${COMP_WORDS[i]} in\n"
          "            -*) ;;\n"
          "            *) if [[ -z $command ]]; then command=${COMP_WORDS[i]}; else place=$((place "
          "+ 1)); fi ;;\n"
          "        esac\n"
          "    done\n"
          "    case $command:$prev in\n",
          out);
    for (size_t i = 0; i < count; i++) {
        bash_option_values(out, &table[i]);
    }
    fputs("    esac\n"
          "    if [[ -z $command ]]; then\n"
          "        COMPREPLY=($(compgen -W '",
          out);
    print_command_names(out);
    bash_option_names(out, options_everywhere());
    bash_option_names(out, options_alone());
    fputs("' -- \"$cur\"))\n        return\n    fi\n"
          "    if [[ $cur == -* ]]; then\n"
          "        case $command in\n",
          out);
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "            %s) COMPREPLY=($(compgen -W '", table[i].name);
        bash_option_names(out, table[i].options);
        bash_option_names(out, options_everywhere());
        fputs("' -- \"$cur\")) ;;\n", out);
    }
    fputs("        esac\n        return\n    fi\n    case $command in\n", out);
    for (size_t i = 0; i < count; i++) {
        const Operand *operands = table[i].operands;
        if (operands[0].name == NULL) {
            continue;
        }
        fprintf(out, "        %s) ", table[i].name);
        if (operands[1].name != NULL) {
            fputs("if [[ $place == 0 ]]; then ", out);
            bash_value(out, operands[0].kind, operands[0].choices);
            fputs("; else ", out);
            bash_value(out, operands[1].kind, operands[1].choices);
            fputs("; fi", out);
        } else {
            bash_value(out, operands[0].kind, operands[0].choices);
        }
        fputs(" ;;\n", out);
    }
    fputs("    esac\n}\ncomplete -o filenames -F _inkling inkling\n", out);
}

// --- zsh -----------------------------------------------------------------------------------------

// Help text inside _arguments' '...[help]...' : quotes, brackets and colons are its own.
static void zsh_text(FILE *out, const char *text) {
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '\'') {
            fputs("'\\''", out);
        } else {
            if (*c == '[' || *c == ']' || *c == ':' || *c == '\\') {
                fputc('\\', out);
            }
            fputc(*c, out);
        }
    }
}

static void zsh_value(FILE *out, ValueKind kind, const char *choices) {
    switch (kind) {
    case VALUE_CHOICE:
        fputc('(', out);
        print_choices(out, choices);
        fputc(')', out);
        break;
    case VALUE_DATA:
        fputs("(mnist fashion mine)", out);
        break;
    case VALUE_MODEL:
        fputs("_inkling_models", out);
        break;
    case VALUE_SWEEP:
        fputs("_inkling_sweeps", out);
        break;
    case VALUE_RECIPE:
        fputs("_inkling_recipes", out);
        break;
    case VALUE_FILE:
        fputs("_files", out);
        break;
    default:
        break;
    }
}

static void zsh_options(FILE *out, const Option *options) {
    for (const Option *o = options; o != NULL && o->name != NULL; o++) {
        if (o->help == NULL) {
            continue;
        }
        const char *ending = o->kind == VALUE_NONE ? "" : "=";
        if (o->letter != 0) {
            fprintf(out, " \\\n            '(-%c --%s)-%c[", o->letter, o->name, o->letter);
            zsh_text(out, o->help);
            fputc(']', out);
            if (o->kind != VALUE_NONE) {
                fprintf(out, ":%s:", o->value);
                zsh_value(out, o->kind, o->choices);
            }
            fputc('\'', out);
        }
        fprintf(out, " \\\n            '%s--%s%s[", o->repeats ? "*" : "", o->name, ending);
        zsh_text(out, o->help);
        fputc(']', out);
        if (o->kind != VALUE_NONE) {
            fprintf(out, ":%s:", o->value);
            zsh_value(out, o->kind, o->choices);
        }
        fputc('\'', out);
    }
}

void completion_zsh(FILE *out) {
    size_t count;
    const Command *table = command_table(&count);
    fputs("#compdef inkling\n"
          "# zsh completion for inkling, made by `inkling --generate zsh`\n"
          "_inkling_models() { compadd -- ${(f)\"$(inkling --generate models 2>/dev/null)\"}; "
          "_files }\n"
          "_inkling_recipes() { compadd -- ${(f)\"$(inkling --generate recipes 2>/dev/null)\"}; "
          "_files }\n"
          "_inkling_sweeps() { compadd -- ${(f)\"$(inkling --generate sweeps 2>/dev/null)\"}; "
          "_files }\n"
          "_inkling() {\n"
          "    local curcontext=$curcontext state line\n"
          "    typeset -A opt_args\n"
          "    _arguments -C",
          out);
    zsh_options(out, options_everywhere());
    zsh_options(out, options_alone());
    fputs(" \\\n            '1:command:->command' '*::argument:->argument' && return\n"
          "    if [[ $state == command ]]; then\n"
          "        local -a commands=(\n",
          out);
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "            '%s:", table[i].name);
        zsh_text(out, table[i].summary);
        fputs("'\n", out);
    }
    fputs("        )\n        _describe command commands\n        return\n    fi\n"
          "    case $line[1] in\n",
          out);
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "        %s) _arguments", table[i].name);
        zsh_options(out, table[i].options);
        zsh_options(out, options_everywhere());
        for (int k = 0; k < OPERANDS_MAX && table[i].operands[k].name != NULL; k++) {
            const Operand *o = &table[i].operands[k];
            if (o->repeats) {
                fprintf(out, " \\\n            '*:%s:", o->name);
            } else {
                fprintf(out, " \\\n            '%d:%s:", k + 1, o->name);
            }
            zsh_value(out, o->kind, o->choices);
            fputc('\'', out);
        }
        fputs(" ;;\n", out);
    }
    fputs("    esac\n}\n"
          "if [[ $funcstack[1] == _inkling ]]; then _inkling \"$@\"; else compdef _inkling "
          "inkling; fi\n",
          out);
}

// --- fish ----------------------------------------------------------------------------------------

static void fish_text(FILE *out, const char *text) {
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '\'' || *c == '\\') {
            fputc('\\', out);
        }
        fputc(*c, out);
    }
}

static void fish_value(FILE *out, ValueKind kind, const char *choices) {
    switch (kind) {
    case VALUE_CHOICE:
        fputs(" -x -a '", out);
        print_choices(out, choices);
        fputc('\'', out);
        break;
    case VALUE_DATA:
        fputs(" -x -a 'mnist fashion mine'", out);
        break;
    case VALUE_MODEL:
        fputs(" -r -F -a '(inkling --generate models 2>/dev/null)'", out);
        break;
    case VALUE_SWEEP:
        fputs(" -r -F -a '(inkling --generate sweeps 2>/dev/null)'", out);
        break;
    case VALUE_RECIPE:
        fputs(" -r -F -a '(inkling --generate recipes 2>/dev/null)'", out);
        break;
    case VALUE_FILE:
        fputs(" -r -F", out);
        break;
    default:
        fputs(" -x", out);
    }
}

static void fish_options(FILE *out, const Option *options, const char *command) {
    for (const Option *o = options; o != NULL && o->name != NULL; o++) {
        if (o->help == NULL) {
            continue;
        }
        fputs("complete -c inkling", out);
        if (command != NULL) {
            fprintf(out, " -n '__fish_seen_subcommand_from %s'", command);
        }
        fprintf(out, " -l %s", o->name);
        if (o->letter != 0) {
            fprintf(out, " -s %c", o->letter);
        }
        if (o->kind != VALUE_NONE) {
            fish_value(out, o->kind, o->choices);
        }
        fputs(" -d '", out);
        fish_text(out, o->help);
        fputs("'\n", out);
    }
}

void completion_fish(FILE *out) {
    size_t count;
    const Command *table = command_table(&count);
    fputs("# fish completion for inkling, made by `inkling --generate fish`\n"
          "complete -c inkling -f\n",
          out);
    fish_options(out, options_everywhere(), NULL);
    fish_options(out, options_alone(), NULL);
    for (size_t i = 0; i < count; i++) {
        const Command *command = &table[i];
        fprintf(out, "complete -c inkling -n __fish_use_subcommand -a %s -d '", command->name);
        fish_text(out, command->summary);
        fputs("'\n", out);
        fish_options(out, command->options, command->name);
        for (int k = 0; k < OPERANDS_MAX && command->operands[k].name != NULL; k++) {
            const Operand *o = &command->operands[k];
            fprintf(out, "complete -c inkling -n '__fish_seen_subcommand_from %s'", command->name);
            // Operands are arguments of the command, not of an option: -r and -x do not belong
            // here.
            switch (o->kind) {
            case VALUE_CHOICE:
                fputs(" -a '", out);
                print_choices(out, o->choices);
                fputs("'", out);
                break;
            case VALUE_DATA:
                fputs(" -a 'mnist fashion mine'", out);
                break;
            case VALUE_MODEL:
                fputs(" -F -a '(inkling --generate models 2>/dev/null)'", out);
                break;
            case VALUE_SWEEP:
                fputs(" -F -a '(inkling --generate sweeps 2>/dev/null)'", out);
                break;
            case VALUE_RECIPE:
                fputs(" -F -a '(inkling --generate recipes 2>/dev/null)'", out);
                break;
            default:
                fputs(" -F", out);
            }
            fprintf(out, " -d %s\n", o->name);
        }
    }
}
