// cmd_window.c - what the window does: draw (open it), render (a view as a picture), bench ui. A
// build without SDL says so; without a display `draw` does its job headless.

#include "cli/cmd_window.h"

#ifdef INKLING_WINDOW

#include <stdio.h>

#include "app/app.h"
#include "base/file.h"
#include "base/text.h"

// The options all views share. path holds the network's.
static NnStatus view_options(AppOptions *options, const Args *args, char *path, size_t size,
                             NnError *err) {
    double width = 0;
    double height = 0;
    (void)args_pair(args, "size", &width, &height);
    *options = (AppOptions){
        .theme = args_text(args, "theme"),
        .projector = args_has(args, "projector") ? "on" : NULL,
        .font_path = args_text(args, "font"),
        .width = (int)width,
        .height = (int)height,
        .scale = (float)args_real(args, "scale", 0),
    };
    const char *model = args_text(args, "model");
    if (model == NULL) {
        return NN_OK;
    }
    options->model_path = path;
    return model_find(model, path, size, err);
}

// What the window would show, as a picture.
static NnStatus save_view(const Args *args, const AppOptions *options, NnError *err) {
    char script[512];
    char shown[256];
    const char *out = args_text(args, "out");
    out = out != NULL ? out : "inkling-draw.png";
    bool found = share_path(script, sizeof script, "assets", "drawings/draw.script");
    NnStatus status = app_render(options, found ? script : NULL, out, err);
    if (status == NN_OK) {
        text_escape(shown, sizeof shown, out);
        printf("The window, as a picture: %s\n", shown);
    }
    return status;
}

NnStatus cmd_draw(Cli *cli, NnError *err) {
    const Args *args = &cli->args;
    char path[512];
    AppOptions options;
    NnStatus status = view_options(&options, args, path, sizeof path, err);
    if (status != NN_OK) {
        return status;
    }
    options.panel = args_text(args, "panel");
    options.renderer = args_text(args, "renderer");
    options.log_path = args_text(args, "log");
    NnError own = {0};
    status = app_main(&options, &own);
    if (status != NN_ERR_FAILED) {
        *err = own;
        return status;
    }
    term_note(&cli->term, "%s\nHere is the same without one.", own.message);
    status = headless_answers(cli, err);
    return status == NN_OK ? save_view(args, &options, err) : status;
}

NnStatus cmd_errors(Cli *cli, NnError *err) {
    const Args *args = &cli->args;
    char path[512];
    AppOptions options;
    NnStatus status = view_options(&options, args, path, sizeof path, err);
    if (status != NN_OK) {
        return status;
    }
    options.renderer = args_text(args, "renderer");
    options.log_path = args_text(args, "log");
    options.view = APP_VIEW_ERRORS;
    status = app_main(&options, err);
    if (status == NN_ERR_FAILED) {
        nn_error_hint(
            err, "without a display: inkling eval MODEL --errors DIR, or inkling render errors");
    }
    return status;
}

NnStatus cmd_render(Cli *cli, NnError *err) {
    const Args *args = &cli->args;
    const char *view = args_operand(args, 0);
    char path[512];
    char file[64];
    AppOptions options;
    NnStatus status = view_options(&options, args, path, sizeof path, err);
    if (status != NN_OK) {
        return status;
    }
    options.panel = args_text(args, "panel");
    if (!app_view_parse(view, &options.view)) {
        return nn_fail(err, NN_ERR_USAGE, "there is no view called %s", view);
    }
    const char *out = args_text(args, "out");
    if (out == NULL) {
        snprintf(file, sizeof file, "%s.png", view);
        out = file;
    }
    status = app_render(&options, args_text(args, "script"), out, err);
    if (status == NN_OK && args_text(args, "out") == NULL) {
        term_note(&cli->term, "%s", out);
    }
    return status;
}

