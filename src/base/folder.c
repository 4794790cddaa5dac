// Folders: making them, sweeping them, and where the program's own are.

#define _XOPEN_SOURCE 700 // realpath
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

enum {
    PATH_SIZE = 4096,
    SWEEP_AGE_S = 3600,
    BUILD_TREE_DEPTH = 5, // folders between an executable of the build and the source root, at most
};

static bool is_folder(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

NnStatus folder_make(const char *path, NnError *err) {
    char part[PATH_SIZE];
    if (!text_copy(part, sizeof part, path)) {
        return nn_fail_file(err, NN_ERR_IO, path, -1, "the path is too long");
    }
    for (char *at = part + 1; part[0] != '\0'; at++) {
        bool last = *at == '\0';
        if (!last && *at != '/') {
            continue;
        }
        *at = '\0';
        // EEXIST is not enough: a file of that name is in the way, too. Other codes (EROFS, EACCES)
        // may come for folders that are there.
        if (mkdir(part, 0777) != 0 && !is_folder(part)) {
            return nn_fail_file(err, NN_ERR_IO, part, -1, "the folder cannot be made: %s",
                                errno == EEXIST ? "a file of that name is in the way"
                                                : strerror(errno));
        }
        if (last) {
            return NN_OK;
        }
        *at = '/';
    }
    return nn_fail(err, NN_ERR_USAGE, "a folder needs a name");
}

// ".digits.safetensors.tmp.4711" or "....tmp.4711.2": the process that made it, 0 if it is none of
// ours.
static long temp_owner(const char *name) {
    const char *mark = NULL;
    for (const char *at = name; name[0] == '.' && (at = strstr(at, ".tmp.")) != NULL; at++) {
        mark = at;
    }
    if (mark == NULL || mark == name) {
        return 0;
    }
    char *end;
    const char *digits = mark + strlen(".tmp.");
    long pid = digits[0] >= '1' && digits[0] <= '9' ? strtol(digits, &end, 10) : 0;
    if (pid <= 0) {
        return 0;
    }
    if (end[0] == '.' && end[1] >= '0' && end[1] <= '9') {
        (void)strtol(end + 1, &end, 10);
    }
    return *end == '\0' ? pid : 0;
}

static bool is_alive(long pid) {
    return (pid_t)pid != pid || kill((pid_t)pid, 0) == 0 || errno != ESRCH;
}

void folder_sweep(const char *folder) {
    DIR *entries = opendir(folder);
    if (entries == NULL) {
        return;
    }
    time_t now = time(NULL);
    for (struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries)) {
        long owner = temp_owner(entry->d_name);
        char path[PATH_SIZE];
        struct stat info;
        int n = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (owner != 0 && n > 0 && (size_t)n < sizeof path && lstat(path, &info) == 0 &&
            S_ISREG(info.st_mode) && now - info.st_mtime > SWEEP_AGE_S && !is_alive(owner)) {
            (void)unlink(path); // a wish: the next start tries again
        }
    }
    closedir(entries);
}

// --- where things live ---------------------------------------------------------------------------

bool place_path(char *out, size_t size, Place place, const char *name) {
    static const struct {
        const char *variable, *fallback;
    } places[] = {
        [PLACE_CONFIG] = {"XDG_CONFIG_HOME", ".config"},
        [PLACE_DATA] = {"XDG_DATA_HOME", ".local/share"},
        [PLACE_STATE] = {"XDG_STATE_HOME", ".local/state"},
        [PLACE_CACHE] = {"XDG_CACHE_HOME", ".cache"},
    };
    const char *base = getenv(places[place].variable);
    const char *within = "";
    if (base == NULL || base[0] != '/') {
        base = getenv("HOME");
        within = places[place].fallback;
        if (base == NULL || base[0] != '/') {
            return false;
        }
    }
    int n = snprintf(out, size, "%s%s%s/inkling%s%s", base, within[0] != '\0' ? "/" : "", within,
                     name[0] != '\0' ? "/" : "", name);
    return n > 0 && (size_t)n < size;
}

void places_sweep(void) {
    for (int place = PLACE_CONFIG; place <= PLACE_CACHE; place++) {
        char folder[PATH_SIZE];
        DIR *entries = place_path(folder, sizeof folder, (Place)place, "") ? opendir(folder) : NULL;
        if (entries == NULL) {
            continue;
        }
        for (struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries)) {
            char inner[PATH_SIZE];
            int n = snprintf(inner, sizeof inner, "%s/%s", folder, entry->d_name);
            if (entry->d_name[0] != '.' && n > 0 && (size_t)n < sizeof inner && is_folder(inner)) {
                folder_sweep(inner);
            }
        }
        closedir(entries);
        folder_sweep(folder);
    }
}

// Takes the last component off. False when none is left.
bool path_real(char *out, size_t size, const char *path) {
    char *real = realpath(path, NULL);
    bool fits = text_copy(out, size, real != NULL ? real : path);
    free(real); // NOLINT: libc's own
    return fits;
}

static bool go_up(char *path) {
    char *slash = strrchr(path, '/');
    if (slash == NULL || slash == path) {
        return false;
    }
    *slash = '\0';
    return true;
}

static bool try_share(char *out, size_t size, const char *base, const char *kind,
                      const char *name) {
    int n = snprintf(out, size, "%s/%s%s%s", base, kind, name[0] != '\0' ? "/" : "", name);
    return n > 0 && (size_t)n < size && access(out, F_OK) == 0;
}

bool share_path(char *out, size_t size, const char *kind, const char *name) {
    // A name is a file of ours, not a way out of the folder.
    if (name[0] == '/' || strstr(name, "..") != NULL) {
        return false;
    }
    const char *chosen = getenv("INKLING_SHARE");
    if (chosen != NULL && chosen[0] != '\0' && try_share(out, size, chosen, kind, name)) {
        return true;
    }
    char base[PATH_SIZE];
    ssize_t n = readlink("/proc/self/exe", base, sizeof base - 1);
    base[n > 0 ? n : 0] = '\0';
    if (n > 0 && go_up(base)) {
        char installed[PATH_SIZE + 32];
        snprintf(installed, sizeof installed, "%s/../share/inkling", base);
        if (try_share(out, size, installed, kind, name)) {
            return true;
        }
        for (int i = 0; i < BUILD_TREE_DEPTH && go_up(base); i++) {
            if (try_share(out, size, base, kind, name)) {
                return true;
            }
        }
    }
    return try_share(out, size, INKLING_INSTALL_SHARE, kind, name);
}
