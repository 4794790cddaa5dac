// Focus, keys, popups, pointers, regions: who gets which event.

#include "fake_ui.h"

// --- focus ---------------------------------------------------------------------------------------

static const char *const NAMES[] = {"one", "two", "three", "four"};

static int focused_button(FakeUi *fake, bool two_disabled) {
    Ui *ui = fake_begin(fake);
    int focused = -1;
    for (int i = 0; i < 4; i++) {
        ui_push_disabled(ui, two_disabled && i == 1);
        ui_button(ui, NAMES[i], (UiRect){0, (float)i * 40, 100, 32});
        ui_pop_disabled(ui);
        focused = ui_last(ui).focused ? i : focused;
    }
    fake_end(fake);
    return focused;
}

static int after_tab(FakeUi *fake, int mods, bool two_disabled) {
    fake_key(fake, KEY_TAB, mods);
    return focused_button(fake, two_disabled);
}

static void tab_walks_in_the_order_of_emission_and_around(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    assert_int_equal(focused_button(&fake, false), -1);
    for (int i = 0; i < 9; i++) {
        assert_int_equal(after_tab(&fake, 0, false), i % 4);
    }
    assert_int_equal(after_tab(&fake, MOD_SHIFT, false), 3);
    assert_int_equal(after_tab(&fake, MOD_SHIFT, false), 2);
    fake_release(&fake);
}

static void shift_tab_starts_from_the_end(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    focused_button(&fake, false);
    assert_int_equal(after_tab(&fake, MOD_SHIFT, false), 3);
    fake_release(&fake);
}

static void tab_passes_over_what_is_disabled(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    focused_button(&fake, true);
    assert_int_equal(after_tab(&fake, 0, true), 0);
    assert_int_equal(after_tab(&fake, 0, true), 2);
    fake_release(&fake);
}

static void what_becomes_disabled_loses_the_focus(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    focused_button(&fake, false);
    after_tab(&fake, 0, false);
    assert_int_equal(after_tab(&fake, 0, false), 1);
    focused_button(&fake, true);
    assert_int_equal(focused_button(&fake, false), -1);
    fake_release(&fake);
}

static void two_tabs_and_enter_in_one_frame_press_the_second(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    focused_button(&fake, false);
    fake_key(&fake, KEY_TAB, 0);
    fake_key(&fake, KEY_TAB, 0);
    fake_key(&fake, KEY_ENTER, 0);
    Ui *ui = fake_begin(&fake);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(ui_button(ui, NAMES[i], (UiRect){0, (float)i * 40, 100, 32}), i == 1);
    }
    fake_end(&fake);
    fake_release(&fake);
}

static void a_click_elsewhere_takes_the_focus_away(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    focused_button(&fake, false);
    assert_int_equal(after_tab(&fake, 0, false), 0);
    fake_click(&fake, 500, 500);
    assert_int_equal(focused_button(&fake, false), -1);
    fake_release(&fake);
}

// --- keys ----------------------------------------------------------------------------------------

static void a_key_is_taken_once(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    fake_key(&fake, 'p', 0);
    fake_key(&fake, 'z', MOD_CTRL);
    Ui *ui = fake_begin(&fake);
    assert_true(ui_key(ui, 'p', 0));
    assert_false(ui_key(ui, 'p', 0));
    assert_false(ui_key(ui, 'z', 0)); // the modifiers count
    assert_true(ui_key(ui, 'z', MOD_CTRL));
    fake_end(&fake);
    fake_release(&fake);
}

// The view asks before the field appears in its frame: the answer must not depend on that.
static void letters_belong_to_the_text_field_that_has_the_focus(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    char text[16] = "";
    for (int frame = 0; frame < 3; frame++) {
        Ui *ui = fake_begin(&fake);
        bool p = ui_key(ui, 'p', 0), f1 = ui_key(ui, KEY_F1, 0), alt = ui_key(ui, '2', MOD_ALT);
        ui_text_field(ui, "name", (UiRect){0, 0, 200, 32}, text, sizeof text);
        if (frame == 2) {
            assert_false(p);
            assert_true(f1);
            assert_true(alt);
            assert_true(ui_wants_text(ui, NULL));
        }
        fake_end(&fake);
        if (frame == 0) {
            fake_key(&fake, KEY_TAB, 0);
        } else {
            fake_key(&fake, 'p', 0);
            fake_type(&fake, "p");
            fake_key(&fake, KEY_F1, 0);
            fake_key(&fake, '2', MOD_ALT);
        }
    }
    assert_string_equal(text, "p");
    fake_release(&fake);
}

