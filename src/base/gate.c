#include "base/gate.h"

void gate_init(Gate *gate) {
    atomic_init(&gate->shut, false);
    mutex_init(&gate->mutex);
    cond_init(&gate->opened);
}

void gate_release(Gate *gate) {
    cond_release(&gate->opened);
    mutex_release(&gate->mutex);
}

void gate_shut(Gate *gate) {
    atomic_store(&gate->shut, true);
}

void gate_wake(Gate *gate) {
    mutex_lock(&gate->mutex); // or one who has just seen it shut would sleep on
    cond_broadcast(&gate->opened);
    mutex_unlock(&gate->mutex);
}

void gate_open(Gate *gate) {
    if (atomic_exchange(&gate->shut, false)) {
        gate_wake(gate);
    }
}

bool gate_is_shut(Gate *gate) {
    return atomic_load(&gate->shut);
}

void gate_pass(Gate *gate, const atomic_bool *stop) {
    if (!gate_is_shut(gate)) {
        return;
    }
    mutex_lock(&gate->mutex);
    while (gate_is_shut(gate) && !atomic_load(stop)) {
        cond_wait(&gate->opened, &gate->mutex);
    }
    mutex_unlock(&gate->mutex);
}
