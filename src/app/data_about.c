// To the right: the picture looked at, and what there is to say of the whole set.
#include <math.h>
#include <string.h>

#include "app/view_data.h"
#include "app/view_errors.h"

// --- the picture looked at -----------------------------------------------------------------------

static void words_of_set(Ui *ui, UiRect *area, const Gallery *gallery, DataSpot spot) {
    const Theme *theme = ui_theme(ui);
    const NnDataset *data = gallery->set->data;
    ui_textf(ui, ui_cut_top(area, theme->line_height * 1.3f), FONT_STRONG, THEME_INK, ALIGN_LEFT,
             "labelled %s", gallery_class(gallery, data->labels[spot.row]));
    ui_textf(ui, ui_cut_top(area, theme->line_height), FONT_BODY, THEME_SOFT, ALIGN_LEFT,
             "picture %s of %s", grouped_text(ui, (size_t)spot.row), grouped_text(ui, data->n));
}

static void words_of_hand(Ui *ui, UiRect *area, const Gallery *gallery, DataSpot spot) {
    const Theme *theme = ui_theme(ui);
    int digit = nn_hand_digit((size_t)spot.row);
    const char *name = nn_hand_name((size_t)spot.row);
    const char *title = digit >= 0 ? arena_printf(ui_arena(ui), "%d, %s", digit, name)
                                   : arena_printf(ui_arena(ui), "no digit: %s", name);
    float used = ui_paragraph(ui, *area, FONT_STRONG, THEME_INK, title != NULL ? title : "", false);
    (void)ui_cut_top(area, used);
    const NnAnswer *answer = data_spot_answer(gallery, spot);
    UiRect line = ui_cut_top(area, theme->line_height * 1.3f);
    if (answer == NULL) {
        return;
    }
    bool right = nn_hand_right((size_t)spot.row, answer);
    float mark = roundf(theme->font[FONT_BODY].size * 0.8f);
    UiRect icon = ui_cut_left(&line, mark);
    icon = (UiRect){icon.x, icon.y + (icon.h - mark) / 2, mark, mark};
    ui_icon(ui, icon, right ? ICON_CHECK : ICON_CROSS,
            ui_color(ui, right ? THEME_RIGHT : THEME_WRONG));
    (void)ui_cut_left(&line, theme->grid / 2);
    if (digit < 0 && right) {
        ui_text(ui, line, FONT_BODY, THEME_INK, ALIGN_LEFT, "not sure");
    } else {
        ui_textf(ui, line, FONT_BODY, THEME_INK, ALIGN_LEFT, "read as %d, %s", answer->digit,
                 percent_text(ui, answer->confidence));
    }
}

// Height used.
static float picture(Ui *ui, UiRect area, const AppData *data, ViewData *own, Actions *out) {
    const Theme *theme = ui_theme(ui);
    const Gallery *gallery = data->gallery;
    const uint8_t *pixels = data_spot_pixels(gallery, own->spot);
    float top = area.y;
    float words = 3 * theme->line_height + theme->control + 2 * theme->grid;
    UiRect room = {area.x, area.y, area.w, fmaxf(fminf(area.w, area.h - words), NN_SIDE)};
    UiRect square = picture_square(ui, room);
    picture_digit(ui, square, pixels, pixels == NULL);
    (void)ui_cut_top(&area, square.h + theme->grid / 2);
    if (pixels == NULL) {
        const char *text = "Click a picture, or walk with the arrow keys.";
        float used = ui_paragraph(ui, area, FONT_BODY, THEME_SOFT, text, false);
        return area.y + used - top;
    }
    if (gallery->source == DATA_HANDWRITING) {
        words_of_hand(ui, &area, gallery, own->spot);
    } else {
        words_of_set(ui, &area, gallery, own->spot);
    }
    (void)ui_cut_top(&area, theme->grid / 2);
    UiRect row = ui_cut_top(&area, theme->control);
    const char *label = "Put on the canvas";
    label = ui_button_width(ui, label) <= row.w ? label : "On the canvas";
    if (ui_button(ui, label, ui_cut_left(&row, fminf(ui_button_width(ui, label), row.w)))) {
        actions_add(out, (Action){.kind = ACTION_DATA_TRY});
    }
    ui_tooltip(ui, gallery->source == DATA_HANDWRITING && nn_hand_digit((size_t)own->spot.row) >= 0
                       ? "The strokes of this drawing go on the Draw canvas, where they can be "
                         "replayed and changed. Enter"
                       : "This picture goes on the Draw canvas. Enter");
    return area.y - top;
}

