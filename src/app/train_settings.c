// The recipe and its settings, each a value on a line; what is wrong with one is said below it.
#include <math.h>
#include <string.h>

#include "app/view_train.h"
#include "data/augment.h"

static const struct {
    const char *label, *help;
} WORDS[FIELD_COUNT] = {
    [FIELD_LAYERS] = {"Layers", "Units of the hidden layers, first to last: 256, 128. Empty: none, "
                                "the ten outputs see the pixels."},
    [FIELD_ACTIVATION] = {"Activation", "The function each hidden unit bends its sum with; without "
                                        "one, layers add nothing."},
    [FIELD_DROPOUT] = {"Dropout", "Share of hidden outputs left out at random in every step, so "
                                  "that no unit relies on another one. 0: none."},
    [FIELD_OPTIMISER] = {"Optimiser",
                         "The rule that turns a gradient into a step. Adam scales each "
                         "weight's step by how large its gradients have been."},
    [FIELD_RATE] = {"Learning rate", "Size of a step; the peak, where the recipe varies it."},
    [FIELD_BATCH] = {"Batch", "Samples a step is averaged over: large ones are quicker, small ones "
                              "noisier."},
    [FIELD_PRECISION] = {"Precision",
                         "Of the numbers that layers multiply. bf16 has three digits instead of "
                         "seven, and twice the speed where the CPU has instructions for it; sums "
                         "and weights stay f32."},
    [FIELD_TEACHERS] = {"Teachers", "Trained networks whose answers it learns from beside the "
                                    "labels (distillation)."},
    [FIELD_DISTIL_WEIGHT] = {"Their share", "Share of the loss that the teachers' answers have; "
                                            "the rest is the label's."},
    [FIELD_DISTIL_TEMPERATURE] = {"Temperature", "What logits are divided by before teachers and "
                                                 "student are compared: high ones show which wrong "
                                                 "answers a teacher finds near."},
    [FIELD_DISTIL_MIXUP] = {"Mixup", "Share of the pictures that are two blended into one, for "
                                     "the teachers alone to answer. 0: none."},
    [FIELD_MONITOR] = {"Best epoch by", "What of the validation samples tells the best epoch, "
                                        "which is marked, and kept where a recipe stops early."},
    [FIELD_L2] = {"L2", "Penalty on large weights: l2 times the sum of their squares."},
    [FIELD_AUGMENT] = {"Augmentation", "Random changes to each training picture, new in every "
                                       "epoch: turned, moved, bent as hands do."},
    [FIELD_EPOCHS] = {"Epochs", "Passes over the training set."},
    [FIELD_VALIDATION] = {"Validation", "Samples held out of the training set: what the network is "
                                        "measured on."},
    [FIELD_SEED] = {"Seed", "The same seed gives the same weights, bit by bit, on any number of "
                            "threads."},
    [FIELD_DATA] = {"Data", "The pictures it learns from."},
};

static void recipe_choice(Ui *ui, UiRect *column, const Training *training, Actions *out) {
    const Theme *theme = ui_theme(ui);
    const TrainForm *form = &training->form;
    ui_text(ui, ui_cut_top(column, theme->line_height * 1.3f), FONT_STRONG, THEME_INK, ALIGN_LEFT,
            "Recipe");
    int chosen = training->chosen;
    UiRect row = ui_cut_top(column, theme->control);
    if (ui_choice(ui, "Recipe##choice", row, (const char *const *)training->names,
                  (int)training->n_names, &chosen)) {
        actions_add(out, (Action){.kind = ACTION_TRAIN_RECIPE, .index = chosen});
    }
    const char *tip =
        arena_printf(ui_arena(ui), "%s%s%s. Without a window: inkling train %s", form->base.title,
                     form->base.source[0] != '\0' ? ", " : "", form->base.source, form->base.name);
    ui_tooltip(ui, tip != NULL ? tip : "");
}

// A value that opens a popup to change it in.
static void opener(Ui *ui, UiRect value, const char *name, UiId popup, TrainField field,
                   const Training *training) {
    const Theme *theme = ui_theme(ui);
    UiResponse response = ui_region(ui, name, value, false, NULL, NULL);
    ui_tooltip(ui, WORDS[field].help);
    if (response.clicked) {
        ui_open_popup(ui, popup);
    }
    UiRect line = {value.x, value.y + value.h - theme->hairline, value.w, theme->hairline};
    draw_rect(ui_list(ui), line, 0, ui_color(ui, response.hovered ? THEME_FAINT : THEME_LINE));
    ui_text(ui, (UiRect){value.x, value.y, value.w - theme->grid, value.h}, FONT_BODY, THEME_INK,
            ALIGN_RIGHT, training->form.text[field]);
}

