// What the Data view asks for, carried out: other sets, other drawings, a picture on the canvas,
// files.
#include <stdio.h>
#include <string.h>

#include "app/app_state.h"
#include "base/alloc.h"
#include "nn/picture.h"
#include "nn/style.h"

// --- a picture on the canvas ---------------------------------------------------------------------

static void open_canvas(App *app) {
    app->replay.on = false;
    app_forget_drawings(app);
    app->sight.looked = false;
    app->view = APP_VIEW_DRAW;
}

// The strokes of a drawing: an action like any other, which undo takes back.
static bool put_strokes(App *app, DataSpot spot) {
    NnInk *drawn = nn_ink_new(NULL);
    bool good = drawn != NULL && nn_style_draw((size_t)spot.row, app->gallery.sheet->seed,
                                               (uint64_t)spot.place, drawn);
    if (good) {
        canvas_cancel(&app->canvas);
        canvas_show_now(&app->canvas);
        canvas_drop_picture(&app->canvas);
        good = nn_ink_load(app->canvas.ink, drawn);
        timeline_restart(&app->timeline);
        canvas_changed(&app->canvas);
        app_drawing_changed(app);
    }
    nn_ink_free(drawn);
    return good;
}

// As a dropped picture would be: ink on paper.
static bool put_picture(App *app, DataSpot spot, const uint8_t *pixels) {
    char name[64];
    NnPicture picture = {.width = NN_SIDE, .height = NN_SIDE, .grey = mem_new(NN_PIXELS, 1)};
    for (int i = 0; picture.grey != NULL && i < NN_PIXELS; i++) {
        picture.grey[i] = (uint8_t)(255 - pixels[i]);
    }
    (void)snprintf(name, sizeof name, "%s %lld", gallery_source_name(app->gallery.source),
                   (long long)spot.row);
    if (picture.grey == NULL || !canvas_take_picture(&app->canvas, &picture, name)) {
        mem_free(picture.grey);
        return false;
    }
    return true;
}

static void try_on_canvas(App *app) {
    DataSpot spot = app->data.spot;
    const uint8_t *pixels = data_spot_pixels(&app->gallery, spot);
    if (pixels == NULL) {
        return;
    }
    bool strokes = app->gallery.source == DATA_HANDWRITING && nn_hand_digit((size_t)spot.row) >= 0;
    if (strokes ? put_strokes(app, spot) : put_picture(app, spot, pixels)) {
        open_canvas(app);
    } else {
        toast(&app->toasts, app->now_ms, "There is not enough memory for this picture.");
    }
}

// --- files ---------------------------------------------------------------------------------------

enum { SHEET_PITCH = NN_SIDE + 2, SHEET_MARGIN = 12, PAGE_COLUMNS = 40, PAGE_PICTURES = 1000 };

static void put_pixels(uint8_t *sheet, size_t width, size_t x, size_t y, const uint8_t *pixels) {
    for (size_t i = 0; i < NN_PIXELS; i++) {
        sheet[(y + i / NN_SIDE) * width + x + i % NN_SIDE] = (uint8_t)(255 - pixels[i]);
    }
}

