#include "app/browse.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

const char *browse_source_name(StudySource source) {
    static const char *const names[STUDY_SOURCE_COUNT] = {
        "MNIST test", "Validation", "MNIST training", "Fashion-MNIST", "My digits", "IDX files"};
    return names[source];
}

void errors_query_init(ErrorsQuery *query) {
    *query = (ErrorsQuery){.cell = {-1, -1}, .second = {-1, -1}, .high = 1, .duel = -1};
}

static bool same_cell(ErrorsCell a, ErrorsCell b) {
    return a.label == b.label && a.predicted == b.predicted;
}

bool errors_query_equal(const ErrorsQuery *a, const ErrorsQuery *b) {
    return a->show == b->show && same_cell(a->cell, b->cell) && same_cell(a->second, b->second) &&
           a->low == b->low && a->high == b->high && a->disputed == b->disputed &&
           a->half == b->half && a->tag == b->tag && a->duel == b->duel &&
           a->learning == b->learning && a->sort == b->sort;
}

bool errors_query_narrows(const ErrorsQuery *query) {
    ErrorsQuery plain;
    errors_query_init(&plain);
    plain.show = query->show;
    plain.sort = query->sort;
    return !errors_query_equal(&plain, query);
}

void browse_init(Browse *browse, DataShelf *shelf, void (*wake)(void *user), void *wake_user) {
    memset(browse, 0, sizeof *browse);
    browse->shelf = shelf;
    browse->wake = wake;
    browse->wake_user = wake_user;
    browse->model = -1;
    browse->sample = -1;
    errors_query_init(&browse->applied);
}

bool browse_busy(const Browse *browse) {
    return browse->order != 0 || browse->rival_order != 0 ||
           (browse->runner != NULL && !study_runner_idle(browse->runner));
}

const NnStudy *browse_study(const Browse *browse) {
    return browse->answers != NULL ? browse->answers->study : NULL;
}

const NnDataset *browse_data(const Browse *browse) {
    return browse->pictures != NULL ? browse->pictures->data : NULL;
}

const char *browse_training_set(const Browse *browse) {
    const NnDataset *data = browse_data(browse);
    bool fashion = data != NULL && strncmp(data->name, "fashion ", strlen("fashion ")) == 0;
    return fashion ? "fashion" : "mnist";
}

const char *const *browse_classes(const Browse *browse) {
    static const char *const digits[NN_CLASSES] = {"0", "1", "2", "3", "4",
                                                   "5", "6", "7", "8", "9"};
    const NnDataset *data = browse_data(browse);
    return data != NULL && data->class_names != NULL ? data->class_names : digits;
}

const char *browse_class(const Browse *browse, int label) {
    return browse_classes(browse)[label];
}

// --- letting go ----------------------------------------------------------------------------------

static void forget_rival(Browse *browse) {
    study_answers_drop(browse->rival);
    browse->rival = NULL;
    browse->rival_order = 0;
    browse->has_duel = false;
    memset(&browse->rival_trouble, 0, sizeof browse->rival_trouble);
    browse->stale = true;
}

static void forget_answers(Browse *browse) {
    forget_rival(browse);
    study_answers_drop(browse->answers);
    nn_triage_close(browse->triage);
    nn_epochs_free(browse->epochs);
    browse->answers = NULL;
    browse->triage = NULL;
    browse->epochs = NULL;
    browse->order = 0;
    memset(&browse->trouble, 0, sizeof browse->trouble);
    for (int i = 0; i < BROWSE_LISTS; i++) {
        mem_free(browse->list[i].rows);
        browse->list[i] = (BrowseList){.at = -1};
    }
    browse->n_lists = 0;
    mem_free(browse->cells);
    mem_free(browse->members);
    browse->cells = browse->members = NULL;
    browse->sample = -1;
}

static void forget_pictures(Browse *browse) {
    forget_answers(browse);
    study_pictures_drop(browse->pictures);
    browse->pictures = NULL;
}

void browse_release(Browse *browse) {
    forget_pictures(browse);
    study_runner_free(browse->runner);
    memset(browse, 0, sizeof *browse);
}