// --- the preview of the augmentation -------------------------------------------------------------

// Real pictures of the data set as training would see them, a new set every second.
static void preview(Ui *ui, UiRect area, const Training *training, ViewTrain *own) {
    const Theme *theme = ui_theme(ui);
    const NnDataset *set = training->data;
    const double every_ms = 1000;
    double moment = theme->ease_ms > 0 ? floor(ui_input(ui)->now_ms / every_ms) : 0;
    float cell = floorf(fminf(area.w / PREVIEW_COLUMNS, area.h / PREVIEW_ROWS));
    // An easing that never arrives keeps the frames coming while this is open.
    (void)ui_ease(ui, ui_id(ui, "preview clock"), (float)ui_input(ui)->now_ms);
    for (int i = 0; i < PREVIEW_ROWS * PREVIEW_COLUMNS; i++) {
        size_t sample = (size_t)(i % PREVIEW_COLUMNS) % set->n;
        const uint8_t *pixels = set->images + sample * NN_PIXELS;
        bool plain = i < PREVIEW_COLUMNS; // the first row is how they are
        if (!plain) {
            augment_bytes(&training->form.recipe.augment, pixels, training->form.seed,
                          (uint64_t)moment, (uint64_t)i, own->preview[i]);
        } else {
            memcpy(own->preview[i], pixels, NN_PIXELS);
        }
        UiRect place = {area.x + (float)(i % PREVIEW_COLUMNS) * cell,
                        area.y + (float)(i / PREVIEW_COLUMNS) * cell, cell - 3, cell - 3};
        picture_digit(ui, picture_square(ui, place), own->preview[i], false);
    }
}

static void augment_popup(Ui *ui, UiId id, UiRect anchor, const Training *training, ViewTrain *own,
                          Actions *out) {
    const Theme *theme = ui_theme(ui);
    const char *items[FORM_CHOICES_MAX];
    int n = train_field_choices(&training->form, FIELD_AUGMENT, items);
    int chosen = train_field_chosen(&training->form, FIELD_AUGMENT);
    float pad = 2 * theme->grid, cell = roundf(theme->line_height * 3);
    float w = fmaxf(ui_segmented_width(ui, items, n), cell * PREVIEW_COLUMNS) + 2 * pad;
    float h = theme->control + theme->line_height * 2.4f + cell * PREVIEW_ROWS + 3 * pad;
    const UiInput *input = ui_input(ui);
    UiRect rect = {fminf(anchor.x, input->width - w - pad),
                   fmaxf(pad, fminf(anchor.y + anchor.h + 4, input->height - h - pad)), w, h};
    if (!ui_begin_popup(ui, id, rect)) {
        return;
    }
    UiRect inner = ui_inset(rect, pad);
    UiRect row = ui_cut_top(&inner, theme->control);
    if (ui_segmented(ui, "kind", row, items, n, &chosen)) {
        actions_add(
            out,
            (Action){.kind = ACTION_TRAIN_FIELD, .index = FIELD_AUGMENT, .text = items[chosen]});
    }
    (void)ui_cut_top(&inner, theme->grid);
    bool none = augment_is_none(&training->form.recipe.augment);
    (void)ui_paragraph(ui, ui_cut_top(&inner, theme->line_height * 2.4f), FONT_SMALL, THEME_SOFT,
                       none ? "Every epoch shows the same pictures."
                            : "Above as they are in the data set, below as an epoch shows them.",
                       false);
    if (training->data != NULL && training->data->n > 0) {
        preview(ui, inner, training, own);
    }
    ui_end_popup(ui);
}

static void augment_row(Ui *ui, UiRect value, const AppData *data, ViewTrain *own, Actions *out) {
    UiId popup = ui_id(ui, "augmentation preview");
    opener(ui, value, "augmentation", popup, FIELD_AUGMENT, data->training);
    augment_popup(ui, popup, value, data->training, own, out);
}

// --- teachers ------------------------------------------------------------------------------------

