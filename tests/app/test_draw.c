// Scripted sessions in Draw, asserting on what the program then holds and shows.
#define _XOPEN_SOURCE 700 // mkdtemp, setenv

#include "app_fixture.h"

#include <math.h>

#include "base/alloc.h"

static void open_plain(AppFixture *fixture) {
    fixture_open(fixture, false, true, 1280, 800, 1);
}

static bool shows(const App *app, const char *text) {
    const DrawList *list = app_draws(app);
    for (size_t i = 0; i < list->n; i++) {
        if (list->commands[i].kind == DRAW_TEXT &&
            strstr(list->commands[i].u.text.utf8, text) != NULL) {
            return true;
        }
    }
    return false;
}

static void an_empty_canvas_has_no_answer_and_invites(void **state) {
    AppFixture *fixture = *state;
    open_plain(fixture);
    assert_false(fixture->app.recogniser.has_answer);
    assert_true(shows(&fixture->app, "Draw a digit"));
    assert_true(shows(&fixture->app, "No answer yet"));
}

static void the_answer_is_there_while_the_stroke_is_drawn(void **state) {
    AppFixture *fixture = *state;
    open_plain(fixture);
    UiRect square = fixture->app.draw.square;
    char line[80];
    (void)snprintf(line, sizeof line, "down %g %g", (double)(square.x + square.w * 0.3f),
                   (double)(square.y + square.h * 0.3f));
    fixture_play(fixture, line);
    assert_true(fixture->app.canvas.drawing);
    assert_true(fixture->app.recogniser.has_answer);
    unsigned looks = fixture->app.recogniser.looks;
    (void)snprintf(line, sizeof line, "move %g %g", (double)(square.x + square.w * 0.5f),
                   (double)(square.y + square.h * 0.8f));
    fixture_play(fixture, line);
    assert_true(fixture->app.recogniser.looks > looks);
    fixture_play(fixture, "up");
    assert_false(fixture->app.canvas.drawing);
    assert_int_equal(nn_ink_stroke_count(fixture->app.canvas.ink), 1);
}

// The classifier and the eye must be given the same ink: the mask grown segment by segment is the
// one drawn in one go.
static void ink_grown_by_segments_is_ink_drawn_at_once(void **state) {
    AppFixture *fixture = *state;
    open_plain(fixture);
    fixture_play(fixture, SEVEN);
    Canvas *canvas = &fixture->app.canvas;
    size_t n = (size_t)canvas->side * (size_t)canvas->side;
    uint8_t *at_once = calloc(n, 1);
    nn_ink_draw(canvas->ink, at_once, canvas->side);
    int different = 0;
    for (size_t i = 0; i < n; i++) {
        different += abs((int)at_once[i] - (int)canvas->mask[i]) > 1;
    }
    free(at_once);
    assert_int_equal(different, 0);
}

static void every_motion_event_of_a_frame_becomes_a_point(void **state) {
    AppFixture *fixture = *state;
    open_plain(fixture);
    UiRect square = fixture->app.draw.square;
    float x = square.x + 50, y = square.y + 50;
    script_event(&fixture->script, (UiEvent){.kind = EVENT_DOWN, .x = x, .y = y, .button = 1});
    for (int i = 1; i <= 16; i++) { // 1000 events a second
        script_event(
            &fixture->script,
            (UiEvent){.kind = EVENT_MOVE, .x = x + (float)(i * 3), .y = y + (float)(i * i)});
    }
    script_frame(&fixture->script);
    assert_int_equal(nn_ink_point_count(fixture->app.canvas.ink), 17);
}

static void undo_redo_and_clear_go_back_and_forth(void **state) {
    AppFixture *fixture = *state;
    open_plain(fixture);
    const NnInk *ink = fixture->app.canvas.ink;
    fixture_play(fixture, SEVEN);
    fixture_play(fixture, "stroke 0.4 0.55 0.5 0.55 0.6 0.55");
    assert_int_equal(nn_ink_stroke_count(ink), 2);
    fixture_play(fixture, "key ctrl+z");
    assert_int_equal(nn_ink_stroke_count(ink), 1);
    fixture_play(fixture, "key ctrl+y");
    assert_int_equal(nn_ink_stroke_count(ink), 2);
    fixture_play(fixture, "key c");
    assert_true(nn_ink_is_empty(ink));
    assert_false(fixture->app.recogniser.has_answer);
    fixture_play(fixture, "key ctrl+z");
    assert_int_equal(nn_ink_stroke_count(ink), 2);
    fixture_play(fixture, "key ctrl+z");
    fixture_play(fixture, "key ctrl+shift+z");
    assert_int_equal(nn_ink_stroke_count(ink), 2);
}

