// The time machine, the buttons of the run, and the line at the bottom: how far it is and what the
// doctor says.
#include <math.h>

#include "app/view_train.h"

enum { RATE_STEPS = 4 }; // to either side; each is half a power of ten

float train_time_height(Ui *ui) {
    const Theme *theme = ui_theme(ui);
    return 2 * theme->control + 2.1f * theme->line_height + theme->control * 0.7f +
           1.5f * theme->grid;
}

// --- time machine --------------------------------------------------------------------------------

// Below each epoch's mark what it would have answered to the drawing.
static void story(Ui *ui, UiRect row, const Training *training, int last) {
    const Theme *theme = ui_theme(ui);
    float thumb = theme->control / 4, rail = row.w - 2 * thumb;
    float pitch = rail / (float)last;
    int every = (int)ceilf(theme->font[FONT_SMALL].size * 1.1f / fmaxf(pitch, 1));
    for (int i = 0; i <= last && i < training->story_next; i += every) {
        const TrainWord *word = &training->story[i];
        if (!word->known) {
            continue;
        }
        bool now = training->has_answer && word->digit == training->answer.digit;
        UiRect place = {row.x + thumb + pitch * (float)i - 12, row.y, 24, row.h};
        ui_textf(ui, place, FONT_SMALL, now ? THEME_INK : THEME_WRONG, ALIGN_CENTRE, "%d",
                 word->digit);
    }
}

static void time_machine(Ui *ui, UiRect area, const Training *training, Actions *out) {
    const Theme *theme = ui_theme(ui);
    int last = training_last_epoch(training);
    bool past = training->at != TRAINING_NEWEST;
    UiRect line = ui_cut_top(&area, theme->line_height * 1.1f);
    int from = past ? training->at : last;
    bool changes = last > 0 && training_can_change(training, from);
    if (past || changes) {
        const char *label = changes ? "Continue with the new settings" : "Continue from here";
        float w = ui_text_width(ui, FONT_BODY, label) + 1;
        if (ui_link(ui, label, ui_cut_right(&line, w))) {
            actions_add(out, (Action){.kind = ACTION_TRAIN_CONTINUE});
        }
        const char *tip =
            past && !training->has_past
                ? arena_printf(ui_arena(ui),
                               "The weights of epoch %d are kept no more: the epochs before it are "
                               "trained again from the nearest one that is, to the same bits, and "
                               "training goes on from there.",
                               from)
            : changes
                ? arena_printf(ui_arena(ui),
                               "Training goes on from epoch %d with the settings on the left, as "
                               "a second curve and a run of its own.",
                               from)
                : "Weights and optimiser go back to the end of this epoch, and training goes on "
                  "from there as a second curve. Change settings first, and it goes on with those: "
                  "all but layers, data, validation and seed.";
        ui_tooltip(ui, tip != NULL ? tip : "");
        (void)ui_cut_right(&line, 1.5f * theme->grid);
    }
    if (last > 0) {
        const char *where = past && training->at == 0 ? "before the first epoch"
                            : past
                                ? arena_printf(ui_arena(ui), "epoch %d of %d", training->at, last)
                                : "now";
        float w = ui_text_width(ui, FONT_MEDIUM, where != NULL ? where : "") + 1;
        ui_text(ui, ui_cut_right(&line, fminf(w, line.w)), FONT_MEDIUM, THEME_INK, ALIGN_RIGHT,
                where != NULL ? where : "");
    }
    ui_text(ui, line, FONT_BODY, THEME_SOFT, ALIGN_LEFT, "Time machine");
    UiRect rail = ui_cut_top(&area, theme->control * 0.7f);
    float value = past ? (float)training->at : (float)last;
    ui_push_disabled(ui, last == 0);
    if (ui_slider_steps(ui, "Epoch on view", rail, &value, 0, (float)(last > 0 ? last : 1), 1)) {
        int epoch = (int)lroundf(value);
        actions_add(out, (Action){.kind = ACTION_TRAIN_SHOW,
                                  .index = epoch >= last ? TRAINING_NEWEST : epoch});
    }
    ui_tooltip(ui, "Curves, matrix, weights and the answer to the drawing as they were after that "
                   "epoch. The figures below are its answers. Keys Left and Right");
    ui_pop_disabled(ui);
    if (last > 0) {
        story(ui, ui_cut_top(&area, theme->line_height), training, last);
    }
}

// --- buttons -------------------------------------------------------------------------------------

