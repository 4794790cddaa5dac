// platform_sdl.c - the frame reaches the screen in one of two ways, with the same pixels: copied
// into the window's own surface (shared memory on X11, no graphics library loaded), or as a texture
// through SDL's renderer where acceleration is asked for.

#include "platform/platform.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include <SDL.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "platform/events_sdl.h"

enum { DEFAULT_WIDTH = 1280, DEFAULT_HEIGHT = 800, MINIMUM_WIDTH = 960, MINIMUM_HEIGHT = 600 };

struct Platform {
    SDL_Window *window;
    SDL_Renderer *renderer; // NULL: the window's surface
    SDL_Texture *texture;   // of texture_w x texture_h
    int texture_w, texture_h;
    bool upload; // the whole frame next time: what the screen has is unknown
    bool text_on;
    char *clipboard;   // what was last read from it, SDL's
    float scale;       // device pixels per logical pixel
    int width, height; // device pixels
    double start_ms;   // clock at SDL's tick 0
    Uint32 wake_type;
    atomic_bool wake_pending;
    Events events;
};

static double now_ms(const Platform *platform) {
    return clock_s() * 1e3 - platform->start_ms;
}

// --- scale ---------------------------------------------------------------------------------------

// Xft.dpi of the X server's resources, which desktops set from their scale setting; 0 where there
// is none. SDL 2 mixes it up with the screen's claimed size in millimetres, which is often wrong.
static float xft_dpi(void) {
    void *library = SDL_LoadObject("libX11.so.6"); // loaded already by SDL's X11 driver
    if (library == NULL) {
        return 0;
    }
    void *(*open_display)(const char *) = NULL;
    char *(*get_default)(void *, const char *, const char *) = NULL;
    int (*close_display)(void *) = NULL;
    void *found[3] = {SDL_LoadFunction(library, "XOpenDisplay"),
                      SDL_LoadFunction(library, "XGetDefault"),
                      SDL_LoadFunction(library, "XCloseDisplay")};
    memcpy(&open_display, &found[0], sizeof found[0]); // ISO C has no cast for this
    memcpy(&get_default, &found[1], sizeof found[1]);
    memcpy(&close_display, &found[2], sizeof found[2]);
    float dpi = 0;
    void *display = found[0] && found[1] && found[2] ? open_display(NULL) : NULL;
    if (display != NULL) {
        const char *value = get_default(display, "Xft", "dpi");
        dpi = value != NULL ? (float)SDL_atof(value) : 0.0f;
        close_display(display);
    }
    SDL_UnloadObject(library);
    return dpi;
}

// What the desktop wants besides the ratio of pixels to window coordinates, which SDL reports
// itself.
static float desktop_scale(void) {
    const char *driver = SDL_GetCurrentVideoDriver();
    float dpi = driver != NULL && strcmp(driver, "x11") == 0 ? xft_dpi() : 0.0f;
    float scale = floorf(dpi / 96.0f * 8.0f + 0.5f) / 8.0f;
    return dpi > 0 ? fmaxf(0.75f, fminf(scale, 4.0f)) : 1.0f;
}

// Sizes in device pixels, and window coordinates to logical ones.
static void read_size(Platform *platform) {
    int window_w = 1, window_h = 1;
    SDL_GetWindowSize(platform->window, &window_w, &window_h);
    int width = window_w, height = window_h;
    if (platform->renderer != NULL) {
        SDL_GetRendererOutputSize(platform->renderer, &width, &height);
    } else {
        SDL_Surface *surface = SDL_GetWindowSurface(platform->window);
        width = surface != NULL ? surface->w : width;
        height = surface != NULL ? surface->h : height;
    }
    platform->width = width > 0 ? width : 1;
    platform->height = height > 0 ? height : 1;
    Events *events = &platform->events;
    events->width = (float)platform->width / platform->scale;
    events->height = (float)platform->height / platform->scale;
    events->to_logical_x = events->width / (float)(window_w > 0 ? window_w : 1);
    events->to_logical_y = events->height / (float)(window_h > 0 ? window_h : 1);
}

// --- life ----------------------------------------------------------------------------------------

