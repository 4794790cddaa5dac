#include "train/crowd.h"

enum { MS = 1000000 };

// A busy process takes half of a core, in slices of some milliseconds. Less than two fifths, and the
// group is better off with all its threads. A try costs a window at the speed of a group that is
// disturbed, so tries become rare; the longest pause is how long a core may stay idle after the
// other process has gone.
static const uint64_t WINDOW_NS = 40 * MS, TOO_MUCH_NS = 16 * MS;
static const uint64_t PAUSE_MIN_NS = 100 * MS, PAUSE_MAX_NS = 800 * MS;

static void begin_window(Crowd *crowd, uint64_t now_ns) {
    crowd->window_ns = now_ns;
    crowd->taken_ns = 0;
}

void crowd_init(Crowd *crowd, int threads) {
    *crowd = (Crowd){.threads = threads, .pause_ns = PAUSE_MIN_NS};
}

static void rest(Crowd *crowd, uint64_t now_ns) {
    uint64_t longer = 2 * crowd->pause_ns < PAUSE_MAX_NS ? 2 * crowd->pause_ns : PAUSE_MAX_NS;
    crowd->pause_ns = crowd->trying ? longer : PAUSE_MIN_NS;
    crowd->trying = false;
    crowd->rest_ns = now_ns;
    crowd->resting++;
}

int crowd_note(Crowd *crowd, uint64_t now_ns, uint64_t taken_ns) {
    crowd->taken_ns += taken_ns;
    uint64_t window_ns = now_ns - crowd->window_ns; // longer than wanted where pieces are
    bool share = crowd->taken_ns / TOO_MUCH_NS >= window_ns / WINDOW_NS;
    if (crowd->taken_ns >= TOO_MUCH_NS && share) {
        if (crowd->resting < crowd->threads - 1) {
            rest(crowd, now_ns);
        }
        begin_window(crowd, now_ns);
    } else if (window_ns >= WINDOW_NS) {
        crowd->trying = false;
        begin_window(crowd, now_ns);
    }
    if (crowd->resting > 0 && now_ns - crowd->rest_ns >= crowd->pause_ns) {
        crowd->resting--;
        crowd->rest_ns = now_ns; // of those that still rest
        crowd->trying = true;
        begin_window(crowd, now_ns);
    }
    return crowd->resting;
}