typedef struct {
    const char *label, *brief, *tip;
    Action action;
    bool enabled, primary;
} RunButton;

static void buttons(Ui *ui, UiRect row, const RunButton *list, int n, bool right, Actions *out) {
    const Theme *theme = ui_theme(ui);
    float needed = -theme->grid;
    for (int i = 0; i < n; i++) {
        needed += ui_button_width(ui, list[i].label) + theme->grid;
    }
    bool brief = needed > row.w;
    for (int i = 0; i < n; i++) {
        const RunButton *button = &list[i];
        const char *label = brief ? button->brief : button->label;
        float w = ui_button_width(ui, label);
        if (w > row.w) {
            break;
        }
        UiRect rect = right ? ui_cut_right(&row, w) : ui_cut_left(&row, w);
        right ? (void)ui_cut_right(&row, theme->grid) : (void)ui_cut_left(&row, theme->grid);
        ui_push_disabled(ui, !button->enabled);
        bool pressed =
            button->primary ? ui_button_primary(ui, label, rect) : ui_button(ui, label, rect);
        ui_tooltip(ui, button->tip);
        ui_pop_disabled(ui);
        if (pressed) {
            actions_add(out, button->action);
        }
    }
}

static void run_buttons(Ui *ui, UiRect row, const Training *training, Actions *out) {
    bool running = training_running(training), active = training_active(training);
    bool paused = active && training->state.phase == NN_RUNNER_PAUSED;
    bool back = training_goes_back(training);
    const char *go = back      ? "Give up##go"
                     : running ? "Pause##go"
                     : paused  ? "Resume##go"
                               : "Start##go";
    const RunButton list[] = {
        {go,
         go,
         back ? "Stays where the run is now. Space" : "Space starts, pauses and goes on.",
         {.kind = ACTION_TRAIN_GO},
         true,
         true},
        {"Batch",
         "Batch",
         "Trains one batch, then waits. Key B",
         {.kind = ACTION_TRAIN_BATCH},
         !running && !back,
         false},
        {"Epoch",
         "Epoch",
         "Trains to the end of the epoch, then waits. Key N",
         {.kind = ACTION_TRAIN_EPOCH},
         !running && !back,
         false},
        {"Stop",
         "Stop",
         "Ends the run; what has been learnt stays. Key X",
         {.kind = ACTION_TRAIN_STOP},
         active,
         false},
        {"Rewind",
         "Back##Rewind",
         "Back to the weights of the start. Key R",
         {.kind = ACTION_TRAIN_REWIND},
         training->runner != NULL && training->state.steps_done > 0,
         false},
    };
    buttons(ui, row, list, (int)(sizeof list / sizeof list[0]), false, out);
}

static void network_buttons(Ui *ui, UiRect *row, const Training *training, Actions *out) {
    const Theme *theme = ui_theme(ui);
    bool any = training_model(training) != NULL;
    const RunButton list[] = {
        {"Use this network",
         "Use##Use this network",
         "The Draw and Errors views answer with these weights from now on. Key U",
         {.kind = ACTION_TRAIN_USE},
         any,
         false},
        {"Save",
         "Save",
         "Saves the weights on view as a file (safetensors). Ctrl S",
         {.kind = ACTION_TRAIN_SAVE},
         any,
         false},
        {"Figures",
         "Figures",
         "Saves curves and matrix as pictures (PNG) and as tables (CSV). Key F",
         {.kind = ACTION_TRAIN_FIGURES},
         training->path.n > 0,
         false},
    };
    float needed = 0;
    for (int i = 0; i < 3; i++) {
        needed += ui_button_width(ui, list[i].label) + theme->grid;
    }
    UiRect place = ui_cut_right(row, fminf(needed, row->w * 0.62f));
    buttons(ui, place, list, 3, true, out);
}