static void a_button_leaves_letters_and_arrows_to_the_view(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    focused_button(&fake, false);
    after_tab(&fake, 0, false);
    fake_key(&fake, 'e', 0);
    fake_key(&fake, KEY_LEFT, 0);
    fake_key(&fake, KEY_SPACE, 0);
    Ui *ui = fake_begin(&fake);
    assert_true(ui_key(ui, 'e', 0));
    assert_true(ui_key(ui, KEY_LEFT, 0));
    assert_false(ui_key(ui, KEY_SPACE, 0));
    ui_button(ui, NAMES[0], (UiRect){0, 0, 100, 32});
    fake_end(&fake);
    fake_release(&fake);
}

// --- popups --------------------------------------------------------------------------------------

typedef struct {
    bool page, popup, open, key;
} PopupFrame;

static PopupFrame popup_frame(FakeUi *fake, bool open_it) {
    PopupFrame seen = {0};
    Ui *ui = fake_begin(fake);
    UiId id = ui_id(ui, "menu");
    if (open_it) {
        ui_open_popup(ui, id);
    }
    if (ui_begin_popup(ui, id, (UiRect){50, 50, 200, 100})) {
        seen.open = true;
        seen.popup = ui_button(ui, "in the popup", (UiRect){60, 60, 140, 32});
        ui_end_popup(ui);
    }
    // Emitted later and at the same place, yet the popup lies above.
    seen.page = ui_button(ui, "on the page", (UiRect){60, 60, 300, 200});
    seen.key = ui_key(ui, 'k', 0);
    fake_end(fake);
    return seen;
}

static void a_popup_is_hit_first_and_drawn_last(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    popup_frame(&fake, true);
    fake_click(&fake, 70, 70);
    PopupFrame seen = popup_frame(&fake, false);
    assert_true(seen.popup);
    assert_false(seen.page);
    const DrawList *list = ui_draws(fake.ui);
    const char *last = NULL;
    for (size_t i = 0; i < list->n; i++) {
        last = list->commands[i].kind == DRAW_TEXT ? list->commands[i].u.text.utf8 : last;
    }
    assert_non_null(last);
    assert_string_equal(last, "in the popup");
    fake_release(&fake);
}

static void a_press_outside_closes_the_popup_and_does_nothing_else(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    popup_frame(&fake, true);
    fake_click(&fake, 300, 200); // on the page's button
    PopupFrame seen = popup_frame(&fake, false);
    assert_false(seen.open);
    assert_false(seen.page);
    fake_click(&fake, 300, 200);
    assert_true(popup_frame(&fake, false).page);
    fake_release(&fake);
}

static void escape_closes_a_popup(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    assert_true(popup_frame(&fake, true).open);
    assert_true(popup_frame(&fake, false).open);
    fake_key(&fake, KEY_ESCAPE, 0);
    assert_false(popup_frame(&fake, false).open);
    fake_release(&fake);
}

static void an_open_popup_keeps_the_keys_from_the_page(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    fake_key(&fake, 'k', 0);
    assert_true(popup_frame(&fake, false).key);
    popup_frame(&fake, true);
    fake_key(&fake, 'k', 0);
    assert_false(popup_frame(&fake, false).key);
    for (int mods = 0; mods <= MOD_SHIFT; mods++) { // Tab stays inside, either way round
        fake_key(&fake, KEY_TAB, mods);
        fake_key(&fake, KEY_TAB, mods);
        fake_key(&fake, KEY_ENTER, 0);
        assert_true(popup_frame(&fake, false).popup);
    }
    fake_release(&fake);
}

