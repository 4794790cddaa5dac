#include "gfx/cells.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"

bool cells_init(Cells *cells, int width, int height) {
    memset(cells, 0, sizeof *cells);
    cells->columns = (width + CELL_SIDE - 1) / CELL_SIDE;
    cells->rows = (height + CELL_SIDE - 1) / CELL_SIDE;
    size_t n = (size_t)cells->columns * (size_t)cells->rows;
    cells->now = mem_new(n, sizeof *cells->now);
    cells->before = mem_new(n, sizeof *cells->before);
    cells->boxes = mem_new(n, sizeof *cells->boxes);
    cells->all = true;
    if (cells->now == NULL || cells->before == NULL || cells->boxes == NULL) {
        cells_release(cells);
        return false;
    }
    return true;
}

void cells_release(Cells *cells) {
    mem_free(cells->now);
    mem_free(cells->before);
    mem_free(cells->boxes);
    mem_free(cells->reach);
    memset(cells, 0, sizeof *cells);
}

void cells_forget(Cells *cells) {
    cells->all = true;
}

// --- hashing -------------------------------------------------------------------------------------
// Two different frames with one 64-bit hash would show stale pixels until something moves; with a
// good mixing step that is out of reach of chance.

static uint64_t mix(uint64_t hash, uint64_t value) {
    hash = (hash ^ value) * 0x9E3779B97F4A7C15u;
    return hash ^ hash >> 29;
}

static uint64_t mix_float(uint64_t hash, float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return mix(hash, bits);
}

static uint64_t mix_bytes(uint64_t hash, const void *bytes, size_t n) {
    const unsigned char *p = bytes;
    for (; n >= 8; p += 8, n -= 8) {
        uint64_t word;
        memcpy(&word, p, sizeof word);
        hash = mix(hash, word);
    }
    uint64_t rest = (uint64_t)n << 56;
    memcpy(&rest, p, n);
    return mix(hash, rest ^ n);
}

static uint64_t mix_rect(uint64_t hash, UiRect rect) {
    return mix_float(mix_float(mix_float(mix_float(hash, rect.x), rect.y), rect.w), rect.h);
}

// All of a command that is the same for every cell it reaches.
static uint64_t command_hash(const DrawCommand *command, RasterBox clip) {
    uint64_t hash = mix(0, (uint64_t)command->kind << 32 | command->color);
    if (command->kind != DRAW_LINES && command->kind != DRAW_BAND) { // their rectangles grow
        hash = mix_rect(hash, command->rect);
    }
    hash = mix_float(mix_float(hash, command->radius), command->width);
    hash = mix_bytes(hash, &clip, sizeof clip);
    switch (command->kind) {
    case DRAW_TEXT:
        hash = mix_float(hash, command->u.text.font.size);
        hash = mix(hash, (uint64_t)command->u.text.font.weight);
        return mix_bytes(hash, command->u.text.utf8, strlen(command->u.text.utf8));
    case DRAW_IMAGE:
        hash = mix(hash, (uint64_t)command->u.image.w << 32 | (uint64_t)command->u.image.h << 1 |
                             command->u.image.smooth);
        hash = mix_bytes(hash, command->u.image.palette, 256 * sizeof(Color));
        return mix_bytes(hash, command->u.image.pixels,
                         (size_t)command->u.image.w * (size_t)command->u.image.h);
    case DRAW_POLYGON:
        return mix_bytes(hash, command->u.lines.xy, command->u.lines.n * 2 * sizeof(float));
    case DRAW_LINES:
        hash = mix_float(hash, command->u.lines.dash_on);
        return mix_float(hash, command->u.lines.dash_off);
    default:
        return hash;
    }
}

static void add(Cells *cells, RasterBox box, uint64_t hash) {
    if (frame_is_empty(box)) {
        return;
    }
    for (int row = box.y0 / CELL_SIDE; row <= (box.y1 - 1) / CELL_SIDE; row++) {
        uint64_t *line = cells->now + (ptrdiff_t)row * cells->columns;
        for (int column = box.x0 / CELL_SIDE; column <= (box.x1 - 1) / CELL_SIDE; column++) {
            line[column] = mix(line[column], hash);
        }
    }
}

static void add_mask(Cells *cells, const Frame *frame, const DrawCommand *command, RasterBox box,
                     uint64_t hash) {
    int left = frame_snap(command->rect.x * frame->scale);
    int top = frame_snap(command->rect.y * frame->scale);
    for (int y0 = box.y0; y0 < box.y1; y0 = (y0 / CELL_SIDE + 1) * CELL_SIDE) {
        for (int x0 = box.x0; x0 < box.x1; x0 = (x0 / CELL_SIDE + 1) * CELL_SIDE) {
            int x1 = (x0 / CELL_SIDE + 1) * CELL_SIDE < box.x1 ? (x0 / CELL_SIDE + 1) * CELL_SIDE
                                                               : box.x1;
            int y1 = (y0 / CELL_SIDE + 1) * CELL_SIDE < box.y1 ? (y0 / CELL_SIDE + 1) * CELL_SIDE
                                                               : box.y1;
            uint64_t inside = hash;
            for (int y = y0; y < y1; y++) {
                const uint8_t *row = command->u.mask.coverage +
                                     (size_t)(y - top) * (size_t)command->u.mask.w + (x0 - left);
                inside = mix_bytes(inside, row, (size_t)(x1 - x0));
            }
            add(cells, (RasterBox){x0, y0, x1, y1}, inside);
        }
    }
}

