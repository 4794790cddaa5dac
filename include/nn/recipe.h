// recipe.h - everything a training run needs, as a small JSON file.
//
// assets/recipes/NAME.json. Every key has a default (recipe.c) and a range (recipe_keys.c); an
// unknown key or a value out of range is refused with the key's name and its line.
//
// "start" names a network as "teachers" does, of the same layers or one whose convolutions, written
// out as dense layers (nn_model_unroll), have them: a dense network then begins as a convolutional one
// and may become what no convolution is (d'Ascoli et al., 2019).
//
// "layers" is a list of objects, each named by its kind:
//
//     {"dense": 128}            outputs
//     {"conv": 32}              output channels; with "kernel" (3), "stride" (1), "padding" (0)
//     {"max_pool": 2}           side of the windows, which lie side by side
//     {"average_pool": true}    global: the mean of each channel
//     {"batch_norm": true}      statistics of a shard of the batch (src/nn/batch_norm.h)
//     {"flatten": true}         between pictures and dense layers
//
// Each may have "activation" (relu for hidden dense and conv layers, else none) and "dropout" (of
// pictures whole channels). Dense and conv layers of equal input and output may be "residual":
// y = x + activation(z). Skips over several layers name layers by number, from 1: "add": 3 adds that
// layer's output before the activation, "from": 3 takes it as the input instead of the layer
// before's. A projection is a conv of kernel 1 "from" where the block began.

#ifndef NN_RECIPE_H
#define NN_RECIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nn/error.h"
#include "nn/model.h"

typedef enum { NN_OPTIM_SGD, NN_OPTIM_MOMENTUM, NN_OPTIM_NESTEROV, NN_OPTIM_ADAGRAD, NN_OPTIM_RMSPROP, NN_OPTIM_ADAM, NN_OPTIM_ADAMW, NN_OPTIM_COUNT } NnOptimKind;
typedef enum { NN_SCHEDULE_CONSTANT, NN_SCHEDULE_STEP, NN_SCHEDULE_EXPONENTIAL, NN_SCHEDULE_COSINE, NN_SCHEDULE_ONE_CYCLE, NN_SCHEDULE_COUNT } NnScheduleKind;

// Of the operands of dense and convolutional layers in training. bf16 keeps f32 sums, gradients, optimiser state and
// weights; what multiplies is rounded. Twice as fast where the CPU has instructions for it.
typedef enum { NN_PRECISION_F32, NN_PRECISION_BF16, NN_PRECISION_COUNT } NnPrecision;

const char *nn_precision_name(NnPrecision precision); // "bf16"

// Whether this build and CPU have instructions for it. Without, operands are rounded and multiplied in f32: the same
// training but for the order of sums, and no faster.
bool nn_precision_is_fast(NnPrecision precision);

typedef enum { NN_MONITOR_LOSS, NN_MONITOR_ACCURACY, NN_MONITOR_COUNT } NnMonitor;

const char *nn_optim_name(NnOptimKind kind);          // "adam"
const char *nn_schedule_name(NnScheduleKind kind); // "one_cycle"
const char *nn_monitor_name(NnMonitor monitor);     // "loss"

enum { NN_BATCH_MAX = 16384, NN_TEACHERS_MAX = 8, NN_TEACHER_SIZE = 256 };

// Random changes to a training picture, new every epoch. Zero means none of that kind.
typedef struct {
    float rotation_deg;   // +- degrees
    float shift_px;       // +- pixels, both axes
    float scale;          // factor 1 +- scale
    float shear;          // x += shear * y, +-
    float elastic_px;     // root mean square, per axis, of the displacement field (Simard et al., 2003)
    float elastic_sigma;  // its smoothness in pixels; 0 means 5
    float thickness_px;   // stroke width changed by +- this much, at most 2
    float probability;    // share of samples changed; 0 with any of the above set means 1
} NnAugment;

// Networks whose answers a student learns from beside the labels (distillation). Each is the name of a
// network of the program's or the user's models folder, or the path of a weight file. They are shown
// the very pictures the student is shown, each standardised as it learnt them.
typedef struct {
    int n;
    char names[NN_TEACHERS_MAX][NN_TEACHER_SIZE];
} NnTeacherNames;

typedef struct {
    char name[64];
    char title[128];      // one line for people
    char source[64];      // "paper 000", or "" for our own
    char data[32];        // "mnist"
    NnArch arch;
    NnInit init;
    char start[NN_TEACHER_SIZE]; // a network whose weights training begins with; "": init draws them
    NnPrecision precision;
    NnOptimKind optimiser;
    NnScheduleKind schedule;
    float learning_rate;
    float momentum, beta1, beta2, epsilon, weight_decay; // weight_decay: decoupled, AdamW
    float l1, l2;         // gradient gets l1 * sign(w) + 2 * l2 * w; weights only, not biases
    float clip_norm;      // 0: none
    float label_smoothing;
    float ema;            // decay of the averaged weights, 0: none
    bool fuse_batch_norm; // the network that comes out is without them, see nn_model_fuse
    float warmup_epochs;
    float step_factor; int step_epochs; // step schedule
    int batch, epochs, patience; // patience 0: no early stopping
    NnMonitor monitor;    // what of the validation samples tells the best epoch
    int validation;       // samples of the training set held out, 0: none
    int folds, fold;      // cross-validation: the fold-th (from 1) of folds parts is held out instead; 0: none
    float styles;         // share of the samples that are generated handwriting (nn/style.h); digits alone
    float non_digits;     // share of the samples that are scribbles without an answer (nn/scribble.h)
    float near_digits;    // share of the samples that look like writing and have no answer either (nn/near_digit.h)
    NnTeacherNames teachers; // their probabilities are averaged; n 0: none
    float distil_weight;     // share of a digit's loss that is theirs; the rest is the label's
    float distil_temperature; // logits, theirs and the student's, are divided by it in their share
    int distil_views;   // epochs after which the same pictures come again, and their answers are known; 0: always new ones
    float distil_mixup; // share of the pictures that two are blended into (Zhang et al., 2018), for teachers alone to answer
    NnAugment augment;
} NnRecipe;

NnStatus nn_recipe_read(const char *path, NnRecipe *recipe, NnError *err) NN_MUST_CHECK;
NnStatus nn_recipe_parse(const char *text, size_t n, const char *path, NnRecipe *recipe, NnError *err) NN_MUST_CHECK;

// By name, from the program's share folder; a name with a slash in it, or that ends in ".json", is a
// path. NN_ERR_NOT_FOUND lists the names there are.
NnStatus nn_recipe_find(const char *name, NnRecipe *recipe, NnError *err) NN_MUST_CHECK;

// "learning_rate=0.01", as --set takes it; also "augment.shear=0.2" and "layers=[{\"dense\": 10}]".
// NN_ERR_USAGE leaves the recipe as it was.
NnStatus nn_recipe_set(NnRecipe *recipe, const char *assignment, NnError *err) NN_MUST_CHECK;

// All names, sorted, as one block; free with nn_recipe_names_free.
char **nn_recipe_names(size_t *count);
void nn_recipe_names_free(char **names, size_t count);

#endif