static void a_popup_whose_view_has_gone_is_forgotten(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    popup_frame(&fake, true);
    for (int i = 0; i < 3; i++) {
        fake_begin(&fake);
        fake_end(&fake);
    }
    assert_false(popup_frame(&fake, false).open);
    fake_release(&fake);
}

static const char *const DATA[] = {"MNIST", "Fashion-MNIST", "my digits", "any IDX pair"};

static bool choice_frame(FakeUi *fake, int *selected) {
    Ui *ui = fake_begin(fake);
    bool changed = ui_choice(ui, "data", (UiRect){20, 20, 160, 32}, DATA, 4, selected);
    fake_end(fake);
    return changed;
}

static void a_choice_is_made_by_pointer(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    int selected = 0;
    choice_frame(&fake, &selected);
    fake_click(&fake, 100, 36);
    assert_false(choice_frame(&fake, &selected));
    choice_frame(&fake, &selected);
    fake_click(&fake, 100, 20 + 32 + 4 + 4 + 28 * 2 + 14); // third row
    assert_true(choice_frame(&fake, &selected));
    assert_int_equal(selected, 2);
    fake_click(&fake, 100, 36);
    choice_frame(&fake, &selected);
    choice_frame(&fake, &selected);
    fake_click(&fake, 700, 500);
    assert_false(choice_frame(&fake, &selected));
    assert_int_equal(selected, 2);
    fake_release(&fake);
}

static void a_choice_is_made_by_keyboard(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    int selected = 0;
    choice_frame(&fake, &selected);
    const int keys[] = {KEY_TAB, KEY_ENTER, KEY_DOWN, KEY_DOWN, KEY_ENTER};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        assert_int_equal(selected, 0);
        fake_key(&fake, keys[i], 0);
        choice_frame(&fake, &selected);
    }
    assert_int_equal(selected, 2);
    fake_key(&fake, KEY_DOWN, 0); // the focus is back on the button, and opens again
    choice_frame(&fake, &selected);
    fake_key(&fake, 'f', 0);
    choice_frame(&fake, &selected);
    fake_key(&fake, KEY_SPACE, 0);
    assert_true(choice_frame(&fake, &selected));
    assert_int_equal(selected, 1);
    fake_key(&fake, KEY_SPACE, 0);
    choice_frame(&fake, &selected);
    fake_key(&fake, KEY_END, 0);
    choice_frame(&fake, &selected);
    fake_key(&fake, KEY_ESCAPE, 0);
    assert_false(choice_frame(&fake, &selected));
    assert_int_equal(selected, 1);
    fake_release(&fake);
}

// --- a list longer than the window -----------------------------------------------------------------

enum { LONG = 100 };

static bool long_choice_frame(FakeUi *fake, int *selected) {
    static char names[LONG][16];
    static const char *items[LONG];
    for (int i = 0; i < LONG; i++) {
        snprintf(names[i], sizeof names[i], "net %02d", i);
        items[i] = names[i];
    }
    Ui *ui = fake_begin(fake);
    bool changed = ui_choice(ui, "data", (UiRect){600, 300, 160, 32}, items, LONG, selected);
    fake_end(fake);
    return changed;
}

// Where the list shows this item as a whole; *y: its middle.
static bool item_in_view(const FakeUi *fake, int item, float *y) {
    char name[16];
    snprintf(name, sizeof name, "net %02d", item);
    const DrawList *list = ui_draws(fake->ui);
    UiRect clip = {0, 0, fake->input.width, fake->input.height};
    for (size_t i = 0; i < list->n; i++) {
        const DrawCommand *command = &list->commands[i];
        if (command->kind == DRAW_CLIP) {
            clip = command->rect;
        } else if (command->kind == DRAW_TEXT && strcmp(command->u.text.utf8, name) == 0 &&
                   clip.h < fake->input.height) { // the list's, not the button's
            float em = command->u.text.font.size, base = command->rect.y;
            *y = base - em / 3;
            return base - em >= clip.y && base + em / 4 <= clip.y + clip.h && clip.y >= 0 &&
                   clip.y + clip.h <= fake->input.height;
        }
    }
    return false;
}

