// answer.h - ten probabilities as bars in the terminal.

#ifndef INKLING_CLI_ANSWER_H
#define INKLING_CLI_ANSWER_H

#include "cli/term.h"
#include "nn/model.h"

// "photo.png: 7, 96.2 %" and a bar for each digit. title is printed escaped.
void answer_print(const Term *term, const char *title, const NnAnswer *answer);

#endif