void browse_choose(Browse *browse, StudySource source) {
    if (browse->runner != NULL) {
        study_runner_cancel(browse->runner);
    }
    forget_pictures(browse);
    browse->source = source;
    browse->fresh = true;
    browse->chosen = true;
}

void browse_files(Browse *browse, const char *images, const char *labels) {
    (void)text_copy(browse->images, sizeof browse->images, images);
    (void)text_copy(browse->labels, sizeof browse->labels, labels);
    browse_choose(browse, STUDY_FILES);
}

void browse_rival(Browse *browse, int model) {
    if (browse->rival_order != 0) {
        study_runner_cancel(browse->runner);
    }
    forget_rival(browse);
    browse->model = model;
}

// --- ordering and taking -------------------------------------------------------------------------

static void order_answers(Browse *browse, const Recogniser *recogniser) {
    if (browse->runner == NULL) {
        browse->runner = study_runner_new(browse->shelf, browse->wake, browse->wake_user);
    }
    StudyOrder order = {
        .source = browse->source, .fresh = browse->fresh, .tags_in_memory = browse->tags_in_memory};
    (void)text_copy(order.images, sizeof order.images, browse->images);
    (void)text_copy(order.labels, sizeof order.labels, browse->labels);
    (void)text_copy(order.origin, sizeof order.origin, recogniser->path);
    order.owned_model =
        browse->runner == NULL ? NULL : nn_model_copy(recogniser->model, &browse->trouble);
    if (order.owned_model == NULL) {
        (void)nn_fail(&browse->trouble, NN_ERR_NOMEM, "Not enough memory to evaluate the network.");
        return;
    }
    browse->fresh = false;
    browse->generation = recogniser->generation;
    browse->order = study_runner_order(browse->runner, &order);
}

static void order_rival(Browse *browse) {
    StudyOrder order = {.source = browse->source, .tags_in_memory = true};
    (void)text_copy(order.images, sizeof order.images, browse->images);
    (void)text_copy(order.labels, sizeof order.labels, browse->labels);
    (void)text_copy(order.model_path, sizeof order.model_path, browse->models[browse->model].path);
    browse->rival_order = study_runner_order(browse->runner, &order);
}

static void derive(Browse *browse) {
    const NnStudy *study = browse->answers->study;
    size_t n = nn_study_count(study);
    browse->n_disputed = browse->right_undisputed = 0;
    for (size_t i = 0; i < n; i++) {
        const NnStudyRow *row = nn_study_row(study, i);
        browse->n_disputed += row->disputed;
        browse->right_undisputed += !row->disputed && row->label == row->predicted;
    }
    nn_study_calibration(study, browse->bins, BROWSE_BINS);
    for (int i = 0; i < BROWSE_CURVE; i++) {
        double coverage, accuracy;
        nn_study_coverage(study, (float)i / (BROWSE_CURVE - 1), &coverage, &accuracy);
        browse->coverage[i] = (float)(coverage * 100);
        browse->curve_accuracy[i] = coverage > 0 ? (float)(accuracy * 100) : NAN;
    }
}

static void take_answers(Browse *browse, StudyOutcome *outcome, Toasts *toasts, double now_ms) {
    if (outcome->pictures != NULL && outcome->pictures != browse->pictures) {
        study_pictures_drop(browse->pictures); // my digits may have grown since
        browse->pictures = outcome->pictures;
        outcome->pictures = NULL;
        browse->stale = true;
    }
    if (outcome->trouble.status != NN_OK) {
        browse->trouble = outcome->trouble;
        browse->order = 0;
    } else if (outcome->answers != NULL) {
        size_t n = nn_study_count(outcome->answers->study);
        browse->order = 0;
        browse->answered = outcome->order;
        browse->answers = outcome->answers;
        browse->triage = outcome->triage;
        outcome->answers = NULL;
        outcome->triage = NULL;
        if (outcome->triage_trouble.status != NN_OK) {
            toast_error(toasts, now_ms, &outcome->triage_trouble);
        }
        bool room = true;
        for (int i = 0; i < BROWSE_LISTS; i++) {
            browse->list[i].rows = mem_new(n, sizeof(uint32_t));
            room = room && browse->list[i].rows != NULL;
        }
        browse->cells = mem_new(n, 1);
        browse->members = mem_new(n, 1);
        if (!room || browse->cells == NULL || browse->members == NULL) {
            forget_answers(browse);
            (void)nn_fail(&browse->trouble, NN_ERR_NOMEM, "Not enough memory to list the answers.");
            return;
        }
        derive(browse);
        browse->stale = true;
    }
}

