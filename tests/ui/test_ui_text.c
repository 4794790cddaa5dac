// Text that is set, cut and wrapped; text that is edited; rectangles that are cut.

#include "fake_ui.h"

#include <math.h>

#include "base/rng.h"
#include "base/text.h"

// --- rectangles ----------------------------------------------------------------------------------

static void cuts_share_a_rectangle_out_without_gap_or_overlap(void **state) {
    (void)state;
    UiRect rest = {10, 20, 100, 80};
    UiRect top = ui_cut_top(&rest, 30), left = ui_cut_left(&rest, 25);
    UiRect bottom = ui_cut_bottom(&rest, 10), right = ui_cut_right(&rest, 40);
    assert_memory_equal(&top, &((UiRect){10, 20, 100, 30}), sizeof top);
    assert_memory_equal(&left, &((UiRect){10, 50, 25, 50}), sizeof left);
    assert_memory_equal(&bottom, &((UiRect){35, 90, 75, 10}), sizeof bottom);
    assert_memory_equal(&right, &((UiRect){70, 50, 40, 40}), sizeof right);
    assert_memory_equal(&rest, &((UiRect){35, 50, 35, 40}), sizeof rest);
}

static void a_cut_larger_than_the_rectangle_takes_what_there_is(void **state) {
    (void)state;
    UiRect rest = {0, 0, 50, 50};
    UiRect all = ui_cut_left(&rest, 80);
    assert_float_equal(all.w, 50, 0);
    assert_float_equal(rest.w, 0, 0);
    assert_float_equal(ui_cut_left(&rest, -5).w, 0, 0);
    UiRect nothing = ui_inset((UiRect){10, 10, 20, 20}, 30);
    assert_float_equal(nothing.w, 0, 0);
    assert_float_equal(nothing.x, 20, 0);
}

static void a_rectangle_has_its_left_edge_and_not_its_right(void **state) {
    (void)state;
    UiRect rect = {10, 10, 5, 5};
    assert_true(ui_rect_has(rect, 10, 10));
    assert_false(ui_rect_has(rect, 15, 12));
    assert_false(ui_rect_has(rect, 12, 15));
    assert_true(ui_rect_has(rect, 14.99f, 14.99f));
    assert_false(ui_rect_has((UiRect){10, 10, 0, 0}, 10, 10));
}

// --- one line ------------------------------------------------------------------------------------

static const DrawCommand *only_text(const FakeUi *fake) {
    const DrawCommand *text = NULL;
    const DrawList *list = ui_draws(fake->ui);
    for (size_t i = 0; i < list->n; i++) {
        if (list->commands[i].kind == DRAW_TEXT) {
            assert_null(text);
            text = &list->commands[i];
        }
    }
    return text;
}

typedef struct {
    const char *text;
    float width; // in characters of 7.8 px
    const char *shown;
} Cut;

static void run_cut(void **state) {
    const Cut *cut = *state;
    FakeUi fake;
    fake_init(&fake, false);
    Ui *ui = fake_begin(&fake);
    ui_text(ui, (UiRect){0, 0, cut->width * 7.8f, 20}, FONT_BODY, THEME_INK, ALIGN_LEFT, cut->text);
    fake_end(&fake);
    const DrawCommand *text = only_text(&fake);
    if (cut->shown == NULL) {
        assert_null(text);
    } else {
        assert_non_null(text);
        assert_string_equal(text->u.text.utf8, cut->shown);
    }
    fake_release(&fake);
}

static Cut cuts[] = {
    {"inkling", 7, "inkling"},
    {"inkling", 6, "inkli\u2026"},
    {"inkling", 2.5f, "i\u2026"},
    {"inkling", 1, "\u2026"},
    {"inkling", 0.9f, NULL},
    {"inkling", 0, NULL},
    {"", 5, NULL},
    {"what it sees", 6, "what\u2026"},              // no space before the dots
    {"\u00fcber \u00e4ltere", 4, "\u00fcbe\u2026"}, // no half characters
    {"28\u00d728", 4, "28\u00d7\u2026"},
};

static void text_is_aligned_within_its_rectangle(void **state) {
    (void)state;
    const float expected[] = {100, 100 + (200 - 39) / 2.0f, 100 + 200 - 39};
    for (int align = ALIGN_LEFT; align <= ALIGN_RIGHT; align++) {
        FakeUi fake;
        fake_init(&fake, false);
        Ui *ui = fake_begin(&fake);
        ui_textf(ui, (UiRect){100, 50, 200, 20}, FONT_BODY, THEME_INK, (UiAlign)align, "%.1f %%",
                 2.9);
        fake_end(&fake);
        const DrawCommand *text = only_text(&fake);
        assert_string_equal(text->u.text.utf8, "2.9 %");
        assert_float_equal(text->rect.x, floorf(expected[align] + 0.01f), 1e-4);
        // Ascent 0.93 em, descent 0.24: the middle of both is the middle of the rectangle.
        assert_float_equal(text->rect.y, roundf(60 + 13 * (0.93f - 0.24f) / 2), 1e-4);
        fake_release(&fake);
    }
}

