#include "ui/ui_internal.h"

#include <math.h>

// Exponential approach rather than a curve of fixed length: targets move while we are on the way
// (probabilities change with every stroke point), and this never jumps or restarts. Five time
// constants fit into the theme's duration, which leaves 0.7 % of the way: close enough to snap.
float ui_ease(Ui *ui, UiId id, float target) {
    const float time_constants = 5.0f;
    UiState *state = ui_state(ui, ui_sub_id(id, 'e'));
    if (!state->seen || ui->theme.ease_ms <= 0 || !isfinite(target) || !isfinite(state->shown)) {
        state->seen = true;
        state->shown = state->target = target;
        return target;
    }
    if (target != state->target) {
        state->target = target;
        state->span = fabsf(target - state->shown);
    }
    if (state->shown == target) {
        return target;
    }
    float left = expf(-ui->dt_ms * time_constants / ui->theme.ease_ms);
    state->shown = target + (state->shown - target) * left;
    if (fabsf(target - state->shown) <= 0.007f * state->span) {
        state->shown = target;
    } else {
        ui->moving = true;
    }
    return state->shown;
}
