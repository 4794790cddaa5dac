#define _POSIX_C_SOURCE 200809L

// What the Errors view asks for, carried out: tags, files, the sample on the canvas, dropped data.
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/app_state.h"
#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"

// --- walking -------------------------------------------------------------------------------------

static void walk(App *app, int64_t step) {
    Browse *browse = &app->browse;
    ViewErrors *own = &app->errors;
    BrowseList *list = &browse->list[own->side < browse->n_lists ? own->side : 0];
    if (browse->answers == NULL || list->n == 0 || list->at < 0) {
        return;
    }
    int64_t to = list->at + step;
    int64_t last = (int64_t)list->n - 1;
    bool within = to >= 0 && to <= last;
    if (!within && (step > 1 || step < -1)) {
        return; // a row up or down that is not there
    }
    list->at = within ? to : list->at; // at once: several keys may come in one frame
    own->sample = list->rows[list->at];
    own->rival = -1;
    own->reveal = true;
}

// --- tags and notes ------------------------------------------------------------------------------

static void tag(App *app, NnTag tag_asked) {
    Browse *browse = &app->browse;
    if (browse->triage == NULL || app->errors.sample < 0) {
        return;
    }
    NnError err = {0};
    size_t row = (size_t)app->errors.sample;
    if (nn_triage_set_tag(browse->triage, row, tag_asked, &err) != NN_OK) {
        toast_error(&app->toasts, app->now_ms, &err);
    }
    browse->stale = browse->stale || app->errors.query.tag != 0;
}

static void toggle_tag(App *app, NnTag asked) {
    const Browse *browse = &app->browse;
    if (browse->triage != NULL && app->errors.sample >= 0) {
        NnTag now = nn_triage_tag(browse->triage, (size_t)app->errors.sample);
        tag(app, asked == now ? NN_TAG_NONE : asked);
    }
}

static void next_tag(App *app) {
    const Browse *browse = &app->browse;
    if (browse->triage != NULL && app->errors.sample >= 0) {
        NnTag now = nn_triage_tag(browse->triage, (size_t)app->errors.sample);
        tag(app, (NnTag)((now + 1) % NN_TAG_COUNT));
    }
}

static void note(App *app, const char *text) {
    Browse *browse = &app->browse;
    if (browse->triage == NULL || app->errors.sample < 0) {
        return;
    }
    size_t row = (size_t)app->errors.sample;
    if (text == NULL) {
        app->errors.wants_note = true;
        (void)text_copy(app->errors.note, sizeof app->errors.note,
                        nn_triage_note(browse->triage, row));
        return;
    }
    app->errors.wants_note = false;
    NnError err = {0};
    if (strcmp(text, nn_triage_note(browse->triage, row)) != 0 &&
        nn_triage_set_note(browse->triage, row, text, &err) != NN_OK) {
        toast_error(&app->toasts, app->now_ms, &err);
    }
}

static void undo(App *app) {
    Browse *browse = &app->browse;
    if (browse->triage == NULL) {
        return;
    }
    NnError err = {0};
    size_t row = 0;
    if (nn_triage_undo(browse->triage, &row, &err)) {
        app->errors.sample = (int64_t)row;
        app->errors.reveal = true;
        browse->stale = true;
    } else if (err.status != NN_OK) {
        toast_error(&app->toasts, app->now_ms, &err);
    } else {
        toast(&app->toasts, app->now_ms, "There is no tag or note to take back.");
    }
}

// --- the sample on the canvas --------------------------------------------------------------------