static void set_hints(void) {
    SDL_SetHint(SDL_HINT_TOUCH_MOUSE_EVENTS, "0"); // or each touch comes twice
    SDL_SetHint(SDL_HINT_MOUSE_TOUCH_EVENTS, "0");
    SDL_SetHint(SDL_HINT_MOUSE_AUTO_CAPTURE, "1"); // a stroke may leave the window
    SDL_SetHint(SDL_HINT_VIDEO_ALLOW_SCREENSAVER, "1");
    SDL_SetHint(SDL_HINT_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR, "0");
    SDL_SetHint(SDL_HINT_APP_NAME, "Inkling");
#ifdef __linux__
    // Wayland cannot be there without either, and its library complains on stderr when it is tried.
    if (SDL_getenv("XDG_RUNTIME_DIR") == NULL && SDL_getenv("WAYLAND_DISPLAY") == NULL &&
        SDL_GetHint(SDL_HINT_VIDEODRIVER) == NULL) {
        SDL_SetHint(SDL_HINT_VIDEODRIVER, "x11");
    }
#endif
#ifdef SDL_HINT_WINDOWS_DPI_SCALING
    SDL_SetHint(SDL_HINT_WINDOWS_DPI_SCALING, "1");
#endif
    // Or SDL makes a renderer behind the window's surface.
    SDL_SetHint(SDL_HINT_FRAMEBUFFER_ACCELERATION, "0");
}

// Where there is no screen SDL falls back on drivers that show nothing, though nobody asked for
// them.
static bool driver_shows_nothing(void) {
    const char *asked = SDL_GetHint(SDL_HINT_VIDEODRIVER);
    const char *driver = SDL_GetCurrentVideoDriver();
    return (asked == NULL || asked[0] == '\0') && driver != NULL &&
           (strcmp(driver, "offscreen") == 0 || strcmp(driver, "dummy") == 0 ||
            strcmp(driver, "evdev") == 0);
}

static bool open_window(Platform *platform, const PlatformDesc *desc) {
    // Logical sizes in window coordinates; on high-density screens SDL counts those in logical
    // pixels itself.
    float ratio = desc->scale > 0 ? desc->scale : desktop_scale();
    platform->scale = ratio;
    SDL_Rect usable = {0, 0, 1 << 14, 1 << 14};
    SDL_GetDisplayUsableBounds(0, &usable);
    int width = (int)((float)(desc->width > 0 ? desc->width : DEFAULT_WIDTH) * ratio);
    int height = (int)((float)(desc->height > 0 ? desc->height : DEFAULT_HEIGHT) * ratio);
    Uint32 flags = SDL_WINDOW_ALLOW_HIGHDPI | SDL_WINDOW_RESIZABLE;
    flags |= desc->maximised ? SDL_WINDOW_MAXIMIZED : 0;
    flags |= desc->fullscreen ? SDL_WINDOW_FULLSCREEN_DESKTOP : 0;
    platform->window = SDL_CreateWindow(desc->title != NULL ? desc->title : "Inkling",
                                        SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED,
                                        SDL_min(width, usable.w), SDL_min(height, usable.h), flags);
    if (platform->window == NULL) {
        return false;
    }
    SDL_SetWindowMinimumSize(platform->window, SDL_min((int)(MINIMUM_WIDTH * ratio), usable.w),
                             SDL_min((int)(MINIMUM_HEIGHT * ratio), usable.h));
    if (desc->accelerated) {
        platform->renderer = SDL_CreateRenderer(
            platform->window, -1, SDL_RENDERER_ACCELERATED | SDL_RENDERER_PRESENTVSYNC);
    }
    if (platform->renderer == NULL && SDL_GetWindowSurface(platform->window) == NULL) {
        return false;
    }
    if (desc->scale <= 0) { // two device pixels per window coordinate on such screens
        int window_w = 0, window_h = 0;
        read_size(platform);
        SDL_GetWindowSize(platform->window, &window_w, &window_h);
        platform->scale = ratio * (float)platform->width / (float)(window_w > 0 ? window_w : 1);
    }
    read_size(platform);
    return true;
}

Platform *platform_new(const PlatformDesc *desc, NnError *err) {
    Platform *platform = mem_new(1, sizeof *platform);
    if (platform == NULL) {
        nn_fail(err, NN_ERR_NOMEM, "Out of memory for the window.");
        return NULL;
    }
    set_hints();
    bool started = SDL_InitSubSystem(SDL_INIT_VIDEO) == 0;
    if (!started || driver_shows_nothing()) {
        nn_fail(err, NN_ERR_FAILED, "There is no display to open a window on%s%s.",
                started ? "" : ": ", started ? "" : SDL_GetError());
        if (started) {
            SDL_QuitSubSystem(SDL_INIT_VIDEO);
        }
        nn_error_hint(
            err,
            "Start it in a desktop session; the subcommands (inkling --help) need no display.");
        mem_free(platform);
        return NULL;
    }
    platform->start_ms = clock_s() * 1e3 - (double)SDL_GetTicks();
    platform->wake_type = SDL_RegisterEvents(1);
    platform->upload = true;
    if (!open_window(platform, desc)) {
        nn_fail(err, NN_ERR_FAILED, "The window cannot be opened: %s.", SDL_GetError());
        nn_error_hint(err, "The subcommands (inkling --help) need no window.");
        platform_free(platform);
        return NULL;
    }
    (void)events_reserve(&platform->events);
    SDL_StopTextInput(); // until a text field has the focus
    SDL_EventState(SDL_DROPFILE, SDL_ENABLE);
    return platform;
}