// A row of the list: a switch and a name.
static void teacher_row(Ui *ui, UiRect *column, const TrainForm *form, const char *name,
                        const char *shown, Actions *out) {
    const Theme *theme = ui_theme(ui);
    UiRect row = ui_cut_top(column, roundf(theme->control));
    bool on = train_form_has_teacher(form, name);
    UiRect place = ui_cut_left(&row, 4.5f * theme->grid);
    (void)ui_cut_left(&row, theme->grid);
    if (ui_toggle(ui, shown, place, &on)) {
        actions_add(out,
                    (Action){.kind = ACTION_TRAIN_FIELD, .index = FIELD_TEACHERS, .text = name});
    }
    ui_text(ui, row, FONT_BODY, on ? THEME_INK : THEME_SOFT, ALIGN_LEFT, shown);
}

static void teachers_popup(Ui *ui, UiId id, UiRect anchor, const AppData *data, ViewTrain *own,
                           Actions *out) {
    const Theme *theme = ui_theme(ui);
    const TrainForm *form = &data->training->form;
    const Browse *browse = data->browse;
    const UiInput *input = ui_input(ui);
    const char *names[BROWSE_MODELS_MAX + NN_TEACHERS_MAX];
    int n = 0, n_known;
    for (int i = 0; i < browse->n_models; i++) {
        const BrowseModel *model = &browse->models[i];
        names[n++] = model->named ? model->name : model->path;
    }
    n_known = n;
    for (int i = 0; i < form->recipe.teachers.n; i++) { // the recipe's that are not among them
        bool known = false;
        for (int k = 0; k < n_known; k++) {
            known = known || strcmp(names[k], form->recipe.teachers.names[i]) == 0;
        }
        if (!known) {
            names[n++] = form->recipe.teachers.names[i];
        }
    }
    float pad = 2 * theme->grid, row = roundf(theme->control), w = 17 * theme->line_height;
    float words = theme->line_height * 2.4f, needed = row * (float)n;
    float list = fminf(needed, input->height * 0.5f), h = words + list + 2 * pad;
    UiRect rect = {fminf(anchor.x, input->width - w - pad),
                   fmaxf(pad, fminf(anchor.y + anchor.h + 4, input->height - h - pad)), w, h};
    if (!ui_begin_popup(ui, id, rect)) {
        return;
    }
    UiRect inner = ui_inset(rect, pad);
    (void)ui_paragraph(ui, ui_cut_top(&inner, words), FONT_SMALL, THEME_SOFT,
                       n > 0 ? "Networks that answer each training picture beside its label; "
                               "several are averaged."
                             : "There are no networks yet: train one and save it.",
                       false);
    UiRect column = inner;
    bool scrolls = needed > inner.h + 1;
    if (scrolls) {
        column = ui_begin_scroll(ui, "networks", inner, needed, &own->teachers_scroll);
    }
    for (int i = 0; i < n; i++) {
        const char *shown = i < n_known ? browse->models[i].name : names[i];
        ui_push_id_int(ui, i);
        teacher_row(ui, &column, form, names[i], shown, out);
        ui_pop_id(ui);
    }
    if (scrolls) {
        ui_end_scroll(ui);
    }
    ui_end_popup(ui);
}

static void teachers_row(Ui *ui, UiRect value, const AppData *data, ViewTrain *own, Actions *out) {
    UiId popup = ui_id(ui, "teachers list");
    opener(ui, value, "teachers", popup, FIELD_TEACHERS, data->training);
    teachers_popup(ui, popup, value, data, own, out);
}

// --- rows ----------------------------------------------------------------------------------------

static void edit(Ui *ui, UiRect value, const Training *training, TrainField field, Actions *out) {
    const TrainForm *form = &training->form;
    const char *items[FORM_CHOICES_MAX];
    int n = train_field_choices(form, field, items);
    if (n > 0) {
        int chosen = train_field_chosen(form, field);
        if (ui_choice(ui, WORDS[field].label, value, items, n, &chosen)) {
            actions_add(
                out,
                (Action){.kind = ACTION_TRAIN_FIELD, .index = (int)field, .text = items[chosen]});
        }
        return;
    }
    // The field edits a copy: what the form holds is the form's to change.
    char *text = arena_take(ui_arena(ui), FORM_TEXT, 1);
    if (text == NULL) {
        return;
    }
    memcpy(text, form->text[field], FORM_TEXT);
    (void)ui_text_field(ui, WORDS[field].label, value, text, FORM_TEXT);
    if (ui_last(ui).changed) {
        actions_add(out, (Action){.kind = ACTION_TRAIN_FIELD, .index = (int)field, .text = text});
    }
}