static void keys_keep_the_marked_item_of_a_long_list_in_view(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    int selected = 50;
    float y;
    long_choice_frame(&fake, &selected);
    fake_key(&fake, KEY_TAB, 0);
    fake_key(&fake, KEY_ENTER, 0);
    long_choice_frame(&fake, &selected);
    long_choice_frame(&fake, &selected);
    assert_true(item_in_view(&fake, 50, &y));
    assert_false(item_in_view(&fake, 0, &y));
    assert_false(item_in_view(&fake, LONG - 1, &y));
    const struct {
        int key, times, ends_at;
    } moves[] = {{KEY_DOWN, 30, 80}, {KEY_UP, 60, 20}, {KEY_END, 1, LONG - 1}, {KEY_HOME, 1, 0}};
    int at = 50;
    for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++) {
        for (int k = 1; k <= moves[i].times; k++) {
            fake_key(&fake, moves[i].key, 0);
            long_choice_frame(&fake, &selected);
            long_choice_frame(&fake, &selected);
            at = moves[i].times == 1 ? moves[i].ends_at : at + (moves[i].key == KEY_DOWN ? 1 : -1);
            assert_true(item_in_view(&fake, at, &y));
        }
        assert_int_equal(at, moves[i].ends_at);
    }
    fake_key(&fake, KEY_ENTER, 0);
    assert_true(long_choice_frame(&fake, &selected));
    assert_int_equal(selected, 0);
    fake_release(&fake);
}

static void the_wheel_brings_the_rest_of_a_long_list(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    int selected = 0;
    float y;
    long_choice_frame(&fake, &selected);
    fake_click(&fake, 650, 316);
    long_choice_frame(&fake, &selected);
    long_choice_frame(&fake, &selected);
    assert_true(item_in_view(&fake, 0, &y) && !item_in_view(&fake, 40, &y));
    fake_pointer(&fake, EVENT_MOVE, 650, 300);
    long_choice_frame(&fake, &selected);
    fake_wheel(&fake, 650, 300, -20);
    long_choice_frame(&fake, &selected);
    long_choice_frame(&fake, &selected);
    assert_true(!item_in_view(&fake, 0, &y) && item_in_view(&fake, 35, &y));
    fake_click(&fake, 650, y);
    assert_true(long_choice_frame(&fake, &selected));
    assert_int_equal(selected, 35);
    fake_release(&fake);
}

// --- regions -------------------------------------------------------------------------------------

static const UiRect CANVAS = {100, 100, 200, 200};

typedef struct {
    UiResponse response;
    const UiEvent *events;
    size_t n;
} Region;

static Region region_frame(FakeUi *fake) {
    Region seen;
    Ui *ui = fake_begin(fake);
    seen.response = ui_region(ui, "canvas", CANVAS, false, &seen.events, &seen.n);
    ui_button(ui, "Clear", (UiRect){320, 100, 80, 32});
    return seen; // the caller looks, then ends the frame
}

static void a_region_gets_every_motion_in_order_also_outside(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    region_frame(&fake);
    fake_end(&fake);
    fake_pointer(&fake, EVENT_MOVE, 90, 90); // before the press, outside: not the canvas' own
    fake_pointer(&fake, EVENT_DOWN, 150, 150);
    for (int i = 0; i < 100; i++) {
        fake_pointer(&fake, EVENT_MOVE, 150 + (float)i * 3, 150);
    }
    fake_pointer(&fake, EVENT_UP, 450, 150);
    fake_pointer(&fake, EVENT_DOWN, 200, 200);
    fake_pointer(&fake, EVENT_MOVE, 201, 200);
    Region seen = region_frame(&fake);
    assert_int_equal(seen.n, 104);
    assert_int_equal(seen.events[0].kind, EVENT_DOWN);
    for (int i = 0; i < 100; i++) {
        assert_float_equal(seen.events[1 + i].x, 150 + (float)i * 3, 0);
    }
    assert_int_equal(seen.events[101].kind, EVENT_UP);
    assert_int_equal(seen.events[102].kind, EVENT_DOWN);
    assert_int_equal(seen.events[103].kind, EVENT_MOVE);
    assert_true(seen.response.pressed);
    fake_end(&fake);
    fake_release(&fake);
}