// --- the property: text stays where it was put ---------------------------------------------------

static const char *const WORDS[] = {"7",
                                    "99.5 %",
                                    "What the network sees",
                                    "\u00dcbungsgr\u00f6\u00dfe \u2026 28 \u00d7 28",
                                    "a word-that-does-not-end-and-has-no-space-in-it-at-all",
                                    "  ",
                                    "\U0001F58A\U0001F58A ink"};

static void check_texts(const FakeUi *fake, size_t from, UiRect rect, bool one_line) {
    const DrawList *list = ui_draws(fake->ui);
    float pixel = 1 / fake->input.scale;
    for (size_t i = from; i < list->n; i++) {
        const DrawCommand *text = &list->commands[i];
        if (text->kind != DRAW_TEXT) {
            continue;
        }
        for (const char *c = text->u.text.utf8; *c != '\0';) {
            unsigned code = 0;
            int n = text_utf8_decode(c, &code);
            assert_true(n > 0); // whole characters only
            c += n;
        }
        const float slack = 0.02f;
        assert_true(text->rect.x >= rect.x - slack);
        assert_true(text->rect.x + text->rect.w <= rect.x + rect.w + slack);
        float em = text->u.text.font.size;
        if (one_line && rect.h >= em * 1.17f) {
            assert_true(text->rect.y - em * 0.93f >= rect.y - pixel);
            assert_true(text->rect.y + em * 0.24f <= rect.y + rect.h + pixel);
        }
    }
}

static void text_lies_in_its_rectangle_at_any_size_and_scale(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    Rng rng = rng_at(7, RNG_STREAM_TEST, 0);
    for (int round = 0; round < 400; round++) {
        theme_make(&fake.theme, round % 2 == 0, round % 3 == 0, false);
        fake.input.scale = rng_uniform(&rng, 0.75f, 3);
        Ui *ui = fake_begin(&fake);
        for (int i = 0; i < 8; i++) {
            UiRect rect = {rng_uniform(&rng, -50, 700), rng_uniform(&rng, -50, 500),
                           rng_uniform(&rng, 0, 260), rng_uniform(&rng, 0, 60)};
            const char *word = WORDS[rng_below(&rng, sizeof WORDS / sizeof WORDS[0])];
            FontRole role = (FontRole)rng_below(&rng, FONT_ROLE_COUNT);
            size_t from = ui_list(ui)->n;
            ui_text(ui, rect, role, THEME_INK, (UiAlign)rng_below(&rng, 3), word);
            check_texts(&fake, from, rect, true);
            from = ui_list(ui)->n;
            float used = ui_paragraph(ui, rect, role, THEME_SOFT, word, false);
            assert_float_equal(used, ui_paragraph(ui, rect, role, THEME_SOFT, word, true), 0);
            check_texts(&fake, from, (UiRect){rect.x, rect.y, rect.w, used}, false);
            ui_push_id_int(ui, i);
            from = ui_list(ui)->n;
            ui_button(ui, word, rect);
            check_texts(&fake, from, rect, true);
            int chosen = 1;
            UiRect below = {rect.x, rect.y + rect.h, rect.w, rect.h};
            from = ui_list(ui)->n;
            ui_segmented(ui, "s", below, WORDS, 4, &chosen);
            check_texts(&fake, from, below, true);
            ui_pop_id(ui);
        }
        fake_end(&fake);
    }
    fake_release(&fake);
}

static void paragraphs_break_at_spaces_and_newlines(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    Ui *ui = fake_begin(&fake);
    const float em = 7.8f;
    float used = ui_paragraph(ui, (UiRect){0, 0, 10 * em, 0}, FONT_BODY, THEME_INK,
                              "red ink for it\n\nunbreakable-word and on", false);
    fake_end(&fake);
    static const char *const lines[] = {"red ink", "for it", "unbreakab\u2026", "and on"};
    size_t n = 0;
    const DrawList *list = ui_draws(ui);
    for (size_t i = 0; i < list->n; i++) {
        if (list->commands[i].kind == DRAW_TEXT) {
            assert_true(n < 4);
            assert_string_equal(list->commands[i].u.text.utf8, lines[n++]);
        }
    }
    assert_int_equal(n, 4);
    assert_float_equal(used, 5 * 20, 0); // the empty line counts
    fake_release(&fake);
}

