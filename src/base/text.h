// text.h - small string helpers that never overrun and always terminate.

#ifndef NN_BASE_TEXT_H
#define NN_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

// Copies as much of source as fits, terminated. Returns false if it had to be cut.
bool text_copy(char *out, size_t size, const char *source);

// Copies source with every byte outside printable ASCII and valid UTF-8 shown as \xNN. Names
// that come out of files go through this before they reach a terminal.
void text_escape(char *out, size_t size, const char *source);

bool text_ends_with(const char *text, const char *ending);

// Length in bytes (1-4) of the UTF-8 sequence at text, with its code point in *code; 0 if it is
// not valid UTF-8 (overlong forms and surrogates included). text is terminated.
int text_utf8_decode(const char *text, unsigned *code);

#endif
