// temp.h - a folder of a test's own, and whole files in it.

#ifndef TEST_SUPPORT_TEMP_H
#define TEST_SUPPORT_TEMP_H

#include <stddef.h>
#include <stdint.h>

enum { TEMP_PATH = 512 };

// Makes a new empty folder; out has TEMP_PATH bytes. Stops the test where it cannot.
void temp_folder(char *out);
void temp_remove(const char *folder); // with all that is in it

// "folder/name" into out, which has TEMP_PATH bytes. Returns out.
char *temp_path(char *out, const char *folder, const char *name);

void temp_write(const char *path, const void *bytes, size_t n);
uint8_t *temp_read(const char *path,
                   size_t *n); // free with free(); fails the test where there is none

size_t temp_count(const char *folder); // entries but . and ..

#endif
