#include "app/training.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

static const char FIRST_RECIPE[] = "mlp-256-128";

void training_init(Training *training, DataShelf *shelf, void (*wake)(void *user),
                   void *wake_user) {
    memset(training, 0, sizeof *training);
    training->shelf = shelf;
    training->wake = wake;
    training->wake_user = wake_user;
    training->at = TRAINING_NEWEST;
    training->seed = 1;
    training->typical.label = -1;
}

// --- the data set --------------------------------------------------------------------------------

static void read_data(void *user) {
    TrainLoader *loader = user;
    loader->data = data_shelf_take(loader->shelf, loader->name, NN_SPLIT_TRAIN, &loader->trouble);
    atomic_store(&loader->done, true);
    if (loader->wake != NULL) {
        loader->wake(loader->user);
    }
}

static void need_data(Training *training) {
    TrainLoader *loader = &training->loader;
    if (training->loading || strcmp(loader->name, training->form.recipe.data) == 0) {
        return;
    }
    (void)text_copy(loader->name, sizeof loader->name, training->form.recipe.data);
    loader->shelf = training->shelf;
    loader->data = NULL;
    loader->trouble = (NnError){0};
    loader->wake = training->wake;
    loader->user = training->wake_user;
    atomic_store(&loader->done, false);
    training->data_trouble = (NnError){0};
    training->loading = thread_start(&loader->thread, read_data, loader, true);
    if (!training->loading) {
        (void)nn_fail(&training->data_trouble, NN_ERR_NOMEM,
                      "There is no thread to read the pictures with.");
    }
}

static void drop_data(Training *training) {
    data_shelf_give_back(training->shelf, training->data);
    training->data = NULL;
}

static void adopt_data(Training *training) {
    TrainLoader *loader = &training->loader;
    if (!training->loading || !atomic_load(&loader->done)) {
        return;
    }
    thread_join(&loader->thread);
    training->loading = false;
    drop_data(training);
    training->data = loader->data;
    training->data_trouble = loader->trouble;
    loader->data = NULL;
}

void training_retry_data(Training *training) {
    if (!training->loading) {
        training->loader.name[0] = '\0';
        need_data(training);
    }
}

const char *const *training_classes(const Training *training) {
    static const char *const digits[NN_CLASSES] = {"0", "1", "2", "3", "4",
                                                   "5", "6", "7", "8", "9"};
    const NnDataset *data = training->run_data != NULL ? training->run_data : training->data;
    return data != NULL && data->class_names != NULL ? data->class_names : digits;
}

// --- the run -------------------------------------------------------------------------------------

static void drop_run(Training *training) {
    nn_runner_free(training->runner); // first: it reads what goes next
    training->runner = NULL;
    data_shelf_give_back(training->shelf, training->run_data);
    training->run_data = NULL;
    nn_workspace_free(training->work);
    nn_model_free(training->newest);
    nn_model_free(training->past);
    training->work = NULL;
    training->newest = training->past = NULL;
    training->has_newest = training->has_past = training->has_answer = false;
    training->at = TRAINING_NEWEST;
    training->version++;
    memset(&training->state, 0, sizeof training->state);
    training->story_n = training->story_next = 0;
    training->awaits = training->branches = false;
    training->rewinds = 0;
    training->stayed = false;
    training->typical.known = false;
    training->typical.label = -1;
    training->n_shades = 0;
    training_forget_series(training);
}

static NnStatus new_run(Training *training, NnError *err) {
    drop_run(training);
    training->recipe = training->form.recipe;
    training->seed = training->form.seed;
    training->newest = nn_model_new(&training->recipe.arch, err);
    training->past = training->newest == NULL ? NULL : nn_model_new(&training->recipe.arch, err);
    training->work =
        training->past == NULL ? NULL : nn_workspace_new(training->newest, 1, false, err);
    if (training->work == NULL) {
        drop_run(training);
        return NN_ERR_NOMEM;
    }
    char folder[TRAINING_PATH];
    bool resumes = training->runs.resumes;
    bool keeps = resumes ? text_copy(folder, sizeof folder, training->runs.path)
                         : training_new_folder(training, folder, sizeof folder);
    training->runs.resumes = training->runs.resumable = false;
    training->runner = nn_runner_new(&(NnRunnerDesc){.recipe = &training->recipe,
                                                     .train = training->data,
                                                     .seed = training->seed,
                                                     .threads = training->threads,
                                                     .run_folder = keeps ? folder : NULL,
                                                     .memory_mb = training->memory_mb,
                                                     .folder_mb = training->folder_mb,
                                                     .wake = training->wake,
                                                     .user = training->wake_user},
                                     err);
    if (training->runner == NULL) {
        drop_run(training);
        return NN_ERR_FAILED;
    }
    training->run_data = data_shelf_hold(training->shelf, training->data);
    return NN_OK;
}

