#include "app/overlay.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

float top_bar_height(const Theme *theme) {
    return theme->control + 2 * theme->grid;
}

// "1.3 M weights", "670 k weights".
static const char *weight_count(Ui *ui, size_t n) {
    const char *text = n >= 1000000 ? arena_printf(ui_arena(ui), "%.1f M weights", (double)n / 1e6)
                       : n >= 10000 ? arena_printf(ui_arena(ui), "%.0f k weights", (double)n / 1e3)
                                    : arena_printf(ui_arena(ui), "%zu weights", n);
    return text != NULL ? text : "";
}

static const char *accuracy_note(Ui *ui, const NnModel *model) {
    const char *keys[] = {"test_accuracy", "accuracy"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const char *note = nn_model_note(model, keys[i]);
        double value = note != NULL ? strtod(note, NULL) : 0;
        if (value > 0 && value <= 1) {
            const char *text = arena_printf(ui_arena(ui), "%.2f %%", value * 100);
            return text != NULL ? text : "";
        }
    }
    return "";
}

static void model_chip(Ui *ui, UiRect *bar, const Recogniser *recogniser) {
    if (recogniser->model == NULL) {
        const char *none = "no network loaded";
        UiRect where = ui_cut_right(bar, fminf(bar->w, ui_text_width(ui, FONT_BODY, none) + 1));
        ui_text(ui, where, FONT_BODY, THEME_WRONG, ALIGN_RIGHT, none);
        return;
    }
    const NnArch *arch = nn_model_arch(recogniser->model);
    const char *name = arch->name[0] != '\0' ? arch->name : "network";
    const char *accuracy = accuracy_note(ui, recogniser->model);
    const char *rest =
        arena_printf(ui_arena(ui), "%s%s \xc2\xb7 %s", accuracy[0] != '\0' ? " \xc2\xb7 " : "",
                     accuracy, weight_count(ui, nn_model_param_count(recogniser->model)));
    rest = rest != NULL ? rest : "";
    float name_w = ui_text_width(ui, FONT_MEDIUM, name) + 1;
    float rest_w = ui_text_width(ui, FONT_BODY, rest) + 1;
    if (name_w + rest_w > bar->w) {
        rest_w = 0;
    }
    name_w = fminf(name_w, bar->w);
    UiRect chip = ui_cut_right(bar, name_w + rest_w);
    (void)ui_region(ui, "model", chip, false, NULL, NULL);
    char layers[256];
    nn_arch_describe(arch, layers, sizeof layers);
    const char *tip = arena_printf(
        ui_arena(ui),
        "The network in use: %s.%s%s Drop another weight file (.safetensors) on the window to "
        "change it.\n%s",
        layers, accuracy[0] != '\0' ? " Right on the MNIST test set: " : "",
        accuracy[0] != '\0' ? arena_printf(ui_arena(ui), "%s.", accuracy) : "", recogniser->path);
    ui_tooltip(ui, tip != NULL ? tip : "");
    UiRect left = ui_cut_left(&chip, name_w);
    ui_text(ui, left, FONT_MEDIUM, THEME_INK, ALIGN_LEFT, name);
    if (rest_w > 0) {
        ui_text(ui, chip, FONT_BODY, THEME_SOFT, ALIGN_LEFT, rest);
    }
}

static void view_tabs(Ui *ui, UiRect *bar, AppView view, Actions *out) {
    static const struct {
        const char *label, *tip;
    } tabs[APP_VIEW_COUNT] = {
        [APP_VIEW_DRAW] = {"Draw", "Draw a digit; see a network think. Alt 1"},
        [APP_VIEW_TRAIN] = {"Train", "Watch a network learn, and draw while it does. Alt 2"},
        [APP_VIEW_DATA] = {"Data",
                           "What networks learn from: data sets and made handwriting. Alt 5"},
        [APP_VIEW_ERRORS] = {"Errors", "What the network gets wrong, and why. Alt 3"},
    };
    const Theme *theme = ui_theme(ui);
    for (int i = 0; i < APP_VIEW_COUNT; i++) {
        UiRect rect = ui_cut_left(bar, ui_button_width(ui, tabs[i].label));
        rect = (UiRect){rect.x, rect.y + (rect.h - theme->control) / 2, rect.w, theme->control};
        if (ui_tab(ui, tabs[i].label, rect, i == (int)view) && i != (int)view) {
            actions_add(out, (Action){.kind = ACTION_VIEW, .index = i});
        }
        ui_tooltip(ui, tabs[i].tip);
        (void)ui_cut_left(bar, theme->grid / 2);
    }
}

