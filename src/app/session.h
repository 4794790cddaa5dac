// session.h - the drawing survives: it is written down a moment after each stroke and read at the
// next start.
//
// JSON in the state folder: {"strokes": [{"width": 0.05, "points": [[x, y, t_ms, pressure], ...]},
// ...]}. Unlike a file of strokes it keeps each pen's width. The history of undo is not kept.
// Thread: UI.

#ifndef INKLING_APP_SESSION_H
#define INKLING_APP_SESSION_H

#include "nn/ink.h"

NnStatus session_save(const NnInk *ink, const char *path, NnError *err) NN_MUST_CHECK;

// Replaces the drawing. A missing file leaves an empty one and is no failure; a damaged file leaves
// an empty one and is.
NnStatus session_load(NnInk *ink, const char *path, NnError *err) NN_MUST_CHECK;

#endif
