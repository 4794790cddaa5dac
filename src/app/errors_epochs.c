// The sample epoch by epoch: what the network answered at the end of each, and when that was learnt or
// forgotten. Right answers are high and blue, wrong ones low and orange.
#include <math.h>

#include "app/view_errors.h"

// Where a cell is narrower its answer is told by the tooltip alone.
static const float DIGIT_EM = 0.95f; // of the small type

static NnEpochsWord word_of(const Browse *browse) {
    bool known = browse->epochs != NULL && browse->sample >= 0;
    return known ? nn_epochs_word(browse->epochs, (size_t)browse->sample) : (NnEpochsWord){0};
}

static const char *times(Ui *ui, int n) {
    return n == 1 ? "once" : n == 2 ? "twice" : arena_printf(ui_arena(ui), "%d times", n);
}

static const char *in_words(Ui *ui, const NnEpochsWord *word, int n) {
    Arena *arena = ui_arena(ui);
    switch (word->learning) {
    case NN_LEARNING_NEVER:
        return arena_printf(arena, "Never learnt in %d epochs", n);
    case NN_LEARNING_ALWAYS:
        return arena_printf(arena, "Right after all %d epochs", n);
    case NN_LEARNING_LEARNT:
        return arena_printf(arena, "Learnt at epoch %d of %d", word->learnt, n);
    default:
        return word->right_since > 0 ? arena_printf(arena, "Forgotten %s, right since epoch %d",
                                                    times(ui, word->forgotten), word->right_since)
               : word->forgotten == 1
                   ? arena_printf(arena, "Learnt at epoch %d, forgotten at %d", word->learnt,
                                  word->forgotten_at)
                   : arena_printf(arena, "Forgotten %s, last at epoch %d",
                                  times(ui, word->forgotten), word->forgotten_at);
    }
}

static void cell(Ui *ui, UiRect rect, const Browse *browse, int epoch, bool digits) {
    const Theme *theme = ui_theme(ui);
    uint8_t answer = nn_epochs_answer(browse->epochs, epoch, (size_t)browse->sample);
    int label = nn_study_row(browse->answers->study, (size_t)browse->sample)->label;
    bool known = answer != NN_EPOCHS_UNKNOWN, right = known && answer == label;
    ThemeColor color = right ? THEME_RIGHT : THEME_WRONG;
    UiRect bar = rect;
    if (!right) {
        float h = roundf(rect.h * (known ? 0.62f : 0.15f));
        bar.y += rect.h - h;
        bar.h = h;
    }
    Color fill = !known    ? ui_color(ui, THEME_TRACK)
                 : !digits ? ui_color(ui, color)
                           : color_mix(theme->color[THEME_BACKGROUND], theme->color[color],
                                       right ? 0.16f : 0.24f);
    draw_rect(ui_list(ui), bar, fminf(theme->radius / 2, bar.w / 3), fill);
    ui_push_id_int(ui, epoch);
    (void)ui_region(ui, "epoch", rect, false, NULL, NULL);
    const char *tip = known ? arena_printf(ui_arena(ui), "Epoch %d: answered %s, %s", epoch,
                                           browse_class(browse, answer), right ? "right" : "wrong")
                            : arena_printf(ui_arena(ui), "Epoch %d: the answer is not kept", epoch);
    ui_tooltip(ui, tip != NULL ? tip : "");
    ui_pop_id(ui);
    if (digits && known) {
        Font font = theme->font[FONT_SMALL];
        font.size = fminf(font.size, bar.h / 1.1f);
        ui_text_font(ui, bar, font, ui_color(ui, right ? THEME_INK : color), ALIGN_CENTRE,
                     browse_class(browse, answer));
    }
}

float errors_epochs_height(Ui *ui, const Browse *browse) {
    return word_of(browse).learning != NN_LEARNING_UNKNOWN ? ui_theme(ui)->line_height * 2.3f : 0;
}

void errors_epochs(Ui *ui, UiRect area, const Browse *browse) {
    const Theme *theme = ui_theme(ui);
    NnEpochsWord word = word_of(browse);
    int n = nn_epochs_count(browse->epochs);
    const char *text = in_words(ui, &word, n);
    ui_text(ui, ui_cut_top(&area, theme->line_height * 1.15f), FONT_STRONG, THEME_INK, ALIGN_LEFT,
            text != NULL ? text : "");
    // One device pixel at least; of a run longer than that the newest epochs.
    float scale = ui_scale(ui), gap = 2, widest = theme->line_height;
    int room = (int)(area.w * scale), first = n > room ? n - room + 1 : 1;
    float step = fminf(area.w / (float)(n - first + 1), widest + gap);
    gap = step < 5 ? 0 : gap;
    bool digits =
        !errors_long_names(browse) && step - gap >= theme->font[FONT_SMALL].size * DIGIT_EM;
    for (int epoch = first; epoch <= n; epoch++) {
        float at = area.x + step * (float)(epoch - first);
        float from = roundf(at * scale) / scale, to = roundf((at + step) * scale) / scale - gap;
        cell(ui, (UiRect){from, area.y, to - from, area.h}, browse, epoch, digits);
    }
}
