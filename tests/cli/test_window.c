// The window's part of the command line, where there is no display: draw works without one, render
// makes the same picture twice, bench ui measures. A build without a window says so.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "nn/picture.h"
#include "program.h"

static size_t count(const char *text, const char *piece) {
    size_t n = 0;
    while ((text = strstr(text, piece)) != NULL) {
        n++;
        text += strlen(piece);
    }
    return n;
}

static void without_a_display_draw_answers_in_the_terminal(void **state) {
    (void)state;
    Result r = run_args("--out", "headless.png", NULL);
    assert_int_equal(r.status, 0);
    assert_int_equal(count(r.out, "meant as"), 10);
    assert_int_equal(count(r.out, " %\n"), 100); // ten probabilities for each of the ten drawings
    assert_non_null(strstr(r.err, "window"));
    assert_null(strstr(r.err, "error:"));
    result_release(&r);
}

#ifdef HAS_WINDOW

static void without_a_display_errors_says_what_does_the_same(void **state) {
    (void)state;
    Result r = run_args("errors", NULL);
    assert_int_equal(r.status, 1);
    assert_non_null(strstr(r.err, "error:"));
    assert_non_null(strstr(r.err, "eval MODEL --errors DIR"));
    result_release(&r);
}

static void assert_picture(const char *name, int width, int height) {
    NnPicture picture = {0};
    NnError err = {0};
    if (nn_picture_read(temp_path(name), &picture, &err) != NN_OK) {
        fail_msg("%s", err.message);
    }
    assert_int_equal(picture.width, width);
    assert_int_equal(picture.height, height);
    uint8_t darkest = 255;
    uint8_t lightest = 0;
    for (int i = 0; i < width * height; i++) {
        darkest = picture.grey[i] < darkest ? picture.grey[i] : darkest;
        lightest = picture.grey[i] > lightest ? picture.grey[i] : lightest;
    }
    assert_true(lightest - darkest > 128); // something is drawn
    nn_picture_release(&picture);
}

static void without_a_display_draw_saves_the_view(void **state) {
    (void)state;
    assert_picture("headless.png", 1280, 800); // by the test before
}

static void render_saves_the_view(void **state) {
    (void)state;
    static const struct {
        const char *args[10];
        int width, height;
    } rows[] = {
        {{"render", "draw", "--out", "a.png"}, 1280, 800},
        {{"render", "errors", "--out", "a.png", "--size", "960x600"}, 960, 600},
        {{"render", "draw", "--out", "a.png", "--size", "960x600", "--theme", "dark"}, 960, 600},
        {{"render", "draw", "--out", "a.png", "--scale", "2", "--projector"}, 2560, 1600}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)remove(temp_path("a.png"));
        Result r = program_run(&(Run){.args = rows[i].args});
        if (r.status != 0 || r.out[0] != '\0' || r.err[0] != '\0') {
            fail_msg("row %zu: status %d, out '%s', err '%s'", i, r.status, r.out, r.err);
        }
        result_release(&r);
        assert_picture("a.png", rows[i].width, rows[i].height);
    }
}

static void render_refuses_what_it_cannot_use(void **state) {
    (void)state;
    static const struct {
        const char *args[8];
        const char *named;
        int status;
    } rows[] = {{{"render", "draw", "--out", "no/folder/a.png"}, "no/folder", 4},
                {{"render", "draw", "--out", "a.png", "--script", "gone.script"}, "gone.script", 3},
                {{"render", "draw", "--out", "a.png", "--model", "gone.safetensors"},
                 "gone.safetensors",
                 3},
                {{"draw", "--model", "nobody"}, "nobody", 3}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        Result r = program_run(&(Run){.args = rows[i].args});
        if (r.status != rows[i].status || strstr(r.err, rows[i].named) == NULL) {
            fail_msg("row %zu: status %d, err '%s'", i, r.status, r.err);
        }
        result_release(&r);
    }
}

// A picture is no place to keep what a script tags.
static void render_leaves_the_persons_tags_alone(void **state) {
    (void)state;
    write_mnist(100, 200);
    FILE *script = fopen(temp_path("tags.script"), "w");
    assert_non_null(script);
    fputs("settle\nkey 2\nkey right\nkey 3\n", script);
    fclose(script);
    Result r = run_args("render", "errors", "--script", "tags.script", "--out", "tags.png", NULL);
    assert_int_equal(r.status, 0);
    result_release(&r);
    assert_picture("tags.png", 1280, 800);
    assert_false(file_is_there(temp_path(".local/share/inkling/triage")));
}

static void bench_ui_measures(void **state) {
    (void)state;
    Result r = run_args("bench", "ui", "--seconds", "0.3", "--json", NULL);
    assert_int_equal(r.status, 0);
    json_t *j = last_line_json(r.out);
    static const char *const keys[] = {"frame_ms", "ink_ms", "mallocs_per_frame", "rss_mb",
                                       "first_frame_ms"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        assert_non_null(json_object_get(j, keys[i]));
    }
    const json_t *frame = json_object_get(j, "frame_ms");
    assert_true(json_number_value(json_object_get(frame, "p99")) > 0);
    json_decref(j);
    result_release(&r);
}

// The time to the first pictures is part of the answer, and all of them are scrolled.
static void bench_errors_measures(void **state) {
    (void)state;
    write_mnist(100, 400);
    Result r = run_args("bench", "errors", "--seconds", "0.3", "--json", NULL);
    if (r.status != 0) {
        fail_msg("status %d: %s", r.status, r.err);
    }
    json_t *j = last_line_json(r.out);
    const json_t *pictures = json_object_get(j, "pictures_ms"),
                 *answers = json_object_get(j, "answers_ms"),
                 *frame = json_object_get(j, "frame_ms");
    double first = json_number_value(json_object_get(pictures, "median"));
    assert_true(first > 0 && json_number_value(json_object_get(pictures, "max")) >= first);
    assert_true(json_number_value(json_object_get(answers, "median")) >= first);
    assert_true(json_number_value(json_object_get(frame, "p99")) > 0);
    assert_int_equal(json_integer_value(json_object_get(j, "rows")), 400);
    assert_true(json_number_value(json_object_get(j, "rss_mb")) > 1);
    json_decref(j);
    result_release(&r);
}

#else

static void a_build_without_a_window_says_so(void **state) {
    (void)state;
    Result r = run_args("render", "draw", "--out", "a.png", NULL);
    assert_int_equal(r.status, 1);
    assert_non_null(strstr(r.err, "no window"));
    result_release(&r);
    r = run_args("bench", "ui", NULL);
    assert_int_equal(r.status, 1);
    result_release(&r);
}

#endif

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_display_draw_answers_in_the_terminal),
#ifdef HAS_WINDOW
        cmocka_unit_test(without_a_display_errors_says_what_does_the_same),
        cmocka_unit_test(without_a_display_draw_saves_the_view),
        cmocka_unit_test(render_saves_the_view),
        cmocka_unit_test(render_refuses_what_it_cannot_use),
        cmocka_unit_test(render_leaves_the_persons_tags_alone),
        cmocka_unit_test(bench_ui_measures),
        cmocka_unit_test(bench_errors_measures),
#else
        cmocka_unit_test(a_build_without_a_window_says_so),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
