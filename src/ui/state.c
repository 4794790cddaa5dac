// What widgets remember from frame to frame, by id: an open hash table whose entries die with their
// widget. An id that was not asked for in the frame before starts from nothing, so a view that
// comes back does not find a stale hover or a half-finished easing.

#include "ui/ui_internal.h"

#include <string.h>

#include "base/alloc.h"

enum { FIRST_CAPACITY = 1024 };

static bool living(const UiState *state, uint32_t frame) {
    return state->id != 0 && state->frame + 1 >= frame;
}

// The living move into the other table, which then becomes the table.
static void sweep_into_other(UiStates *states, uint32_t frame, size_t old_capacity) {
    size_t used = 0;
    for (size_t i = 0; i < old_capacity; i++) {
        if (living(&states->slots[i], frame)) {
            size_t at = states->slots[i].id & (states->capacity - 1);
            while (states->other[at].id != 0) {
                at = (at + 1) & (states->capacity - 1);
            }
            states->other[at] = states->slots[i];
            used++;
        }
    }
    UiState *old = states->slots;
    states->slots = states->other;
    states->other = old;
    states->used = used;
}

static bool grow(UiStates *states, uint32_t frame) {
    size_t old_capacity = states->capacity;
    size_t capacity = old_capacity > 0 ? old_capacity * 2 : FIRST_CAPACITY;
    UiState *slots = mem_new(capacity, sizeof *slots);
    UiState *other = mem_new(capacity, sizeof *other);
    if (slots == NULL || other == NULL) {
        mem_free(slots);
        mem_free(other);
        return false;
    }
    mem_free(states->other);
    states->other = slots;
    states->capacity = capacity;
    sweep_into_other(states, frame, old_capacity);
    mem_free(states->other);
    states->other = other;
    return true;
}

void ui_states_sweep(Ui *ui) {
    UiStates *states = &ui->states;
    if (states->used * 2 > states->capacity) {
        memset(states->other, 0, states->capacity * sizeof *states->other);
        sweep_into_other(states, ui->frame, states->capacity);
    }
}

void ui_states_release(UiStates *states) {
    mem_free(states->slots);
    mem_free(states->other);
}

UiState *ui_state(Ui *ui, UiId id) {
    UiStates *states = &ui->states;
    if (states->used * 4 >= states->capacity * 3 && !grow(states, ui->frame) &&
        states->used + 1 >= states->capacity) {
        memset(&states->spare, 0, sizeof states->spare);
        return &states->spare;
    }
    UiState *reusable = NULL;
    UiState *state = NULL;
    for (size_t at = id & (states->capacity - 1);; at = (at + 1) & (states->capacity - 1)) {
        state = &states->slots[at];
        if (state->id == id || state->id == 0) {
            break;
        }
        if (reusable == NULL && !living(state, ui->frame)) {
            reusable = state;
        }
    }
    if (!living(state, ui->frame)) {
        if (state->id == 0 && reusable != NULL) {
            state = reusable;
        } else if (state->id == 0) {
            states->used++;
        }
        memset(state, 0, sizeof *state);
        state->id = id;
    }
    state->frame = ui->frame;
    return state;
}