// As a dropped picture would be: ink on paper.
static void try_on_canvas(App *app) {
    const Browse *browse = &app->browse;
    if (browse->answers == NULL || app->errors.sample < 0) {
        return;
    }
    char name[64];
    NnPicture picture = {.width = NN_SIDE, .height = NN_SIDE, .grey = mem_new(NN_PIXELS, 1)};
    const uint8_t *pixels = browse->pictures->data->images + (size_t)app->errors.sample * NN_PIXELS;
    for (int i = 0; picture.grey != NULL && i < NN_PIXELS; i++) {
        picture.grey[i] = (uint8_t)(255 - pixels[i]);
    }
    (void)snprintf(name, sizeof name, "%.40s %lld", browse->pictures->data->name,
                   (long long)app->errors.sample);
    if (picture.grey == NULL || !canvas_take_picture(&app->canvas, &picture, name)) {
        mem_free(picture.grey);
        toast(&app->toasts, app->now_ms, "There is not enough memory for this picture.");
        return;
    }
    app->replay.on = false;
    app_forget_drawings(app);
    app->sight.looked = false;
    app->view = APP_VIEW_DRAW;
}

// --- files ---------------------------------------------------------------------------------------

static void save(App *app, StudyFile kind) {
    static const char *const stems[] = {"inkling-errors", "inkling-errors", "inkling-matrix",
                                        "inkling-metrics"};
    static const char *const endings[] = {"csv", "png", "png", "csv"};
    Browse *browse = &app->browse;
    if (browse->answers == NULL) {
        return;
    }
    const NnStudy *study = browse->answers->study;
    const BrowseList *list =
        &browse->list[app->errors.side < browse->n_lists ? app->errors.side : 0];
    char path[PATH_SIZE];
    NnError err = {0};
    NnStatus status = NN_OK;
    if ((kind == STUDY_SAVE_TABLE || kind == STUDY_SAVE_SHEET) && list->n == 0) {
        toast(&app->toasts, app->now_ms,
              "There is nothing to save: no picture passes the filters.");
        return;
    }
    if (!app_free_path(app, stems[kind], endings[kind], path, sizeof path)) {
        status = nn_fail(&err, NN_ERR_IO, "There is no folder to save in.");
        nn_error_hint(&err, "Start inkling in a folder you may write to.");
    } else if (kind == STUDY_SAVE_TABLE) {
        status = nn_study_write_csv(study, list->rows, list->n, browse->triage, browse->epochs,
                                    path, &err);
    } else if (kind == STUDY_SAVE_METRICS) {
        status = nn_study_write_metrics(study, path, &err);
    } else if (kind == STUDY_SAVE_MATRIX) {
        char csv[PATH_SIZE];
        (void)text_copy(csv, sizeof csv, path);
        memcpy(csv + strlen(csv) - 3, "csv", 3);
        status = nn_study_write_matrix(study, path, csv, &err);
    } else if (study_runner_sheet(browse->runner, browse->pictures, browse->answers, list->rows,
                                  list->n, path)) {
        return; // told when it is written
    } else {
        status = nn_fail(&err, NN_ERR_FAILED,
                         "A contact sheet is still being written; save again when it is done.");
    }
    app_picture_saved(app, path, status, &err);
}

void app_errors_news(App *app) {
    StudySheet sheet;
    if (app->browse.runner != NULL && study_runner_take_sheet(app->browse.runner, &sheet)) {
        app_picture_saved(app, sheet.path, sheet.status, &sheet.err);
    }
}

// --- dropped data --------------------------------------------------------------------------------

bool app_is_idx(const char *path) {
    if (text_ends_with(path, ".gz")) {
        return true;
    }
    unsigned char head[4] = {1};
    FILE *file = fopen(path, "rb");
    size_t n = file == NULL ? 0 : fread(head, 1, sizeof head, file);
    if (file != NULL) {
        (void)fclose(file);
    }
    // No picture format begins with two zero bytes but Windows' icons, whose next two are 1 and 0.
    return n >= 2 && head[0] == 0 && head[1] == 0 && head[2] != 1;
}