// Each piece counts in the cells it comes near. Dashes depend on all that went before.
static void add_lines(Cells *cells, const Frame *frame, const DrawCommand *command, RasterBox box,
                      uint64_t hash) {
    const float *xy = command->u.lines.xy;
    size_t n = command->u.lines.n;
    if (n < 3 || (command->u.lines.dash_on > 0 && command->u.lines.dash_off > 0)) {
        add(cells, box, mix_bytes(hash, xy, n * 2 * sizeof(float)));
        return;
    }
    DrawCommand piece = *command;
    for (size_t i = 1; i < n; i++) {
        const float *a = xy + 2 * (i - 1);
        const float *b = a + 2;
        float margin = command->width / 2 + 1;
        piece.rect = (UiRect){fminf(a[0], b[0]) - margin, fminf(a[1], b[1]) - margin,
                              fabsf(b[0] - a[0]) + 2 * margin, fabsf(b[1] - a[1]) + 2 * margin};
        add(cells, frame_intersect(frame_bounds(frame, &piece), box),
            mix_bytes(hash, a, 4 * sizeof(float)));
    }
}

static void add_band(Cells *cells, const Frame *frame, const DrawCommand *command, RasterBox box,
                     uint64_t hash) {
    const float *a = command->u.band.xtb;
    DrawCommand piece = *command;
    for (size_t i = 1; i < command->u.band.n; i++, a += 3) {
        const float *b = a + 3;
        float top = fminf(a[1], b[1]), bottom = fmaxf(a[2], b[2]);
        piece.rect = (UiRect){a[0], top, b[0] - a[0], bottom - top};
        add(cells, frame_intersect(frame_bounds(frame, &piece), box),
            mix_bytes(hash, a, 6 * sizeof(float)));
    }
}

static void hash_frame(Cells *cells, const Frame *frame, const DrawList *list, Color background) {
    uint64_t start = mix_float(mix(0, background), frame->scale);
    for (int i = 0; i < cells->rows * cells->columns; i++) {
        cells->now[i] = start;
    }
    RasterBox clip = {0, 0, frame->width, frame->height};
    for (size_t i = 0; i < list->n; i++) {
        const DrawCommand *command = &list->commands[i];
        if (command->kind == DRAW_CLIP) {
            clip = frame_snap_rect(frame, command->rect);
            cells->reach[i] = (RasterBox){0, 0, 0, 0};
            continue;
        }
        RasterBox box = frame_intersect(frame_bounds(frame, command), clip);
        cells->reach[i] = box;
        if (frame_is_empty(box)) {
            continue;
        }
        uint64_t hash = command_hash(command, clip);
        if (command->kind == DRAW_MASK) {
            add_mask(cells, frame, command, box, hash);
        } else if (command->kind == DRAW_LINES) {
            add_lines(cells, frame, command, box, hash);
        } else if (command->kind == DRAW_BAND) {
            add_band(cells, frame, command, box, hash);
        } else {
            add(cells, box, hash);
        }
    }
}

// --- changed cells to boxes ----------------------------------------------------------------------

// Runs of changed cells in a row; a run exactly below another joins it.
static size_t merge(Cells *cells, const Frame *frame) {
    size_t n = 0;
    for (int row = 0; row < cells->rows; row++) {
        int y0 = row * CELL_SIDE;
        int y1 = y0 + CELL_SIDE < frame->height ? y0 + CELL_SIDE : frame->height;
        for (int column = 0; column < cells->columns; column++) {
            ptrdiff_t line = (ptrdiff_t)row * cells->columns;
            int first = column;
            while (column < cells->columns &&
                   (cells->all || cells->now[line + column] != cells->before[line + column])) {
                column++;
            }
            if (column == first) {
                continue;
            }
            int x0 = first * CELL_SIDE;
            int x1 = column * CELL_SIDE < frame->width ? column * CELL_SIDE : frame->width;
            size_t above = 0;
            while (above < n && !(cells->boxes[above].y1 == y0 && cells->boxes[above].x0 == x0 &&
                                  cells->boxes[above].x1 == x1)) {
                above++;
            }
            if (above < n) {
                cells->boxes[above].y1 = y1;
            } else {
                cells->boxes[n++] = (RasterBox){x0, y0, x1, y1};
            }
        }
    }
    return n;
}

static bool reach_room(Cells *cells, size_t n) {
    if (n > cells->n_reach) {
        RasterBox *grown = mem_resize(cells->reach, 2 * n, sizeof *grown);
        if (grown == NULL) {
            return false;
        }
        cells->reach = grown;
        cells->n_reach = 2 * n;
    }
    return true;
}

const RasterBox *cells_changed(Cells *cells, const Frame *frame, const DrawList *list,
                               Color background, size_t *n) {
    if (!reach_room(cells, list->n)) { // the old frame stays until there is memory
        cells->all = true;
        *n = 0;
        return cells->boxes;
    }
    hash_frame(cells, frame, list, background);
    *n = merge(cells, frame);
    uint64_t *old = cells->before;
    cells->before = cells->now;
    cells->now = old;
    cells->all = false;
    return cells->boxes;
}
