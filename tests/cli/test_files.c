// Every kind of bad input file through every command that reads it: exit status 3 and a message
// that names file and cause. What the parsers refuse in detail is tested beside them.

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/file.h"
#include "program.h"

typedef struct {
    const char *args[8];
    const char *file, *cause; // both in the error line
    int status;
} BadFile;

static const BadFile rows[] = {
    {{"eval", "gone.safetensors"}, "gone.safetensors", "there is no such file", 3},
    {{"eval", "nobody"}, "nobody", "no shipped network", 3},
    {{"eval", "inklin-mlp"}, "inklin-mlp", "did you mean inkling-mlp?", 3},
    {{"eval", "empty.safetensors"}, "empty.safetensors", "too short", 3},
    {{"eval", "text.safetensors"}, "text.safetensors", "header", 3},
    {{"eval", "long.safetensors"}, "long.safetensors", "header", 3},
    {{"eval", "small.safetensors"}, "small.safetensors", "784", 3},
    {{"eval", "short.safetensors"}, "short.safetensors", "outside the file", 3},
    {{"eval", "folder.safetensors"}, "folder.safetensors", "is a folder", 3},
    {{"eval", "inkling-mlp", "--data", "mnits"}, "mnits", "Known names", 3},
    {{"eval", "inkling-mlp", "--images", "gone", "--labels", "labels"},
     "gone",
     "there is no such file",
     3},
    {{"eval", "inkling-mlp", "--images", "images", "--labels", "text"},
     "text",
     "not an IDX file",
     3},
    {{"eval", "inkling-mlp", "--images", "labels", "--labels", "labels"},
     "labels",
     "labels where pictures",
     3},
    {{"eval", "inkling-mlp", "--images", "cut", "--labels", "labels"}, "cut", "19 bytes", 3},
    {{"eval", "inkling-mlp", "--images", "cut.gz", "--labels", "labels"}, "cut.gz", "gzip", 3},
    {{"eval", "inkling-mlp", "--images", "images", "--labels", "fewer"}, "fewer", "2 labels", 3},
    {{"predict", "gone.png"}, "gone.png", "there is no such file", 3},
    {{"predict", "text"}, "text", "neither a PNG nor a JPEG", 3},
    {{"predict", "cut.png"}, "cut.png", "ends too early", 3},
    {{"predict", "huge.png"}, "huge.png", "IHDR", 3},
    {{"predict", "blank.png"}, "blank.png", "blank", 3},
    {{"predict", "good.png", "--model", "gone.safetensors"},
     "gone.safetensors",
     "there is no such file",
     3},
    {{"replay", "gone.jsonl"}, "gone.jsonl", "o such file", 3},
    {{"replay", "text"}, "text", "line 1", 3},
    {{"replay", "second.jsonl"}, "second.jsonl", "line 2", 3},
    {{"replay", "label.jsonl"}, "label.jsonl", "label", 3},
    {{"replay", "point.jsonl"}, "point.jsonl", "line 1", 3},
    {{"train", "gone.json"}, "gone.json", "there is no such file", 3},
    {{"train", "nothing-like-it"}, "nothing-like-it", "no recipe", 3},
    {{"train", "key.json"}, "key.json", "lerning_rate", 3},
    {{"train", "broken.json"}, "broken.json", "line 2", 3},
    {{"train", "linear", "--data", "fashoin"}, "fashoin", "no data set", 3},
    {{"info", "gone"}, "gone", "no such file, recipe", 3},
    {{"info", "empty.safetensors"}, "empty.safetensors", "too short", 3},
    {{"info", "cut"}, "cut", "19 bytes", 3},
    {{"info", "text"}, "text", "none of the kinds", 3},
    {{"info", "empty.onnx"}, "empty.onnx", "no graph", 3},
    {{"info", "cut.onnx"}, "cut.onnx", "byte 2", 3},
    {{"info", "a.tfevents.0"}, "a.tfevents.0", "byte 0", 3},
    {{"info", "torn.events"}, "torn.events", "no whole record", 3},
    {{"info", "folder.safetensors"}, "folder.safetensors", "no training run", 3},
    {{"info", "bad.run"}, "config.json", "line 1", 3},
    {{"export", "gone.safetensors", "--onnx", "x.onnx"},
     "gone.safetensors",
     "there is no such file",
     3},
    {{"export", "short.safetensors", "--onnx", "x.onnx"},
     "short.safetensors",
     "outside the file",
     3},
    {{"info", "cut.png"}, "cut.png", "ends too early", 3},
    {{"info", "second.jsonl"}, "second.jsonl", "line 2", 3},
    {{"info", "key.json"}, "key.json", "lerning_rate", 3},
    {{"data", "check", "fashoin"}, "fashoin", "did you mean fashion?", 3},
    {{"bench", "infer", "--strokes", "gone.jsonl"}, "gone.jsonl", "o such file", 3},
    {{"bench", "infer", "--strokes", "none.jsonl"}, "none.jsonl", "no drawing", 3},
};