// --- editing -------------------------------------------------------------------------------------

typedef struct {
    FakeUi fake;
    char text[24];
    char clip[64];
    bool entered, changed;
} Editor;

static const char *clip_get(void *user) {
    return ((Editor *)user)->clip;
}

static void clip_set(void *user, const char *utf8) {
    Editor *editor = user;
    snprintf(editor->clip, sizeof editor->clip, "%s", utf8);
}

static void editor_frame(Editor *editor) {
    Ui *ui = fake_begin(&editor->fake);
    editor->entered =
        ui_text_field(ui, "name", (UiRect){0, 0, 120, 32}, editor->text, sizeof editor->text);
    editor->changed = ui_last(ui).changed;
    fake_end(&editor->fake);
}

static void editor_key(Editor *editor, int key, int mods) {
    fake_key(&editor->fake, key, mods);
    editor_frame(editor);
}

// With the focus and the caret at the end.
static void editor_open(Editor *editor, const char *text) {
    memset(editor, 0, sizeof *editor);
    fake_init(&editor->fake, false);
    ui_set_clipboard(editor->fake.ui, (UiClipboard){clip_get, clip_set, editor});
    snprintf(editor->text, sizeof editor->text, "%s", text);
    editor_frame(editor);
    editor_key(editor, KEY_TAB, 0);
    editor_key(editor, KEY_END, 0);
}

static void typing_goes_to_the_caret(void **state) {
    (void)state;
    Editor editor;
    editor_open(&editor, "Ad");
    fake_type(&editor.fake, "a");
    editor_frame(&editor);
    assert_string_equal(editor.text, "Ada");
    assert_true(editor.changed);
    editor_key(&editor, KEY_HOME, 0);
    assert_false(editor.changed);
    fake_type(&editor.fake, "\u00c4");
    editor_frame(&editor);
    assert_string_equal(editor.text, "\u00c4Ada");
    editor_key(&editor, KEY_ENTER, 0);
    assert_true(editor.entered);
    fake_release(&editor.fake);
}

static void deleting_takes_whole_characters(void **state) {
    (void)state;
    Editor editor;
    editor_open(&editor, "x\u00e9\u20ac\U0001F58A");
    const char *const left[] = {"x\u00e9\u20ac", "x\u00e9", "x", "", ""};
    for (size_t i = 0; i < sizeof left / sizeof left[0]; i++) {
        editor_key(&editor, KEY_BACKSPACE, 0);
        assert_string_equal(editor.text, left[i]);
    }
    snprintf(editor.text, sizeof editor.text, "\u20acx");
    editor_key(&editor, KEY_HOME, 0);
    editor_key(&editor, KEY_DELETE, 0);
    assert_string_equal(editor.text, "x");
    fake_release(&editor.fake);
}

static void selections_are_replaced_cut_and_pasted(void **state) {
    (void)state;
    Editor editor;
    editor_open(&editor, "one two three");
    editor_key(&editor, KEY_LEFT, MOD_CTRL | MOD_SHIFT);
    editor_key(&editor, 'x', MOD_CTRL);
    assert_string_equal(editor.text, "one two ");
    assert_string_equal(editor.clip, "three");
    editor_key(&editor, KEY_HOME, 0);
    editor_key(&editor, 'v', MOD_CTRL);
    assert_string_equal(editor.text, "threeone two ");
    editor_key(&editor, 'a', MOD_CTRL);
    editor_key(&editor, 'c', MOD_CTRL);
    assert_string_equal(editor.clip, "threeone two ");
    fake_type(&editor.fake, "z");
    editor_frame(&editor);
    assert_string_equal(editor.text, "z");
    editor_key(&editor, KEY_LEFT, MOD_SHIFT);
    editor_key(&editor, KEY_DELETE, 0);
    assert_string_equal(editor.text, "");
    fake_release(&editor.fake);
}

static void what_does_not_fit_is_left_out_by_whole_characters(void **state) {
    (void)state;
    Editor editor;
    editor_open(&editor, "12345678901234567890"); // 20 of 23 bytes
    snprintf(editor.clip, sizeof editor.clip, "\u20ac\u20ac");
    editor_key(&editor, 'v', MOD_CTRL);
    assert_string_equal(editor.text, "12345678901234567890\u20ac");
    fake_type(&editor.fake, "x");
    editor_frame(&editor);
    assert_int_equal(strlen(editor.text), 23);
    fake_release(&editor.fake);
}