static void take_rival(Browse *browse, StudyOutcome *outcome) {
    if (outcome->trouble.status != NN_OK) {
        browse->rival_trouble = outcome->trouble;
        browse->rival_order = 0;
    } else if (outcome->answers != NULL && browse->answers != NULL &&
               strcmp(nn_study_model_sha256(outcome->answers->study),
                      nn_study_model_sha256(browse->answers->study)) == 0) {
        browse->rival_order = 0;
        (void)nn_fail(&browse->rival_trouble, NN_ERR_USAGE,
                      "%s has the very weights of the network on view.",
                      nn_study_model_name(outcome->answers->study));
        nn_error_hint(&browse->rival_trouble, "Choose another one for the duel.");
    } else if (outcome->answers != NULL && browse->answers != NULL) {
        browse->rival_order = 0;
        browse->rival = outcome->answers;
        outcome->answers = NULL;
        browse->has_duel = nn_study_duel(browse->answers->study, browse->rival->study,
                                         &browse->duel, browse->cells);
        browse->stale = true;
    }
}

// Before the answers are taken, and adopted after them: see study_runner_take_epochs.
static void adopt_epochs(Browse *browse, StudyEpochs *found) {
    if (browse->answers != NULL && found->order == browse->answered &&
        nn_epochs_rows(found->epochs) == nn_study_count(browse->answers->study)) {
        nn_epochs_free(browse->epochs);
        browse->epochs = found->epochs;
        browse->stale = true;
    } else {
        nn_epochs_free(found->epochs);
    }
}

static void take(Browse *browse, Toasts *toasts, double now_ms) {
    StudyEpochs epochs;
    bool has_epochs = browse->runner != NULL && study_runner_take_epochs(browse->runner, &epochs);
    StudyOutcome *outcome = browse->runner != NULL ? study_runner_take(browse->runner) : NULL;
    if (outcome != NULL && outcome->order == browse->order) {
        take_answers(browse, outcome, toasts, now_ms);
    } else if (outcome != NULL && outcome->order == browse->rival_order) {
        take_rival(browse, outcome);
    }
    study_outcome_free(outcome);
    if (has_epochs) {
        adopt_epochs(browse, &epochs);
    }
}

// --- the lists -----------------------------------------------------------------------------------

static bool picks_members(const Browse *browse, const ErrorsQuery *query) {
    return (query->duel >= 0 && browse->has_duel) ||
           (query->learning != 0 && browse->epochs != NULL);
}

static bool is_member(const Browse *browse, const ErrorsQuery *query, size_t i) {
    bool of_cell = query->duel < 0 || !browse->has_duel || browse->cells[i] == query->duel;
    return of_cell && (query->learning == 0 || browse->epochs == NULL ||
                       (int)nn_epochs_word(browse->epochs, i).learning == query->learning);
}

static NnStudyFilter filter_of(const Browse *browse, const ErrorsQuery *query, ErrorsCell cell) {
    return (NnStudyFilter){
        .wrong_only = query->show == SHOW_WRONG,
        .disputed_only = query->disputed,
        .label = cell.label,
        .predicted = cell.predicted,
        .confidence_low = query->low,
        .confidence_high = query->high >= 1 ? 0 : query->high,
        .half = query->half,
        .tag = query->tag,
        .members = picks_members(browse, query) ? browse->members : NULL,
    };
}

static void select_rows(Browse *browse, const ErrorsQuery *query) {
    const NnStudy *study = browse->answers->study;
    size_t n = nn_study_count(study);
    for (size_t i = 0; picks_members(browse, query) && i < n; i++) {
        browse->members[i] = is_member(browse, query, i);
    }
    browse->n_lists = query->second.label >= 0 ? 2 : 1;
    for (int i = 0; i < browse->n_lists; i++) {
        NnStudyFilter filter = filter_of(browse, query, i == 0 ? query->cell : query->second);
        browse->list[i].n =
            nn_study_select(study, &filter, browse->triage, query->sort, browse->list[i].rows);
    }
    browse->applied = *query;
    browse->stale = false;
}