void training_release(Training *training) {
    if (training->loading) {
        thread_join(&training->loader.thread);
        data_shelf_give_back(training->shelf, training->loader.data);
    }
    drop_run(training);
    drop_data(training);
    training_release_series(training);
    arena_release(&training->scratch);
    mem_free(training->story);
    nn_recipe_names_free(training->names, training->n_names);
    memset(training, 0, sizeof *training);
}

bool training_choose(Training *training, int recipe, NnError *err) {
    NnRecipe read;
    if (training->names == NULL || recipe < 0 || (size_t)recipe >= training->n_names ||
        nn_recipe_find(training->names[recipe], &read, err) != NN_OK) {
        return false;
    }
    training->chosen = recipe;
    training->runs.resumes = false;
    train_form_take(&training->form, &read, training->opened ? training->form.seed : 1);
    return true;
}

void training_open(Training *training) {
    if (training->opened) {
        return;
    }
    training->names = nn_recipe_names(&training->n_names);
    training->chosen = -1;
    int first = 0;
    for (size_t i = 0; training->names != NULL && i < training->n_names; i++) {
        first = strcmp(training->names[i], FIRST_RECIPE) == 0 ? (int)i : first;
    }
    if (!training_choose(training, first, NULL)) { // not installed: still something to train
        NnRecipe plain;
        static const char text[] =
            "{\"name\": \"plain\", \"layers\": [{\"dense\": 128}, {\"dense\": 10}]}";
        if (nn_recipe_parse(text, sizeof text - 1, "plain", &plain, NULL) == NN_OK) {
            train_form_take(&training->form, &plain, 1);
        }
    }
    training->opened = true;
    training_find_run(training);
    need_data(training);
}

bool training_active(const Training *training) {
    NnRunnerPhase phase = training->state.phase;
    return training->runner != NULL && (phase == NN_RUNNER_LOADING || phase == NN_RUNNER_READY ||
                                        phase == NN_RUNNER_RUNNING || phase == NN_RUNNER_PAUSED);
}

bool training_running(const Training *training) {
    return training->start_when_read ||
           (training->runner != NULL && training->state.phase == NN_RUNNER_RUNNING);
}

bool training_goes_back(const Training *training) {
    return training->runner != NULL && training->state.back.to > 0;
}

bool training_settled(const Training *training) {
    bool starting = training->runner != NULL && training->state.phase == NN_RUNNER_LOADING;
    return !training->loading && !starting && !training->awaits && !training_running(training);
}

bool training_differs(const Training *training) {
    return training->runner != NULL &&
           (training->seed != training->form.seed ||
            // One is a copy of the other, padding included. NOLINTNEXTLINE(*-memory-comparison)
            memcmp(&training->recipe, &training->form.recipe, sizeof training->recipe) != 0);
}

NnStatus training_start(Training *training, NnOrderKind order, NnError *err) {
    if (training->data_trouble.status != NN_OK) {
        *err = training->data_trouble;
        return err->status;
    }
    if (!train_form_sound(&training->form) && !training_active(training)) {
        return nn_fail(err, NN_ERR_USAGE, "A setting is not right yet: it says why.");
    }
    bool other = strcmp(training->loader.name, training->form.recipe.data) != 0;
    if (!training_active(training) && (training->loading || other || training->data == NULL)) {
        training->start_when_read = true;
        training->start_order = order;
        need_data(training);
        return NN_OK;
    }
    training->start_when_read = false;
    if (!training_active(training)) {
        NnStatus status = new_run(training, err);
        if (status != NN_OK) {
            return status;
        }
    }
    training_show(training, TRAINING_NEWEST);
    training_order(training, (NnOrder){.kind = order});
    return NN_OK;
}

// Until something has come of an order it counts as under way.
static void await(Training *training) {
    training->awaits = true;
    training->awaited_from = training->state;
}