static void rate_slider(Ui *ui, UiRect row, const Training *training, Actions *out) {
    const Theme *theme = ui_theme(ui);
    double factor = training->state.rate_factor > 0 ? training->state.rate_factor : 1;
    const char *label = arena_printf(ui_arena(ui), "Rate \xc3\x97%.2g", factor);
    float w = ui_text_width(ui, FONT_BODY,
                            "Rate \xc3\x97"
                            "0.032") +
              1;
    if (label == NULL || row.w < w + 5 * theme->grid) {
        return;
    }
    ui_text(ui, ui_cut_left(&row, w), FONT_BODY, THEME_SOFT, ALIGN_LEFT, label);
    float value = (float)(2 * log10(factor));
    row.w = fminf(row.w - theme->grid, 18 * theme->grid);
    ui_push_disabled(ui, !training_active(training));
    if (ui_slider(ui, "Learning rate factor", row, &value, -RATE_STEPS, RATE_STEPS)) {
        double steps = round((double)value * 2) / 2;
        actions_add(out, (Action){.kind = ACTION_TRAIN_RATE, .number = pow(10, steps / 2)});
    }
    const char *tip = arena_printf(
        ui_arena(ui),
        "What the recipe's learning rate is multiplied by from the next batch on. It is "
        "%.3g now.",
        training->state.progress.learning_rate);
    ui_tooltip(ui, tip != NULL ? tip : "");
    ui_pop_disabled(ui);
}

void train_time(Ui *ui, UiRect area, const AppData *data, Actions *out) {
    const Theme *theme = ui_theme(ui);
    const Training *training = data->training;
    UiRect lower = ui_cut_bottom(&area, theme->control);
    (void)ui_cut_bottom(&area, theme->grid);
    UiRect upper = ui_cut_bottom(&area, theme->control);
    time_machine(ui, area, training, out);
    run_buttons(ui, upper, training, out);
    network_buttons(ui, &lower, training, out);
    rate_slider(ui, lower, training, out);
}

// --- the line at the bottom ----------------------------------------------------------------------

static const char *grouped(Ui *ui, double number) {
    long n = lround(number);
    const char *text = n < 1000      ? arena_printf(ui_arena(ui), "%ld", n)
                       : n < 1000000 ? arena_printf(ui_arena(ui), "%ld,%03ld", n / 1000, n % 1000)
                                     : arena_printf(ui_arena(ui), "%.2f million", (double)n / 1e6);
    return text != NULL ? text : "";
}

static const char *left_text(Ui *ui, double seconds) {
    const char *text = seconds < 10     ? arena_printf(ui_arena(ui), "%.1f s left", seconds)
                       : seconds < 100  ? arena_printf(ui_arena(ui), "%.0f s left", seconds)
                       : seconds < 6000 ? arena_printf(ui_arena(ui), "%.0f min left", seconds / 60)
                                        : arena_printf(ui_arena(ui), "%.1f h left", seconds / 3600);
    return text != NULL ? text : "";
}

static double share_done(const NnProgress *progress) {
    double epochs = progress->epochs > 0 ? progress->epochs : 1;
    double steps = progress->steps > 0 ? progress->steps : 1;
    double done = progress->epoch > 0 ? progress->epoch - 1 + progress->step / steps : 0;
    return fmin(fmax(done / epochs, 0), 1);
}

static const char *phase_text(const Training *training) {
    switch (training->state.phase) {
    case NN_RUNNER_LOADING:
        return "getting ready";
    case NN_RUNNER_READY:
        return "ready";
    case NN_RUNNER_PAUSED:
        return "paused";
    case NN_RUNNER_DONE:
        return "done";
    case NN_RUNNER_STOPPED:
        return "stopped";
    case NN_RUNNER_FAILED:
        return "failed";
    default:
        return "";
    }
}

static void item(Ui *ui, UiRect *line, FontRole role, ThemeColor color, const char *text) {
    float w = text != NULL ? ui_text_width(ui, role, text) + 1 : 0;
    if (text == NULL || text[0] == '\0' || w > line->w) {
        return;
    }
    ui_text(ui, ui_cut_left(line, w), role, color, ALIGN_LEFT, text);
    (void)ui_cut_left(line, 2.5f * ui_theme(ui)->grid);
}

static const char *remedy(const Training *training) {
    switch (training->verdict.finding) {
    case DOCTOR_OVERFITTING:
        return "Show its best epoch";
    case DOCTOR_NO_NUMBER:
    case DOCTOR_DIVERGING:
        return training_last_epoch(training) > 0 ? "Go back, a third of the rate"
                                                 : "Start over, a third of the rate";
    case DOCTOR_PLATEAU:
        return training_active(training) ? "A third of the rate" : NULL;
    default:
        return NULL;
    }
}