void platform_free(Platform *platform) {
    if (platform == NULL) {
        return;
    }
    if (platform->texture != NULL) {
        SDL_DestroyTexture(platform->texture);
    }
    if (platform->renderer != NULL) {
        SDL_DestroyRenderer(platform->renderer);
    }
    if (platform->window != NULL) {
        SDL_DestroyWindow(platform->window);
    }
    SDL_QuitSubSystem(SDL_INIT_VIDEO);
    events_release(&platform->events);
    SDL_free(platform->clipboard);
    mem_free(platform);
}

// --- events --------------------------------------------------------------------------------------

// Shows the last frame again: part of the window was covered, or the driver lost its copy.
static void show_again(Platform *platform) {
    if (platform->renderer == NULL) {
        SDL_UpdateWindowSurface(platform->window);
    } else if (platform->texture != NULL) {
        SDL_RenderCopy(platform->renderer, platform->texture, NULL, NULL);
        SDL_RenderPresent(platform->renderer);
    }
}

static void take(Platform *platform, const SDL_Event *event) {
    double t_ms = (double)event->common.timestamp;
    if (event->type == platform->wake_type) {
        // Cleared before the news are looked at: what is published from now on wakes again.
        atomic_store(&platform->wake_pending, false);
        events_add_plain(&platform->events, EVENT_WAKE, t_ms);
    } else if (event->type == SDL_RENDER_DEVICE_RESET || event->type == SDL_RENDER_TARGETS_RESET) {
        if (platform->texture != NULL) {
            SDL_DestroyTexture(platform->texture);
            platform->texture = NULL;
        }
        platform->upload = true;
        events_add_plain(&platform->events, EVENT_RESIZE, t_ms);
    } else if (event->type == SDL_WINDOWEVENT &&
               event->window.event == SDL_WINDOWEVENT_SIZE_CHANGED) {
        read_size(platform);
        platform->upload = true;
        events_add_plain(&platform->events, EVENT_RESIZE, t_ms);
    } else if (event->type == SDL_WINDOWEVENT && event->window.event == SDL_WINDOWEVENT_EXPOSED) {
        if (!platform->upload) {
            show_again(platform);
        }
    } else {
        events_add(&platform->events, event);
    }
}

void platform_collect(Platform *platform, UiInput *input, int wait_ms) {
    events_start(&platform->events);
    SDL_Event event;
    bool any = wait_ms == 0  ? SDL_PollEvent(&event) != 0
               : wait_ms > 0 ? SDL_WaitEventTimeout(&event, wait_ms) != 0
                             : SDL_WaitEvent(&event) != 0;
    while (any) {
        take(platform, &event);
        any = SDL_PollEvent(&event) != 0;
    }
    *input = (UiInput){.events = platform->events.events,
                       .n = platform->events.n,
                       .capacity = platform->events.capacity,
                       .width = platform->events.width,
                       .height = platform->events.height,
                       .scale = platform->scale,
                       .now_ms = now_ms(platform)};
}

void platform_wake(Platform *platform) {
    if (!atomic_exchange(&platform->wake_pending, true)) {
        SDL_Event event = {.user = {.type = platform->wake_type}};
        if (SDL_PushEvent(&event) <= 0) { // queue full: those events wake it as well
            atomic_store(&platform->wake_pending, false);
        }
    }
}

// --- frames --------------------------------------------------------------------------------------

static const uint32_t *pixel_at(const uint32_t *pixels, int width, SDL_Rect rect) {
    return pixels + (ptrdiff_t)rect.y * width + rect.x;
}

// The part of a rectangle that lies in both the frame and the window, which may just have been
// resized.
static SDL_Rect shown_part(GfxRect rect, int width, int height) {
    SDL_Rect wanted = {rect.x, rect.y, rect.w, rect.h}, bounds = {0, 0, width, height}, part;
    return SDL_IntersectRect(&wanted, &bounds, &part) ? part : (SDL_Rect){0, 0, 0, 0};
}

// Part of the frame into the window's surface. SDL's conversion takes memory for each rectangle, so
// it is left to formats that are not the frame's own, with or without alpha: those are rare.
static void copy_part(const uint32_t *from, int width, SDL_Surface *surface, SDL_Rect part) {
    uint8_t *to = (uint8_t *)surface->pixels + (ptrdiff_t)part.y * surface->pitch +
                  (ptrdiff_t)part.x * surface->format->BytesPerPixel;
    Uint32 format = surface->format->format;
    if (format != SDL_PIXELFORMAT_RGB888 && format != SDL_PIXELFORMAT_ARGB8888) {
        SDL_ConvertPixels(part.w, part.h, SDL_PIXELFORMAT_ARGB8888, from, width * 4, format, to,
                          surface->pitch);
        return;
    }
    for (int y = 0; y < part.h; y++) {
        memcpy(to + (ptrdiff_t)y * surface->pitch, from + (ptrdiff_t)y * width,
               (size_t)part.w * sizeof *from);
    }
}

