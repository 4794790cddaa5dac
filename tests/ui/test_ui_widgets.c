// Buttons, segments, switches, sliders: scripted input, returned flags.

#include "fake_ui.h"

#include <math.h>

static const UiRect CLEAR = {100, 100, 80, 32};

static bool clear_frame(FakeUi *fake) {
    Ui *ui = fake_begin(fake);
    bool clicked = ui_button(ui, "Clear", CLEAR);
    fake_end(fake);
    return clicked;
}

static void a_press_and_release_inside_is_a_click(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    assert_false(clear_frame(&fake));
    fake_pointer(&fake, EVENT_DOWN, 110, 110);
    assert_false(clear_frame(&fake)); // on release, not on press
    fake_pointer(&fake, EVENT_UP, 150, 120);
    assert_true(clear_frame(&fake));
    assert_false(clear_frame(&fake));
    fake_release(&fake);
}

static void a_whole_click_within_one_frame_counts(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    clear_frame(&fake);
    fake_click(&fake, 110, 110);
    assert_true(clear_frame(&fake));
    fake_release(&fake);
}

static void a_release_outside_takes_the_press_back(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    clear_frame(&fake);
    fake_pointer(&fake, EVENT_DOWN, 110, 110);
    clear_frame(&fake);
    fake_pointer(&fake, EVENT_MOVE, 300, 300);
    fake_pointer(&fake, EVENT_UP, 300, 300);
    assert_false(clear_frame(&fake));
    fake_release(&fake);
}

static void a_press_outside_dragged_in_is_no_click(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    clear_frame(&fake);
    fake_pointer(&fake, EVENT_DOWN, 10, 10);
    fake_pointer(&fake, EVENT_MOVE, 110, 110);
    fake_pointer(&fake, EVENT_UP, 110, 110);
    assert_false(clear_frame(&fake));
    fake_release(&fake);
}

static void the_right_button_does_not_press_but_is_reported(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    clear_frame(&fake);
    fake_pointer(&fake, EVENT_DOWN, 110, 110)->button = BUTTON_RIGHT;
    fake_pointer(&fake, EVENT_UP, 110, 110)->button = BUTTON_RIGHT;
    assert_false(clear_frame(&fake));
    assert_true(ui_last(fake.ui).right_clicked);
    fake_release(&fake);
}

static void a_second_click_in_time_is_a_double_click(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    clear_frame(&fake);
    fake_click(&fake, 110, 110);
    clear_frame(&fake);
    assert_false(ui_last(fake.ui).double_clicked);
    fake_pointer(&fake, EVENT_DOWN, 110, 110)->clicks = 2;
    fake_pointer(&fake, EVENT_UP, 110, 110)->clicks = 2;
    assert_true(clear_frame(&fake));
    assert_true(ui_last(fake.ui).double_clicked);
    fake_release(&fake);
}

static void enter_and_space_press_only_after_tab(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    clear_frame(&fake);
    fake_click(&fake, 110, 110);
    assert_true(clear_frame(&fake));
    fake_key(&fake, KEY_SPACE, 0); // a click is not an invitation to Space
    assert_false(clear_frame(&fake));
    fake_key(&fake, KEY_TAB, 0);
    assert_false(clear_frame(&fake));
    assert_true(ui_last(fake.ui).focused);
    fake_key(&fake, KEY_SPACE, 0);
    assert_true(clear_frame(&fake));
    fake_key(&fake, KEY_ENTER, 0);
    assert_true(clear_frame(&fake));
    fake_key(&fake, KEY_ESCAPE, 0);
    assert_false(clear_frame(&fake));
    assert_false(ui_last(fake.ui).focused);
    fake_release(&fake);
}

static void a_held_key_presses_once(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    clear_frame(&fake);
    fake_key(&fake, KEY_TAB, 0);
    fake_key(&fake, KEY_ENTER, 0);
    assert_true(clear_frame(&fake));
    fake_key(&fake, KEY_ENTER, 0);
    fake.events[0].repeat = true;
    assert_false(clear_frame(&fake));
    fake_release(&fake);
}

static size_t commands_of(const FakeUi *fake, DrawKind kind) {
    size_t n = 0;
    const DrawList *list = ui_draws(fake->ui);
    for (size_t i = 0; i < list->n; i++) {
        n += list->commands[i].kind == kind;
    }
    return n;
}

