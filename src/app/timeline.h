// timeline.h - how the answer came about: the ten probabilities at moments along the drawing.
//
// Moments are numbers of points, evenly spread; as a stroke grows, later moments are added and the
// earlier ones stay valid. When there are too many, every second one goes. Any other change of the
// drawing starts over. Work is done a few moments a frame, so the window never waits for it.
// Thread: UI.

#ifndef INKLING_APP_TIMELINE_H
#define INKLING_APP_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>

#include "app/canvas.h"
#include "app/recogniser.h"

enum { TIMELINE_MAX = 128, TIMELINE_A_FRAME = 6 };

typedef struct {
    size_t points; // of the drawing, up to this moment
    float t_ms;    // since its first point, long pauses shortened
    float p[NN_CLASSES];
    bool sure;
} Moment;

typedef struct {
    Moment moments[TIMELINE_MAX];
    int n;
    size_t stride; // points between moments
    size_t total;  // points of the drawing
    float end_ms;  // its length, long pauses shortened
    bool complete; // moments reach the drawing's end
    NnInk *prefix;
    uint64_t version;    // of the ink the moments belong to
    unsigned generation; // and of the model
    unsigned skip;       // and of the stages left out
} Timeline;

bool timeline_init(Timeline *timeline, NnError *err);
void timeline_release(Timeline *timeline);

// Forgets the moments; the drawing changed other than by growing.
void timeline_restart(Timeline *timeline);

// Works out at most TIMELINE_A_FRAME more moments.
void timeline_step(Timeline *timeline, const Canvas *canvas, Recogniser *recogniser);

// Points drawn up to a time, and the time of a number of points: what scrubbing and replay need.
size_t timeline_points_at(const Canvas *canvas, float t_ms);
float timeline_time_of(const Canvas *canvas, size_t points);
float timeline_duration(const Canvas *canvas);

#endif
