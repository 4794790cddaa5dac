// Every stage is the whole normalisation with the stages after it left out: what is shown is what
// is computed.

#include <string.h>

#include "ink/normalise.h"

const char *nn_stage_name(NnStage stage) {
    static const char *const names[NN_STAGE_COUNT] = {"raw", "cropped", "20 x 20", "pen width",
                                                      "centred"};
    NN_ASSERT(stage >= 0 && stage < NN_STAGE_COUNT);
    return names[stage];
}

void nn_ink_xray(const NnInk *ink, const NnNormaliseOptions *options, NnXray *xray) {
    StageResult result = {0};
    for (int stage = 0; stage < NN_STAGE_COUNT; stage++) {
        PlaceRules rules = place_rules(options, (NnStage)stage);
        xray->empty =
            !normalise_stage(ink, &rules, &xray->digit[stage], xray->picture[stage], &result);
    }
    xray->pen_px = (float)result.pen;
    xray->shift_x = (float)result.shift_x;
    xray->shift_y = (float)result.shift_y;
}
