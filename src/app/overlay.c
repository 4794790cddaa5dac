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

// Fills items (BROWSE_MODELS_MAX + 1) with names and returns which is in use, -1: none. One that
// lies in none of the folders comes first; *first is where those of the folders begin.
static int models_listed(const AppData *data, const char *in_use, const char **items, int *first) {
    const Browse *browse = data->browse;
    const Recogniser *recogniser = data->recogniser;
    int selected = browse_model_of(browse, recogniser->path), n = 0;
    bool stranger = recogniser->model != NULL && selected < 0;
    if (stranger) {
        items[n++] = in_use;
    }
    for (int i = 0; i < browse->n_models; i++) {
        items[n++] = browse->models[i].name;
    }
    *first = stranger ? 1 : 0;
    return stranger ? 0 : selected;
}

static const char *chip_tip(Ui *ui, const Recogniser *recogniser, const char *accuracy) {
    if (recogniser->model == NULL) {
        return "Click for the networks there are, or drop a weight file (.safetensors) on the "
               "window.";
    }
    char layers[256];
    nn_arch_describe(nn_model_arch(recogniser->model), layers, sizeof layers);
    const char *tip = arena_printf(
        ui_arena(ui),
        "The network in use: %s.%s%s Click for the others, or drop a weight file (.safetensors) on "
        "the window.\n%s",
        layers, accuracy[0] != '\0' ? " Right on the MNIST test set: " : "",
        accuracy[0] != '\0' ? arena_printf(ui_arena(ui), "%s.", accuracy) : "", recogniser->path);
    return tip != NULL ? tip : "";
}

// The network in use and, as far as there is room, what there is to say about it; a press shows
// the others.
static void model_chip(Ui *ui, UiRect *bar, const AppData *data, Actions *out) {
    const Theme *theme = ui_theme(ui);
    const Recogniser *recogniser = data->recogniser;
    const NnModel *model = recogniser->model;
    const char *name = "no network loaded", *accuracy = "", *rest = "";
    if (model != NULL) {
        const char *own = nn_model_arch(model)->name;
        name = own[0] != '\0' ? own : "network";
        accuracy = accuracy_note(ui, model);
        rest =
            arena_printf(ui_arena(ui), "%s%s \xc2\xb7 %s", accuracy[0] != '\0' ? " \xc2\xb7 " : "",
                         accuracy, weight_count(ui, nn_model_param_count(model)));
        rest = rest != NULL ? rest : "";
    }
    FontRole role = model != NULL ? FONT_MEDIUM : FONT_BODY;
    float arrow = roundf(theme->font[FONT_BODY].size * 0.85f), air = theme->grid / 2;
    float room = fmaxf(0, bar->w - arrow - 3 * air);
    float name_w = fminf(ui_text_width(ui, role, name) + 1, room);
    float rest_w = ui_text_width(ui, FONT_BODY, rest) + 1;
    rest_w = rest[0] == '\0' || name_w + rest_w > room ? 0 : rest_w;
    UiRect chip = ui_cut_right(bar, name_w + rest_w + arrow + 3 * air);
    chip = (UiRect){chip.x, chip.y + (chip.h - theme->control) / 2, chip.w, theme->control};

    const char *items[BROWSE_MODELS_MAX + 1];
    int first, chosen = models_listed(data, name, items, &first);
    int n = data->browse->n_models + first;
    if (ui_choice_bare(ui, "Network", chip, items, n, &chosen) && chosen >= first) {
        actions_add(out, (Action){.kind = ACTION_MODEL, .index = chosen - first});
    } else if (ui_last(ui).clicked) {
        actions_add(out, (Action){.kind = ACTION_MODEL_LIST});
    }
    ui_tooltip(ui, chip_tip(ui, recogniser, accuracy));
    bool stirred = ui_last(ui).hovered;
    (void)ui_cut_left(&chip, air);
    ui_text(ui, ui_cut_left(&chip, name_w), role, model != NULL ? THEME_INK : THEME_WRONG,
            ALIGN_LEFT, name);
    if (rest_w > 0) {
        ui_text(ui, ui_cut_left(&chip, rest_w), FONT_BODY, THEME_SOFT, ALIGN_LEFT, rest);
    }
    UiRect chevron = {chip.x + air, roundf(chip.y + (chip.h - arrow) / 2), arrow, arrow};
    ui_icon(ui, chevron, ICON_CHEVRON, ui_color(ui, stirred ? THEME_INK : THEME_SOFT));
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

void top_bar(Ui *ui, UiRect bar, AppView view, const AppData *data, bool help_open, Actions *out) {
    const Theme *theme = ui_theme(ui);
    const Settings *settings = data->settings;
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
    bar.w = place.x - theme->grid / 2 - bar.x;

    float w = ui_text_width(ui, FONT_TITLE, "Inkling") + 1;
    ui_text(ui, ui_cut_left(&bar, w), FONT_TITLE, THEME_INK, ALIGN_LEFT, "Inkling");
    (void)ui_cut_left(&bar, 1.5f * theme->grid);
    view_tabs(ui, &bar, view, out);
    (void)ui_cut_left(&bar, theme->margin);
    model_chip(ui, &bar, data, out);
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
    const char *more = "Tab moves between controls, Enter presses. The network's name, above, "
                       "lists the others. Drop a PNG or JPEG, a file of strokes (.jsonl) "
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