NnStatus bench_ui(Cli *cli, NnError *err) {
    const Args *args = &cli->args;
    const double otherwise_s = 10;
    char path[512];
    const char *model = args_text(args, "model");
    AppOptions options = {.model_path = model != NULL ? path : NULL};
    NnStatus status = model != NULL ? model_find(model, path, sizeof path, err) : NN_OK;
    AppBench b = {0};
    if (status == NN_OK) {
        status = app_bench_ui(&options, args_text(args, "train"),
                              args_real(args, "seconds", otherwise_s), &b, err);
    }
    if (status != NN_OK) {
        return status;
    }
    double ratio = b.headless_per_s > 0 ? b.train_per_s / b.headless_per_s : 0;
    if (args_has(args, "json")) {
        return json_print(json_pack("{s:{s:f, s:f, s:f}, s:{s:f}, s:f, s:o, s:o, s:f, s:f, s:i, "
                                    "s:i, s:s}",
                                    "frame_ms", "p50", b.frame_p50_ms, "p99", b.frame_p99_ms, "max",
                                    b.frame_max_ms, "ink_ms", "p99", b.ink_p99_ms,
                                    "mallocs_per_frame", b.mallocs_per_frame, "train_ratio",
                                    ratio > 0 ? json_real(ratio) : json_null(), "first_point_ms",
                                    ratio > 0 ? json_real(b.first_point_ms) : json_null(), "rss_mb",
                                    b.rss_mb, "first_frame_ms", b.first_frame_ms, "frames",
                                    b.frames, "motion_hz", b.motion_hz, "driver", b.driver),
                          err);
    }
    printf("frames       %d, %s driver, motion events at up to %d a second\n", b.frames, b.driver,
           b.motion_hz);
    printf("frame work   median %.2f ms, p99 %.2f ms, longest %.2f ms\n", b.frame_p50_ms,
           b.frame_p99_ms, b.frame_max_ms);
    printf("event to ink p99 %.2f ms\n", b.ink_p99_ms);
    printf("mallocs      %.3f a frame\n", b.mallocs_per_frame);
    printf("first frame  %.0f ms after the start\n", b.first_frame_ms);
    if (ratio > 0) {
        printf("training     %.0f samples/s, %.1f %% of %.0f without the window\n", b.train_per_s,
               ratio * 100, b.headless_per_s);
        printf("first point  %.0f ms after the start\n", b.first_point_ms);
    }
    printf("memory       %.1f MB resident\n", b.rss_mb);
    return NN_OK;
}

NnStatus bench_errors(Cli *cli, NnError *err) {
    const Args *args = &cli->args;
    const double otherwise_s = 10;
    char path[512];
    const char *model = args_text(args, "model");
    AppOptions options = {.model_path = model != NULL ? path : NULL};
    NnStatus status = model != NULL ? model_find(model, path, sizeof path, err) : NN_OK;
    AppBenchErrors b = {0};
    if (status == NN_OK) {
        status = app_bench_errors(&options, args_real(args, "seconds", otherwise_s), &b, err);
    }
    if (status != NN_OK) {
        return status;
    }
    if (args_has(args, "json")) {
        return json_print(
            json_pack("{s:{s:f, s:f}, s:{s:f, s:f}, s:{s:f, s:f, s:f}, s:I, s:i, s:f, s:f, s:s}",
                      "pictures_ms", "median", b.pictures_ms, "max", b.pictures_max_ms,
                      "answers_ms", "median", b.answers_ms, "max", b.answers_max_ms, "frame_ms",
                      "p50", b.frame_p50_ms, "p99", b.frame_p99_ms, "max", b.frame_max_ms, "rows",
                      (json_int_t)b.rows, "frames", b.frames, "mallocs_per_frame",
                      b.mallocs_per_frame, "rss_mb", b.rss_mb, "driver", b.driver),
            err);
    }
    printf("first pictures  %.0f ms after the click, slowest %.0f ms\n", b.pictures_ms,
           b.pictures_max_ms);
    printf("answers         %.0f ms after it, slowest %.0f ms; none from the cache\n", b.answers_ms,
           b.answers_max_ms);
    printf(
        "scrolling       %zu pictures, %d frames: median %.2f ms, p99 %.2f ms, longest %.2f ms\n",
        b.rows, b.frames, b.frame_p50_ms, b.frame_p99_ms, b.frame_max_ms);
    printf("mallocs         %.3f a frame\n", b.mallocs_per_frame);
    printf("memory          %.1f MB resident at most, %s driver\n", b.rss_mb, b.driver);
    return NN_OK;
}

#else

static NnStatus no_window(NnError *err) {
    nn_fail(err, NN_ERR_FAILED, "this build of inkling has no window");
    nn_error_hint(err,
                  "build it where SDL2 and SDL2_ttf are installed; predict, replay, train and eval "
                  "work without");
    return NN_ERR_FAILED;
}

NnStatus cmd_draw(Cli *cli, NnError *err) {
    term_note(&cli->term, "This build has no window. Here is the same without one.");
    return headless_answers(cli, err);
}

NnStatus cmd_errors(Cli *cli, NnError *err) {
    (void)cli;
    return no_window(err);
}

NnStatus cmd_render(Cli *cli, NnError *err) {
    (void)cli;
    return no_window(err);
}

NnStatus bench_ui(Cli *cli, NnError *err) {
    (void)cli;
    return no_window(err);
}

NnStatus bench_errors(Cli *cli, NnError *err) {
    (void)cli;
    return no_window(err);
}

#endif