static float problem_height(Ui *ui, float width, const char *problem) {
    UiRect measure = {0, 0, width, 0};
    return problem[0] == '\0'
               ? 0
               : ui_paragraph(ui, measure, FONT_SMALL, THEME_WRONG, problem, true) + 4;
}

static void row_of(Ui *ui, UiRect *column, float height, const AppData *data, ViewTrain *own,
                   TrainField field, Actions *out) {
    const Theme *theme = ui_theme(ui);
    const Training *training = data->training;
    const TrainForm *form = &training->form;
    UiRect row = ui_cut_top(column, height);
    UiRect value = ui_cut_right(&row, roundf(row.w * 0.52f));
    value.h -= roundf(theme->grid * 0.4f);
    row.h = value.h;
    bool changed = train_form_changed(form, field);
    ui_text(ui, row, FONT_BODY, changed ? THEME_ACCENT : THEME_SOFT, ALIGN_LEFT,
            WORDS[field].label);
    ui_push_id_int(ui, (int)field);
    bool fixed = !train_form_has_layers(form) &&
                 (field == FIELD_LAYERS || field == FIELD_ACTIVATION || field == FIELD_DROPOUT);
    bool slow = field == FIELD_PRECISION && form->recipe.precision == NN_PRECISION_BF16 &&
                !nn_precision_is_fast(NN_PRECISION_BF16);
    ui_push_disabled(ui, fixed);
    if (field == FIELD_AUGMENT) {
        augment_row(ui, value, data, own, out);
    } else if (field == FIELD_TEACHERS) {
        teachers_row(ui, value, data, own, out);
    } else {
        edit(ui, value, training, field, out);
        ui_tooltip(ui, fixed ? "This network is no plain chain of layers: its recipe's file says "
                               "more than fits here."
                       : slow
                           ? "This computer has no instructions for bf16: the numbers are rounded "
                             "all the same, and nothing is gained."
                           : WORDS[field].help);
    }
    ui_pop_disabled(ui);
    ui_pop_id(ui);
    if (form->problem[field][0] != '\0') {
        UiRect line = {value.x, value.y + value.h - 2 * theme->hairline, value.w,
                       2 * theme->hairline};
        draw_rect(ui_list(ui), line, 0, ui_color(ui, THEME_WRONG));
        float h = problem_height(ui, column->w, form->problem[field]);
        (void)ui_paragraph(ui, ui_cut_top(column, h), FONT_SMALL, THEME_WRONG, form->problem[field],
                           false);
    }
}

void train_settings(Ui *ui, UiRect area, const AppData *data, ViewTrain *own, Actions *out) {
    const Theme *theme = ui_theme(ui);
    const Training *training = data->training;
    recipe_choice(ui, &area, training, out);
    (void)ui_cut_top(&area, theme->grid / 2);
    // A hint that the run on view was started with other settings.
    if (training_differs(training)) {
        UiRect line = ui_cut_bottom(&area, theme->line_height);
        ui_text(ui, line, FONT_SMALL, THEME_SOFT, ALIGN_LEFT,
                training_can_change(training, training_last_epoch(training))
                    ? "For the next run, or to continue with."
                : training_active(training) ? "Changes count from the next run on."
                                            : "Changed: Start trains anew.");
    }
    float problems = 0;
    int rows = 0;
    for (int i = 0; i < FIELD_COUNT; i++) {
        rows += train_form_shows(&training->form, (TrainField)i);
        problems += problem_height(ui, area.w, training->form.problem[i]);
    }
    float least = roundf(theme->line_height * 1.3f), most = roundf(theme->control);
    float row = fmaxf(least, fminf(most, floorf((area.h - problems) / (float)rows)));
    float needed = row * (float)rows + problems;
    UiRect column = area;
    own->settings = area;
    bool scrolls = needed > area.h + 1;
    if (scrolls) {
        column = ui_begin_scroll(ui, "settings", area, needed, &own->scroll);
        column.w -= 1.25f * theme->grid; // beside the bar
    }
    ui_set_plain(ui, true);
    for (int i = 0; i < FIELD_COUNT; i++) {
        if (train_form_shows(&training->form, (TrainField)i)) {
            row_of(ui, &column, row, data, own, (TrainField)i, out);
        }
    }
    ui_set_plain(ui, false);
    if (scrolls) {
        ui_end_scroll(ui);
    }
}
