// The curves: loss above, below it accuracy, the accuracy of each digit, or the learning rate.
//
// What is drawn is kept still as long as it can be: steps in bins (train_bins.h), axes that end at
// round places, so that most frames paint the newest piece of each curve and nothing else.
#include <math.h>
#include <string.h>

#include "app/view_train.h"

enum { CURVES_MAX = NN_CLASSES + 6 };

typedef struct {
    UiSeries series[CURVES_MAX];
    size_t n;
    float x1;        // right end of the axes
    float low, high; // of what has to be seen; low > high: nothing
} Chart;

static void see(Chart *chart, float value) {
    if (isfinite(value)) {
        chart->low = value < chart->low ? value : chart->low; // fminf would be a call
        chart->high = value > chart->high ? value : chart->high;
    }
}

static UiSeries *add(Chart *chart, UiSeries series) {
    if (chart->n == CURVES_MAX) {
        return NULL;
    }
    chart->series[chart->n] = series;
    return &chart->series[chart->n++];
}

// How many neighbours among n bins become one, a power of two, so that no more than `columns` are
// left.
static size_t stride_of(size_t n, float columns) {
    size_t stride = 1;
    while ((float)(n / stride) > columns) {
        stride *= 2;
    }
    return stride;
}

// A column of bins first .. end - 1 as a line.
static UiSeries thin(Ui *ui, const TrainBins *bins, const float *column, size_t first, size_t end,
                     float columns) {
    size_t stride = stride_of(end - first, columns), most = (end - first) / stride + 2;
    float *xs = arena_take(ui_arena(ui), most, sizeof *xs);
    float *ys = arena_take(ui_arena(ui), most, sizeof *ys);
    UiSeries series = {.x = xs, .y = ys, .best = -1};
    size_t whole = first / stride * stride; // the same bins whatever the first one is
    for (size_t i = whole; i < end && xs != NULL && ys != NULL; i += stride) {
        xs[series.n] = bins->epoch[i < first ? first : i];
        ys[series.n++] = column[(i + stride < end ? i + stride : end) - 1];
    }
    return series;
}

// The first n bins of the loss of single batches: a line while a step is wide enough to be seen,
// then the area between the lowest and the highest.
static UiSeries raw_loss(Ui *ui, const TrainBins *bins, size_t n, float columns) {
    size_t stride = stride_of(n, columns), most = n / stride + 1;
    if (stride == 1 && bins->width == 1) {
        return thin(ui, bins, bins->low, 0, n, columns);
    }
    float *xs = arena_take(ui_arena(ui), most, sizeof *xs);
    float *lows = arena_take(ui_arena(ui), most, sizeof *lows);
    float *highs = arena_take(ui_arena(ui), most, sizeof *highs);
    UiSeries series = {.x = xs, .y = highs, .low = lows, .best = -1};
    for (size_t i = 0; i < n && xs != NULL && lows != NULL && highs != NULL; i += stride) {
        float low = bins->low[i], high = bins->high[i];
        for (size_t k = i + 1; k < i + stride && k < n; k++) {
            low = bins->low[k] < low || isnan(low) ? bins->low[k] : low; // a NaN is passed over
            high = bins->high[k] > high || isnan(high) ? bins->high[k] : high;
        }
        xs[series.n] = bins->epoch[i];
        lows[series.n] = low;
        highs[series.n++] = high;
    }
    return series;
}