// The name of the other half: images-idx3 and labels-idx1 for each other.
static bool partner_of(const char *path, char *other, size_t size, bool *labels) {
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    const char *images_at = strstr(name, "images"), *labels_at = strstr(name, "labels");
    *labels = labels_at != NULL && images_at == NULL;
    const char *at = *labels ? labels_at : images_at;
    if (at == NULL || !text_copy(other, size, path)) {
        return false;
    }
    size_t place = (size_t)(at - path);
    memcpy(other + place, *labels ? "images" : "labels", 6);
    char *form = strstr(other + place, *labels ? "idx1" : "idx3");
    if (form != NULL) {
        form[3] = *labels ? '3' : '1';
    }
    return true;
}

void app_idx_dropped(App *app, const char *path) {
    char other[PATH_SIZE];
    bool labels = false;
    bool known = partner_of(path, other, sizeof other, &labels);
    if (known && file_exists(other)) {
        app->view = APP_VIEW_ERRORS;
        browse_files(&app->browse, labels ? other : path, labels ? path : other);
    } else if (app->errors_half[0] != '\0' && strcmp(app->errors_half, path) != 0) {
        // Two files that do not name each other: in either order, the pictures are the larger.
        bool first_larger = file_size(app->errors_half) > file_size(path);
        app->view = APP_VIEW_ERRORS;
        browse_files(&app->browse, first_larger ? app->errors_half : path,
                     first_larger ? path : app->errors_half);
        app->errors_half[0] = '\0';
    } else if (text_copy(app->errors_half, sizeof app->errors_half, path)) {
        toast(&app->toasts, app->now_ms,
              "One half of an IDX pair. Now drop the file with its %s, too.",
              labels ? "pictures" : "labels");
    }
}

bool app_rival_dropped(App *app, const char *path) {
    if (app->view != APP_VIEW_ERRORS || app->errors.tab != ERRORS_DUEL) {
        return false;
    }
    int place = browse_add_model(&app->browse, path);
    if (place < 0) {
        toast(&app->toasts, app->now_ms, "There are too many networks in the list.");
    } else {
        browse_rival(&app->browse, place);
    }
    return true;
}

// --- actions -------------------------------------------------------------------------------------

static void show_next(App *app) {
    ErrorsQuery *query = &app->errors.query;
    query->show = query->show == SHOW_WRONG ? SHOW_ALL : SHOW_WRONG;
    app->errors.scroll[0] = app->errors.scroll[1] = 0;
    app->errors.reveal = true;
}

void app_apply_errors(App *app, const Action *action) {
    switch (action->kind) {
    case ACTION_STUDY_SOURCE:
        browse_choose(&app->browse, (StudySource)action->index);
        view_errors_reset(&app->errors);
        break;
    case ACTION_STUDY_STEP:
        walk(app, action->index);
        break;
    case ACTION_STUDY_ROW:
        walk(app, (int64_t)action->index * (app->errors.columns > 0 ? app->errors.columns : 1));
        break;
    case ACTION_STUDY_SHOW:
        show_next(app);
        break;
    case ACTION_STUDY_TAG:
        toggle_tag(app, (NnTag)action->index);
        break;
    case ACTION_STUDY_NEXT_TAG:
        next_tag(app);
        break;
    case ACTION_STUDY_NOTE:
        note(app, action->text);
        break;
    case ACTION_STUDY_UNDO:
        undo(app);
        break;
    case ACTION_STUDY_TRY:
        try_on_canvas(app);
        break;
    case ACTION_STUDY_SAVE:
        save(app, (StudyFile)action->index);
        break;
    case ACTION_STUDY_TAB:
        app->errors.tab = action->index;
        app->errors.panel_scroll = 0;
        if (action->index == ERRORS_DUEL) {
            app_find_models(app);
        }
        break;
    case ACTION_STUDY_RIVAL:
        app->errors.query.duel = -1;
        browse_rival(&app->browse, action->index);
        break;
    default: // ACTION_STUDY_QUERY: the view has changed what it asks, and that is enough
        break;
    }
}
