#include "gfx/fonts.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#ifdef INKLING_FONTCONFIG
#include <fontconfig/fontconfig.h>
#endif
#ifndef INKLING_INTER_FOLDER
#define INKLING_INTER_FOLDER ""
#endif
#ifndef INKLING_DEJAVU_FOLDER
#define INKLING_DEJAVU_FOLDER ""
#endif

static bool readable(const char *path) {
    FILE *file = fopen(path, "rb");
    bool ok = file != NULL && fgetc(file) != EOF; // a folder opens, but does not read
    if (file != NULL) {
        (void)fclose(file);
    }
    return ok;
}

// A family as files that differ in the last part of their name, in one of several folders.
typedef struct {
    const char *name;
    const char *folders[8]; // until NULL; "" is skipped
    const char *file[WEIGHT_COUNT];
} Family;

static const Family inter = {
    "Inter",
    {"/usr/share/fonts/opentype/inter", "/usr/share/fonts/inter", "/usr/share/fonts/OTF",
     "/usr/share/fonts/rsms-inter-fonts", "/usr/local/share/fonts/inter", INKLING_INTER_FOLDER},
    {"Inter-Regular.otf", "Inter-Medium.otf", "Inter-SemiBold.otf"},
};

static const Family dejavu = {
    "DejaVu Sans",
    {"/usr/share/fonts/truetype/dejavu", "/usr/share/fonts/TTF",
     "/usr/share/fonts/dejavu-sans-fonts", "/usr/share/fonts/dejavu",
     "/usr/local/share/fonts/dejavu", "/opt/homebrew/share/fonts", INKLING_DEJAVU_FOLDER},
    {"DejaVuSans.ttf", "DejaVuSans.ttf", "DejaVuSans-Bold.ttf"},
};

static const Family system_fonts[] = {
    {"Helvetica Neue", {"/System/Library/Fonts"}, {"HelveticaNeue.ttc", NULL, NULL}},
    {"Arial", {"/System/Library/Fonts/Supplemental"}, {"Arial.ttf", "Arial.ttf", "Arial Bold.ttf"}},
    {"Segoe UI", {"C:/Windows/Fonts"}, {"segoeui.ttf", "segoeui.ttf", "seguisb.ttf"}},
};

static bool find_family(const Family *family, char path[WEIGHT_COUNT][512]) {
    for (size_t i = 0; i < 8 && family->folders[i] != NULL; i++) {
        snprintf(path[0], 512, "%s/%s", family->folders[i], family->file[0]);
        if (family->folders[i][0] == '\0' || !readable(path[0])) {
            continue;
        }
        for (int w = 1; w < WEIGHT_COUNT; w++) {
            const char *file = family->file[w] != NULL ? family->file[w] : family->file[0];
            snprintf(path[w], 512, "%s/%s", family->folders[i], file);
            if (!readable(path[w])) {
                text_copy(path[w], 512, path[0]);
            }
        }
        return true;
    }
    path[0][0] = '\0';
    return false;
}

#ifdef INKLING_FONTCONFIG
// The file fontconfig answers with; only for the family asked for unless any will do.
static bool ask_fontconfig(const char *family, int weight, bool any, char *path, char *name) {
    FcPattern *pattern = FcPatternCreate();
    FcPattern *match = NULL;
    FcChar8 *file = NULL, *found = NULL;
    bool ok = false;
    if (pattern != NULL) {
        FcPatternAddString(pattern, FC_FAMILY, (const FcChar8 *)family);
        FcPatternAddInteger(pattern, FC_WEIGHT, weight);
        FcPatternAddBool(pattern, FC_SCALABLE, FcTrue);
        FcConfigSubstitute(NULL, pattern, FcMatchPattern);
        FcDefaultSubstitute(pattern);
        FcResult result;
        match = FcFontMatch(NULL, pattern, &result);
    }
    if (match != NULL && FcPatternGetString(match, FC_FILE, 0, &file) == FcResultMatch &&
        FcPatternGetString(match, FC_FAMILY, 0, &found) == FcResultMatch) {
        ok = (any || strcmp((const char *)found, family) == 0) && readable((const char *)file) &&
             text_copy(path, 512, (const char *)file);
        if (ok && name != NULL) {
            text_copy(name, 64, (const char *)found);
        }
    }
    if (match != NULL) {
        FcPatternDestroy(match);
    }
    if (pattern != NULL) {
        FcPatternDestroy(pattern);
    }
    return ok;
}

