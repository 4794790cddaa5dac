// ui_internal.h - what the files of src/ui share and views do not see.
//
// A frame has three steps. ui_begin routes every event to one widget, by the rectangles of the frame
// before (route.c). Each widget then registers its own rectangle with ui_item and learns what its
// events meant. ui_end joins the layers into one list and keeps the new rectangles for the next frame.

#ifndef INKLING_UI_UI_INTERNAL_H
#define INKLING_UI_UI_INTERNAL_H

#include "ui/ui.h"

enum {
    LAYER_PAGE = 0,
    MAX_POPUPS = 4, // one inside another
    LAYER_TOOLTIP = MAX_POPUPS + 1,
    LAYER_COUNT,
    MAX_POINTERS = 12, // the mouse and ten fingers, one to spare
    MAX_IDS = 32,      // depth of the stacks
    MAX_CLIPS = 32,
    MAX_SCROLLS = 8,
};

// What a widget does with the keys while it has the focus.
enum {
    KEYS_PRESS = 1,  // Enter and Space, only once the keyboard has been used: a click on a button
                     // must not make Space press it again
    KEYS_LEFT_RIGHT = 2,
    KEYS_UP_DOWN = 4,
    KEYS_ENDS = 8,   // Home, End, Page Up, Page Down
    KEYS_TEXT = 16,  // everything a text field needs
    KEYS_OPEN = 32,  // Enter and Space, also after a click
    KEYS_LETTERS = 64,
    KEYS_SHARED = 128, // delivered, but left for ui_key as well
};

enum {
    ITEM_FOCUS = 1,   // Tab stops here
    ITEM_WHEEL = 2,   // takes the wheel when it has room
    ITEM_BARRIER = 4, // the ground of a popup: a press on it closes the popup
    ITEM_QUIET = 8,   // not "the last widget" for ui_last and ui_tooltip
    ITEM_DISABLED = 16, // set by ui_item
};

// Where a widget was; next frame's events are routed by it.
typedef struct {
    UiId id;
    UiRect rect;  // clipped
    UiRect whole; // not clipped: where the keyboard finds it
    int layer;
    unsigned flags, keys;
    float room_up, room_down; // how far the wheel can still move it, ITEM_WHEEL
} UiItem;

typedef struct {
    UiItem *items;
    size_t n, capacity;
} UiItems;

typedef struct {
    int pointer;      // number in the events
    bool known;       // slot in use
    bool present;     // inside the window
    float x, y;
    unsigned buttons; // held, bit by button; not 0: captured
    UiId active;      // who has captured it, 0: nobody, and nobody gets its events until it is let go
    bool inside;      // still over `active`
} UiPointer;

// Who gets an event of this frame.
typedef struct {
    UiId owner;
    bool inside;   // the pointer was over the owner
    bool used;     // a key that ui_key must not see
} UiRoute;

// What is remembered about an id from frame to frame; forgotten with the widget.
typedef struct {
    UiId id;
    uint32_t frame;      // last asked for
    uint32_t item_frame; // last registered by ui_item
    bool seen; // ui_ease: shown holds a value
    float shown, target, span;
    float a, b;          // the widget's own
    double since_ms;     // start of hovering
} UiState;

typedef struct {
    UiState *slots, *other; // (capacity) both; the living move to the other when many have died
    size_t capacity, used;  // used counts the dead, too
    UiState spare;         // what everyone gets when memory is out
} UiStates;

typedef struct {
    uint64_t key;
    UiTextSize size;
} UiMeasured;

enum { MEASURED_COUNT = 4096 };

typedef struct {
    UiId id;
    UiId focus_before;
    uint32_t frame; // last begun or opened
} UiPopup;

typedef struct {
    UiId id;
    UiRect rect;
    float content_height;
    float *offset;
} UiScroll;

typedef struct {
    UiId id; // the field being edited
    size_t caret, anchor; // bytes
    float scroll;
    bool dragging; // a plain press selects as it moves, a double click does not
    double touched_ms; // the caret is shown for a while after each change
} UiEdit;

