// model.h - a network: its description, its weights, and the forward pass.
//
// NnModel is a description and one block of weights; nothing in a forward pass writes to it, so
// threads may share it. NnWorkspace holds activations (and gradients when training) for one thread
// and one largest batch. Letters: B batch, I inputs, O outputs, C classes.
//
//     NnModel *model = nn_model_load("digits.safetensors", err);
//     NnWorkspace *work = nn_workspace_new(model, 1, false, err);
//     NnAnswer answer;
//     nn_classify(model, work, &digit, &answer);
//
// Weights are PyTorch's: fcN.weight is [O, I] row-major, fcN.bias [O], convN.weight [O, C, K, K].

#ifndef NN_MODEL_H
#define NN_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nn/dataset.h"
#include "nn/error.h"
#include "nn/ink.h"

enum { NN_LAYERS_MAX = 32 };

typedef enum {
    NN_ACT_NONE,
    NN_ACT_RELU,
    NN_ACT_LEAKY_RELU, // slope 0.01
    NN_ACT_ELU,
    NN_ACT_GELU, // the exact form with erf
    NN_ACT_SWISH,
    NN_ACT_TANH,
    NN_ACT_SIGMOID,
    NN_ACT_COUNT,
} NnActivation;

const char *nn_activation_name(NnActivation activation);
bool nn_activation_parse(const char *name, NnActivation *activation);

typedef enum {
    NN_INIT_HE_NORMAL, // Kaiming, fan-in; the default
    NN_INIT_HE_UNIFORM,
    NN_INIT_XAVIER_UNIFORM, // Glorot
    NN_INIT_XAVIER_NORMAL,
    NN_INIT_NORMAL, // sd 0.01
    NN_INIT_COUNT,
} NnInit;

const char *nn_init_name(NnInit init);
bool nn_init_parse(const char *name, NnInit *init);

typedef enum {
    NN_LAYER_DENSE,
    NN_LAYER_CONV,         // 2-D
    NN_LAYER_MAX_POOL,     // windows of kernel x kernel side by side; what is left over is dropped
    NN_LAYER_AVERAGE_POOL, // global: the mean of each channel
    NN_LAYER_BATCH_NORM,   // each channel
    NN_LAYER_FLATTEN,      // (C, H, W) to a row, in PyTorch's order
    NN_LAYER_KIND_COUNT,
} NnLayerKind;

const char *nn_layer_kind_name(NnLayerKind kind); // "conv"
bool nn_layer_kind_parse(const char *name, NnLayerKind *kind);

// One layer: y = activation(z), z = W x + b or what else its kind computes. Where `add` says so,
// another layer's output is added to z; where `residual` does, x is added to y; then dropout.
//
// Layers are numbered from 1 where they name each other, as in messages; 0 means none. Pictures are
// (C, H, W) to people and files; in memory they lie channels last, (B, H, W, C).
typedef struct {
    NnLayerKind kind;
    int n_in,
        n_out; // values of a sample; nn_arch_infer fills in what follows from the layer before
    NnActivation activation;
    float dropout; // share of outputs dropped while training, 0..1; of a picture whole channels
    bool residual; // dense and conv, input and output alike: y = x + activation(W x + b)
    int channels;  // conv: of its output
    int kernel;    // conv, max_pool: side of the window
    int stride, padding; // conv
    int from;            // takes that layer's output as its input; 0: the layer before
    int add;             // adds that layer's output before the activation
} NnLayer;

typedef struct {
    char name[64]; // "inkling-mlp"
    int n_layers;
    NnLayer layers[NN_LAYERS_MAX];
    float input_mean, input_sd; // input = (pixel/255 - mean) / sd; sd 0 means 1
    float temperature; // logits are divided by it before the softmax a person sees; 0 means 1
    float threshold;   // "not sure" below this probability; 0: none known
} NnArch;

typedef struct NnModel NnModel;

// Checks that layers chain from 784 to 10. Weights are zero.
NnModel *nn_model_new(const NnArch *arch, NnError *err);
void nn_model_free(NnModel *model);
NnModel *nn_model_copy(const NnModel *model, NnError *err);

// The network without the batch normalisations that stand right behind a dense layer or a convolution:
// what they do by their running averages goes into that layer's weights. Its answers are the same but for
// rounding; notes are not copied. PyTorch's torch.nn.utils.fusion does the same.
NnModel *nn_model_fuse(const NnModel *model, NnError *err);

// The same network of dense layers alone: each convolution written out as the matrix it is, zero wherever
// its window does not reach. Answers are the same but for rounding; notes are not copied. NN_ERR_USAGE
// names the layer that is no matrix with an activation: pooling, or a normalisation that cannot be fused.
NnModel *nn_model_unroll(const NnModel *model, NnError *err);

// The same check alone: NN_ERR_SHAPE or NN_ERR_USAGE with a sentence that names the layer.
NnStatus nn_arch_check(const NnArch *arch, NnError *err) NN_MUST_CHECK;

// Fills in n_in of every layer, and n_out of all but dense ones. The same errors.
NnStatus nn_arch_infer(NnArch *arch, NnError *err) NN_MUST_CHECK;

// Whether weights of one network mean the same in the other: all of the layers but dropout.
bool nn_arch_alike(const NnArch *a, const NnArch *b);

// What a layer of a sound description gives: (C, H, W), or (O, 1, 1) for a row of values. Layer -1
// is the picture.
typedef struct {
    int channels, height, width;
} NnShape;
NnShape nn_arch_shape(const NnArch *arch, int layer);