static void leaving_the_window_ends_a_stroke(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    region_frame(&fake);
    fake_end(&fake);
    fake_pointer(&fake, EVENT_DOWN, 150, 150);
    fake_pointer(&fake, EVENT_MOVE, 160, 150);
    fake_event(&fake, EVENT_LEAVE);
    fake_pointer(&fake, EVENT_MOVE, 400, 400);
    Region seen = region_frame(&fake);
    assert_int_equal(seen.n, 3);
    assert_int_equal(seen.events[2].kind, EVENT_LEAVE);
    assert_false(seen.response.pressed);
    fake_end(&fake);
    fake_release(&fake);
}

static void a_second_finger_does_not_disturb_the_first(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    region_frame(&fake);
    fake_end(&fake);
    fake_pointer(&fake, EVENT_DOWN, 150, 150)->pointer = 3;
    fake_pointer(&fake, EVENT_DOWN, 200, 200)->pointer = 7; // on the canvas, too: ignored
    fake_pointer(&fake, EVENT_MOVE, 210, 200)->pointer = 7;
    fake_pointer(&fake, EVENT_MOVE, 155, 150)->pointer = 3;
    fake_pointer(&fake, EVENT_UP, 210, 200)->pointer = 7;
    fake_pointer(&fake, EVENT_MOVE, 160, 150)->pointer = 3;
    Region seen = region_frame(&fake);
    assert_int_equal(seen.n, 3);
    for (size_t i = 0; i < seen.n; i++) {
        assert_int_equal(seen.events[i].pointer, 3);
    }
    assert_true(seen.response.pressed);
    fake_end(&fake);

    // A second finger may well press a button meanwhile.
    fake_pointer(&fake, EVENT_DOWN, 330, 110)->pointer = 7;
    fake_pointer(&fake, EVENT_UP, 330, 110)->pointer = 7;
    seen = region_frame(&fake);
    assert_true(ui_last(fake.ui).clicked);
    assert_true(seen.response.pressed);
    fake_end(&fake);
    fake_release(&fake);
}

static void both_mouse_buttons_reach_a_region(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    region_frame(&fake);
    fake_end(&fake);
    fake_pointer(&fake, EVENT_DOWN, 150, 150)->button = BUTTON_RIGHT;
    fake_pointer(&fake, EVENT_DOWN, 150, 150);
    fake_pointer(&fake, EVENT_UP, 500, 150)->button = BUTTON_RIGHT;
    fake_pointer(&fake, EVENT_MOVE, 600, 150);
    Region seen = region_frame(&fake);
    assert_int_equal(seen.n, 4);
    assert_true(seen.response.pressed); // the left one is still down
    fake_end(&fake);
    fake_release(&fake);
}

static void a_region_that_vanishes_lets_go(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    region_frame(&fake);
    fake_end(&fake);
    fake_pointer(&fake, EVENT_DOWN, 150, 150);
    region_frame(&fake);
    fake_end(&fake);
    fake_begin(&fake);
    fake_end(&fake);
    fake_pointer(&fake, EVENT_MOVE, 160, 160);
    Region seen = region_frame(&fake);
    assert_false(seen.response.pressed);
    assert_int_equal(seen.n, 0); // it must not draw a stroke that began in another view
    fake_end(&fake);
    fake_release(&fake);
}

// --- identity ------------------------------------------------------------------------------------

static void identity_is_the_label_and_the_stack_not_the_address(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    Ui *ui = fake_begin(&fake);
    UiId clear = ui_id(ui, "Clear");
    char copy[] = "Clear";
    assert_int_equal(ui_id(ui, copy), clear);
    assert_int_equal(ui_id(ui, "Clear##2"), ui_id(ui, "2")); // only what follows counts
    assert_int_not_equal(ui_id(ui, "Clear##2"), clear);
    ui_push_id(ui, "left");
    assert_int_not_equal(ui_id(ui, "Clear"), clear);
    ui_pop_id(ui);
    ui_push_id_int(ui, 1);
    UiId first = ui_id(ui, "Clear");
    ui_pop_id(ui);
    ui_push_id_int(ui, 2);
    assert_int_not_equal(ui_id(ui, "Clear"), first);
    ui_pop_id(ui);
    assert_int_equal(ui_id(ui, "Clear"), clear);
    fake_end(&fake);
    fake_release(&fake);
}