enum { ROWS = sizeof rows / sizeof rows[0] };

// A safetensors file with one tensor, [10, columns] of zeros, and its bias; the data cut short by
// missing.
static void write_linear(const char *name, int columns, size_t missing) {
    static uint8_t bytes[40000];
    size_t weight = (size_t)columns * 40;
    char header[256];
    int n =
        snprintf(header, sizeof header,
                 "{\"fc1.weight\":{\"dtype\":\"F32\",\"shape\":[10,%d],\"data_offsets\":[0,%zu]},"
                 "\"fc1.bias\":{\"dtype\":\"F32\",\"shape\":[10],\"data_offsets\":[%zu,%zu]}}",
                 columns, weight, weight, weight + 40);
    memset(bytes, 0, sizeof bytes);
    bytes[0] = (uint8_t)(n & 0xFF);
    bytes[1] = (uint8_t)(n >> 8);
    memcpy(bytes + 8, header, (size_t)n);
    write_file(temp_path(name), bytes, 8 + (size_t)n + weight + 40 - missing);
}

static int write_files(void **state) {
    (void)state;
    static const uint8_t cut[] = {0, 0, 8, 3, 0, 0, 0, 100, 0, 0, 0, 28, 0, 0, 0, 28, 1, 2, 3};
    static const uint8_t cut_gz[] = {0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 0x63};
    static const uint8_t fewer[] = {0, 0, 8, 1, 0, 0, 0, 2, 1, 2};
    // signature and an IHDR of 65535 x 65535, with its true CRC-32
    static const uint8_t huge[] = {0x89, 'P', 'N', 'G', 13,  10, 26, 10,   0,    0,    0,
                                   13,   'I', 'H', 'D', 'R', 0,  0,  255,  255,  0,    0,
                                   255,  255, 8,   0,   0,   0,  0,  0x93, 0x6E, 0x86, 0x8C};
    write_file(temp_path("empty.safetensors"), "", 0);
    write_text(temp_path("text.safetensors"), "this is no weight file at all");
    write_file(temp_path("long.safetensors"), "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F{}", 10);
    write_linear("small.safetensors", 100, 0);
    write_linear("short.safetensors", 784, 7);
    mkdir(temp_path("folder.safetensors"), 0777);
    write_idx_pair(temp_path("images"), temp_path("labels"), 20, 3);
    write_file(temp_path("cut"), cut, sizeof cut);
    write_file(temp_path("cut.gz"), cut_gz, sizeof cut_gz);
    write_file(temp_path("fewer"), fewer, sizeof fewer);
    write_text(temp_path("text"), "just words\n");
    write_pattern_png(temp_path("good.png"), 3, 64);
    write_file(temp_path("cut.png"), huge, 20);
    write_file(temp_path("huge.png"), huge, sizeof huge);
    write_pattern_png(temp_path("one.png"), 1, 64);
    write_text(temp_path("none.jsonl"), "\n\n");
    write_text(
        temp_path("second.jsonl"),
        "{\"label\":1,\"strokes\":[[[0.5,0.2],[0.5,0.8]]]}\n{\"label\":1,\"strokes\":[[[0.5,");
    write_text(temp_path("label.jsonl"), "{\"label\":12,\"strokes\":[[[0.5,0.2],[0.5,0.8]]]}\n");
    write_text(temp_path("point.jsonl"), "{\"strokes\":[[[0.5,\"a\"],[0.5,0.8]]]}\n");
    write_text(temp_path("key.json"), "{\"name\": \"x\",\n \"lerning_rate\": 0.1}\n");
    write_text(temp_path("broken.json"), "{\"name\": \n");
    write_file(temp_path("empty.onnx"), "", 0);
    write_file(temp_path("cut.onnx"), "\x08\x07\x3A\x7F", 4);
    write_text(temp_path("a.tfevents.0"), "no record begins like this");
    // the length 24 with its true checksum, and nothing behind it
    write_file(temp_path("torn.events"), "\x18\0\0\0\0\0\0\0\xA3\x7F\x4B\x22", 12);
    mkdir(temp_path("bad.run"), 0777);
    write_text(temp_path("bad.run/config.json"), "{");
    write_mnist(50, 20);
    return 0;
}

