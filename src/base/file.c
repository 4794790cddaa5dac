// Reading whole files, and the atomic writer.
//
// The writer's order is what its promise rests on: data synced before the rename, so that the name
// never points at bytes the disk does not have; the folder synced after it, so that the rename
// itself lasts. Anything that fails before the rename removes the temporary file and leaves the old
// file whole.

#define _POSIX_C_SOURCE 200809L
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"

enum {
    PATH_SIZE = 4096,
    LINKS_MAX = 16, // symbolic links followed before we call it a loop
    TEMP_TRIES =
        10, // names tried: threads may save the same file, a dead process may have left one
    TEMP_NAME_KEPT = 200, // bytes of the target's name kept in the temporary one; names end at 255
};

struct SaveFile {
    char target[PATH_SIZE];
    char temp[PATH_SIZE];
    const char
        *shown; // the path as the caller wrote it: what messages name (points into the block)
    int fd;
    int error; // errno of the first failed write; commit refuses what write has refused
};

// --- system calls --------------------------------------------------------------------------------

static int real_open(const char *path, int flags, unsigned mode) {
    return open(path, flags, (mode_t)mode);
}

static int real_fsync(int fd) {
#if defined(F_FULLFSYNC)
    if (fcntl(fd, F_FULLFSYNC) == 0) { // on macOS fsync stops at the drive's cache
        return 0;
    }
#endif
    return fsync(fd);
}

static const FileCalls real_calls = {
    .open = real_open,
    .read = read,
    .write = write,
    .fsync = real_fsync,
    .close = close,
    .rename = rename,
    .unlink = unlink,
};

// Replaced by tests alone, before they start threads.
static FileCalls calls = {
    .open = real_open,
    .read = read,
    .write = write,
    .fsync = real_fsync,
    .close = close,
    .rename = rename,
    .unlink = unlink,
};

FileCalls file_set_calls(const FileCalls *replacement) {
    FileCalls before = calls;
    calls = replacement != NULL ? *replacement : real_calls;
    return before;
}

static int open_retry(const char *path, int flags, unsigned mode) {
    int fd;
    do {
        fd = calls.open(path, flags, mode);
    } while (fd < 0 && errno == EINTR);
    return fd;
}

static int sync_retry(int fd) {
    int result;
    do {
        result = calls.fsync(fd);
    } while (result < 0 && errno == EINTR);
    return result;
}

// 0 or an errno. A short write is no error: the rest follows.
static int write_all(int fd, const unsigned char *bytes, size_t n) {
    while (n > 0) {
        ssize_t done = calls.write(fd, bytes, n);
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done <= 0) {
            return done < 0 ? errno : EIO;
        }
        bytes += done;
        n -= (size_t)done;
    }
    return 0;
}

// After EINTR the descriptor is gone on Linux and unknown elsewhere; closing twice could close
// another thread's file. Whoever cares for the data has synced before.
static int close_once(int fd) {
    return calls.close(fd) == 0 || errno == EINTR ? 0 : errno;
}

static NnStatus refuse(NnError *err, const char *path, const char *doing, int cause) {
    bool full = cause == ENOSPC || cause == EDQUOT || cause == EFBIG;
    bool forbidden = cause == EACCES || cause == EPERM || cause == EROFS;
    NnStatus status = nn_fail_file(err, NN_ERR_IO, path, -1, "%s: %s", doing,
                                   full        ? "the disk is full"
                                   : forbidden ? "permission denied"
                                               : strerror(cause));
    if (full) {
        nn_error_hint(err,
                      "Free some space and save again; an older file of this name is untouched.");
    } else if (forbidden) {
        nn_error_hint(err, "Choose a folder you may write to, or change the permissions.");
    }
    return status;
}

// --- reading -------------------------------------------------------------------------------------