static bool find_with_fontconfig(FontFiles *files) {
    static const struct {
        const char *family;
        bool any;
    } wishes[] = {{"Inter", false}, {"DejaVu Sans", false}, {"sans-serif", true}};
    static const int weights[WEIGHT_COUNT] = {FC_WEIGHT_REGULAR, FC_WEIGHT_MEDIUM,
                                              FC_WEIGHT_DEMIBOLD};
    bool found = false;
    if (!FcInit()) {
        return false;
    }
    for (size_t i = 0; i < sizeof wishes / sizeof *wishes && !found; i++) {
        const char *family = wishes[i].family;
        found = ask_fontconfig(family, weights[0], wishes[i].any, files->path[0], files->name);
        for (int w = 1; w < WEIGHT_COUNT && found; w++) {
            if (!ask_fontconfig(family, weights[w], wishes[i].any, files->path[w], NULL)) {
                text_copy(files->path[w], sizeof files->path[w], files->path[0]);
            }
        }
    }
    FcFini();
    return found;
}
#else
static bool find_with_fontconfig(FontFiles *files) {
    (void)files;
    return false;
}
#endif

// The file asked for, with its siblings where it is named like Inter's files.
static NnStatus take_file(const char *asked, FontFiles *files, NnError *err) {
    if (!readable(asked)) {
        nn_fail_file(err, NN_ERR_NOT_FOUND, asked, -1, "cannot be read as a font.");
        nn_error_hint(err, "Give the path of a .ttf or .otf file, or leave the option out.");
        return NN_ERR_NOT_FOUND;
    }
    static const char *const endings[WEIGHT_COUNT] = {"-Regular", "-Medium", "-SemiBold"};
    const char *at = strstr(asked, endings[0]);
    for (int w = 0; w < WEIGHT_COUNT; w++) {
        bool fits = text_copy(files->path[w], sizeof files->path[w], asked);
        if (!fits) {
            return nn_fail(err, NN_ERR_USAGE, "The font's path is longer than %zu bytes.",
                           sizeof files->path[w] - 1);
        }
        char sibling[512];
        if (at != NULL && w > 0) {
            snprintf(sibling, sizeof sibling, "%.*s%s%s", (int)(at - asked), asked, endings[w],
                     at + strlen(endings[0]));
            if (readable(sibling)) {
                text_copy(files->path[w], sizeof files->path[w], sibling);
            }
        }
    }
    const char *slash = strrchr(asked, '/');
    text_copy(files->name, sizeof files->name, slash != NULL ? slash + 1 : asked);
    return NN_OK;
}

NnStatus fonts_find(const GfxDesc *desc, FontFiles *files, NnError *err) {
    memset(files, 0, sizeof *files);
    text_copy(files->name, sizeof files->name, "built-in 5 x 7");
    if (desc->builtin_font) {
        return NN_OK;
    }
    char dejavu_path[WEIGHT_COUNT][512];
    bool have_dejavu = find_family(&dejavu, dejavu_path);
    if (have_dejavu) {
        text_copy(files->fallback[0], sizeof files->fallback[0], dejavu_path[WEIGHT_REGULAR]);
        text_copy(files->fallback[1], sizeof files->fallback[1], dejavu_path[WEIGHT_SEMIBOLD]);
    }
    if (desc->exact_font && !have_dejavu) {
        nn_fail(err, NN_ERR_NOT_FOUND, "DejaVuSans.ttf is in none of the usual font folders.");
        nn_error_hint(err, "Install the package fonts-dejavu-core.");
        return NN_ERR_NOT_FOUND;
    }
    if (!desc->exact_font && desc->font_path != NULL) {
        return take_file(desc->font_path, files, err);
    }
    const char *name = NULL;
    if (!desc->exact_font && find_family(&inter, files->path)) {
        name = inter.name;
    } else if (have_dejavu) {
        memcpy(files->path, dejavu_path, sizeof files->path);
        name = dejavu.name;
    } else if (find_with_fontconfig(files)) {
        return NN_OK;
    }
    for (size_t i = 0; i < sizeof system_fonts / sizeof *system_fonts && name == NULL; i++) {
        if (find_family(&system_fonts[i], files->path)) {
            name = system_fonts[i].name;
        }
    }
    if (name != NULL) {
        text_copy(files->name, sizeof files->name, name);
    }
    return NN_OK;
}
