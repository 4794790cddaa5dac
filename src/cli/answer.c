#include "cli/answer.h"

#include <stdio.h>

#include "base/text.h"

enum { BAR_CELLS = 40 };

void answer_print(const Term *term, const char *title, const NnAnswer *answer) {
    char shown[512];
    text_escape(shown, sizeof shown, title);
    if (answer->sure) {
        printf("%s: %s%d%s\n", shown, term_strong(term), answer->digit, term_plain(term));
    } else {
        printf("%s: %snot sure%s, %d or %d\n", shown, term_strong(term), term_plain(term),
               answer->digit, answer->runner_up);
    }
    for (int c = 0; c < NN_CLASSES; c++) {
        char bar[TERM_BAR_BYTES];
        double p = (double)answer->probabilities[c];
        term_bar(term, p, BAR_CELLS, bar);
        bool top = c == answer->digit;
        printf("  %s%d  %s %5.1f %%%s\n", top ? term_strong(term) : "", c, bar, 100 * p,
               top ? term_plain(term) : "");
    }
}