static void a_value_that_moves_in_memory_keeps_its_widget(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    float places[8] = {0.1f};
    for (int i = 0; i < 7; i++) {
        Ui *ui = fake_begin(&fake);
        ui_slider(ui, "brush", (UiRect){100, 100, 216, 32}, &places[i], 0, 1);
        fake_end(&fake);
        places[i + 1] = places[i];
        if (i == 0) {
            fake_pointer(&fake, EVENT_DOWN, 120, 116);
        }
        fake_pointer(&fake, EVENT_MOVE, 128 + (float)i * 20, 116);
    }
    assert_float_equal(places[7], 0.6f, 1e-6); // dragged all along
    fake_release(&fake);
}

static void an_id_given_twice_is_noticed(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    for (int twice = 0; twice < 2; twice++) {
        Ui *ui = fake_begin(&fake);
        ui_button(ui, "Save", (UiRect){0, 0, 50, 30});
        ui_button(ui, twice ? "Save" : "Save##again", (UiRect){0, 40, 50, 30});
        fake_end(&fake);
        assert_int_equal(ui_duplicate_ids(ui), twice);
    }
    fake_release(&fake);
}

static void hidden_parts_of_labels_are_not_shown(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    Ui *ui = fake_begin(&fake);
    ui_button(ui, "Clear##canvas", (UiRect){0, 0, 90, 32});
    fake_end(&fake);
    const DrawList *list = ui_draws(ui);
    for (size_t i = 0; i < list->n; i++) {
        if (list->commands[i].kind == DRAW_TEXT) {
            assert_string_equal(list->commands[i].u.text.utf8, "Clear");
        }
    }
    fake_release(&fake);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tab_walks_in_the_order_of_emission_and_around),
        cmocka_unit_test(shift_tab_starts_from_the_end),
        cmocka_unit_test(tab_passes_over_what_is_disabled),
        cmocka_unit_test(what_becomes_disabled_loses_the_focus),
        cmocka_unit_test(two_tabs_and_enter_in_one_frame_press_the_second),
        cmocka_unit_test(a_click_elsewhere_takes_the_focus_away),
        cmocka_unit_test(a_key_is_taken_once),
        cmocka_unit_test(letters_belong_to_the_text_field_that_has_the_focus),
        cmocka_unit_test(a_button_leaves_letters_and_arrows_to_the_view),
        cmocka_unit_test(a_popup_is_hit_first_and_drawn_last),
        cmocka_unit_test(a_press_outside_closes_the_popup_and_does_nothing_else),
        cmocka_unit_test(escape_closes_a_popup),
        cmocka_unit_test(an_open_popup_keeps_the_keys_from_the_page),
        cmocka_unit_test(a_popup_whose_view_has_gone_is_forgotten),
        cmocka_unit_test(a_choice_is_made_by_pointer),
        cmocka_unit_test(a_choice_is_made_by_keyboard),
        cmocka_unit_test(keys_keep_the_marked_item_of_a_long_list_in_view),
        cmocka_unit_test(the_wheel_brings_the_rest_of_a_long_list),
        cmocka_unit_test(a_region_gets_every_motion_in_order_also_outside),
        cmocka_unit_test(leaving_the_window_ends_a_stroke),
        cmocka_unit_test(a_second_finger_does_not_disturb_the_first),
        cmocka_unit_test(both_mouse_buttons_reach_a_region),
        cmocka_unit_test(a_region_that_vanishes_lets_go),
        cmocka_unit_test(identity_is_the_label_and_the_stack_not_the_address),
        cmocka_unit_test(a_value_that_moves_in_memory_keeps_its_widget),
        cmocka_unit_test(an_id_given_twice_is_noticed),
        cmocka_unit_test(hidden_parts_of_labels_are_not_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
