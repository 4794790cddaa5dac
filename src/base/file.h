// file.h - reading whole files within a limit, and saving so that nothing is ever half written.
//
// A save writes a temporary file beside the target, syncs it, renames it over the target and syncs
// the folder: whoever looks, before or after a crash, finds the old file or the new one. All
// system calls go through one table that a test can replace to make the n-th of them fail.
//
//     SaveFile *save = save_open("digits.safetensors", err);
//     status = save_write(save, bytes, n, err);  ...
//     status = save_commit(save, err);    // or save_abandon(save); both free it
//
// Thread: any, one SaveFile per thread.

#ifndef NN_BASE_FILE_H
#define NN_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "nn/error.h"

// The whole file, with a terminating zero byte behind it that is not counted. Refuses files over
// limit bytes before allocating, folders, and devices. Free with mem_free. "-" is not special.
unsigned char *file_read(const char *path, size_t limit, size_t *size, NnError *err);

// One name for one file: without links, "." and "..". Where there is no file, path as it is. False
// if it does not fit.
bool path_real(char *out, size_t size, const char *path);

bool file_exists(const char *path);  // a regular file that can be opened for reading
int64_t file_size(const char *path); // -1 when there is none

typedef struct SaveFile SaveFile;

// Follows a symbolic link to its target; keeps the permissions of a file that is replaced.
SaveFile *save_open(const char *path, NnError *err);
NnStatus save_write(SaveFile *save, const void *bytes, size_t n, NnError *err) NN_MUST_CHECK;
NnStatus save_commit(SaveFile *save, NnError *err) NN_MUST_CHECK; // frees save, also on failure
void save_abandon(SaveFile *save);                                // NULL is fine

// One call for a block that is already in memory.
NnStatus file_save(const char *path, const void *bytes, size_t n, NnError *err) NN_MUST_CHECK;

// Gives the file at from a second name, replacing what to names: a link where the file system has
// them, else a copy. For files that are only ever replaced as a whole, as all of these are.
NnStatus file_share(const char *from, const char *to, NnError *err) NN_MUST_CHECK;

// Appends bytes and syncs: logs and collections, where a torn last record is dropped on reading.
NnStatus file_append(const char *path, const void *bytes, size_t n, NnError *err) NN_MUST_CHECK;

// Makes the folder and the ones above it.
NnStatus folder_make(const char *path, NnError *err) NN_MUST_CHECK;

// Removes temporary files of ours in folder that are older than an hour and belong to no live
// process.
void folder_sweep(const char *folder);

// --- where things live (XDG base directories; relative values of the variables are ignored) ------

typedef enum {
    PLACE_CONFIG, // settings
    PLACE_DATA,   // data sets, models, my digits
    PLACE_STATE,  // last session, logs
    PLACE_CACHE,
} Place;

// Writes ".../inkling/name" (name may be "") into out. False if it does not fit or HOME is unknown.
bool place_path(char *out, size_t size, Place place, const char *name);

// folder_sweep over all four, and over the folders in them.
void places_sweep(void);

// Finds a file that comes with the program (recipes, models, drawings): looks in $INKLING_SHARE,
// beside the executable (build tree), and in the installed share folder. kind is "assets" or
// "models".
bool share_path(char *out, size_t size, const char *kind, const char *name);

// --- for tests -----------------------------------------------------------------------------------

typedef struct {
    int (*open)(const char *path, int flags, unsigned mode);
    ssize_t (*read)(int fd, void *bytes, size_t n);
    ssize_t (*write)(int fd, const void *bytes, size_t n);
    int (*fsync)(int fd);
    int (*close)(int fd);
    int (*rename)(const char *from, const char *to);
    int (*unlink)(const char *path);
} FileCalls;

// NULL puts the real ones back. Returns the table in force before.
FileCalls file_set_calls(const FileCalls *replacement);

#endif
