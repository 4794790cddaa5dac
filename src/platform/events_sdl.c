#include "platform/events_sdl.h"

#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

static bool grow(Events *events) {
    size_t capacity = events->capacity > 0 ? 2 * events->capacity : 256;
    UiEvent *grown = mem_resize(events->events, capacity, sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    events->events = grown;
    events->capacity = capacity;
    return true;
}

bool events_reserve(Events *events) {
    return events->capacity > 0 || grow(events);
}

void events_release(Events *events) {
    mem_free(events->events);
    arena_release(&events->paths);
    memset(events, 0, sizeof *events);
}

void events_start(Events *events) {
    events->n = 0;
    arena_reset(&events->paths);
}

// The next event, filled with what all have; without memory a scratch one, so the event is lost and
// no more.
static UiEvent *next(Events *events, UiEventKind kind, double t_ms, UiEvent *scratch) {
    if (events->n == events->capacity && !grow(events)) {
        return scratch;
    }
    UiEvent *event = &events->events[events->n++];
    *event = (UiEvent){.kind = kind,
                       .t_ms = t_ms,
                       .x = events->mouse_x,
                       .y = events->mouse_y,
                       .pressure = 1,
                       .mods = events->modifiers};
    return event;
}

void events_add_plain(Events *events, UiEventKind kind, double t_ms) {
    UiEvent scratch;
    (void)next(events, kind, t_ms, &scratch);
}

// --- pointers ------------------------------------------------------------------------------------

static void add_mouse(Events *events, UiEventKind kind, double t_ms, int x, int y, int button,
                      int clicks) {
    UiEvent scratch;
    events->mouse_x = (float)x * events->to_logical_x;
    events->mouse_y = (float)y * events->to_logical_y;
    UiEvent *event = next(events, kind, t_ms, &scratch);
    event->button = button;
    event->clicks = clicks;
}

static void add_button(Events *events, const SDL_MouseButtonEvent *button, double t_ms) {
    if (button->which == SDL_TOUCH_MOUSEID || button->button < SDL_BUTTON_LEFT ||
        button->button > SDL_BUTTON_RIGHT) { // SDL counts left, middle, right as we do
        return;
    }
    bool down = button->type == SDL_MOUSEBUTTONDOWN;
    events->held =
        down ? events->held | 1u << button->button : events->held & ~(1u << button->button);
    add_mouse(events, down ? EVENT_DOWN : EVENT_UP, t_ms, button->x, button->y, button->button,
              button->clicks);
}

static void add_wheel(Events *events, const SDL_MouseWheelEvent *wheel, double t_ms) {
    UiEvent scratch;
    UiEvent *event = next(events, EVENT_WHEEL, t_ms, &scratch);
    float sign = wheel->direction == SDL_MOUSEWHEEL_FLIPPED ? -1.0f : 1.0f;
    event->dx = sign * wheel->preciseX;
    event->dy = sign * wheel->preciseY;
    if (event->dx == 0 && event->dy == 0) { // sources that know whole lines only
        event->dx = sign * (float)wheel->x;
        event->dy = sign * (float)wheel->y;
    }
}

// Index of a finger that touches, or of a free place for a new one; -1: none.
static int finger_at(Events *events, SDL_FingerID id, bool down) {
    int free_place = -1;
    for (int i = EVENT_FINGERS - 1; i >= 0; i--) {
        if (events->touching[i] && events->fingers[i] == id) {
            return i;
        }
        free_place = events->touching[i] ? free_place : i;
    }
    return down ? free_place : -1;
}

static void add_finger(Events *events, const SDL_TouchFingerEvent *finger, double t_ms) {
    SDL_TouchDeviceType device = SDL_GetTouchDeviceType(finger->touchId);
    if (finger->touchId == SDL_MOUSE_TOUCHID || device == SDL_TOUCH_DEVICE_INDIRECT_ABSOLUTE ||
        device == SDL_TOUCH_DEVICE_INDIRECT_RELATIVE) { // a touchpad moves the mouse already
        return;
    }
    int place = finger_at(events, finger->fingerId, finger->type == SDL_FINGERDOWN);
    if (place < 0) {
        return;
    }
    events->fingers[place] = finger->fingerId;
    events->touching[place] = finger->type != SDL_FINGERUP;
    UiEventKind kind = finger->type == SDL_FINGERDOWN ? EVENT_DOWN
                       : finger->type == SDL_FINGERUP ? EVENT_UP
                                                      : EVENT_MOVE;
    UiEvent scratch;
    UiEvent *event = next(events, kind, t_ms, &scratch);
    event->pointer = place + 1;
    event->x = finger->x * events->width;
    event->y = finger->y * events->height;
    event->button = kind == EVENT_MOVE ? 0 : BUTTON_LEFT;
    event->clicks = kind == EVENT_DOWN ? 1 : 0;
    event->pressure = finger->pressure > 0 ? finger->pressure : 1.0f; // 0: the screen cannot tell
}

// --- keys ----------------------------------------------------------------------------------------

static int modifiers_of(Uint16 mod) {
    int command = KMOD_CTRL;
#ifdef __APPLE__
    command |= KMOD_GUI;
#endif
    return ((mod & KMOD_SHIFT) != 0 ? MOD_SHIFT : 0) | ((mod & command) != 0 ? MOD_CTRL : 0) |
           ((mod & KMOD_ALT) != 0 ? MOD_ALT : 0);
}

static int key_of(const SDL_Keysym *key) {
    static const struct {
        SDL_Keycode sym;
        int key;
    } named[] = {
        {SDLK_BACKSPACE, KEY_BACKSPACE},
        {SDLK_TAB, KEY_TAB},
        {SDLK_RETURN, KEY_ENTER},
        {SDLK_KP_ENTER, KEY_ENTER},
        {SDLK_ESCAPE, KEY_ESCAPE},
        {SDLK_DELETE, KEY_DELETE},
        {SDLK_LEFT, KEY_LEFT},
        {SDLK_RIGHT, KEY_RIGHT},
        {SDLK_UP, KEY_UP},
        {SDLK_DOWN, KEY_DOWN},
        {SDLK_HOME, KEY_HOME},
        {SDLK_END, KEY_END},
        {SDLK_PAGEUP, KEY_PAGE_UP},
        {SDLK_PAGEDOWN, KEY_PAGE_DOWN},
        {SDLK_KP_0, '0'},
        {SDLK_KP_PLUS, '+'},
        {SDLK_KP_MINUS, '-'},
    };
    for (size_t i = 0; i < sizeof named / sizeof *named; i++) {
        if (named[i].sym == key->sym) {
            return named[i].key;
        }
    }
    // On some layouts the digits of the upper row need Shift; with Alt they choose a view anyway.
    if ((key->mod & KMOD_ALT) != 0 && key->scancode >= SDL_SCANCODE_1 &&
        key->scancode <= SDL_SCANCODE_0) {
        return '0' + ((int)key->scancode - SDL_SCANCODE_1 + 1) % 10;
    }
    if (key->sym >= SDLK_F1 && key->sym <= SDLK_F12) {
        return KEY_F1 + (key->sym - SDLK_F1);
    }
    if (key->sym >= SDLK_KP_1 && key->sym <= SDLK_KP_9) {
        return '1' + (key->sym - SDLK_KP_1);
    }
    return key->sym >= ' ' && key->sym < KEY_DELETE ? key->sym : KEY_NONE;
}

static void add_key(Events *events, const SDL_KeyboardEvent *key, double t_ms) {
    events->modifiers = modifiers_of(key->keysym.mod);
    int code = key_of(&key->keysym);
    if (key->type == SDL_KEYDOWN && code != KEY_NONE) {
        UiEvent scratch;
        UiEvent *event = next(events, EVENT_KEY, t_ms, &scratch);
        event->key = code;
        event->repeat = key->repeat != 0;
    }
}

// --- window and files ----------------------------------------------------------------------------

static void add_drop(Events *events, const SDL_DropEvent *drop, double t_ms) {
    char *kept = drop->file == NULL ? NULL : arena_printf(&events->paths, "%s", drop->file);
    SDL_free(drop->file); // ours since the event came
    if (kept != NULL) {
        UiEvent scratch;
        next(events, EVENT_DROP, t_ms, &scratch)->path = kept;
    }
}

static void add_window(Events *events, const SDL_WindowEvent *window, double t_ms) {
    switch (window->event) {
    case SDL_WINDOWEVENT_FOCUS_LOST:
        events->held = 0;
        events->modifiers = 0;
        memset(events->touching, 0, sizeof events->touching);
        events_add_plain(events, EVENT_LEAVE, t_ms);
        break;
    case SDL_WINDOWEVENT_LEAVE:
        if (events->held ==
            0) { // with a button down the mouse is captured and its events keep coming
            events_add_plain(events, EVENT_LEAVE, t_ms);
        }
        break;
    case SDL_WINDOWEVENT_CLOSE:
        events_add_plain(events, EVENT_QUIT, t_ms);
        break;
    default:
        break;
    }
}

void events_add(Events *events, const SDL_Event *event) {
    double t_ms = (double)event->common.timestamp;
    switch (event->type) {
    case SDL_MOUSEMOTION:
        if (event->motion.which != SDL_TOUCH_MOUSEID) {
            add_mouse(events, EVENT_MOVE, t_ms, event->motion.x, event->motion.y, 0, 0);
        }
        break;
    case SDL_MOUSEBUTTONDOWN:
    case SDL_MOUSEBUTTONUP:
        add_button(events, &event->button, t_ms);
        break;
    case SDL_MOUSEWHEEL:
        add_wheel(events, &event->wheel, t_ms);
        break;
    case SDL_FINGERDOWN:
    case SDL_FINGERMOTION:
    case SDL_FINGERUP:
        add_finger(events, &event->tfinger, t_ms);
        break;
    case SDL_KEYDOWN:
    case SDL_KEYUP:
        add_key(events, &event->key, t_ms);
        break;
    case SDL_TEXTINPUT: {
        UiEvent scratch;
        UiEvent *text = next(events, EVENT_TEXT, t_ms, &scratch);
        text_copy(text->text, sizeof text->text, event->text.text);
        break;
    }
    case SDL_DROPFILE:
        add_drop(events, &event->drop, t_ms);
        break;
    case SDL_WINDOWEVENT:
        add_window(events, &event->window, t_ms);
        break;
    case SDL_QUIT:
        events_add_plain(events, EVENT_QUIT, t_ms);
        break;
    default:
        break;
    }
}