static void the_ring_shows_for_the_keyboard_only(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    clear_frame(&fake);
    size_t plain = commands_of(&fake, DRAW_FRAME);
    fake_click(&fake, 110, 110);
    clear_frame(&fake);
    assert_int_equal(commands_of(&fake, DRAW_FRAME), plain);
    fake_key(&fake, KEY_TAB, 0);
    clear_frame(&fake);
    assert_int_equal(commands_of(&fake, DRAW_FRAME), plain + 1);
    fake_release(&fake);
}

// --- segments ------------------------------------------------------------------------------------

static const char *const PANELS[] = {"How", "Why", "Like", "Time"};

static int segmented_frame(FakeUi *fake, int selected, bool *changed) {
    Ui *ui = fake_begin(fake);
    UiRect rect = {0, 0, ui_segmented_width(ui, PANELS, 4), 32};
    *changed = ui_segmented(ui, "panel", rect, PANELS, 4, &selected);
    fake_end(fake);
    return selected;
}

static void segments_follow_clicks_and_arrows(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    bool changed = false;
    assert_int_equal(segmented_frame(&fake, 0, &changed), 0);
    assert_false(changed);
    fake_click(&fake, ui_button_width(fake.ui, "How") + 5, 16);
    assert_int_equal(segmented_frame(&fake, 0, &changed), 1);
    assert_true(changed);
    fake_key(&fake, KEY_RIGHT, 0);
    fake_key(&fake, KEY_RIGHT, 0);
    fake_key(&fake, KEY_RIGHT, 0); // stops at the end
    assert_int_equal(segmented_frame(&fake, 1, &changed), 3);
    fake_key(&fake, KEY_HOME, 0);
    assert_int_equal(segmented_frame(&fake, 3, &changed), 0);
    fake_release(&fake);
}

// --- switch --------------------------------------------------------------------------------------

static void a_switch_turns_by_click_and_space(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    bool on = false;
    for (int step = 0; step < 3; step++) {
        if (step == 1) {
            fake_click(&fake, 10, 10);
        } else if (step == 2) {
            fake_key(&fake, KEY_SPACE, 0);
        }
        Ui *ui = fake_begin(&fake);
        bool changed = ui_toggle(ui, "pen width", (UiRect){0, 0, 32, 20}, &on);
        fake_end(&fake);
        assert_int_equal(changed, step > 0);
        assert_int_equal(on, step == 1);
    }
    fake_release(&fake);
}

// --- slider --------------------------------------------------------------------------------------

static const UiRect RAIL = {100, 100, 216, 32}; // thumb radius 8: the centre moves over 200

static bool slider_frame(FakeUi *fake, float *value) {
    Ui *ui = fake_begin(fake);
    bool changed = ui_slider(ui, "brush", RAIL, value, 0, 1);
    fake_end(fake);
    return changed;
}

static void a_slider_follows_the_pointer_also_outside(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    float value = 0.2f;
    slider_frame(&fake, &value);
    fake_pointer(&fake, EVENT_DOWN, 208, 116);
    assert_true(slider_frame(&fake, &value));
    assert_float_equal(value, 0.5f, 1e-6);
    fake_pointer(&fake, EVENT_MOVE, 258, 400);
    assert_true(slider_frame(&fake, &value));
    assert_float_equal(value, 0.75f, 1e-6);
    fake_pointer(&fake, EVENT_MOVE, 900, 400);
    assert_true(slider_frame(&fake, &value));
    assert_float_equal(value, 1, 0);
    fake_pointer(&fake, EVENT_UP, 900, 400);
    slider_frame(&fake, &value);
    fake_pointer(&fake, EVENT_MOVE, 208, 116); // let go: hovering moves nothing
    assert_false(slider_frame(&fake, &value));
    fake_release(&fake);
}