// The way back to an epoch that is kept no more.
static void way_back(Ui *ui, UiRect line, const Training *training) {
    const NnRunnerState *state = &training->state;
    Arena *arena = ui_arena(ui);
    bool one = state->back.from == state->back.to;
    item(ui, &line, FONT_STRONG, THEME_INK,
         arena_printf(arena, "%.0f" NBSP "%%", state->back.done * 100));
    item(ui, &line, FONT_BODY, THEME_SOFT,
         one ? arena_printf(arena, "going back over epoch %d", state->back.to)
             : arena_printf(arena, "going back over epochs %d\xe2\x80\x93%d", state->back.from,
                            state->back.to));
    if (!one) {
        item(ui, &line, FONT_BODY, THEME_SOFT, arena_printf(arena, "epoch %d", state->back.epoch));
    }
    if (state->back.seconds_left > 0) {
        item(ui, &line, FONT_BODY, THEME_SOFT, left_text(ui, state->back.seconds_left));
    }
}

void train_status(Ui *ui, UiRect area, const AppData *data, Actions *out) {
    const Theme *theme = ui_theme(ui);
    const Training *training = data->training;
    const NnRunnerState *state = &training->state;
    const NnProgress *progress = &state->progress;
    float thick = 3 * fmaxf(theme->hairline, 1);
    UiRect rail = ui_cut_top(&area, thick);
    draw_rect(ui_list(ui), rail, 0, ui_color(ui, THEME_LINE));
    bool back = training_goes_back(training);
    double done = back                             ? state->back.done
                  : state->phase == NN_RUNNER_DONE ? 1
                                                   : share_done(progress);
    UiRect bar = rail;
    bar.w *= (float)done;
    draw_rect(ui_list(ui), bar, 0, ui_color(ui, THEME_ACCENT));
    UiRect line = {area.x + theme->margin, area.y, area.w - 2 * theme->margin, area.h};

    if (back) {
        way_back(ui, line, training);
        return;
    }
    const char *advice = training->advice;
    if (training->runner != NULL && advice[0] == '\0') {
        advice = state->message;
    }
    if (advice[0] != '\0') {
        const char *link = remedy(training);
        float link_w = link != NULL ? ui_text_width(ui, FONT_BODY, link) + 1 : 0;
        float w = ui_text_width(ui, FONT_BODY, advice) + 1 + link_w + theme->grid;
        UiRect right = ui_cut_right(&line, fminf(w, line.w * 0.62f));
        if (link != NULL && ui_link(ui, link, ui_cut_right(&right, link_w))) {
            actions_add(out, (Action){.kind = ACTION_TRAIN_REMEDY});
        }
        (void)ui_cut_right(&right, link != NULL ? theme->grid : 0);
        ui_text(ui, right, FONT_BODY, THEME_SOFT, ALIGN_RIGHT, advice);
        (void)ui_region(ui, "advice", right, false, NULL, NULL);
        ui_tooltip(ui, advice);
        (void)ui_cut_right(&line, 2 * theme->grid);
    }
    if (training->runner == NULL && training->runs.resumable) {
        const TrainRuns *runs = &training->runs;
        const char *link = "Go on with it";
        UiRect right = ui_cut_right(&line, ui_text_width(ui, FONT_BODY, link) + 1);
        if (ui_link(ui, link, right)) {
            actions_add(out, (Action){.kind = ACTION_TRAIN_RESUME});
        }
        ui_textf(ui, line, FONT_BODY, THEME_SOFT, ALIGN_LEFT,
                 "A run of %s was left after epoch %d of %d.", runs->config.recipe.name,
                 runs->epochs, runs->config.recipe.epochs);
        return;
    }
    if (training->runner == NULL) {
        ui_text(ui, line, FONT_BODY, THEME_SOFT, ALIGN_LEFT,
                training->loading        ? "Reading the pictures \xe2\x80\xa6"
                : training->data != NULL ? "Space starts."
                                         : "");
        return;
    }
    Arena *arena = ui_arena(ui);
    item(ui, &line, FONT_STRONG, THEME_INK, arena_printf(arena, "%.0f" NBSP "%%", done * 100));
    item(ui, &line, FONT_BODY, THEME_SOFT, phase_text(training));
    if (progress->epoch > 0) {
        item(ui, &line, FONT_BODY, THEME_SOFT,
             arena_printf(arena, "epoch %d of %d, batch %d of %d", progress->epoch,
                          progress->epochs, progress->step, progress->steps));
    }
    if (state->phase == NN_RUNNER_RUNNING && progress->samples_per_s > 0) {
        item(ui, &line, FONT_BODY, THEME_SOFT,
             arena_printf(arena, "%s digits/s", grouped(ui, progress->samples_per_s)));
        item(ui, &line, FONT_BODY, THEME_SOFT, left_text(ui, progress->seconds_left));
    }
}
