// near.h - comparing floating-point numbers; a failure shows got, expected and where.

#ifndef TESTS_SUPPORT_NEAR_H
#define TESTS_SUPPORT_NEAR_H

// cmocka's header wants these four before it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdbool.h>

// |got - expected| <= tolerance * max(1, |expected|). NaN is near nothing.
static inline bool is_near(double got, double expected, double tolerance) {
    double size = fabs(expected) > 1.0 ? fabs(expected) : 1.0;
    return fabs(got - expected) <= tolerance * size;
}

#define assert_near(got, expected, tolerance, what, index)                                         \
    do {                                                                                           \
        double got_ = (double)(got), expected_ = (double)(expected);                               \
        if (!is_near(got_, expected_, (tolerance))) {                                              \
            fail_msg("%s [%ld]: got %.9g, expected %.9g", (what), (long)(index), got_, expected_); \
        }                                                                                          \
    } while (0)

#endif