static void present_surface(Platform *platform, const uint32_t *pixels, int width, int height,
                            const GfxRect *changed, size_t n) {
    enum { BATCH = 64 };
    SDL_Surface *surface = SDL_GetWindowSurface(platform->window);
    if (surface == NULL) {
        return;
    }
    SDL_Rect rects[BATCH];
    int count = 0;
    for (size_t i = 0; i < n; i++) {
        SDL_Rect part =
            shown_part(changed[i], SDL_min(width, surface->w), SDL_min(height, surface->h));
        if (part.w > 0) {
            copy_part(pixel_at(pixels, width, part), width, surface, part);
            rects[count++] = part;
        }
        if (count == BATCH || (i + 1 == n && count > 0)) {
            SDL_UpdateWindowSurfaceRects(platform->window, rects, count);
            count = 0;
        }
    }
}

static void present_texture(Platform *platform, const uint32_t *pixels, int width, int height,
                            const GfxRect *changed, size_t n) {
    for (size_t i = 0; i < n; i++) {
        SDL_Rect part = shown_part(changed[i], width, height);
        if (part.w > 0) {
            SDL_UpdateTexture(platform->texture, &part, pixel_at(pixels, width, part), width * 4);
        }
    }
    SDL_RenderCopy(platform->renderer, platform->texture, NULL,
                   NULL); // the back buffer holds anything
    SDL_RenderPresent(platform->renderer);
}

// A texture of the frame's size; false if there is none to be had.
static bool have_texture(Platform *platform, int width, int height) {
    if (platform->texture == NULL || platform->texture_w != width ||
        platform->texture_h != height) {
        if (platform->texture != NULL) {
            SDL_DestroyTexture(platform->texture);
        }
        platform->texture = SDL_CreateTexture(platform->renderer, SDL_PIXELFORMAT_ARGB8888,
                                              SDL_TEXTUREACCESS_STREAMING, width, height);
        platform->texture_w = width;
        platform->texture_h = height;
        platform->upload = true;
        if (platform->texture != NULL) {
            SDL_SetTextureBlendMode(platform->texture, SDL_BLENDMODE_NONE);
        }
    }
    return platform->texture != NULL;
}

void platform_present(Platform *platform, const uint32_t *pixels, int width, int height,
                      const GfxRect *changed, size_t n) {
    if (pixels == NULL || (platform->renderer != NULL && !have_texture(platform, width, height))) {
        return;
    }
    GfxRect whole = {0, 0, width, height};
    if (platform->upload) {
        changed = &whole;
        n = 1;
        platform->upload = false;
    }
    if (n == 0) {
        return;
    }
    if (platform->renderer != NULL) {
        present_texture(platform, pixels, width, height, changed, n);
    } else {
        present_surface(platform, pixels, width, height, changed, n);
    }
}

// --- the rest ------------------------------------------------------------------------------------

void platform_text_input(Platform *platform, bool on, UiRect where) {
    if (on) {
        SDL_Rect rect = {(int)(where.x / platform->events.to_logical_x),
                         (int)(where.y / platform->events.to_logical_y),
                         (int)(where.w / platform->events.to_logical_x),
                         (int)(where.h / platform->events.to_logical_y)};
        SDL_SetTextInputRect(&rect); // where an input method puts its window
    }
    if (on != platform->text_on) {
        platform->text_on = on;
        if (on) {
            SDL_StartTextInput();
        } else {
            SDL_StopTextInput();
        }
    }
}

void platform_fullscreen(Platform *platform, bool on) {
    SDL_SetWindowFullscreen(platform->window, on ? SDL_WINDOW_FULLSCREEN_DESKTOP : 0);
}

void platform_title(Platform *platform, const char *title) {
    SDL_SetWindowTitle(platform->window, title);
}

void platform_frame_size(const Platform *platform, int *width, int *height) {
    *width = platform->width;
    *height = platform->height;
}

bool platform_clipboard_set(Platform *platform, const char *text) {
    (void)platform; // SDL has one clipboard for the program
    return SDL_SetClipboardText(text) == 0;
}

const char *platform_clipboard_get(Platform *platform) {
    SDL_free(platform->clipboard);
    platform->clipboard = SDL_GetClipboardText();
    return platform->clipboard != NULL && platform->clipboard[0] != '\0' ? platform->clipboard
                                                                         : NULL;
}