static float ink_on(const Canvas *canvas) {
    double sum = 0;
    for (size_t i = 0; i < (size_t)canvas->side * (size_t)canvas->side; i++) {
        sum += canvas->mask[i];
    }
    return (float)(sum / 255);
}

static void the_right_button_and_the_e_key_erase(void **state) {
    AppFixture *fixture = *state;
    open_plain(fixture);
    fixture_play(fixture, "stroke 0.2 0.5 0.3 0.5 0.4 0.5 0.5 0.5 0.6 0.5 0.7 0.5 0.8 0.5");
    float before = ink_on(&fixture->app.canvas);
    UiRect square = fixture->app.draw.square;
    char line[80];
    (void)snprintf(line, sizeof line, "down %g %g right", (double)(square.x + square.w * 0.5f),
                   (double)(square.y + square.h * 0.5f));
    fixture_play(fixture, line);
    fixture_play(fixture, "up");
    float after = ink_on(&fixture->app.canvas);
    assert_true(after < before * 0.95f);
    assert_int_equal(nn_ink_stroke_count(fixture->app.canvas.ink), 2); // cut in two
    fixture_play(fixture, "key e");
    assert_true(fixture->app.draw.eraser);
    fixture_play(fixture, "stroke 0.1 0.5 0.3 0.5 0.5 0.5 0.7 0.5 0.9 0.5");
    assert_true(nn_ink_is_empty(fixture->app.canvas.ink));
    fixture_play(fixture, "key e");
    assert_false(fixture->app.draw.eraser);
}

static void losing_the_window_ends_the_stroke(void **state) {
    AppFixture *fixture = *state;
    open_plain(fixture);
    UiRect square = fixture->app.draw.square;
    script_event(&fixture->script, (UiEvent){.kind = EVENT_DOWN,
                                             .x = square.x + 100,
                                             .y = square.y + 100,
                                             .button = BUTTON_LEFT});
    script_frame(&fixture->script);
    assert_true(fixture->app.canvas.drawing);
    script_event(&fixture->script, (UiEvent){.kind = EVENT_LEAVE});
    script_frame(&fixture->script);
    script_frame(&fixture->script);
    assert_false(fixture->app.canvas.drawing);
}

static void leaving_a_stage_out_changes_what_the_network_sees(void **state) {
    AppFixture *fixture = *state;
    open_plain(fixture);
    fixture_play(fixture, "stroke 0.1 0.1 0.15 0.15 0.2 0.25");
    NnDigit whole = fixture->app.recogniser.digit;
    app_apply(&fixture->app, &(Action){.kind = ACTION_STAGE, .index = NN_STAGE_CENTRE});
    script_frame(&fixture->script);
    assert_memory_not_equal(&whole, &fixture->app.recogniser.digit, sizeof whole);
    app_apply(&fixture->app, &(Action){.kind = ACTION_STAGE, .index = NN_STAGE_CENTRE});
    script_frame(&fixture->script);
    assert_memory_equal(&whole, &fixture->app.recogniser.digit, sizeof whole);
}

static void why_adds_up_to_the_difference_of_the_logits(void **state) {
    AppFixture *fixture = *state;
    open_plain(fixture);
    fixture_play(fixture, SEVEN);
    fixture_play(fixture, "key w");
    const Recogniser *recogniser = &fixture->app.recogniser;
    const WhyReading *why = &recogniser->why;
    assert_true(why->possible);
    assert_int_equal(why->rival, recogniser->answer.runner_up);
    float lead = why->spoke_for + why->spoke_against + why->constant;
    float logits = recogniser->answer.logits[why->winner] - recogniser->answer.logits[why->rival];
    assert_true(fabsf(lead - logits) < 1e-3f);
    int rival = (recogniser->answer.digit + 5) % 10;
    app_apply(&fixture->app, &(Action){.kind = ACTION_RIVAL, .index = rival});
    script_frame(&fixture->script);
    assert_int_equal(why->rival, rival);
}

