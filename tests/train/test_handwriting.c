// How the shipped network answers generated handwriting and scribbles: the tables of its card
// (models/README.md), measured again. After training another network, copy what this prints.

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/file.h"
#include "nn/nn.h"

enum { DRAWINGS = 100 }; // of each form of handwriting and each kind of scribble

static const uint64_t DRAWINGS_SEED = 2026;           // no recipe trains with this one
static const double READ_MIN = 90, REJECTED_MIN = 85; // per cent, of any one row

// One row of a table of the card: a kind of drawing and how many of them, in per cent, are answered
// as they should be.
typedef struct {
    char label[96]; // "| 7 | barred | " as the card has it, up to the number
    double share;
} TableRow;

// Draws number i of a kind.
typedef bool (*DrawKind)(NnInk *ink, size_t kind, uint64_t i, NnDigit *digit);

static bool draw_form(NnInk *ink, size_t form, uint64_t i, NnDigit *digit) {
    // With the pen of a drawing, as a person's is read.
    return nn_style_draw(form, DRAWINGS_SEED, i, ink) && nn_ink_normalise(ink, NULL, digit);
}

static bool draw_scribble(NnInk *ink, size_t kind, uint64_t i, NnDigit *digit) {
    return nn_scribble_kind(ink, (NnScribbleKind)kind, DRAWINGS_SEED, i, digit);
}

// The share in per cent of one kind's drawings that are read as digit, or, where digit is negative,
// answered with "not sure".
static double share_of(const NnModel *model, NnWorkspace *work, NnInk *ink, DrawKind draw,
                       size_t kind, int digit) {
    int n = 0;
    for (uint64_t i = 0; i < DRAWINGS; i++) {
        NnDigit picture;
        NnAnswer answer;
        assert_true(draw(ink, kind, i, &picture));
        nn_classify(model, work, &picture, &answer);
        n += digit < 0 ? !answer.sure : answer.digit == digit;
    }
    return 100.0 * n / DRAWINGS;
}

// Prints the rows as they should be when the card has others or one is below least.
static bool table_is_right(const TableRow *rows, size_t n_rows, double least) {
    size_t n;
    char *text = (char *)file_read(SOURCE_ROOT "/models/README.md", 1 << 20, &n, NULL);
    assert_non_null(text);
    bool right = true;
    for (size_t i = 0; i < n_rows; i++) {
        const char *at = strstr(text, rows[i].label);
        double noted = at != NULL ? strtod(at + strlen(rows[i].label), NULL) : -1;
        // Another CPU rounds otherwise and may turn a drawing or two.
        right = right && fabs(noted - rows[i].share) < 1.01 && rows[i].share >= least;
    }
    mem_free(text);
    for (size_t i = 0; !right && i < n_rows; i++) {
        print_message("%s%.1f |\n", rows[i].label, rows[i].share);
    }
    return right;
}

// Every form of every digit, and every kind of picture that is no digit.
static void the_card_says_how_drawings_are_answered(void **unused) {
    (void)unused;
    NnModel *model = nn_model_load(SOURCE_ROOT "/models/inkling-mlp.safetensors", NULL);
    assert_non_null(model);
    NnWorkspace *work = nn_workspace_new(model, 1, false, NULL);
    NnInk *ink = nn_ink_new(NULL);
    size_t n_forms = nn_style_count();
    TableRow *forms = calloc(n_forms, sizeof *forms), kinds[NN_SCRIBBLE_COUNT];
    assert_true(work != NULL && ink != NULL && forms != NULL);
    for (size_t i = 0; i < n_forms; i++) {
        NnStyleForm form = nn_style_form(i);
        snprintf(forms[i].label, sizeof forms[i].label, "| %d | %s | ", form.digit, form.name);
        forms[i].share = share_of(model, work, ink, draw_form, i, form.digit);
    }
    for (size_t i = 0; i < NN_SCRIBBLE_COUNT; i++) {
        snprintf(kinds[i].label, sizeof kinds[i].label, "| no digit | %s | ",
                 nn_scribble_name((NnScribbleKind)i));
        kinds[i].share = share_of(model, work, ink, draw_scribble, i, -1);
    }
    nn_ink_free(ink);
    nn_workspace_free(work);
    nn_model_free(model);
    bool right = table_is_right(forms, n_forms, READ_MIN);
    right = table_is_right(kinds, NN_SCRIBBLE_COUNT, REJECTED_MIN) && right;
    free(forms);
    if (!right) {
        fail_msg(
            "a table of the card is not what was measured, printed above, or a row is too low");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_card_says_how_drawings_are_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