static NnStatus read_into(int fd, unsigned char *bytes, size_t size, size_t *got) {
    *got = 0;
    while (*got < size) {
        ssize_t n = calls.read(fd, bytes + *got, size - *got);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return NN_ERR_IO;
        }
        if (n == 0) {
            break; // the file shrank since we asked for its size
        }
        *got += (size_t)n;
    }
    return NN_OK;
}

// What is there, told before anything is allocated for it.
static NnStatus check_readable(int fd, const char *path, size_t limit, size_t *size, NnError *err) {
    struct stat info;
    if (fstat(fd, &info) != 0) {
        return refuse(err, path, "cannot be read", errno);
    }
    if (S_ISDIR(info.st_mode)) {
        return nn_fail_file(err, NN_ERR_FORMAT, path, -1, "is a folder, not a file");
    }
    if (!S_ISREG(info.st_mode)) {
        return nn_fail_file(err, NN_ERR_FORMAT, path, -1, "is not a regular file");
    }
    if ((uintmax_t)info.st_size > limit) {
        return nn_fail_file(err, NN_ERR_FORMAT, path, -1, "has %jd bytes, the limit is %zu",
                            (intmax_t)info.st_size, limit);
    }
    *size = (size_t)info.st_size;
    return NN_OK;
}

unsigned char *file_read(const char *path, size_t limit, size_t *size, NnError *err) {
    // Without O_NONBLOCK the opening of a pipe that nobody writes to would never return.
    int fd = open_retry(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
    if (fd < 0) {
        if (errno == ENOENT || errno == ENOTDIR) {
            nn_fail_file(err, NN_ERR_NOT_FOUND, path, -1, "there is no such file");
        } else {
            refuse(err, path, "cannot be read", errno);
        }
        return NULL;
    }
    unsigned char *bytes = NULL;
    size_t expected = 0;
    size_t got = 0;
    if (check_readable(fd, path, limit, &expected, err) == NN_OK) {
        // Aligned for huge pages: training reads a data set in random order.
        bytes = mem_new_aligned(expected + 1, 1);
        if (bytes == NULL) {
            nn_fail_file(err, NN_ERR_NOMEM, path, -1, "not enough memory for its %zu bytes",
                         expected);
        } else if (read_into(fd, bytes, expected, &got) != NN_OK) {
            refuse(err, path, "cannot be read", errno);
            mem_free(bytes);
            bytes = NULL;
        }
    }
    (void)close_once(fd); // nothing was written, so nothing can be lost here
    if (bytes != NULL) {
        bytes[got] = '\0';
        *size = got;
    }
    return bytes;
}

int64_t file_size(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode) ? (int64_t)info.st_size : -1;
}

bool file_exists(const char *path) {
    return file_size(path) >= 0 && access(path, R_OK) == 0;
}

// --- saving --------------------------------------------------------------------------------------

// Length of the folder part of path, its last slash included; 0 where there is none.
static size_t folder_length(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash == NULL ? 0 : (size_t)(slash - path) + 1;
}

// Where path leads: links of the last component are followed, a dangling one to what it names.
// Links among the folders above need no care, the kernel follows those in every call.
static NnStatus follow_links(char *target, const char *path, NnError *err) {
    if (!text_copy(target, PATH_SIZE, path)) {
        return nn_fail_file(err, NN_ERR_IO, path, -1, "the path is too long");
    }
    for (int hop = 0; hop < LINKS_MAX; hop++) {
        char link[PATH_SIZE];
        ssize_t n = readlink(target, link, sizeof link - 1);
        if (n < 0) {
            return NN_OK; // not a link, or nothing there yet
        }
        link[n] = '\0';
        size_t folder = link[0] == '/' ? 0 : folder_length(target);
        if (folder + (size_t)n >= PATH_SIZE) {
            return nn_fail_file(err, NN_ERR_IO, path, -1,
                                "the link leads to a path that is too long");
        }
        memcpy(target + folder, link, (size_t)n + 1);
    }
    return nn_fail_file(err, NN_ERR_IO, path, -1, "the symbolic links go round in a circle");
}