// "784-256-128-10, relu" or "conv 32, max_pool, flatten, dense 10": for one line of text.
void nn_arch_describe(const NnArch *arch, char *out, size_t size);

const NnArch *nn_model_arch(const NnModel *model);
NnArch *nn_model_arch_edit(NnModel *model);        // name, temperature, threshold may be changed
size_t nn_model_param_count(const NnModel *model); // weights and biases, padding not counted

// Weights as one block of nn_model_block_count() floats, aligned to 64 bytes, layer after layer,
// weight before bias. Each tensor begins at a multiple of 16 floats; the padding between is zero
// and has to stay zero. Gradients and optimiser state have the same layout.
//
// The running means and variances of batch normalisation come last, behind
// nn_model_trained_count() floats: they follow the data, no optimiser may touch them. A gradient
// holds the statistics of its batch there.
size_t nn_model_block_count(const NnModel *model);
size_t nn_model_trained_count(const NnModel *model);
float *nn_model_params(NnModel *model);
const float *nn_model_params_const(const NnModel *model);
const float *nn_model_weight(const NnModel *model, int layer); // (O, I)
const float *nn_model_bias(const NnModel *model, int layer);   // (O)
size_t nn_model_weight_offset(const NnModel *model, int layer);
size_t nn_model_bias_offset(const NnModel *model, int layer);

// The tensors of the block, in its order, under PyTorch's names: "conv1.weight" (O, C, K, K),
// "bn1.weight" (C), "fc1.bias" (O), "bn1.running_mean" (C). Kinds are counted apart.
typedef struct {
    char name[32];
    int layer, rank;
    int shape[4];
    size_t offset, count; // in floats, padding not counted
    bool is_weight;       // of a dense or convolutional layer: what penalties are for
} NnTensorPlace;

enum { NN_MODEL_TENSORS_MAX = 4 * NN_LAYERS_MAX };

// places has room for NN_MODEL_TENSORS_MAX. Returns how many there are.
size_t nn_model_tensors(const NnModel *model, NnTensorPlace *places);

// Biases zero; normalisation starts as the identity.
void nn_model_init(NnModel *model, NnInit init, uint64_t seed);

// --- weight files --------------------------------------------------------------------------------

// Reads a file of ours, or any safetensors file whose weight/bias pairs chain by shape from 784 to
// 10 (hidden activation ReLU unless the metadata says otherwise).
NnModel *nn_model_load(const char *path, NnError *err);
NnModel *nn_model_parse(const uint8_t *bytes, size_t n, const char *path,
                        NnError *err); // path: for messages

// What a weight file carries besides its weights: "recipe", "seed", "accuracy", ... as key/value
// text. The architecture and the program version are added by the writer.
typedef struct {
    const char *key, *value;
} NnNote;

NnStatus nn_model_save(const NnModel *model, const char *path, const NnNote *notes, size_t n_notes,
                       NnError *err) NN_MUST_CHECK;
const char *nn_model_note(const NnModel *model,
                          const char *key); // NULL when absent; lives as long as the model

// SHA-256 of the weights' bytes in hex, out has 65 bytes: what "the same bits" means.
void nn_model_sha256(const NnModel *model, char *out);

// --- forward -------------------------------------------------------------------------------------

typedef struct NnWorkspace NnWorkspace;

NnWorkspace *nn_workspace_new(const NnModel *model, int max_batch, bool training, NnError *err);
void nn_workspace_free(NnWorkspace *work);

// inputs (B, 784) of the network described by arch, from pixels (B, 784): (pixel / 255 - mean) /
// sd.
void nn_standardise(const NnArch *arch, float *inputs, const uint8_t *pixels, int B);

// Logits (B, 10), valid until the workspace is used again. inputs (B, 784) already standardised.
const float *nn_forward(const NnModel *model, NnWorkspace *work, const float *inputs, int B);

// The same from bytes: converts and standardises first. pixels (B, 784).
const float *nn_forward_bytes(const NnModel *model, NnWorkspace *work, const uint8_t *pixels,
                              int B);

// Outputs of a layer for the last forward pass, (B, O), of a picture (B, H, W, C); the last hidden
// layer is what "looks like" compares.
const float *nn_workspace_activation(const NnWorkspace *work, int layer);

// p = softmax(logits / temperature) for each row; in and out may be the same. (B, C)
void nn_softmax(float *probabilities, const float *logits, int B, int C, float temperature);

typedef struct {
    float logits[NN_CLASSES];
    float probabilities[NN_CLASSES]; // calibrated: with the model's temperature
    int digit, runner_up;
    float confidence; // probabilities[digit]
    bool sure;        // confidence reaches the model's threshold
} NnAnswer;

// What logits (10) of a network say: the one place that decides what is "not sure".
void nn_answer(const NnArch *arch, const float *logits, NnAnswer *answer);

// The one path for a single picture: canvas, predict and replay give the same bits.
void nn_classify(const NnModel *model, NnWorkspace *work, const NnDigit *digit, NnAnswer *answer);

// --- why -----------------------------------------------------------------------------------------
// Around its input a ReLU network is linear, so logit[a] - logit[b] is exactly one term per pixel
// plus a constant. terms (784): weight of the pixel times its (pixel/255) value; pixels of paper
// contribute to the constant alone. False for a network that is not piecewise linear (pooling is,
// and so is normalisation after training), and for one with `residual` layers that is not all dense.
bool nn_explain(const NnModel *model, NnWorkspace *work, const NnDigit *digit, int a, int b,
                float *terms, float *constant);

#endif
