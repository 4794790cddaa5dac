// grid.h - the two things done to grey pictures of any size: resampling and the centre of mass.

#ifndef NN_INK_GRID_H
#define NN_INK_GRID_H

#include <stdbool.h>
#include <stdint.h>

// Edges of a rectangle in pixels; it may reach beyond the picture it is about.
typedef struct {
    double x0, y0, x1, y1;
} GridRect;

// Fills out (out_height, out_width) with the part of in (in_height, in_width) that lies in from:
// each pixel is the mean over the area it stands for, at least one pixel wide, which makes
// magnifying linear interpolation. What lies outside in is 0.
void grid_resample(const uint8_t *in, int in_width, int in_height, GridRect from, uint8_t *out,
                   int out_width, int out_height);

// Mean place weighted by value, in pixels. False when all pixels are 0.
bool grid_centre_of_mass(const uint8_t *pixels, int width, int height, double *x, double *y);

#endif
