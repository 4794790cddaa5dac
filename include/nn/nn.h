// nn.h - the whole public engine. No SDL anywhere behind it.

#ifndef NN_H
#define NN_H

#include "nn/dataset.h"
#include "nn/ensemble.h"
#include "nn/epochs.h"
#include "nn/error.h"
#include "nn/events.h"
#include "nn/facts.h"
#include "nn/handwriting.h"
#include "nn/ink.h"
#include "nn/metrics.h"
#include "nn/model.h"
#include "nn/near_digit.h"
#include "nn/onnx.h"
#include "nn/picture.h"
#include "nn/recipe.h"
#include "nn/run.h"
#include "nn/runner.h"
#include "nn/safetensors.h"
#include "nn/study.h"
#include "nn/scribble.h"
#include "nn/style.h"
#include "nn/sweep.h"
#include "nn/trainer.h"
#include "nn/version.h"

#endif
