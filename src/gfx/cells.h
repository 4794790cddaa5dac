// cells.h - which parts of the frame have to be painted again. Private to gfx.
//
// The frame is cut into cells. Each keeps a hash of all commands that reach into it, in order, with
// the bytes they point to; a cell whose hash is last frame's is left alone. Masks count only by
// their part inside the cell and curves by the pieces that come near, so a growing stroke or curve
// repaints its tip.

#ifndef INKLING_GFX_CELLS_H
#define INKLING_GFX_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gfx/frame.h"

enum { CELL_SIDE = 64 }; // device pixels

typedef struct {
    uint64_t *now, *before; // (rows, columns) hashes
    RasterBox *boxes;       // (rows * columns) room for the result
    RasterBox *reach;       // (n_reach) what each command of the newest frame may paint on
    size_t n_reach;
    int columns, rows;
    bool all; // before holds nothing
} Cells;

bool cells_init(Cells *cells, int width, int height);
void cells_release(Cells *cells);
void cells_forget(Cells *cells); // everything counts as changed next time

// Changed boxes, valid until the next call; *n of them. They do not overlap. cells->reach then has an
// entry for every command.
const RasterBox *cells_changed(Cells *cells, const Frame *frame, const DrawList *list,
                               Color background, size_t *n);

#endif
