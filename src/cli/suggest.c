// suggest.c - "did you mean": edit distance over a handful of names.

#include "cli/suggest.h"

#include <string.h>

enum { WORD_MAX = 64 }; // longer words get no suggestion

// Edit distance with transpositions of neighbours (optimal string alignment) of a word of n bytes
// and one of m; both at most WORD_MAX.
static int edit_distance(const char *a, size_t n, const char *b, size_t m) {
    int row[3][WORD_MAX + 1];
    for (size_t j = 0; j <= m; j++) {
        row[0][j] = (int)j;
    }
    for (size_t i = 1; i <= n; i++) {
        int *now = row[i % 3];
        const int *before = row[(i + 2) % 3];
        const int *before_that = row[(i + 1) % 3];
        now[0] = (int)i;
        for (size_t j = 1; j <= m; j++) {
            int best = before[j - 1] + (a[i - 1] != b[j - 1]);
            best = before[j] + 1 < best ? before[j] + 1 : best;
            best = now[j - 1] + 1 < best ? now[j - 1] + 1 : best;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                before_that[j - 2] + 1 < best) {
                best = before_that[j - 2] + 1;
            }
            now[j] = best;
        }
    }
    return row[n % 3][m];
}

bool nearest_name(const char *word, const char *candidates, char *out, size_t size) {
    size_t n = strlen(word);
    if (n == 0 || n > WORD_MAX) {
        return false;
    }
    int best = (int)n / 3 + 2; // not closer than this: no suggestion
    bool found = false;
    while (*candidates != '\0') {
        size_t m = strcspn(candidates, "|");
        if (m > 0 && m <= WORD_MAX && m < size) {
            // A beginning of the name counts as near: "pred" for "predict".
            bool begins = n >= 2 && m > n && memcmp(word, candidates, n) == 0;
            int distance = begins ? 1 : edit_distance(word, n, candidates, m);
            if (distance < best && distance < (int)(m > n ? m : n)) {
                best = distance;
                memcpy(out, candidates, m);
                out[m] = '\0';
                found = true;
            }
        }
        candidates += m + (candidates[m] == '|');
    }
    return found;
}