static void keys_and_wheel_move_a_slider_to_round_values(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    float value = 0.513f; // range 1: a step is 0.02
    slider_frame(&fake, &value);
    fake_key(&fake, KEY_TAB, 0);
    fake_key(&fake, KEY_RIGHT, 0);
    slider_frame(&fake, &value);
    assert_float_equal(value, 0.52f, 1e-6);
    fake_key(&fake, KEY_RIGHT, 0);
    slider_frame(&fake, &value);
    assert_float_equal(value, 0.54f, 1e-6);
    fake_key(&fake, KEY_LEFT, MOD_SHIFT);
    slider_frame(&fake, &value);
    assert_float_equal(value, 0.44f, 1e-6);
    fake_wheel(&fake, 200, 116, -1);
    slider_frame(&fake, &value);
    assert_float_equal(value, 0.42f, 1e-6);
    fake_key(&fake, KEY_END, 0);
    slider_frame(&fake, &value);
    assert_float_equal(value, 1, 0);
    fake_key(&fake, KEY_RIGHT, 0);
    assert_false(slider_frame(&fake, &value));
    fake_release(&fake);
}

static void a_slider_in_steps_stays_on_them(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    float epoch = 3;
    const float at[] = {100, 131, 210, 301, 316};
    for (size_t i = 0; i < sizeof at / sizeof at[0]; i++) {
        Ui *ui = fake_begin(&fake);
        ui_slider_steps(ui, "epoch", RAIL, &epoch, 0, 10, 1);
        fake_end(&fake);
        fake_click(&fake, at[i], 116);
        ui = fake_begin(&fake);
        ui_slider_steps(ui, "epoch", RAIL, &epoch, 0, 10, 1);
        fake_end(&fake);
        assert_float_equal(epoch, roundf(fmaxf(0, fminf((at[i] - 108) / 20, 10))), 1e-6);
    }
    fake_release(&fake);
}

// --- disabled ------------------------------------------------------------------------------------

static void what_is_disabled_takes_no_pointer_and_no_key(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    float value = 0.5f;
    for (int i = 0; i < 4; i++) {
        Ui *ui = fake_begin(&fake);
        ui_push_disabled(ui, true);
        assert_false(ui_button(ui, "Clear", CLEAR));
        assert_false(ui_slider(ui, "brush", (UiRect){100, 200, 200, 32}, &value, 0, 1));
        ui_pop_disabled(ui);
        assert_false(ui_last(ui).hovered || ui_last(ui).focused || ui_last(ui).pressed);
        fake_end(&fake);
        fake_click(&fake, 110, 110);
        fake_click(&fake, 120, 210);
        fake_key(&fake, KEY_TAB, 0);
        fake_key(&fake, KEY_RIGHT, 0);
        fake_key(&fake, KEY_ENTER, 0);
        fake_wheel(&fake, 120, 210, 1);
    }
    assert_float_equal(value, 0.5f, 0);
    fake_release(&fake);
}

static void what_is_disabled_is_pale_and_opaque(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    Color ink[2] = {0};
    for (int disabled = 0; disabled < 2; disabled++) {
        Ui *ui = fake_begin(&fake);
        ui_push_disabled(ui, disabled != 0);
        ui_button(ui, "Redo", CLEAR);
        ui_pop_disabled(ui);
        fake_end(&fake);
        const DrawList *list = ui_draws(ui);
        for (size_t i = 0; i < list->n; i++) {
            if (list->commands[i].kind == DRAW_TEXT) {
                ink[disabled] = list->commands[i].color;
            }
        }
    }
    assert_int_equal(ink[1] >> 24, 255);
    assert_true((ink[1] & 255) > (ink[0] & 255) + 80);
    fake_release(&fake);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_press_and_release_inside_is_a_click),
        cmocka_unit_test(a_whole_click_within_one_frame_counts),
        cmocka_unit_test(a_release_outside_takes_the_press_back),
        cmocka_unit_test(a_press_outside_dragged_in_is_no_click),
        cmocka_unit_test(the_right_button_does_not_press_but_is_reported),
        cmocka_unit_test(a_second_click_in_time_is_a_double_click),
        cmocka_unit_test(enter_and_space_press_only_after_tab),
        cmocka_unit_test(a_held_key_presses_once),
        cmocka_unit_test(the_ring_shows_for_the_keyboard_only),
        cmocka_unit_test(segments_follow_clicks_and_arrows),
        cmocka_unit_test(a_switch_turns_by_click_and_space),
        cmocka_unit_test(a_slider_follows_the_pointer_also_outside),
        cmocka_unit_test(keys_and_wheel_move_a_slider_to_round_values),
        cmocka_unit_test(a_slider_in_steps_stays_on_them),
        cmocka_unit_test(what_is_disabled_takes_no_pointer_and_no_key),
        cmocka_unit_test(what_is_disabled_is_pale_and_opaque),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