static int64_t place_of(const BrowseList *list, int64_t sample) {
    for (size_t i = 0; i < list->n; i++) {
        if (list->rows[i] == sample) {
            return (int64_t)i;
        }
    }
    return -1;
}

// --- the sample ----------------------------------------------------------------------------------

static void look(Browse *browse, Recogniser *recogniser, int64_t sample, int rival) {
    const NnStudyRow *row = nn_study_row(browse->answers->study, (size_t)sample);
    if (rival < 0 || rival == row->predicted) {
        rival = row->label != row->predicted ? row->label : row->runner_up;
    }
    if (sample == browse->sample && rival == browse->sample_rival &&
        recogniser->generation == browse->sample_generation) {
        return;
    }
    bool other = sample != browse->sample || recogniser->generation != browse->sample_generation;
    browse->sample = sample;
    browse->sample_rival = rival;
    browse->sample_generation = recogniser->generation;
    browse->looks += other;
    memcpy(browse->digit.pixels, browse->pictures->data->images + (size_t)sample * NN_PIXELS,
           NN_PIXELS);
    recogniser_explain(recogniser, &browse->digit, row->predicted, rival, &browse->why);
}

// Where the sample is in each list. When it has left the list that is walked through, the next one takes its place;
// with another question the first one does.
static void find_sample(Browse *browse, int side, bool changed, bool other, int64_t *sample) {
    BrowseList *walked = &browse->list[side < browse->n_lists ? side : 0];
    int64_t before = other || walked->at < 0 ? 0 : walked->at;
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < browse->n_lists; i++) {
            BrowseList *list = &browse->list[i];
            bool known = !changed && list->at >= 0 && (size_t)list->at < list->n &&
                         list->rows[list->at] == *sample;
            list->at = known ? list->at : place_of(list, *sample);
        }
        if (walked->at >= 0) {
            return;
        }
        int64_t last = (int64_t)walked->n - 1;
        *sample = last < 0 ? -1 : (int64_t)walked->rows[before < last ? before : last];
    }
}

// Where the person has not said otherwise: the pictures of the kind the network knows.
static void follow_model(Browse *browse, const Recogniser *recogniser) {
    bool fashion = strncmp(recogniser->trained_on, "fashion", strlen("fashion")) == 0;
    StudySource source = fashion ? STUDY_FASHION : STUDY_MNIST_TEST;
    if (!browse->chosen && browse->source != source) {
        forget_pictures(browse);
        browse->source = source;
    }
}

void browse_step(Browse *browse, Recogniser *recogniser, const ErrorsQuery *query, int side,
                 int64_t *sample, int rival, Toasts *toasts, double now_ms) {
    bool outdated = browse->generation != recogniser->generation;
    if (outdated &&
        (browse->answers != NULL || browse->order != 0 || browse->trouble.status != NN_OK)) {
        forget_answers(browse);
        if (browse->source == STUDY_VALIDATION) { // another network held out others
            forget_pictures(browse);
        }
    }
    if (outdated) {
        follow_model(browse, recogniser);
    }
    take(browse, toasts, now_ms);
    bool files_known =
        browse->source != STUDY_FILES || (browse->images[0] != '\0' && browse->labels[0] != '\0');
    if (browse->answers == NULL && browse->order == 0 && browse->trouble.status == NN_OK &&
        recogniser->model != NULL && files_known) {
        order_answers(browse, recogniser);
    }
    if (browse->answers == NULL) {
        return;
    }
    if (browse->model >= 0 && browse->rival == NULL && browse->rival_order == 0 &&
        browse->rival_trouble.status == NN_OK) {
        order_rival(browse);
    }
    bool other = !errors_query_equal(&browse->applied, query), changed = browse->stale || other;
    if (changed) {
        select_rows(browse, query);
    }
    find_sample(browse, side, changed, other, sample);
    if (*sample >= 0) {
        look(browse, recogniser, *sample, rival);
    } else {
        browse->sample = -1;
    }
}
