#include "train/schedule.h"

#include <math.h>

static const double PI = 3.14159265358979323846;

// From a at u = 0 to b at u = 1 along half a cosine.
static double cosine_between(double a, double b, double u) {
    return b + (a - b) * (1.0 + cos(PI * u)) / 2.0;
}

static double one_cycle(const NnRecipe *recipe, double t) {
    double peak = (double)recipe->learning_rate;
    double rise = recipe->warmup_epochs > 0 ? (double)recipe->warmup_epochs : 0.3 * recipe->epochs;
    if (t < rise) {
        return cosine_between(peak / 25.0, peak, t / rise);
    }
    double rest = recipe->epochs - rise;
    return cosine_between(peak, peak / 250000.0, rest > 0 ? fmin((t - rise) / rest, 1.0) : 1.0);
}

float schedule_rate(const NnRecipe *recipe, uint64_t step, uint64_t steps_per_epoch) {
    double peak = (double)recipe->learning_rate;
    double t = (double)step / (double)steps_per_epoch;
    double warmup = (double)recipe->warmup_epochs;
    if (recipe->schedule == NN_SCHEDULE_ONE_CYCLE) {
        return (float)one_cycle(recipe, t);
    }
    if (t < warmup) {
        return (float)(peak * fmin(((double)step + 1.0) / (warmup * (double)steps_per_epoch), 1.0));
    }
    switch (recipe->schedule) {
    case NN_SCHEDULE_STEP:
        return (float)(peak * pow((double)recipe->step_factor, floor(t / recipe->step_epochs)));
    case NN_SCHEDULE_EXPONENTIAL:
        return (float)(peak * pow((double)recipe->step_factor, t));
    case NN_SCHEDULE_COSINE: {
        double rest = recipe->epochs - warmup;
        return (float)cosine_between(peak, 0.0, rest > 0 ? (t - warmup) / rest : 1.0);
    }
    default:
        return (float)peak;
    }
}
