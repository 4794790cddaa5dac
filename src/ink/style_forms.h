// style_forms.h - the table of the forms in which digits are written.
//
// A form is drawn in a box of about 60 x 100 units, x right, y down. Its control points are joined
// by smooth curves, broken at corners. Two modes, each a random number in -1..1, move points along
// vectors of their own: how long the flag is, how far the loop stays open.

#ifndef NN_INK_STYLE_FORMS_H
#define NN_INK_STYLE_FORMS_H

#include <stddef.h>
#include <stdint.h>

typedef enum { STYLE_SMOOTH, STYLE_CORNER, STYLE_LIFT } StyleJoint; // lift: the stroke ends here

typedef struct {
    int8_t x, y;
    int8_t ax, ay, bx, by; // what the modes a and b add
    int8_t joint;
} StylePoint;

typedef struct {
    int digit;
    const char *name;
    float weight; // how often it is drawn, against the digit's other forms
    float lean;   // slant to the right beyond that of all digits, dx / dy: 0..lean
    float narrow; // least factor on its width: narrower it would be another digit, or a blot
    size_t n;
    const StylePoint *points;
} StyleForm;

enum { STYLE_POINTS_MAX = 24 }; // of one form

extern const StyleForm style_forms[];
extern const size_t style_form_count;

#endif