static void a_bad_file_exits_3_and_is_named(void **state) {
    (void)state;
    write_blank_png(temp_path("blank.png"), 40);
    int failures = 0;
    for (size_t i = 0; i < ROWS; i++) {
        const BadFile *row = &rows[i];
        Result r = program_run(&(Run){.args = row->args});
        if (r.status != row->status || strncmp(r.err, "error: ", 7) != 0 ||
            strstr(r.err, row->file) == NULL || strstr(r.err, row->cause) == NULL ||
            r.out[0] != '\0') {
            print_message("row %zu, inkling %s %s %s %s: status %d, out '%s', err '%s'\n", i,
                          row->args[0], row->args[1], row->args[2] != NULL ? row->args[2] : "",
                          row->args[3] != NULL ? row->args[3] : "", r.status, r.out, r.err);
            failures++;
        }
        result_release(&r);
    }
    assert_int_equal(failures, 0);
}

static void one_bad_picture_does_not_hide_the_others(void **state) {
    (void)state;
    Result r = run_args("predict", "good.png", "gone.png", "one.png", "--json", NULL);
    assert_int_equal(r.status, 3);
    assert_non_null(strstr(r.err, "gone.png"));
    json_t *array = last_line_json(r.out);
    assert_int_equal(json_array_size(array), 2);
    json_decref(array);
    result_release(&r);
}

static void control_characters_of_a_name_do_not_reach_the_terminal(void **state) {
    (void)state;
    Result r = run_args("predict", "\033]0;owned\007.png", NULL);
    assert_int_equal(r.status, 3);
    assert_null(strchr(r.err, '\033'));
    assert_non_null(strstr(r.err, "\\x1B"));
    result_release(&r);
}

// Whatever the readers of other programs' files accept, `info` has words and JSON for.
static void check_seeds(const char *kind, const char *name) {
    char folder[1024];
    (void)snprintf(folder, sizeof folder, SOURCE_ROOT "/tests/fuzz/corpus/%s", kind);
    DIR *list = opendir(folder);
    assert_non_null(list);
    int told = 0;
    for (const struct dirent *entry; (entry = readdir(list)) != NULL;) {
        char from[2048];
        (void)snprintf(from, sizeof from, "%s/%s", folder, entry->d_name);
        size_t n;
        uint8_t *bytes = entry->d_name[0] != '.' ? file_read(from, 1 << 20, &n, NULL) : NULL;
        if (bytes == NULL) {
            continue;
        }
        write_file(temp_path(name), bytes, n);
        mem_free(bytes);
        Result words = run_args("info", name, NULL), json = run_args("info", name, "--json", NULL);
        if (words.status != json.status || (words.status != 0 && words.status != 3)) {
            fail_msg("%s: status %d, with --json %d: %s", from, words.status, json.status,
                     json.err);
        }
        if (json.status == 0) {
            json_decref(last_line_json(json.out));
            told++;
        }
        result_release(&words);
        result_release(&json);
    }
    (void)closedir(list);
    assert_true(told >= 3);
}

static void the_seeds_of_the_fuzzers_are_told_or_refused(void **state) {
    (void)state;
    check_seeds("onnx", "seed.onnx");
    check_seeds("events", "seed.tfevents.0");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bad_file_exits_3_and_is_named),
        cmocka_unit_test(one_bad_picture_does_not_hide_the_others),
        cmocka_unit_test(control_characters_of_a_name_do_not_reach_the_terminal),
        cmocka_unit_test(the_seeds_of_the_fuzzers_are_told_or_refused),
    };
    return cmocka_run_group_tests(tests, write_files, NULL);
}
