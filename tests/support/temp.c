#define _XOPEN_SOURCE 700 // mkdtemp, nftw
#include "support/temp.h"

#include <dirent.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

void temp_folder(char *out) {
    const char *base = getenv("TMPDIR");
    if (base == NULL) {
        base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"; // a sync costs nothing there
    }
    snprintf(out, TEMP_PATH, "%s/inkling-test-XXXXXX", base);
    if (mkdtemp(out) == NULL) {
        fail_msg("no temporary folder: %s", out);
    }
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *walk) {
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

void temp_remove(const char *folder) {
    nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

char *temp_path(char *out, const char *folder, const char *name) {
    int n = snprintf(out, TEMP_PATH, "%s/%s", folder, name);
    assert_in_range(n, 1, TEMP_PATH - 1);
    return out;
}

void temp_write(const char *path, const void *bytes, size_t n) {
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(bytes, 1, n, file) != n || fclose(file) != 0) {
        fail_msg("%s: cannot be written", path);
    }
}

uint8_t *temp_read(const char *path, size_t *n) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fail_msg("%s: cannot be read", path);
        return NULL;
    }
    fseek(file, 0, SEEK_END);
    *n = (size_t)ftell(file);
    rewind(file);
    uint8_t *bytes = calloc(*n + 1, 1);
    if (bytes == NULL || fread(bytes, 1, *n, file) != *n) {
        fail_msg("%s: cannot be read", path);
    }
    fclose(file);
    return bytes;
}

size_t temp_count(const char *folder) {
    DIR *entries = opendir(folder);
    assert_non_null(entries);
    size_t n = 0;
    for (struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries)) {
        n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    }
    closedir(entries);
    return n;
}