void top_bar(Ui *ui, UiRect bar, AppView view, const Recogniser *recogniser,
             const Settings *settings, bool help_open, Actions *out) {
    const Theme *theme = ui_theme(ui);
    UiRect line = {bar.x, bar.y + bar.h - theme->hairline, bar.w, theme->hairline};
    draw_rect(ui_list(ui), line, 0, ui_color(ui, THEME_LINE));
    bar = (UiRect){bar.x + theme->margin, bar.y, bar.w - 2 * theme->margin, bar.h};

    float side = theme->control;
    UiRect place = {bar.x + bar.w - side + (side - theme->line_height) / 2,
                    bar.y + (bar.h - side) / 2, side, side};
    if (ui_icon_button(ui, "Help", place, ICON_HELP, help_open)) {
        actions_add(out, (Action){.kind = ACTION_HELP});
    }
    ui_tooltip(ui, "All keys. F1");
    place.x -= side + theme->grid / 2;
    if (ui_icon_button(ui, "Theme", place, ICON_THEME, false)) {
        actions_add(out, (Action){.kind = ACTION_THEME});
    }
    ui_tooltip(ui, settings->dark ? "Light. Key Ctrl T" : "Dark. Key Ctrl T");
    place.x -= side + theme->grid / 2;
    if (ui_icon_button(ui, "Projector", place, ICON_PROJECTOR, settings->projector)) {
        actions_add(out, (Action){.kind = ACTION_PROJECTOR});
    }
    ui_tooltip(ui, "Projector: larger type, thicker lines. Key P");
    bar.w = place.x - 1.5f * theme->grid - bar.x;

    float w = ui_text_width(ui, FONT_TITLE, "Inkling") + 1;
    ui_text(ui, ui_cut_left(&bar, w), FONT_TITLE, THEME_INK, ALIGN_LEFT, "Inkling");
    (void)ui_cut_left(&bar, 1.5f * theme->grid);
    view_tabs(ui, &bar, view, out);
    (void)ui_cut_left(&bar, theme->margin);
    model_chip(ui, &bar, recogniser);
}

// --- help ----------------------------------------------------------------------------------------

