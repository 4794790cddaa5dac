// What the Train view asks for, carried out.
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/app_state.h"
#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"

static const double THIRD = 1.0 / 3;

static void start(App *app, NnOrderKind order) {
    NnError err = {0};
    bool said = app->training.data_trouble.status != NN_OK; // by the view itself
    if (training_start(&app->training, order, &err) != NN_OK && !said) {
        toast_error(&app->toasts, app->now_ms, &err);
    }
}

static void go(App *app) {
    if (training_running(&app->training) || training_goes_back(&app->training)) {
        training_order(&app->training, (NnOrder){.kind = NN_ORDER_PAUSE});
    } else {
        start(app, NN_ORDER_START);
    }
}

// As it was, whatever has been changed in the form since.
static void go_back(App *app, int epoch) {
    training_order(&app->training, (NnOrder){.kind = NN_ORDER_REWIND, .epoch = epoch});
    training_show(&app->training, TRAINING_NEWEST);
}

static void continue_from_here(App *app) {
    Training *training = &app->training;
    int epoch = training->at != TRAINING_NEWEST ? training->at : training_last_epoch(training);
    if (training->runner != NULL &&
        (training->at != TRAINING_NEWEST || training_can_change(training, epoch))) {
        training_branch(training, epoch);
        training_order(training, (NnOrder){.kind = NN_ORDER_START});
    }
}

static void apply_remedy(App *app) {
    Training *training = &app->training;
    double factor = training->state.rate_factor > 0 ? training->state.rate_factor : 1;
    NnOrder slower = {.kind = NN_ORDER_LEARNING_RATE, .number = factor * THIRD};
    switch (training->verdict.finding) {
    case DOCTOR_OVERFITTING:
        training_show(training, training->verdict.epoch);
        break;
    case DOCTOR_NO_NUMBER:
    case DOCTOR_DIVERGING: {
        int last = training_last_epoch(training);
        go_back(app, last > 0 ? last - 1 : 0); // the last one may be infected already
        training_order(training, slower);
        training_order(training, (NnOrder){.kind = NN_ORDER_START});
        break;
    }
    case DOCTOR_PLATEAU:
        training_order(training, slower);
        break;
    default:
        break;
    }
}

static void step_in_time(App *app, int step) {
    Training *training = &app->training;
    int last = training_last_epoch(training);
    int at = (training->at == TRAINING_NEWEST ? last : training->at) + step;
    training_show(training, at >= last ? TRAINING_NEWEST : at < 0 ? 0 : at);
}

// --- the network ---------------------------------------------------------------------------------

typedef struct {
    char text[4][48];
    NnNote notes[6];
    size_t n;
} Notes;

// What a weight file says about its run. The accuracy is that of the whole validation split.
static void describe(const Training *training, Notes *notes) {
    TrainMeasured measured;
    int epoch = training->at != TRAINING_NEWEST ? training->at : training->state.progress.epoch;
    (void)snprintf(notes->text[0], sizeof notes->text[0], "%llu",
                   (unsigned long long)training->seed);
    (void)snprintf(notes->text[1], sizeof notes->text[1], "%d", epoch);
    notes->notes[0] = (NnNote){"recipe", training->recipe.name};
    notes->notes[1] = (NnNote){"data", training->recipe.data};
    notes->notes[2] = (NnNote){"seed", notes->text[0]};
    notes->notes[3] = (NnNote){"epoch", notes->text[1]};
    (void)snprintf(notes->text[3], sizeof notes->text[3], "%d", training->recipe.validation);
    notes->notes[4] = (NnNote){"validation", notes->text[3]};
    notes->n = 5;
    if (training_measured(training, &measured) && measured.whole && measured.epoch == epoch) {
        size_t right = 0, all = 0;
        for (int i = 0; i < NN_CLASSES; i++) {
            right += measured.confusion[i][i];
            for (int j = 0; j < NN_CLASSES; j++) {
                all += measured.confusion[i][j];
            }
        }
        (void)snprintf(notes->text[2], sizeof notes->text[2], "%.4f",
                       all > 0 ? (double)right / (double)all : 0);
        notes->notes[notes->n++] = (NnNote){"val_accuracy", notes->text[2]};
    }
}

static NnModel *copy_on_view(App *app) {
    const Training *training = &app->training;
    const NnModel *model = training_model(training);
    NnModel *copy = model != NULL ? nn_model_copy(model, NULL) : NULL;
    if (copy == NULL) {
        toast(&app->toasts, app->now_ms,
              model == NULL ? "There are no weights yet." : "There is not enough memory for it.");
        return NULL;
    }
    (void)snprintf(nn_model_arch_edit(copy)->name, sizeof nn_model_arch(copy)->name, "%.40s e%d",
                   training->recipe.name,
                   training->at != TRAINING_NEWEST ? training->at : training->state.progress.epoch);
    return copy;
}

