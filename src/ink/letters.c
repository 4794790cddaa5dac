// Letters as a hand writes them, in straight pieces; the scribbler bends, slants and shakes them.
// Left out on purpose are those that a careful reader may take for a digit: b B D g G i I j J l o O
// q Q s S t T u U y Y z Z.

#include "ink/letters.h"

#define UP LETTER_LIFT
#define END LETTER_END
#define FORM(...) ((const signed char[]){__VA_ARGS__, END})

const Letter letters[] = {
    {'A', FORM(1, 10, 3, 5, 5, 0, 7, 5, 9, 10, UP, 3, 6, 7, 6)},
    {'C', FORM(9, 2, 7, 0, 4, 0, 2, 2, 1, 5, 2, 8, 4, 10, 7, 10, 9, 8)},
    {'E', FORM(8, 0, 2, 0, 2, 5, 2, 10, 8, 10, UP, 2, 5, 7, 5)},
    {'F', FORM(8, 0, 2, 0, 2, 5, 2, 10, UP, 2, 5, 7, 5)},
    {'H', FORM(2, 0, 2, 5, 2, 10, UP, 8, 0, 8, 5, 8, 10, UP, 2, 5, 8, 5)},
    {'K', FORM(2, 0, 2, 5, 2, 10, UP, 8, 0, 3, 5, 8, 10)},
    {'L', FORM(2, 0, 2, 5, 2, 10, 5, 10, 8, 10)},
    {'M', FORM(1, 10, 2, 0, 5, 6, 8, 0, 9, 10)},
    {'N', FORM(2, 10, 2, 0, 5, 5, 8, 10, 8, 0)},
    {'P', FORM(2, 10, 2, 0, 6, 0, 8, 2, 6, 5, 2, 5)},
    {'R', FORM(2, 10, 2, 0, 6, 0, 8, 2, 6, 5, 2, 5, UP, 4, 5, 8, 10)},
    {'V', FORM(1, 0, 3, 5, 5, 10, 7, 5, 9, 0)},
    {'W', FORM(0, 0, 3, 10, 5, 4, 7, 10, 10, 0)},
    {'X', FORM(2, 0, 5, 5, 8, 10, UP, 8, 0, 5, 5, 2, 10)},
    {'a', FORM(8, 3, 5, 2, 2, 5, 3, 9, 6, 9, 8, 5, 8, 2, 8, 7, 10, 10)},
    {'e', FORM(2, 6, 8, 6, 8, 4, 5, 2, 2, 5, 3, 9, 6, 10, 9, 8)},
    {'f', FORM(8, 1, 6, 0, 4, 2, 4, 6, 4, 10, UP, 2, 4, 7, 4)},
    {'h', FORM(2, 0, 2, 5, 2, 10, 2, 6, 5, 4, 8, 6, 8, 10)},
    {'k', FORM(2, 0, 2, 5, 2, 10, UP, 7, 4, 2, 7, 8, 10)},
    {'m', FORM(1, 4, 1, 10, 1, 6, 3, 4, 5, 6, 5, 10, 5, 6, 7, 4, 9, 6, 9, 10)},
    {'n', FORM(2, 3, 2, 10, 2, 6, 5, 3, 8, 6, 8, 10)},
    {'r', FORM(3, 3, 3, 10, 3, 6, 5, 3, 8, 3)},
    {'v', FORM(2, 3, 5, 10, 8, 3)},
    {'w', FORM(1, 3, 3, 10, 5, 5, 7, 10, 9, 3)},
    {'x', FORM(2, 3, 8, 10, UP, 8, 3, 2, 10)},
};
const size_t letters_count = sizeof letters / sizeof letters[0];