// Bins that begin no later than epoch.
static size_t bins_until(const TrainBins *bins, float epoch) {
    size_t low = 0, high = bins->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (bins->epoch[middle] <= epoch) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

// Those of the moment on view.
static size_t bins_shown(const Training *training) {
    const TrainBins *bins = &training->path.bins;
    return training->at == TRAINING_NEWEST ? bins->n : bins_until(bins, (float)training->at);
}

// A column over steps: the branch left behind, what lies beyond the epoch on view, and the curve
// itself.
static void add_steps(Ui *ui, Chart *chart, const Training *training, const float *left,
                      const float *column, float columns, const char *label) {
    const TrainBins *bins = &training->path.bins, *gone = &training->left.bins;
    size_t cut = bins_shown(training);
    if (gone->n > 0) {
        UiSeries before = thin(ui, gone, left, 0, gone->n, columns);
        before.color = ui_color(ui, THEME_FAINT);
        before.width = 1.25f;
        before.label = "before";
        add(chart, before);
    }
    if (cut < bins->n) {
        UiSeries later = thin(ui, bins, column, cut > 0 ? cut - 1 : 0, bins->n, columns);
        later.color = color_alpha(ui_color(ui, THEME_INK), 0.28f);
        add(chart, later);
    }
    UiSeries series = thin(ui, bins, column, 0, cut, columns);
    series.color = ui_color(ui, THEME_INK);
    series.label = label;
    add(chart, series);
}

// The round number at or above a positive value: eight a power of ten, each a third above the one
// before. The end of an axis that follows a curve then moves now and then, not with every step.
static float round_up(float value) {
    return powf(10, ceilf(log10f(value) * 8 - 0.001f) / 8);
}

static float round_down(float value) {
    return powf(10, floorf(log10f(value) * 8 + 0.001f) / 8);
}

typedef float (*EpochValue)(const NnEpochPoint *point, int class);

static float val_loss(const NnEpochPoint *point, int class) {
    (void)class;
    return point->val_loss;
}

static float val_accuracy(const NnEpochPoint *point, int class) {
    (void)class;
    return 100 * point->val_accuracy;
}

static float class_accuracy(const NnEpochPoint *point, int class) {
    return 100 * point->class_accuracy[class];
}

// One value an epoch, up to the one on view.
static UiSeries by_epoch(Ui *ui, const TrainEpochs *epochs, int until, EpochValue value,
                         int class) {
    float *x = arena_take(ui_arena(ui), epochs->n + 1, sizeof *x);
    float *y = arena_take(ui_arena(ui), epochs->n + 1, sizeof *y);
    UiSeries series = {.x = x, .y = y, .best = -1};
    float lowest = HUGE_VALF;
    for (size_t i = 0; i < epochs->n && x != NULL && y != NULL; i++) {
        const NnEpochPoint *point = epochs->points[i];
        if (until != TRAINING_NEWEST && point->epoch > until) {
            break;
        }
        x[series.n] = (float)point->epoch;
        y[series.n] = value(point, class);
        if (point->val_loss < lowest) {
            lowest = point->val_loss;
            series.best = (int)series.n;
        }
        series.n++;
    }
    return series;
}

static void add_validation(Ui *ui, Chart *chart, const Training *training, EpochValue value,
                           const char *label) {
    UiSeries series = by_epoch(ui, &training->epochs, training->at, value, 0);
    series.color = ui_color(ui, THEME_ACCENT);
    series.dash_on = 5;
    series.dash_off = 3;
    series.marks = series.n <= 60;
    series.label = label;
    add(chart, series);
    for (size_t i = 0; i < training->epochs.n; i++) {
        see(chart, value(training->epochs.points[i], 0));
    }
}

// Where an axis of epochs ends: with the one under way, beyond ten of them with a rounder number, so
// that a fast run does not move the whole chart with each; but no later than the run does.
static float end_of_axis(float now, float last) {
    float epochs = fmaxf(1, ceilf(now - 0.001f));
    if (epochs <= 10) {
        return epochs;
    }
    float power = powf(10, floorf(log10f(epochs))), digit = epochs / power;
    float step = power * (digit < 2 ? 0.2f : digit < 5 ? 0.5f : 1);
    float round = ceilf(epochs / step - 0.001f) * step;
    return last >= epochs ? fminf(round, last) : round;
}

static Chart begin(const Training *training) {
    Chart chart = {.low = HUGE_VALF, .high = -HUGE_VALF};
    const TrainPath *path = &training->path;
    float now = path->n > 0 ? path->steps[path->n - 1].epoch : 0;
    for (size_t i = 0; i < training->left.bins.n; i++) {
        now = fmaxf(now, training->left.bins.epoch[i]); // of a gap: passed over
    }
    if (training->left.n > 0) {
        now = fmaxf(now, training->left.steps[training->left.n - 1].epoch);
    }
    chart.x1 = end_of_axis(now, (float)training->recipe.epochs);
    return chart;
}

// Where a chart has its curves, and whether the pointer is there.
typedef struct {
    UiRect inner;
    float x1;
    bool pointed;
} Place;

// The epoch on view, and what a click does: the time machine goes there.
static Place marks(Ui *ui, const char *name, UiRect inner, const Chart *chart, const AppData *data,
                   ViewTrain *own, Actions *out) {
    const Theme *theme = ui_theme(ui);
    const Training *training = data->training;
    if (training->at != TRAINING_NEWEST) {
        float x = inner.x + inner.w * (float)training->at / chart->x1;
        draw_line(ui_list(ui), x, inner.y, x, inner.y + inner.h, theme->hairline * 1.5f,
                  ui_color(ui, THEME_ACCENT));
    }
    const UiEvent *events;
    size_t n;
    UiResponse response = ui_region(ui, name, inner, false, &events, &n);
    Place place = {inner, chart->x1, response.hovered && training->path.n > 0};
    if (!place.pointed) {
        return place;
    }
    for (size_t i = 0; i < n; i++) {
        bool held =
            events[i].kind == EVENT_DOWN || (events[i].kind == EVENT_MOVE && response.pressed);
        float epoch = (events[i].x - inner.x) / inner.w * chart->x1;
        own->pointed = fmaxf(0, fminf(epoch, chart->x1));
        if (held && training_last_epoch(training) > 0) {
            int last = training_last_epoch(training), at = (int)lroundf(own->pointed);
            actions_add(out, (Action){.kind = ACTION_TRAIN_SHOW,
                                      .index = at > last ? TRAINING_NEWEST : at});
        }
    }
    ui_tooltip(ui, training_last_epoch(training) > 0
                       ? "Click: the network as it was then, with its matrix and its answer to the "
                         "drawing."
                       : "The faint line, or area where batches lie close together, is what single "
                         "batches gave; the dark line is their running mean.");
    return place;
}

static void heading(Ui *ui, UiRect line, const char *strong, const char *soft) {
    const Theme *theme = ui_theme(ui);
    float w = ui_text_width(ui, FONT_STRONG, strong) + 0.75f * theme->grid;
    ui_text(ui, ui_cut_left(&line, w), FONT_STRONG, THEME_INK, ALIGN_LEFT, strong);
    ui_text(ui, line, FONT_BODY, THEME_SOFT, ALIGN_LEFT, soft);
}

static Place loss_chart(Ui *ui, UiRect area, const AppData *data, ViewTrain *own, Actions *out) {
    const Training *training = data->training;
    const TrainBins *bins = &training->path.bins;
    Chart chart = begin(training);
    float columns = area.w * ui_scale(ui);
    UiSeries raw = raw_loss(ui, bins, bins_shown(training), columns);
    raw.color = color_mix(ui_color(ui, THEME_BACKGROUND), ui_color(ui, THEME_FAINT),
                          raw.low != NULL ? 0.3f : 0.5f); // an area is heavier than a line
    raw.width = 0.8f;
    add(&chart, raw);
    for (size_t i = 0; i < bins->n; i++) {
        see(&chart, bins->smooth[i]);
    }
    add_steps(ui, &chart, training, training->left.bins.smooth, bins->smooth, columns, "train");
    add_validation(ui, &chart, training, val_loss, "validation");
    UiPlot plot = {.x1 = chart.x1, .log_y = true, .ease = true};
    if (chart.low <= chart.high) { // the noise of single batches may leave the frame
        plot.y0 = round_down(fmaxf(chart.low * 0.7f, 1e-6f));
        plot.y1 = round_up(fmaxf(chart.high * 1.05f, plot.y0 * 2));
    }
    UiRect inner = ui_plot(ui, "loss", area, &plot, chart.series, chart.n);
    if (bins->n == 0 && training->left.n == 0) {
        const char *text = training_running(training)
                               ? "Getting ready \xe2\x80\xa6"
                               : "Press Start, or the space bar, and watch the loss fall.";
        UiRect words = {area.x, area.y + area.h * 0.42f, area.w, 2 * ui_theme(ui)->line_height};
        (void)ui_paragraph(ui, words, FONT_BODY, THEME_SOFT, text, false);
    }
    return marks(ui, "loss curve", inner, &chart, data, own, out);
}

static Place accuracy_chart(Ui *ui, UiRect area, const AppData *data, ViewTrain *own,
                            Actions *out) {
    const Training *training = data->training;
    const TrainBins *bins = &training->path.bins;
    Chart chart = begin(training);
    float columns = area.w * ui_scale(ui);
    const char *train = "train", *val = "validation";
    size_t cut = bins_shown(training);
    if (cut > 0) {
        train = arena_printf(ui_arena(ui), "train %.1f", (double)bins->accuracy[cut - 1]);
    }
    for (size_t i = 0; i < training->epochs.n; i++) {
        const NnEpochPoint *point = training->epochs.points[i];
        if (isfinite(point->val_accuracy) &&
            (training->at == TRAINING_NEWEST || point->epoch <= training->at)) {
            val = arena_printf(ui_arena(ui), "val. %.2f", 100 * (double)point->val_accuracy);
        }
    }
    // The climb of the first moments is let go of once there is something finer to see.
    float now = bins->n > 0 ? bins->epoch[bins->n - 1] : 0;
    for (size_t i = bins_until(bins, now * 0.15f); i < bins->n; i++) {
        see(&chart, bins->accuracy[i]);
    }
    add_steps(ui, &chart, training, training->left.bins.accuracy, bins->accuracy, columns, train);
    add_validation(ui, &chart, training, val_accuracy, val);
    UiPlot plot = {.x1 = chart.x1, .ease = true};
    if (chart.low <= chart.high) {
        float air = fmaxf((100 - chart.low) * 0.08f, 0.05f);
        plot.y0 = fmaxf(0, 100 - round_up(100 - chart.low + air));
        float above = 100 - chart.high - air;
        plot.y1 = above > 1 ? 100 - round_down(above) : 100;
    }
    UiRect inner = ui_plot(ui, "accuracy", area, &plot, chart.series, chart.n);
    return marks(ui, "accuracy curve", inner, &chart, data, own, out);
}

static Place digits_chart(Ui *ui, UiRect area, const AppData *data, ViewTrain *own, Actions *out) {
    const Theme *theme = ui_theme(ui);
    const Training *training = data->training;
    const char *const *names = training_classes(training);
    Chart chart = begin(training);
    for (int class = 0; class < NN_CLASSES; class ++) {
        UiSeries series = by_epoch(ui, &training->epochs, training->at, class_accuracy, class);
        series.color = theme->series[class % 8];
        series.dash_on = class % 3 == 1 ? 6 : class % 3 == 2 ? 2 : 0;
        series.dash_off = class % 3 == 0 ? 0 : 3;
        series.width = 1.5f;
        series.best = -1;
        series.label = names[class];
        add(&chart, series);
        for (size_t i = training->epochs.n / 8; i < training->epochs.n; i++) {
            see(&chart, class_accuracy(training->epochs.points[i], class));
        }
    }
    UiPlot plot = {.x1 = chart.x1, .ease = true};
    if (chart.low <= chart.high) {
        plot.y0 = fmaxf(0, chart.low - 0.3f);
        plot.y1 = fminf(100, chart.high + 0.3f);
    }
    UiRect inner = ui_plot(ui, "digits", area, &plot, chart.series, chart.n);
    return marks(ui, "digit curves", inner, &chart, data, own, out);
}

static Place rate_chart(Ui *ui, UiRect area, const AppData *data, ViewTrain *own, Actions *out) {
    const Training *training = data->training;
    Chart chart = begin(training);
    const TrainBins *bins = &training->path.bins;
    for (size_t i = 0; i < bins->n; i++) {
        see(&chart, bins->rate[i]);
    }
    add_steps(ui, &chart, training, training->left.bins.rate, bins->rate, area.w * ui_scale(ui),
              "rate");
    UiPlot plot = {.x1 = chart.x1, .ease = true, .y_format = "%.2g"};
    if (chart.low <= chart.high) {
        plot.y1 = chart.high * 1.1f;
    }
    UiRect inner = ui_plot(ui, "rate", area, &plot, chart.series, chart.n);
    return marks(ui, "rate curve", inner, &chart, data, own, out);
}

// --- what is under the pointer -------------------------------------------------------------------

static const NnEpochPoint *epoch_near(const Training *training, float epoch) {
    for (size_t i = 0; i < training->epochs.n; i++) {
        if ((float)training->epochs.points[i]->epoch >= epoch - 0.5f) {
            return training->epochs.points[i];
        }
    }
    return NULL;
}

// The loss at an epoch, in words.
static const char *loss_there(Ui *ui, const Training *training, float epoch) {
    const TrainBins *bins = &training->path.bins;
    size_t until = bins_until(bins, epoch);
    const NnEpochPoint *near = epoch_near(training, epoch);
    const char *text = bins->n == 0
                           ? ""
                           : arena_printf(ui_arena(ui), "epoch %.2f: train %.4f", (double)epoch,
                                          (double)bins->smooth[until > 0 ? until - 1 : 0]);
    if (text != NULL && near != NULL && isfinite(near->val_loss)) {
        text = arena_printf(ui_arena(ui), "%s, validation %.4f at %d", text, (double)near->val_loss,
                            near->epoch);
    }
    return text != NULL ? text : "";
}

static int worst_digit(const NnEpochPoint *point) {
    int worst = 0;
    for (int i = 1; i < NN_CLASSES; i++) {
        worst = point->class_accuracy[i] < point->class_accuracy[worst] ? i : worst;
    }
    return worst;
}

// The lower chart's values there; the loss above it says where.
static const char *lower_there(Ui *ui, const Training *training, int chart, float epoch) {
    const TrainBins *bins = &training->path.bins;
    size_t until = bins_until(bins, epoch);
    size_t at = until > 0 ? until - 1 : 0;
    const NnEpochPoint *near = epoch_near(training, epoch);
    const char *text = "";
    if (chart == TRAIN_DIGITS && near != NULL) {
        int worst = worst_digit(near);
        text = arena_printf(ui_arena(ui), "epoch %d: lowest of %s, %.1f", near->epoch,
                            training_classes(training)[worst],
                            100 * (double)near->class_accuracy[worst]);
    } else if (chart == TRAIN_RATE && bins->n > 0) {
        text = arena_printf(ui_arena(ui), "%.3g", (double)bins->rate[at]);
    } else if (chart == TRAIN_ACCURACY && bins->n > 0) {
        text = arena_printf(ui_arena(ui), "train %.2f", (double)bins->accuracy[at]);
        if (text != NULL && near != NULL && isfinite(near->val_accuracy)) {
            text = arena_printf(ui_arena(ui), "%s, validation %.2f", text,
                                100 * (double)near->val_accuracy);
        }
    }
    return text != NULL ? text : "";
}

static void read_out(Ui *ui, UiRect line, const Place *place, const char *text, float epoch) {
    float x = place->inner.x + place->inner.w * epoch / place->x1;
    draw_line(ui_list(ui), x, place->inner.y, x, place->inner.y + place->inner.h,
              ui_theme(ui)->hairline, ui_color(ui, THEME_FAINT));
    ui_text(ui, line, FONT_BODY, THEME_INK, ALIGN_LEFT, text);
}

void train_curves(Ui *ui, UiRect area, const AppData *data, ViewTrain *own, Actions *out) {
    static const char *const labels[TRAIN_CHART_COUNT] = {"Accuracy %", "Per digit", "Rate"};
    const Theme *theme = ui_theme(ui);
    own->curves = area;
    float gap = 1.25f * theme->grid;
    UiRect upper = ui_cut_top(&area, floorf((area.h - gap) * 0.5f));
    (void)ui_cut_top(&area, gap);
    UiRect head = ui_cut_top(&upper, theme->line_height * 1.2f);
    own->upper = upper;
    Place above = loss_chart(ui, upper, data, own, out), below;
    UiRect row = ui_cut_top(&area, theme->control);
    UiRect tabs =
        ui_cut_left(&row, fminf(row.w, ui_segmented_width(ui, labels, TRAIN_CHART_COUNT)));
    (void)ui_cut_left(&row, 1.5f * theme->grid);
    (void)ui_segmented(ui, "lower curve", tabs, labels, TRAIN_CHART_COUNT, &own->chart);
    (void)ui_cut_top(&area, theme->grid / 2);
    own->lower = area;
    switch (own->chart) {
    case TRAIN_DIGITS:
        below = digits_chart(ui, area, data, own, out);
        break;
    case TRAIN_RATE:
        below = rate_chart(ui, area, data, own, out);
        break;
    default:
        below = accuracy_chart(ui, area, data, own, out);
        break;
    }
    if (!above.pointed && !below.pointed) {
        own->pointed = -1;
    }
    if (own->pointed < 0) {
        heading(ui, head, "Loss", "cross-entropy, log");
        return;
    }
    const Training *training = data->training;
    float w = ui_text_width(ui, FONT_STRONG, "Loss") + 0.75f * theme->grid;
    heading(ui, head, "Loss", "");
    (void)ui_cut_left(&head, w);
    read_out(ui, head, &above, loss_there(ui, training, own->pointed), own->pointed);
    read_out(ui, row, &below, lower_there(ui, training, own->chart, own->pointed), own->pointed);
}
