#include "cli/rejects.h"

#include <math.h>
#include <stdio.h>

#include "base/json_text.h"
#include "base/text.h"
#include "cli/run.h"

static double part(double of, size_t n) {
    return n > 0 ? of / (double)n : (double)NAN;
}

json_t *rejects_json(const char *key, const char *name, const NnRejects *rejects) {
    json_t *claimed = json_array();
    for (int c = 0; c < NN_CLASSES; c++) {
        claimed = json_text_push(claimed, json_integer((json_int_t)rejects->claimed[c]));
    }
    int most = nn_rejects_most_claimed(rejects);
    json_t *object = name != NULL ? json_pack("{s:s}", key, name) : json_object();
    object = json_text_put(object, "n", json_integer((json_int_t)rejects->n));
    object = json_text_put(object, "rejected", json_integer((json_int_t)rejects->rejected));
    object =
        json_text_put(object, "share", json_number(part((double)rejects->rejected, rejects->n)));
    object =
        json_text_put(object, "confidence", json_number(part(rejects->confidence, rejects->n)));
    object = json_text_put(object, "most_claimed", most >= 0 ? json_integer(most) : json_null());
    return json_text_put(object, "claimed", claimed);
}

void rejects_print_head(void) {
    printf("%-24s %6s  not sure  mean top probability  most often taken for\n", "no digits", "n");
}

void rejects_print(const char *name, const NnRejects *rejects) {
    char shown[64];
    text_escape(shown, sizeof shown, name);
    int most = nn_rejects_most_claimed(rejects);
    printf("%-24s %6zu  %6.1f %%  %19.1f %%  ", shown, rejects->n,
           100 * part((double)rejects->rejected, rejects->n),
           100 * part(rejects->confidence, rejects->n));
    if (most >= 0) {
        printf("%d (%zu)\n", most, rejects->claimed[most]);
    } else {
        printf("nothing\n");
    }
}
