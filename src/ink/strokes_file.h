// strokes_file.h - reading strokes from a stream that is open already: a block of memory, in the
// fuzz target.

#ifndef NN_INK_STROKES_FILE_H
#define NN_INK_STROKES_FILE_H

#include <stdio.h>

#include "nn/ink.h"

// path is the name for messages. NULL when out of memory; the stream is closed then.
NnStrokeFile *strokes_from_stream(FILE *owned_stream, const char *path, NnError *err);

#endif
