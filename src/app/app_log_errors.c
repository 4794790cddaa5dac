// The log's lines about the Errors view, and about files that were saved.
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "app/app_state.h"
#include "base/alloc.h"
#include "base/json_text.h"

// Takes the object.
static void put(App *app, json_t *owned_line) {
    char *text = owned_line != NULL ? json_text_make(owned_line, JSON_COMPACT) : NULL;
    json_decref(owned_line);
    if (text != NULL) {
        (void)fprintf(app->files.log, "%s\n", text);
        (void)fflush(app->files.log);
    }
    mem_free(text);
}

void app_log_saved(App *app, const char *path) {
    if (app->files.log != NULL) {
        put(app, json_pack("{s:s}", "saved", path));
    }
}

static json_t *rect_json(UiRect rect) {
    return json_pack("[f, f, f, f]", (double)rect.x, (double)rect.y, (double)rect.w,
                     (double)rect.h);
}

// Nothing before there are answers.
void app_log_errors(App *app) {
    const Browse *browse = &app->browse;
    const ViewErrors *own = &app->errors;
    const NnStudy *study = browse_study(browse);
    if (app->files.log == NULL || app->view != APP_VIEW_ERRORS || study == NULL) {
        return;
    }
    int64_t sample = browse->sample;
    LoggedErrors now;
    memset(&now, 0, sizeof now); // compared with its padding
    now.source = browse->source;
    now.order = browse->answered;
    now.listed[0] = browse->list[0].n;
    now.listed[1] = browse->n_lists > 1 ? browse->list[1].n : 0;
    now.cell[0] = own->query.cell;
    now.cell[1] = own->query.second;
    now.sample = sample;
    now.tag = sample >= 0 && browse->triage != NULL
                  ? (int)nn_triage_tag(browse->triage, (size_t)sample)
                  : 0;
    now.tab = own->tab;
    now.low = own->query.low;
    now.high = own->query.high;
    now.matrix = own->matrix;
    now.grid = own->grid;
    now.filter = own->filter;
    if (memcmp(&now, &app->files.logged_errors, sizeof now) == 0) {
        return;
    }
    memcpy(&app->files.logged_errors, &now, sizeof now);
    const NnStudyRow *row = sample >= 0 ? nn_study_row(study, (size_t)sample) : NULL;
    const NnMetrics *metrics = nn_study_metrics(study);
    put(app,
        json_pack(
            "{s:s, s:I, s:I, s:[I, I], s:[i, i], s:[i, i], s:I, s:i, s:i, s:s, s:i, s:f, s:f, "
            "s:o, s:o, s:o}",
            "errors", browse_source_name(browse->source), "n", (json_int_t)metrics->n, "wrong",
            (json_int_t)(metrics->n - metrics->correct), "listed", (json_int_t)now.listed[0],
            (json_int_t)now.listed[1], "cell", now.cell[0].label, now.cell[0].predicted, "second",
            now.cell[1].label, now.cell[1].predicted, "sample", (json_int_t)sample, "label",
            row != NULL ? row->label : -1, "answer", row != NULL ? row->predicted : -1, "tag",
            nn_tag_name((NnTag)now.tag), "tab", now.tab, "low", (double)now.low, "high",
            (double)now.high, "matrix", rect_json(now.matrix), "grid", rect_json(now.grid),
            "filter", rect_json(now.filter)));
}