struct Ui {
    UiMeasure measure;
    void *measure_user;
    UiClipboard clipboard;
    const UiInput *input;
    Theme theme;
    Arena arena;
    DrawList lists[LAYER_COUNT];
    int layer;
    uint32_t frame;
    double now_ms;
    float dt_ms; // capped, so that a long pause does not swallow an animation
    bool moving;

    UiItems items, before; // this frame's, last frame's
    UiPointer pointers[MAX_POINTERS];
    UiRoute *routes; // (input->n), NULL if out of memory
    UiId hot;
    UiId wheel_id;   // who took the wheel last, and when: a gesture stays with its area
    double wheel_ms;
    UiId focus;
    bool focus_visible;
    bool focus_moved; // by the keyboard, in this frame
    size_t duplicates;

    UiId ids[MAX_IDS];
    int n_ids;
    UiRect clips[MAX_CLIPS];
    int n_clips;
    int disabled; // depth of the disabled blocks
    bool disabled_stack[MAX_IDS];
    int n_disabled;
    bool plain; // fields and choices without frames
    size_t faded_from; // first command of the outermost disabled block

    UiPopup popups[MAX_POPUPS];
    int n_popups;
    int layer_stack[LAYER_COUNT];
    int clip_stack[LAYER_COUNT]; // n_clips when the popup began
    int n_layers;
    UiScroll scrolls[MAX_SCROLLS];
    int n_scrolls;

    UiItem last_item;
    UiResponse last;
    UiEdit edit;
    bool wants_text;
    UiRect text_rect;

    const char *tip; // frame memory
    UiRect tip_near;
    bool tip_by_mouse;
    double tip_shown_ms; // when one was last seen: the next opens without delay

    UiStates states;
    UiMeasured *measured; // (MEASURED_COUNT)
};

// --- identity and state (ui_core.c, state.c) -----------------------------------------------------

UiId ui_hash(UiId seed, const void *bytes, size_t n);
UiId ui_sub_id(UiId id, int part); // of a part of a widget
const char *ui_visible(Ui *ui, const char *label); // what precedes ##

// Zeroed when the id was not asked for in the frame before.
UiState *ui_state(Ui *ui, UiId id);
void ui_states_sweep(Ui *ui); // between frames
void ui_states_release(UiStates *states);

// --- items and routing (ui_core.c, route.c) ------------------------------------------------------

UiResponse ui_item(Ui *ui, UiId id, UiRect rect, unsigned flags, unsigned keys);
void ui_item_room(Ui *ui, UiId id, float up, float down); // of the item just registered, ITEM_WHEEL
void ui_route(Ui *ui);
const UiItem *ui_topmost(const UiItems *items, float x, float y); // NULL: nothing there
bool ui_owns(const Ui *ui, UiId id, size_t event);
UiPointer *ui_pointer_of(Ui *ui, UiId active); // the pointer id has captured, or NULL
bool ui_focused(const Ui *ui, UiId id);        // and enabled
void ui_set_focus(Ui *ui, UiId id, bool visible);
UiRect ui_clip(const Ui *ui);
UiRect ui_intersect(UiRect a, UiRect b);

// --- popups and tooltips (popup.c) ---------------------------------------------------------------

void ui_popups_end(Ui *ui);
void ui_tooltip_end(Ui *ui);
void ui_popup_pressed(Ui *ui, UiId barrier);
bool ui_scroll_reveal(Ui *ui, UiRect rect);

// --- colour scales (palette.c), 256 entries each -------------------------------------------------

void palette_sequential(Color *out, bool dark);
void palette_diverging(Color *out, Color negative, Color neutral, Color positive);
void palette_picture(Color *out, Color ground, Color ink);

// --- look (widgets.c, text.c) --------------------------------------------------------------------

void ui_focus_ring(Ui *ui, UiId id, UiRect rect, float radius);
float ui_snap(const Ui *ui, float v); // to a device pixel
float ui_text_at(Ui *ui, UiRect rect, Font font, Color color, UiAlign align, const char *text);
float ui_step_of(float low, float high); // a round step, about a fortieth of the range

#endif