static void the_ribbon_ends_with_the_answer_and_scrubbing_goes_back(void **state) {
    AppFixture *fixture = *state;
    open_plain(fixture);
    fixture_play(fixture, SEVEN);
    fixture_play(fixture, "key o");
    script_settle(&fixture->script);
    const App *app = &fixture->app;
    const Timeline *timeline = &app->timeline;
    assert_true(timeline->complete);
    assert_true(timeline->n > 3);
    assert_memory_equal(timeline->moments[timeline->n - 1].p, app->recogniser.answer.probabilities,
                        sizeof timeline->moments[0].p);
    for (int i = 1; i < timeline->n; i++) {
        assert_true(timeline->moments[i].t_ms >= timeline->moments[i - 1].t_ms);
        assert_true(timeline->moments[i].points > timeline->moments[i - 1].points);
    }
    NnDigit now = app->recogniser.digit;
    app_apply(&fixture->app,
              &(Action){.kind = ACTION_SCRUB, .number = (double)timeline->end_ms / 3});
    script_frame(&fixture->script);
    assert_true(app->canvas.showing_past);
    assert_memory_not_equal(&now, &app->recogniser.digit, sizeof now);
    fixture_play(fixture, "key escape");
    assert_false(app->canvas.showing_past);
    assert_memory_equal(&now, &app->recogniser.digit, sizeof now);
}

static void a_replay_takes_the_time_of_the_drawing_and_ends(void **state) {
    AppFixture *fixture = *state;
    open_plain(fixture);
    fixture_play(fixture, SEVEN);
    fixture_play(fixture, "key c"); // time runs on over it
    fixture_play(fixture, SEVEN);
    float duration = timeline_duration(&fixture->app.canvas);
    assert_true(duration > 0);
    fixture_play(fixture, "key r");
    assert_true(fixture->app.replay.on);
    double start = fixture->script.input.now_ms;
    while (fixture->app.replay.on && fixture->script.input.now_ms < start + 10000) {
        script_frame(&fixture->script);
    }
    double took = fixture->script.input.now_ms - start;
    assert_true(took >= (double)duration - 2 * SCRIPT_FRAME_MS);
    assert_true(took <= (double)duration + 3 * SCRIPT_FRAME_MS);
    assert_false(fixture->app.canvas.showing_past);
}

static void a_long_drawing_keeps_to_the_ribbons_moments(void **state) {
    AppFixture *fixture = *state;
    open_plain(fixture);
    fixture_play(fixture, "key o");
    char line[8192] = "stroke";
    for (int i = 0; i < 400; i++) {
        size_t used = strlen(line);
        (void)snprintf(line + used, sizeof line - used, " %.3f %.3f", 0.5 + 0.3 * sin(i * 0.07),
                       0.1 + i * 0.002);
    }
    fixture_play(fixture, line);
    script_settle(&fixture->script);
    const Timeline *timeline = &fixture->app.timeline;
    assert_true(timeline->complete);
    assert_true(timeline->n <= TIMELINE_MAX && timeline->n > TIMELINE_MAX / 3);
    assert_int_equal(timeline->moments[timeline->n - 1].points,
                     nn_ink_point_count(fixture->app.canvas.ink));
}

static void the_threshold_decides_what_is_sure(void **state) {
    AppFixture *fixture = *state;
    open_plain(fixture);
    fixture_play(fixture, SEVEN);
    assert_true(fixture->app.recogniser.answer.sure);
    app_apply(&fixture->app, &(Action){.kind = ACTION_THRESHOLD, .number = 0.99});
    script_frame(&fixture->script);
    assert_false(fixture->app.recogniser.answer.sure);
    assert_true(shows(&fixture->app, "not sure"));
    app_apply(&fixture->app, &(Action){.kind = ACTION_THRESHOLD, .number = -1});
    script_frame(&fixture->script);
    assert_true(fixture->app.recogniser.answer.sure);
}

static void every_key_of_the_list_does_something_or_is_harmless(void **state) {
    AppFixture *fixture = *state;
    open_plain(fixture);
    fixture_play(fixture, SEVEN);
    size_t n;
    const KeyBinding *bindings = key_bindings(&n);
    for (size_t i = 0; i < n; i++) {
        if (bindings[i].kind == ACTION_QUIT) {
            continue;
        }
        script_event(
            &fixture->script,
            (UiEvent){.kind = EVENT_KEY, .key = bindings[i].key, .mods = bindings[i].mods});
        script_frame(&fixture->script);
        script_event(&fixture->script, (UiEvent){.kind = EVENT_KEY, .key = KEY_ESCAPE});
        script_frame(&fixture->script);
    }
    assert_true(fixture->app.wants.running);
    fixture_play(fixture, "key ctrl+q");
    assert_false(fixture->app.wants.running);
}