static void use_network(App *app) {
    NnModel *copy = copy_on_view(app);
    if (copy == NULL) {
        return;
    }
    NnError err = {0};
    app_stop_neighbours(app); // its thread reads the model that goes
    if (recogniser_take(&app->recogniser, copy, &err) != NN_OK) {
        toast_error(&app->toasts, app->now_ms, &err);
        return;
    }
    (void)text_copy(app->recogniser.trained_on, sizeof app->recogniser.trained_on,
                    app->training.recipe.data);
    recogniser_threshold(&app->recogniser, app->settings.threshold);
    app->draw.rival = -1;
    toast(&app->toasts, app->now_ms, "%s is in use now; Save keeps it.",
          nn_model_arch(app->recogniser.model)->name);
}

static bool network_path(const Training *training, char *path, size_t size, NnError *err) {
    char folder[PATH_SIZE];
    if (!place_path(folder, sizeof folder, PLACE_DATA, "models") ||
        folder_make(folder, err) != NN_OK) {
        return false;
    }
    for (int i = 1; i < 10000; i++) {
        int n = snprintf(path, size, "%s/%s-%d.safetensors", folder, training->recipe.name, i);
        if (n > 0 && (size_t)n < size && !file_exists(path)) {
            return true;
        }
    }
    return false;
}

// As the end of a run would save it.
static NnModel *fused_if_wanted(const App *app, NnModel *copy) {
    NnModel *fused = app->training.recipe.fuse_batch_norm ? nn_model_fuse(copy, NULL) : NULL;
    if (fused == NULL) {
        return copy;
    }
    nn_model_free(copy);
    return fused;
}

static void save_network(App *app) {
    NnModel *copy = copy_on_view(app);
    if (copy == NULL) {
        return;
    }
    copy = fused_if_wanted(app, copy);
    char path[PATH_SIZE];
    NnError err = {0};
    Notes notes;
    describe(&app->training, &notes);
    if (!network_path(&app->training, path, sizeof path, &err)) {
        toast(&app->toasts, app->now_ms, "There is no folder to save the network in. %s",
              err.message);
    } else if (nn_model_save(copy, path, notes.notes, notes.n, &err) != NN_OK) {
        toast_error(&app->toasts, app->now_ms, &err);
    } else {
        (void)browse_add_model(&app->browse, path);
        toast(&app->toasts, app->now_ms, "Saved as %s", path);
    }
    nn_model_free(copy);
}

// --- tables --------------------------------------------------------------------------------------

typedef struct {
    char *text;
    size_t n, capacity;
    bool failed;
} Table;