static void pasted_lines_become_one_and_broken_bytes_are_dropped(void **state) {
    (void)state;
    Editor editor;
    editor_open(&editor, "");
    snprintf(editor.clip, sizeof editor.clip, "a\nb\tc\x01\xff\xc3!");
    editor_key(&editor, 'v', MOD_CTRL);
    assert_string_equal(editor.text, "a b c!");
    fake_release(&editor.fake);
}

static void the_pointer_sets_the_caret_and_selects(void **state) {
    (void)state;
    Editor editor;
    editor_open(&editor, "abc def");
    fake_click(&editor.fake, 8 + 7.8f * 2.2f, 16);
    editor_frame(&editor);
    fake_type(&editor.fake, "|");
    editor_frame(&editor);
    assert_string_equal(editor.text, "ab|c def");
    fake_pointer(&editor.fake, EVENT_DOWN, 8 + 7.8f * 6, 16)->clicks = 2;
    fake_pointer(&editor.fake, EVENT_UP, 8 + 7.8f * 6, 16)->clicks = 2;
    editor_frame(&editor);
    editor_key(&editor, KEY_BACKSPACE, 0);
    assert_string_equal(editor.text, "ab|c ");
    fake_pointer(&editor.fake, EVENT_DOWN, 8, 16);
    fake_pointer(&editor.fake, EVENT_MOVE, 8 + 7.8f * 2, 200);
    editor_frame(&editor);
    fake_pointer(&editor.fake, EVENT_UP, 8 + 7.8f * 2, 200);
    editor_frame(&editor);
    editor_key(&editor, KEY_DELETE, 0);
    assert_string_equal(editor.text, "|c ");
    fake_release(&editor.fake);
}

static void a_text_shortened_by_the_view_is_no_trap(void **state) {
    (void)state;
    Editor editor;
    editor_open(&editor, "abcdef");
    snprintf(editor.text, sizeof editor.text, "\u20ac");
    fake_type(&editor.fake, "!");
    editor_frame(&editor);
    assert_string_equal(editor.text, "\u20ac!");
    snprintf(editor.text, sizeof editor.text, "a");
    editor_key(&editor, KEY_END, 0);
    snprintf(editor.text, sizeof editor.text, "\u20acb"); // the caret is now inside a character
    fake_type(&editor.fake, "!");
    editor_frame(&editor);
    assert_string_equal(editor.text, "!\u20acb");
    fake_release(&editor.fake);
}

static void the_caret_stays_in_sight(void **state) {
    (void)state;
    Editor editor;
    editor_open(&editor, "a long name, longer");
    const DrawList *list = ui_draws(editor.fake.ui);
    const DrawCommand *caret = &list->commands[list->n - 2]; // before the clip is taken back
    assert_int_equal(caret->kind, DRAW_RECT);
    assert_true(caret->rect.x >= 8 && caret->rect.x <= 112);
    editor_key(&editor, KEY_HOME, 0);
    list = ui_draws(editor.fake.ui);
    caret = &list->commands[list->n - 2];
    assert_float_equal(caret->rect.x, 8, 1);
    fake_release(&editor.fake);
}

int main(void) {
    struct CMUnitTest tests[64] = {
        cmocka_unit_test(cuts_share_a_rectangle_out_without_gap_or_overlap),
        cmocka_unit_test(a_cut_larger_than_the_rectangle_takes_what_there_is),
        cmocka_unit_test(a_rectangle_has_its_left_edge_and_not_its_right),
        cmocka_unit_test(text_is_aligned_within_its_rectangle),
        cmocka_unit_test(text_lies_in_its_rectangle_at_any_size_and_scale),
        cmocka_unit_test(paragraphs_break_at_spaces_and_newlines),
        cmocka_unit_test(typing_goes_to_the_caret),
        cmocka_unit_test(deleting_takes_whole_characters),
        cmocka_unit_test(selections_are_replaced_cut_and_pasted),
        cmocka_unit_test(what_does_not_fit_is_left_out_by_whole_characters),
        cmocka_unit_test(pasted_lines_become_one_and_broken_bytes_are_dropped),
        cmocka_unit_test(the_pointer_sets_the_caret_and_selects),
        cmocka_unit_test(a_text_shortened_by_the_view_is_no_trap),
        cmocka_unit_test(the_caret_stays_in_sight),
    };
    size_t n = 14;
    char names[sizeof cuts / sizeof cuts[0]][48];
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++, n++) {
        snprintf(names[i], sizeof names[i], "cut \"%.20s\" to %.1f characters", cuts[i].text,
                 (double)cuts[i].width);
        tests[n] = (struct CMUnitTest){names[i], run_cut, NULL, NULL, &cuts[i]};
    }
    return _cmocka_run_group_tests("text", tests, n, NULL, NULL);
}