// Permissions the new file gets, 0 for those of a new one. Refuses what a rename would wrongly
// replace: folders, devices, and files somebody has made read-only.
static NnStatus check_target(const SaveFile *save, mode_t *mode, NnError *err) {
    struct stat info;
    *mode = 0;
    if (stat(save->target, &info) != 0) {
        return NN_OK; // nothing there, or the open below says what is wrong
    }
    if (!S_ISREG(info.st_mode)) {
        return nn_fail_file(err, NN_ERR_IO, save->shown, -1, "cannot be written: is %s",
                            S_ISDIR(info.st_mode) ? "a folder" : "not a regular file");
    }
    if ((info.st_mode & 0222) == 0 || access(save->target, W_OK) != 0) {
        nn_fail_file(err, NN_ERR_IO, save->shown, -1, "cannot be replaced: the file is read-only");
        nn_error_hint(err, "Save under another name, or make the file writable first.");
        return NN_ERR_IO;
    }
    *mode = info.st_mode & 0777;
    return NN_OK;
}

static NnStatus open_temp(SaveFile *save, NnError *err) {
    size_t folder = folder_length(save->target);
    const char *name = save->target + folder;
    for (int i = 0; i < TEMP_TRIES; i++) {
        char again[8] = "";
        if (i > 0) {
            snprintf(again, sizeof again, ".%d", i);
        }
        int n = snprintf(save->temp, sizeof save->temp, "%.*s.%.*s.tmp.%ld%s", (int)folder,
                         save->target, TEMP_NAME_KEPT, name, (long)getpid(), again);
        if (n < 0 || (size_t)n >= sizeof save->temp) {
            return nn_fail_file(err, NN_ERR_IO, save->shown, -1, "the path is too long");
        }
        save->fd =
            open_retry(save->temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
        if (save->fd >= 0) {
            return NN_OK;
        }
        if (errno != EEXIST) {
            break;
        }
    }
    if (errno == ENOENT || errno == ENOTDIR) {
        nn_fail_file(err, NN_ERR_IO, save->shown, -1,
                     "cannot be written: its folder does not exist");
        nn_error_hint(err, "Make the folder first, or choose another.");
        return NN_ERR_IO;
    }
    return refuse(err, save->shown, "cannot be written", errno);
}

SaveFile *save_open(const char *path, NnError *err) {
    size_t length = strlen(path) + 1;
    SaveFile *save = mem_new(1, sizeof *save + length);
    if (save == NULL) {
        nn_fail_file(err, NN_ERR_NOMEM, path, -1, "not enough memory to save");
        return NULL;
    }
    save->fd = -1;
    save->shown = memcpy(save + 1, path, length);
    mode_t mode = 0;
    if (follow_links(save->target, path, err) != NN_OK || check_target(save, &mode, err) != NN_OK ||
        open_temp(save, err) != NN_OK) {
        mem_free(save);
        return NULL;
    }
    if (mode != 0 && fchmod(save->fd, mode) != 0) {
        refuse(err, path, "its permissions cannot be kept", errno);
        save_abandon(save);
        return NULL;
    }
    return save;
}

NnStatus save_write(SaveFile *save, const void *bytes, size_t n, NnError *err) {
    if (save->error == 0) {
        save->error = write_all(save->fd, bytes, n);
    }
    return save->error == 0 ? NN_OK : refuse(err, save->shown, "cannot be written", save->error);
}

void save_abandon(SaveFile *save) {
    if (save == NULL) {
        return;
    }
    if (save->fd >= 0) {
        (void)close_once(save->fd);
    }
    (void)calls.unlink(save->temp); // folder_sweep finds it where this fails
    mem_free(save);
}

// 0 or an errno. Some file systems cannot sync a folder, and a folder one may write to but not list
// cannot be opened; neither makes the save less whole.
static int sync_folder_of(const char *path) {
    char folder[PATH_SIZE];
    size_t n = folder_length(path);
    memcpy(folder, n > 0 ? path : ".", n > 0 ? n : 1);
    folder[n > 0 ? n : 1] = '\0';
    int fd = open_retry(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    if (fd < 0) {
        return errno == EACCES ? 0 : errno;
    }
    int error = sync_retry(fd) == 0 || errno == EINVAL || errno == ENOTSUP ? 0 : errno;
    (void)close_once(fd); // read-only: nothing to lose
    return error;
}

NnStatus save_commit(SaveFile *save, NnError *err) {
    int error = save->error;
    if (error == 0 && sync_retry(save->fd) != 0) {
        error = errno;
    }
    int closed = close_once(save->fd);
    save->fd = -1;
    error = error != 0 ? error : closed;
    if (error == 0 && calls.rename(save->temp, save->target) != 0) {
        error = errno;
    }
    if (error != 0) {
        NnStatus status = refuse(err, save->shown, "cannot be written", error);
        save_abandon(save);
        return status;
    }
    NnStatus status = NN_OK;
    error = sync_folder_of(save->target);
    if (error != 0) {
        status = refuse(err, save->shown, "is written, but may not survive a power cut", error);
    }
    mem_free(save);
    return status;
}

NnStatus file_save(const char *path, const void *bytes, size_t n, NnError *err) {
    NnError own;
    err = err != NULL ? err : &own; // it carries save_open's status
    SaveFile *save = save_open(path, err);
    if (save == NULL) {
        return err->status;
    }
    NnStatus status = save_write(save, bytes, n, err);
    if (status != NN_OK) {
        save_abandon(save);
        return status;
    }
    return save_commit(save, err);
}

// Tells whether the link stands; where it does not, copying will say why.
static bool share_by_link(const char *from, const char *to) {
    char temp[PATH_SIZE];
    size_t folder = folder_length(to);
    int n = snprintf(temp, sizeof temp, "%.*s.%.*s.tmp.%ld", (int)folder, to, TEMP_NAME_KEPT,
                     to + folder, (long)getpid());
    if (n < 0 || (size_t)n >= sizeof temp || link(from, temp) != 0) {
        return false;
    }
    // Renaming one name of a file over another of its names does nothing and leaves both.
    bool renamed = calls.rename(temp, to) == 0;
    (void)calls.unlink(temp);
    return renamed && sync_folder_of(to) == 0;
}

NnStatus file_share(const char *from, const char *to, NnError *err) {
    if (share_by_link(from, to)) {
        return NN_OK;
    }
    NnError own;
    err = err != NULL ? err : &own; // it carries file_read's status
    size_t n;
    unsigned char *bytes = file_read(from, SIZE_MAX, &n, err);
    if (bytes == NULL) {
        return err->status;
    }
    NnStatus status = file_save(to, bytes, n, err);
    mem_free(bytes);
    return status;
}

NnStatus file_append(const char *path, const void *bytes, size_t n, NnError *err) {
    int fd = open_retry(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0) {
        return refuse(err, path, "cannot be written", errno);
    }
    struct stat before;
    int error = fstat(fd, &before) == 0 ? 0 : errno;
    if (error == 0) {
        error = write_all(fd, bytes, n);
        if (error != 0 && S_ISREG(before.st_mode) && ftruncate(fd, before.st_size) != 0) {
            error = errno; // half a record stays; readers drop it
        }
    }
    if (error == 0 && sync_retry(fd) != 0) {
        error = errno;
    }
    int closed = close_once(fd);
    error = error != 0 ? error : closed;
    if (error == 0 && before.st_size == 0) {
        error = sync_folder_of(path); // the name may be new
    }
    return error == 0 ? NN_OK : refuse(err, path, "cannot be written", error);
}
