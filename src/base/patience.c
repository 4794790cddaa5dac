#include "base/patience.h"

#include "base/clock.h"

enum { LONGEST_MS = 32 };

static const double WORKED_S = 0.001; // of processor time counts as work

Patience patience_begin(double seconds) {
    return (Patience){
        .seconds = seconds, .since_s = clock_s(), .worked_s = clock_cpu_others_s(), .sleep_ms = 1};
}

bool patience_is_over(Patience *p) {
    double worked = clock_cpu_others_s(), now = clock_s();
    if (worked - p->worked_s >= WORKED_S) {
        p->worked_s = worked;
        p->since_s = now;
    }
    return now - p->since_s > p->seconds;
}

void patience_sleep(Patience *p) {
    clock_sleep_ms(p->sleep_ms);
    p->sleep_ms = p->sleep_ms < LONGEST_MS ? 2 * p->sleep_ms : LONGEST_MS;
}