// --- the whole set -------------------------------------------------------------------------------

static void pixel_plot(Ui *ui, UiRect area, const Gallery *gallery) {
    const Theme *theme = ui_theme(ui);
    UiSeries series = {.x = gallery->bin_value,
                       .y = gallery->bin_share,
                       .n = GALLERY_BINS,
                       .color = ui_color(ui, THEME_ACCENT),
                       .width = theme->stroke,
                       .best = -1};
    UiPlot plot = {.x0 = 0,
                   .x1 = 255,
                   .log_y = true,
                   .x_label = "paper 0 to ink 255",
                   .y_format = "%g" NBSP "%%"};
    ui_text(ui, ui_cut_top(&area, theme->line_height * 1.2f), FONT_BODY, THEME_SOFT, ALIGN_LEFT,
            "Pixels by grey value");
    (void)ui_plot(ui, "pixels", area, &plot, &series, 1);
}

static void set_words(Ui *ui, UiRect *area, const Gallery *gallery) {
    const NnFacts *facts = gallery->set->facts;
    const char *twice =
        facts->repeated == 0
            ? "No picture occurs twice."
            : arena_printf(ui_arena(ui), "%s picture%s occur%s before.",
                           grouped_text(ui, facts->repeated), facts->repeated == 1 ? "" : "s",
                           facts->repeated == 1 ? "s" : "");
    const char *text =
        arena_printf(ui_arena(ui), "%s %s",
                     gallery->set->data->verified ? "The published files, by their checksums."
                                                  : "Files of your own, or changed ones.",
                     twice != NULL ? twice : "");
    if (gallery->source == DATA_MINE) {
        text = twice;
    }
    float used = ui_paragraph(ui, *area, FONT_BODY, THEME_SOFT, text != NULL ? text : "", false);
    (void)ui_cut_top(area, used + ui_theme(ui)->grid);
}

void data_about(Ui *ui, UiRect area, const AppData *data, ViewData *own, Actions *out) {
    const Theme *theme = ui_theme(ui);
    bool handwriting = data->gallery->source == DATA_HANDWRITING;
    float below = handwriting ? 0 : fminf(area.h * 0.36f, 12 * theme->line_height);
    UiRect upper = {area.x, area.y, area.w, area.h - below};
    float used = picture(ui, upper, data, own, out) + 2 * theme->grid;
    (void)ui_cut_top(&area, used);
    if (handwriting) {
        static const char full[] =
            "Forms in which people around the world write each digit, as pen strokes bent, slanted "
            "and shaken at random. Recipes mix them into training: MNIST was written by Americans, "
            "and a network that has seen nothing else misreads much of the world.\n\nThe bars: of "
            "100 drawings kept out of training, the share that the network in use reads; of what "
            "is no digit, the share it is \"not sure\" of.";
        static const char brief[] =
            "Forms in which people write each digit. The bars: of 100 drawings kept out of "
            "training, the share that is read; of what is no digit, that it is \"not sure\" of.";
        const char *const texts[] = {full, brief,
                                     "The bars: how many of 100 such drawings are read."};
        first_that_fits(ui, area, THEME_SOFT, texts, 3);
        return;
    }
    float words = 3.2f * theme->line_height;
    if (area.h >= words + 4 * theme->line_height) {
        set_words(ui, &area, data->gallery);
    }
    if (area.h >= 4 * theme->line_height) {
        area.h = fminf(area.h, 13 * theme->line_height);
        pixel_plot(ui, area, data->gallery);
    }
}