static void put(Table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(Table *table, const char *format, ...) {
    char line[256];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (n < 0 || (size_t)n >= sizeof line || table->failed) {
        table->failed = true;
        return;
    }
    if (table->n + (size_t)n > table->capacity) {
        size_t capacity = 2 * table->capacity + 4096;
        char *grown = mem_resize(table->text, capacity, 1);
        if (grown == NULL) {
            table->failed = true;
            return;
        }
        table->text = grown;
        table->capacity = capacity;
    }
    memcpy(table->text + table->n, line, (size_t)n);
    table->n += (size_t)n;
}

static void put_number(Table *table, double value) {
    if (isfinite(value)) {
        put(table, ",%.7g", value);
    } else {
        put(table, ","); // not measured
    }
}

static void table_of_steps(Table *table, const Training *training) {
    const TrainPath *path = &training->path;
    put(table, "epoch,loss,accuracy_smoothed,learning_rate\n");
    for (size_t i = 0; i < path->n; i++) {
        const TrainStep *step = &path->steps[i];
        put(table, "%.7g", (double)step->epoch);
        put_number(table, (double)step->loss);
        put_number(table, (double)step->accuracy / 100);
        put_number(table, (double)step->rate);
        put(table, "\n");
    }
}

static void table_of_epochs(Table *table, const Training *training) {
    put(table, "epoch,train_loss,train_accuracy,val_loss,val_accuracy");
    for (int i = 0; i < NN_CLASSES; i++) {
        put(table, ",accuracy_%d", i);
    }
    put(table, "\n");
    for (size_t i = 0; i < training->epochs.n; i++) {
        const NnEpochPoint *point = training->epochs.points[i];
        put(table, "%d", point->epoch);
        put_number(table, (double)point->train_loss);
        put_number(table, (double)point->train_accuracy);
        put_number(table, (double)point->val_loss);
        put_number(table, (double)point->val_accuracy);
        for (int c = 0; c < NN_CLASSES; c++) {
            put_number(table, (double)point->class_accuracy[c]);
        }
        put(table, "\n");
    }
}

static void table_of_confusion(Table *table, const Training *training) {
    TrainMeasured measured;
    if (!training_measured(training, &measured)) {
        return;
    }
    put(table, "label,0,1,2,3,4,5,6,7,8,9\n");
    for (int i = 0; i < NN_CLASSES; i++) {
        put(table, "%d", i);
        for (int j = 0; j < NN_CLASSES; j++) {
            put(table, ",%zu", measured.confusion[i][j]);
        }
        put(table, "\n");
    }
}

static bool save_table(App *app, const char *stem,
                       void (*fill)(Table *table, const Training *training)) {
    Table table = {0};
    char path[PATH_SIZE];
    NnError err = {0};
    fill(&table, &app->training);
    bool good = !table.failed && app_free_path(app, stem, "csv", path, sizeof path);
    if (!good) {
        (void)nn_fail(&err, NN_ERR_IO, "There is no folder to save the tables in.");
    } else if (table.n > 0) {
        good = file_save(path, table.text, table.n, &err) == NN_OK;
    }
    if (!good) {
        toast_error(&app->toasts, app->now_ms, &err);
    }
    mem_free(table.text);
    return good;
}

static void save_figures(App *app) {
    if (app->training.path.n == 0) {
        toast(&app->toasts, app->now_ms, "There are no curves yet.");
        return;
    }
    bool good = save_table(app, "inkling-steps", table_of_steps) &&
                save_table(app, "inkling-epochs", table_of_epochs) &&
                save_table(app, "inkling-confusion", table_of_confusion);
    if (good) { // the pictures are the driver's to write, once the frame is composed
        app->wants.figures = true;
    }
}

// --- front door ----------------------------------------------------------------------------------

static void set_field(App *app, const Action *action) {
    Training *training = &app->training;
    if (action->index >= 0 && action->index < FIELD_COUNT && action->text != NULL) {
        (void)train_form_set(&training->form, (TrainField)action->index, action->text);
        training->runs.resumes = false; // it would be another run
        training->data_trouble.status =
            action->index == FIELD_DATA ? NN_OK : training->data_trouble.status;
    }
}

static void choose_recipe(App *app, int recipe) {
    NnError err = {0};
    if (!training_choose(&app->training, recipe, &err)) {
        toast_error(&app->toasts, app->now_ms, &err);
    }
}

void app_apply_train(App *app, const Action *action) {
    Training *training = &app->training;
    switch (action->kind) {
    case ACTION_TRAIN_RECIPE:
        choose_recipe(app, action->index);
        break;
    case ACTION_TRAIN_FIELD:
        set_field(app, action);
        break;
    case ACTION_TRAIN_GO:
        go(app);
        break;
    case ACTION_TRAIN_BATCH:
        start(app, NN_ORDER_STEP_BATCH);
        if (!training->start_when_read) { // what one batch has changed
            training_order(training, (NnOrder){.kind = NN_ORDER_SAMPLE});
        }
        break;
    case ACTION_TRAIN_EPOCH:
        start(app, NN_ORDER_STEP_EPOCH);
        break;
    case ACTION_TRAIN_STOP:
        training_order(training, (NnOrder){.kind = NN_ORDER_STOP});
        break;
    case ACTION_TRAIN_REWIND:
        go_back(app, 0);
        break;
    case ACTION_TRAIN_RESUME:
        training_take_up(training);
        start(app, NN_ORDER_START);
        break;
    case ACTION_TRAIN_CONTINUE:
        continue_from_here(app);
        break;
    case ACTION_TRAIN_RATE:
        training_order(training,
                       (NnOrder){.kind = NN_ORDER_LEARNING_RATE, .number = action->number});
        break;
    case ACTION_TRAIN_SHOW:
        training_show(training, action->index);
        break;
    case ACTION_TRAIN_SHOW_STEP:
        step_in_time(app, action->index);
        break;
    case ACTION_TRAIN_USE:
        use_network(app);
        break;
    case ACTION_TRAIN_SAVE:
        save_network(app);
        break;
    case ACTION_TRAIN_FIGURES:
        save_figures(app);
        break;
    case ACTION_TRAIN_REMEDY:
        apply_remedy(app);
        break;
    case ACTION_TRAIN_TYPICAL:
        training_find_typical(training, action->index / NN_CLASSES, action->index % NN_CLASSES);
        break;
    default: // ACTION_TRAIN_RETRY
        training_retry_data(training);
        break;
    }
}
