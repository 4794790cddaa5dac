// Ink falls into connected pieces. The digit is the large ones that lie in the picture; specks are
// small, and what reaches in from outside is a table's edge, a finger, the neighbouring line of
// writing.

#include "ink/paper.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    int area;
    int on_frame; // pixels of it on the picture's outermost rows and columns
    int x0, y0, x1, y1;
} Piece;

static int smaller(int a, int b) {
    return a < b ? a : b;
}

static int larger(int a, int b) {
    return a > b ? a : b;
}

// Marks the piece that holds start with a label, eight neighbours connected. stack has room for
// every pixel.
static Piece flood(const Paper *paper, int start, int label, int *labels, int *stack) {
    int width = paper->width, height = paper->height;
    Piece piece = {.x0 = width, .y0 = height};
    int n = 0;
    stack[n++] = start;
    labels[start] = label;
    while (n > 0) {
        int at = stack[--n];
        int x = at % width, y = at / width;
        piece.area++;
        piece.on_frame += x == 0 || y == 0 || x == width - 1 || y == height - 1;
        piece.x0 = smaller(piece.x0, x);
        piece.y0 = smaller(piece.y0, y);
        piece.x1 = larger(piece.x1, x + 1);
        piece.y1 = larger(piece.y1, y + 1);
        for (int v = larger(y - 1, 0); v <= y + 1 && v < height; v++) {
            for (int u = larger(x - 1, 0); u <= x + 1 && u < width; u++) {
                int next = v * width + u;
                if (labels[next] == 0 && paper->ink[next] >= 128) {
                    labels[next] = label;
                    stack[n++] = next;
                }
            }
        }
    }
    return piece;
}

// Along much of the frame, or not very far in, or a mere line: what spans the picture and only just
// touches its frame is a closely cropped digit.
static bool comes_from_outside(const Piece *piece, int width, int height) {
    int across = piece->x1 - piece->x0, down = piece->y1 - piece->y0;
    bool spans = across * 5 >= width * 4 || down * 5 >= height * 4;
    bool has_body = across * 7 >= width && down * 7 >= height;
    bool just_touches = piece->on_frame * 5 <= width + height;
    return piece->on_frame > 0 && !(spans && has_body && just_touches);
}

// Copies the ink of the labels that are kept to spare, with the soft edge around it, and swaps the
// two.
static void keep_labels(Paper *paper, const int *labels, const int *kept) {
    enum { SOFT = 2 }; // pixels an edge is blurred over
    int width = paper->width, height = paper->height;
    memset(paper->spare, 0, (size_t)width * (size_t)height);
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            int label = labels[y * width + x];
            if (label == 0 || !kept[label]) {
                continue;
            }
            for (int v = larger(y - SOFT, 0); v <= y + SOFT && v < height; v++) {
                for (int u = larger(x - SOFT, 0); u <= x + SOFT && u < width; u++) {
                    int there = labels[v * width + u];
                    if (there == 0 || kept[there]) {
                        paper->spare[v * width + u] = paper->ink[v * width + u];
                    }
                }
            }
        }
    }
    uint8_t *swap = paper->ink;
    paper->ink = paper->spare;
    paper->spare = swap;
}

bool paper_keep_digit(Paper *paper, int *work) {
    int n = paper->width * paper->height;
    int *labels = work, *stack = work + n, *areas = work + 2 * n; // areas from 1 to n
    int n_labels = 0, largest = 0, largest_inside = 0;
    for (int i = 0; i < n; i++) {
        if (labels[i] != 0 || paper->ink[i] < 128) {
            continue;
        }
        Piece piece = flood(paper, i, ++n_labels, labels, stack);
        bool outside = comes_from_outside(&piece, paper->width, paper->height);
        areas[n_labels] = outside ? -piece.area : piece.area; // less than 0 until we know more
        largest = larger(largest, piece.area);
        largest_inside = larger(largest_inside, outside ? 0 : piece.area);
    }
    // A small picture is a digit cut out already, and where there is nothing of any size inside,
    // the digit is what touches the frame.
    bool inside_only =
        paper->width > PAPER_SMALL && paper->height > PAPER_SMALL && largest_inside * 300 > n;
    int least = (inside_only ? largest_inside : largest) / 25 + 1;
    for (int label = 1; label <= n_labels; label++) {
        areas[label] = (inside_only ? areas[label] : abs(areas[label])) >= least;
    }
    keep_labels(paper, labels, areas);
    return largest > 0;
}