void training_order(Training *training, NnOrder order) {
    training->start_when_read = false;
    if (training->runner == NULL) {
        return;
    }
    if (order.kind == NN_ORDER_START || order.kind == NN_ORDER_STEP_BATCH ||
        order.kind == NN_ORDER_STEP_EPOCH || order.kind == NN_ORDER_REWIND || training->awaits) {
        await(training);
    }
    training->rewinds += order.kind == NN_ORDER_REWIND;
    nn_runner_order(training->runner, order);
}

bool training_can_change(const Training *training, int epoch) {
    const NnRecipe *now = &training->recipe, *next = &training->form.recipe;
    return training_differs(training) && train_form_sound(&training->form) &&
           training->seed == training->form.seed && nn_arch_alike(&now->arch, &next->arch) &&
           now->validation == next->validation && strcmp(now->data, next->data) == 0 &&
           epoch < next->epochs;
}

void training_branch(Training *training, int epoch) {
    bool changes = training_can_change(training, epoch);
    training_show(training, TRAINING_NEWEST);
    if (!changes) {
        training_order(training, (NnOrder){.kind = NN_ORDER_REWIND, .epoch = epoch});
        return;
    }
    char folder[TRAINING_PATH];
    bool keeps = training_new_folder(training, folder, sizeof folder);
    training->next_recipe = training->form.recipe;
    await(training);
    training->branches =
        nn_runner_branch(training->runner, epoch, &training->next_recipe, keeps ? folder : NULL);
    training->awaits = training->branches;
    training->rewinds += training->branches;
}

void training_step_aside(Training *training, bool aside) {
    if (training->runner != NULL) {
        nn_runner_step_aside(training->runner, aside);
    }
}

// A way back counts when it has come to its end, not while it is gone.
static bool has_moved(const Training *training) {
    const NnRunnerState *from = &training->awaited_from, *to = &training->state;
    if (from->rewinds_answered < training->rewinds) {
        return to->rewinds_answered >= training->rewinds;
    }
    bool over = to->phase == NN_RUNNER_DONE || to->phase == NN_RUNNER_STOPPED ||
                to->phase == NN_RUNNER_FAILED;
    return from->steps_done != to->steps_done || from->branch != to->branch ||
           strcmp(from->message, to->message) != 0 || (over && from->phase != to->phase);
}

// Nothing but numbers that go on counting. Told twenty times a second they can still be followed,
// and frames in between, which a drawing asks for, have only its ink to paint.
static bool can_wait(const Training *training, const NnRunnerState *newest, double now_ms) {
    const double every_ms = 50;
    const NnRunnerState *shown = &training->state;
    return shown->phase == NN_RUNNER_RUNNING && newest->phase == NN_RUNNER_RUNNING &&
           shown->rewinds_answered == newest->rewinds_answered &&
           shown->rate_factor == newest->rate_factor && !training->awaits && training->path.n > 0 &&
           now_ms >= training->taken_ms && now_ms - training->taken_ms < every_ms;
}

static void take_news(Training *training, double now_ms) {
    const NnRunnerState *newest = nn_runner_state(training->runner, NULL);
    if (can_wait(training, newest, now_ms)) {
        return;
    }
    training->taken_ms = now_ms;
    training->stayed =
        training->stayed || (newest->rewinds_answered > training->state.rewinds_answered &&
                             newest->branch == training->state.branch);
    training->state = *newest;
    training->awaits = training->awaits && !has_moved(training);
    if (training->branches && !training->awaits) {
        bool happened = training->state.branch != training->awaited_from.branch;
        training->recipe = happened ? training->next_recipe : training->recipe;
        training->branches = false;
    }
    training_take_series(training, now_ms);
    if (nn_runner_weights(training->runner, training->newest)) {
        training->has_newest = true;
        training->version += training->at == TRAINING_NEWEST;
    }
}

void training_step(Training *training, const NnDigit *digit, unsigned look, bool drawing,
                   double now_ms) {
    if (!training->opened) {
        return;
    }
    adopt_data(training);
    need_data(training);
    if (training->start_when_read && !training->loading) {
        NnError err = {0};
        NnStatus status = training_start(training, training->start_order, &err);
        training->start_when_read = training->loading;
        if (status != NN_OK && training->data_trouble.status == NN_OK) {
            training->data_trouble = err;
        }
    }
    if (training->runner != NULL) {
        take_news(training, now_ms);
    }
    training_look(training, digit, look, drawing);
}