// Ink on paper, a line of pictures for each line on view: of a set behind its mean.
static NnStatus write_sheet(const App *app, const char *path, NnError *err) {
    const Gallery *gallery = &app->gallery;
    const ViewData *own = &app->data;
    bool set = gallery->source != DATA_HANDWRITING, page = set && own->group >= 0;
    size_t rows = data_line_count(gallery, own), columns = SHEET_COLUMNS, shown = 0;
    if (page) {
        shown = gallery->set->facts->count[own->group];
        shown = shown < PAGE_PICTURES ? shown : PAGE_PICTURES;
        columns = PAGE_COLUMNS;
        rows = (shown + columns - 1) / columns;
    }
    bool means = set && !page;
    size_t width = 2 * SHEET_MARGIN + (columns + means) * SHEET_PITCH;
    size_t height = 2 * SHEET_MARGIN + rows * SHEET_PITCH;
    uint8_t *sheet = mem_new(height, width);
    if (sheet == NULL) {
        return nn_fail(err, NN_ERR_NOMEM, "Not enough memory for a sheet of pictures.");
    }
    memset(sheet, 255, height * width);
    for (size_t i = 0; i < rows * columns; i++) {
        size_t line = i / columns, place = i % columns;
        size_t of = data_line(gallery, own, page ? 0 : line);
        DataSpot spot = data_spot_at(gallery, own, of, page ? i : place);
        const uint8_t *pixels = data_spot_pixels(gallery, spot);
        size_t y = SHEET_MARGIN + line * SHEET_PITCH;
        if (means && place == 0) {
            put_pixels(sheet, width, SHEET_MARGIN, y, gallery->set->facts->mean[of]);
        }
        if (pixels != NULL && (!page || i < shown)) {
            put_pixels(sheet, width, SHEET_MARGIN + (place + means) * SHEET_PITCH, y, pixels);
        }
    }
    NnStatus status = nn_png_write(path, sheet, (int)width, (int)height, 1, err);
    mem_free(sheet);
    return status;
}

static NnStatus write_table(const App *app, const char *path, NnError *err) {
    const Gallery *gallery = &app->gallery;
    if (gallery->source != DATA_HANDWRITING) {
        return nn_facts_write_csv(gallery->set->facts, gallery->set->data, path, err);
    }
    int *right = mem_new(nn_hand_rows(), sizeof *right);
    if (right == NULL) {
        return nn_fail(err, NN_ERR_NOMEM, "Not enough memory to write a table.");
    }
    for (size_t row = 0; row < nn_hand_rows(); row++) {
        right[row] = data_desk_share(gallery->desk, row);
    }
    NnStatus status = nn_hand_write_csv(right, gallery->tries, path, err);
    mem_free(right);
    return status;
}

static void save(App *app, DataFile kind) {
    const Gallery *gallery = &app->gallery;
    bool handwriting = gallery->source == DATA_HANDWRITING;
    if (handwriting ? gallery->sheet == NULL : gallery->set == NULL) {
        return;
    }
    if (handwriting && kind == DATA_SAVE_TABLE && gallery_busy(gallery)) {
        toast(&app->toasts, app->now_ms, "The network is still reading; save again in a moment.");
        return;
    }
    char path[PATH_SIZE];
    NnError err = {0};
    NnStatus status;
    if (!app_free_path(app, "inkling-data", kind == DATA_SAVE_TABLE ? "csv" : "png", path,
                       sizeof path)) {
        status = nn_fail(&err, NN_ERR_IO, "There is no folder to save in.");
        nn_error_hint(&err, "Start inkling in a folder you may write to.");
    } else {
        status =
            kind == DATA_SAVE_TABLE ? write_table(app, path, &err) : write_sheet(app, path, &err);
    }
    app_picture_saved(app, path, status, &err);
}

// --- actions -------------------------------------------------------------------------------------

void app_apply_data(App *app, const Action *action) {
    ViewData *own = &app->data;
    switch (action->kind) {
    case ACTION_DATA_SOURCE: {
        uint64_t seed = own->seed;
        gallery_choose(&app->gallery, (DataSource)action->index);
        view_data_init(own);
        own->seed = seed;
        break;
    }
    case ACTION_DATA_GROUP:
        view_data_show(own, action->index);
        break;
    case ACTION_DATA_NEW:
        own->seed++;
        own->spot.row = -1;
        break;
    case ACTION_DATA_STEP:
        view_data_walk(own, &app->gallery, action->index, 0);
        break;
    case ACTION_DATA_LINE:
        view_data_walk(own, &app->gallery, 0, action->index);
        break;
    case ACTION_DATA_TRY:
        try_on_canvas(app);
        break;
    default:
        save(app, (DataFile)action->index);
        break;
    }
}