static void a_key_held_down_undoes_again_but_toggles_once(void **state) {
    AppFixture *fixture = *state;
    open_plain(fixture);
    for (int i = 0; i < 4; i++) {
        fixture_play(fixture, SEVEN);
    }
    UiEvent undo = {.kind = EVENT_KEY, .key = 'z', .mods = MOD_CTRL};
    UiEvent eraser = {.kind = EVENT_KEY, .key = 'e'};
    for (int i = 0; i < 3; i++) {
        undo.repeat = eraser.repeat = i > 0;
        script_event(&fixture->script, undo);
        script_event(&fixture->script, eraser);
        script_frame(&fixture->script);
    }
    assert_int_equal(nn_ink_stroke_count(fixture->app.canvas.ink), 1);
    assert_true(fixture->app.draw.eraser);
}

static void help_lists_every_key_and_closes(void **state) {
    AppFixture *fixture = *state;
    open_plain(fixture);
    size_t n;
    const KeyBinding *bindings = key_bindings(&n);
    static const char *const go[APP_VIEW_COUNT] = {"key alt+1", "key alt+2", "key alt+3",
                                                   "key alt+5"};
    for (int view = 0; view < APP_VIEW_COUNT; view++) {
        fixture_play(fixture, go[view]);
        assert_int_equal(fixture->app.view, view);
        fixture_play(fixture, "key f1");
        script_settle(&fixture->script);
        for (size_t i = 0; i < n; i++) {
            bool here = bindings[i].keys != NULL && (bindings[i].views & 1u << view) != 0;
            if (here && !shows(&fixture->app, bindings[i].what)) {
                fail_msg("F1 does not list \"%s\"", bindings[i].what);
            }
        }
        fixture_play(fixture, "key f1");
        script_settle(&fixture->script);
    }
    fixture_play(fixture, "key f1");
    fixture_play(fixture, "key escape");
    script_settle(&fixture->script);
    assert_false(fixture->app.overlay.help);
    assert_false(shows(&fixture->app, "This list"));
}

static void without_a_network_the_canvas_works_and_says_what_to_do(void **state) {
    AppFixture *fixture = *state;
    fixture_open(fixture, false, false, 1280, 800, 1);
    assert_null(fixture->app.recogniser.model);
    const char *keys[] = {"key h", "key w", "key l", "key o"};
    for (size_t i = 0; i < 4; i++) {
        fixture_play(fixture, keys[i]);
        fixture_play(fixture, SEVEN);
        assert_false(fixture->app.recogniser.has_answer);
        assert_true(fixture->app.recogniser.has_ink);
        assert_true(shows(&fixture->app, ".safetensors"));
    }
    char line[400];
    (void)snprintf(line, sizeof line, "drop %s", fixture->weights);
    fixture_play(fixture, line);
    assert_true(fixture->app.recogniser.has_answer);
}

static void a_steady_frame_asks_for_no_memory(void **state) {
    AppFixture *fixture = *state;
    open_plain(fixture);
    const char *keys[] = {"key h", "key w", "key l", "key o"};
    for (size_t i = 0; i < 4; i++) {
        fixture_play(fixture, keys[i]);
        fixture_play(fixture, SEVEN);
        script_wait(&fixture->script, 3000); // toasts and easings end, caches are full
        uint64_t before = mem_request_count();
        for (int k = 0; k < 20; k++) {
            script_frame(&fixture->script);
        }
        assert_int_equal(mem_request_count() - before, 0);
    }
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(an_empty_canvas_has_no_answer_and_invites),
        CASE(the_answer_is_there_while_the_stroke_is_drawn),
        CASE(ink_grown_by_segments_is_ink_drawn_at_once),
        CASE(every_motion_event_of_a_frame_becomes_a_point),
        CASE(undo_redo_and_clear_go_back_and_forth),
        CASE(the_right_button_and_the_e_key_erase),
        CASE(losing_the_window_ends_the_stroke),
        CASE(leaving_a_stage_out_changes_what_the_network_sees),
        CASE(why_adds_up_to_the_difference_of_the_logits),
        CASE(the_ribbon_ends_with_the_answer_and_scrubbing_goes_back),
        CASE(a_replay_takes_the_time_of_the_drawing_and_ends),
        CASE(a_long_drawing_keeps_to_the_ribbons_moments),
        CASE(the_threshold_decides_what_is_sure),
        CASE(every_key_of_the_list_does_something_or_is_harmless),
        CASE(a_key_held_down_undoes_again_but_toggles_once),
        CASE(help_lists_every_key_and_closes),
        CASE(without_a_network_the_canvas_works_and_says_what_to_do),
        CASE(a_steady_frame_asks_for_no_memory),
    };
    return cmocka_run_group_tests_name("draw", tests, NULL, NULL);
}
