// mine.h - where my digits are kept; shared by mine.c, which writes them, and dataset.c, which
// finds them.

#ifndef NN_DATA_MINE_H
#define NN_DATA_MINE_H

#define MINE_FOLDER "mine"
#define MINE_IMAGES "mine-images-idx3-ubyte"
#define MINE_LABELS "mine-labels-idx1-ubyte"
#define MINE_STROKES "mine-strokes.jsonl"

#endif