void overlay_help(Ui *ui, UiRect window, AppView view, Overlay *own, Actions *out) {
    if (!own->help) {
        return;
    }
    const Theme *theme = ui_theme(ui);
    UiId id = ui_id(ui, "help");
    if (!own->help_opened) {
        ui_open_popup(ui, id);
        own->help_opened = true;
    }
    size_t n, shown = 0;
    const KeyBinding *bindings = key_bindings(&n);
    for (size_t i = 0; i < n; i++) {
        shown += bindings[i].keys != NULL && (bindings[i].views & 1u << view) != 0;
    }
    float pad = theme->margin, row = roundf(theme->line_height * 1.25f);
    int columns = window.w > 46 * theme->line_height ? 2 : 1;
    size_t per_column = (shown + (size_t)columns - 1) / (size_t)columns;
    float column_w = fminf(theme->line_height * 21, (window.w - 2 * pad) / (float)columns - pad);
    float content = (float)per_column * row;
    const char *more =
        "Tab moves between controls, Enter presses. Drop a PNG or JPEG, a file of strokes (.jsonl) "
        "or a weight file (.safetensors) on the window.";
    UiRect measure = {0, 0, column_w * (float)columns + pad * (float)(columns - 1), 0};
    float head = theme->line_height * 2;
    float foot = ui_paragraph(ui, measure, FONT_BODY, THEME_SOFT, more, true) + 1.5f * theme->grid;
    float w = column_w * (float)columns + pad * (float)(columns + 1);
    float h = fminf(content + head + foot + 2 * pad, window.h - 2 * theme->grid);
    UiRect box = {roundf(window.x + (window.w - w) / 2), roundf(window.y + (window.h - h) / 2), w,
                  h};
    if (!ui_begin_popup(ui, id, box)) {
        actions_add(out, (Action){.kind = ACTION_HELP}); // closed by a click outside or Escape
        return;
    }
    UiRect inner = ui_inset(box, pad);
    UiRect title = ui_cut_top(&inner, head);
    UiRect close = ui_cut_right(&title, theme->control);
    close.h = theme->control;
    close.y -= theme->grid;
    close.x += theme->grid;
    if (ui_icon_button(ui, "Close", close, ICON_CLOSE, false)) {
        ui_close_popup(ui);
    }
    title.h = theme->line_height;
    ui_text(ui, title, FONT_TITLE, THEME_INK, ALIGN_LEFT, "Keys");
    UiRect last = ui_cut_bottom(&inner, foot);
    UiRect list = ui_begin_scroll(ui, "keys", inner, content, &own->help_scroll);
    float keys_w = ui_text_width(ui, FONT_MEDIUM, "Page Down") + 2 * theme->grid;
    size_t place = 0;
    for (size_t i = 0; i < n; i++) {
        if (bindings[i].keys == NULL || (bindings[i].views & 1u << view) == 0) {
            continue;
        }
        size_t column = place / per_column, line = place % per_column;
        UiRect where = {list.x + (float)column * (column_w + pad), list.y + (float)line * row,
                        column_w, row};
        ui_text(ui, ui_cut_left(&where, keys_w), FONT_MEDIUM, THEME_INK, ALIGN_LEFT,
                bindings[i].keys);
        ui_text(ui, where, FONT_BODY, THEME_SOFT, ALIGN_LEFT, bindings[i].what);
        place++;
    }
    ui_end_scroll(ui);
    (void)ui_cut_top(&last, 1.5f * theme->grid);
    (void)ui_paragraph(ui, last, FONT_BODY, THEME_SOFT, more, false);
    ui_end_popup(ui);
}

// --- measurements --------------------------------------------------------------------------------

void overlay_stats(Ui *ui, UiRect window, const FrameStats *stats, const Recogniser *recogniser) {
    const Theme *theme = ui_theme(ui);
    struct {
        const char *name, *value;
    } rows[] = {
        {"build", arena_printf(ui_arena(ui), "%.2f ms", stats->build_ms)},
        {"compose", arena_printf(ui_arena(ui), "%.2f ms", stats->compose_ms)},
        {"present", arena_printf(ui_arena(ui), "%.2f ms", stats->present_ms)},
        {"worst of the last second", arena_printf(ui_arena(ui), "%.2f ms", stats->worst_ms)},
        {"event to ink", arena_printf(ui_arena(ui), "%.2f ms", stats->ink_ms)},
        {"stroke to answer", arena_printf(ui_arena(ui), "%.3f ms", recogniser->latency_ms)},
        {"draw commands", arena_printf(ui_arena(ui), "%zu", stats->commands)},
        {"regions painted", arena_printf(ui_arena(ui), "%zu", stats->painted)},
        {"requests for memory",
         arena_printf(ui_arena(ui), "%llu", (unsigned long long)stats->mallocs)},
        {"type", stats->font},
    };
    size_t n = sizeof rows / sizeof rows[0];
    float row = theme->line_height, pad = 1.5f * theme->grid;
    float w = theme->line_height * 14, h = (float)n * row + 2 * pad;
    UiRect box = {window.x + window.w - w - theme->grid, window.y + window.h - h - theme->grid, w,
                  h};
    draw_rect(ui_list(ui), box, theme->radius, ui_color(ui, THEME_SURFACE));
    draw_frame(ui_list(ui), box, theme->radius, theme->hairline, ui_color(ui, THEME_LINE));
    UiRect inner = ui_inset(box, pad);
    for (size_t i = 0; i < n; i++) {
        UiRect line = ui_cut_top(&inner, row);
        ui_text(ui, line, FONT_SMALL, THEME_SOFT, ALIGN_LEFT, rows[i].name);
        ui_text(ui, line, FONT_SMALL, THEME_INK, ALIGN_RIGHT,
                rows[i].value != NULL ? rows[i].value : "");
    }
}
