#include "train/stepper.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/simd.h"
#include "nn/grad.h"
#include "train/distil.h"
#include "train/samples.h"

enum {
    // Two shards a batch keep two cores busy with the fewest gradients to write and add; larger
    // batches feed more cores. Below 16 rows a shard's products are too flat to be worth sharing.
    SHARD_MIN_ROWS = 16,
    SHARD_MAX_ROWS = 128,
    SHARDS_MAX = NN_BATCH_MAX / SHARD_MAX_ROWS,
    CHUNK = 16384, // parameters a piece of the optimiser's work
    // Deferred gradients are made in tiles that stay in the second-level cache: for many shards they
    // would not, and large batches see the optimiser rarely.
    TILE = 65536,
    TILE_SHARDS_MAX = 4,
    LANES = 16,
};

// A stretch of the parameter block that is all weights or all biases.
typedef struct {
    size_t first, n;
    bool is_weight;
} Segment;

// What is updated at once: a range of the parameter block, whose gradient is in the shards' blocks or,
// a tile, is still to be made.
typedef struct {
    size_t first, n;
    const NnDeferred *layer; // of a tile; else NULL
    int row, rows;
} Piece;

// What a worker needs for itself, or a shard where its pass is taken up again for deferred gradients.
typedef struct {
    NnWorkspace *work;
    float *inputs;     // (shard_rows, 784)
    uint8_t *labels;   // (shard_rows)
    SampleKind *kinds; // (shard_rows)
    NnInk *ink;        // to draw samples with, NULL where the recipe wants none
} Bench;

struct Stepper {
    StepperDesc desc;
    NnOptim optim;
    Samples samples;

    int shard_rows;
    float *gradients[SHARDS_MAX]; // each as long as the parameter block
    NnShardResult results[SHARDS_MAX];
    Bench *benches; // (n_benches) one a worker; where it defers, one a shard
    bool defers;    // wide layers' gradients
    Distil *distil; // NULL without teachers

    Bf16 *rounded;     // (n_params) of the model's, where the recipe multiplies in bf16; else NULL
    bool rounds_first; // before the next step: the weights may be others than the last one left

    size_t n_params, state_stride;
    float *state;
    Segment segments[NN_MODEL_TENSORS_MAX];
    int n_segments;
    int n_chunks;
    Piece *pieces;
    int n_pieces;

    int n_shards, n_benches; // of a full batch
    NnDeferred deferred[NN_LAYERS_MAX];
    int n_deferred;
    float *tiles[TILE_SHARDS_MAX]; // (workers, tile_size), where it defers
    size_t tile_size;
    double *squares; // (n_chunks) of the summed gradient, where it is clipped

    // The step in progress, read by the workers.
    StepBatch batch;
    const float *sums[SHARDS_MAX]; // what the optimiser adds up
    int n_sums;
    float grad_scale;
    float ema;
};

// Decided by the batch size alone.
static int rows_a_shard(int batch) {
    int half = (batch + 1) / 2;
    half = half < SHARD_MIN_ROWS ? SHARD_MIN_ROWS : half;
    return half > SHARD_MAX_ROWS ? SHARD_MAX_ROWS : half;
}

// Parameters that penalties are for, and those they are not for; the padding belongs to either.
static void list_segments(Stepper *s) {
    const NnModel *model = s->desc.model;
    NnTensorPlace places[NN_MODEL_TENSORS_MAX];
    size_t n = nn_model_tensors(model, places), end = nn_model_trained_count(model);
    for (size_t i = 0; i < n && places[i].offset < end; i++) {
        size_t next = i + 1 < n && places[i + 1].offset < end ? places[i + 1].offset : end;
        s->segments[s->n_segments++] =
            (Segment){places[i].offset, next - places[i].offset, places[i].is_weight};
    }
}

static bool new_benches(Stepper *s, NnError *err) {
    int n = workers_count(s->desc.workers);
    n = s->defers && s->n_shards > n ? s->n_shards : n;
    s->n_benches = n;
    s->benches = mem_new((size_t)n, sizeof *s->benches);
    for (int i = 0; s->benches != NULL && i < n; i++) {
        Bench *bench = &s->benches[i];
        bench->work = nn_workspace_new(s->desc.model, s->shard_rows, true, err);
        bench->inputs = mem_new_aligned((size_t)s->shard_rows * NN_PIXELS, sizeof(float));
        bench->labels = mem_new((size_t)s->shard_rows, 1);
        bench->kinds = mem_new((size_t)s->shard_rows, sizeof *bench->kinds);
        if (samples_are_drawn(s->desc.recipe)) {
            bench->ink = nn_ink_new(err);
            if (bench->ink == NULL) {
                return false;
            }
        }
        if (bench->work == NULL || bench->inputs == NULL || bench->labels == NULL ||
            bench->kinds == NULL) {
            return false;
        }
        if (s->rounded != NULL && nn_workspace_use_bf16(bench->work, s->rounded, err) != NN_OK) {
            return false;
        }
    }
    return s->benches != NULL;
}

// Cuts first .. end into chunks, or just counts them.
static void add_chunks(Stepper *s, size_t first, size_t end) {
    for (; first < end; first += CHUNK) {
        size_t n = end - first < CHUNK ? end - first : CHUNK;
        if (s->pieces != NULL) {
            s->pieces[s->n_pieces] = (Piece){.first = first, .n = n};
        }
        s->n_pieces++;
    }
}

static void add_tiles(Stepper *s, const NnDeferred *layer) {
    int step = TILE / layer->I / layer->step * layer->step;
    step = step < layer->step ? layer->step : step;
    for (int row = 0; row < layer->O; row += step) {
        int rows = layer->O - row < step ? layer->O - row : step;
        size_t n = (size_t)rows * (size_t)layer->I;
        s->tile_size = n > s->tile_size ? n : s->tile_size;
        if (s->pieces != NULL) {
            s->pieces[s->n_pieces] =
                (Piece){layer->offset + (size_t)row * (size_t)layer->I, n, layer, row, rows};
        }
        s->n_pieces++;
    }
}

// The padding behind a deferred layer's weights is zero and stays so: it is in no piece.
static void add_pieces(Stepper *s) {
    size_t done = 0;
    s->n_pieces = 0;
    for (int i = 0; i < s->n_deferred; i++) {
        const NnDeferred *layer = &s->deferred[i];
        add_chunks(s, done, layer->offset);
        add_tiles(s, layer);
        done = layer->offset;
        for (int k = 0; k < s->n_segments && done == layer->offset; k++) {
            if (s->segments[k].first == layer->offset) {
                done += s->segments[k].n;
            }
        }
    }
    add_chunks(s, done, s->n_params);
}

static bool new_pieces(Stepper *s) {
    for (int i = 0; s->defers && i < s->n_benches; i++) {
        s->n_deferred = nn_workspace_defer(s->benches[i].work, s->desc.model, s->deferred);
    }
    add_pieces(s);
    s->pieces = mem_new((size_t)s->n_pieces, sizeof *s->pieces);
    if (s->pieces == NULL) {
        return false;
    }
    add_pieces(s);
    for (int i = 0; s->defers && i < s->n_shards; i++) {
        size_t n = (size_t)workers_count(s->desc.workers) * s->tile_size;
        s->tiles[i] = mem_new_aligned(n, sizeof *s->tiles[i]);
        if (s->tiles[i] == NULL) {
            return false;
        }
    }
    return true;
}

static bool new_distil(Stepper *s, NnError *err) {
    const Teachers *teachers = s->desc.teachers;
    if (teachers == NULL || teachers->n == 0) {
        return true;
    }
    s->distil = distil_new(teachers, s->desc.recipe, s->desc.data->n, s->shard_rows,
                           workers_count(s->desc.workers), err);
    return s->distil != NULL;
}

static bool new_blocks(Stepper *s) {
    const NnRecipe *recipe = s->desc.recipe;
    for (int i = 0; i < s->n_shards; i++) {
        s->gradients[i] = mem_new_aligned(nn_model_block_count(s->desc.model), sizeof(float));
        if (s->gradients[i] == NULL) {
            return false;
        }
    }
    size_t n_state = nn_optim_state_count(recipe->optimiser) * s->n_params;
    s->state = mem_new_aligned(n_state, sizeof(float));
    s->squares = mem_new((size_t)s->n_chunks, sizeof *s->squares);
    bool rounds = recipe->precision == NN_PRECISION_BF16;
    s->rounded = rounds ? mem_new_aligned(s->n_params, sizeof *s->rounded) : NULL;
    if (s->state == NULL || s->squares == NULL || (rounds && s->rounded == NULL)) {
        return false;
    }
    memset(s->state, 0, n_state * sizeof(float));
    return true;
}

Stepper *stepper_new(const StepperDesc *desc, NnError *err) {
    const NnRecipe *recipe = desc->recipe;
    Stepper *s = mem_new(1, sizeof *s);
    if (s != NULL) {
        s->desc = *desc;
        s->rounds_first = true;
        s->optim = (NnOptim){
            .kind = recipe->optimiser,
            .momentum = recipe->momentum,
            .beta1 = recipe->beta1,
            .beta2 = recipe->beta2,
            .epsilon = recipe->epsilon,
            .weight_decay = recipe->optimiser == NN_OPTIM_ADAMW ? recipe->weight_decay : 0,
            .l1 = recipe->l1,
            .l2 = recipe->l2,
        };
        s->samples = (Samples){.recipe = recipe,
                               .data = desc->data,
                               .arch = nn_model_arch(desc->model),
                               .seed = desc->seed,
                               .rows = desc->rows,
                               .n_rows = desc->n_rows};
        s->shard_rows = rows_a_shard(recipe->batch);
        s->n_shards = (recipe->batch + s->shard_rows - 1) / s->shard_rows;
        // Clipping needs the whole gradient before any of it is applied.
        s->defers = s->n_shards <= TILE_SHARDS_MAX && recipe->clip_norm <= 0 &&
                    recipe->precision == NN_PRECISION_F32 &&
                    nn_arch_defers(nn_model_arch(desc->model));
        s->n_params = nn_model_trained_count(desc->model);
        s->state_stride = s->n_params;
        s->n_chunks = (int)((s->n_params + CHUNK - 1) / CHUNK);
        list_segments(s);
        if (new_blocks(s) && new_benches(s, err) && new_pieces(s) && new_distil(s, err)) {
            return s;
        }
    }
    nn_fail(err, NN_ERR_NOMEM, "not enough memory to train \"%s\" with batches of %d", recipe->name,
            recipe->batch);
    stepper_free(s);
    return NULL;
}

void stepper_free(Stepper *s) {
    if (s == NULL) {
        return;
    }
    for (int i = 0; s->benches != NULL && i < s->n_benches; i++) {
        nn_workspace_free(s->benches[i].work);
        mem_free(s->benches[i].inputs);
        mem_free(s->benches[i].kinds);
        mem_free(s->benches[i].labels);
        nn_ink_free(s->benches[i].ink);
    }
    distil_free(s->distil);
    for (int i = 0; i < SHARDS_MAX; i++) {
        mem_free(s->gradients[i]);
    }
    for (int i = 0; i < TILE_SHARDS_MAX; i++) {
        mem_free(s->tiles[i]);
    }
    mem_free(s->benches);
    mem_free(s->pieces);
    mem_free(s->state);
    mem_free(s->squares);
    mem_free(s->rounded);
    mem_free(s);
}

float *stepper_state(Stepper *s, size_t *n) {
    *n = nn_optim_state_count(s->optim.kind) * s->n_params;
    s->rounds_first = true;
    return s->state;
}

// --- gradient ------------------------------------------------------------------------------------

static int rows_of_shard(const Stepper *s, int shard) {
    int left = s->batch.n - shard * s->shard_rows;
    return left < s->shard_rows ? left : s->shard_rows;
}

static void grad_piece(void *user, int shard, int worker) {
    Stepper *s = user;
    const Bench *bench = &s->benches[s->defers ? shard : worker];
    int first = shard * s->shard_rows, n = rows_of_shard(s, shard);
    const uint32_t *rows = s->batch.rows + first;
    uint64_t view = samples_view(s->desc.recipe, s->batch.epoch);
    samples_gather(&s->samples, view, rows, n, bench->ink, bench->inputs, bench->labels,
                   bench->kinds);
    DistilShard asked = {bench->inputs, bench->kinds, rows, view, n};
    const NnSoftTargets *soft = s->distil != NULL ? distil_answer(s->distil, worker, &asked) : NULL;
    s->results[shard] =
        nn_grad_shard(s->desc.model, bench->work, bench->inputs, bench->labels, n,
                      1.0f / (float)s->batch.n, s->desc.recipe->label_smoothing, soft, s->desc.seed,
                      s->batch.first_sample + (uint64_t)first, s->gradients[shard]);
}

static void round_piece(void *user, int chunk, int worker) {
    (void)worker;
    Stepper *s = user;
    size_t first = (size_t)chunk * CHUNK;
    size_t n = s->n_params - first < CHUNK ? s->n_params - first : CHUNK;
    bf16_round(s->rounded + first, nn_model_params_const(s->desc.model) + first, n);
}

// --- clipping ------------------------------------------------------------------------------------

// Adds gradients 1 .. n_sums - 1 to the first over one chunk, and returns the sum of squares. Lanes
// that are added in a fixed order let the compiler use vectors and keep the bits.
NN_CLONES
static double add_up(float *restrict total, const float *const *sums, int n_sums, size_t first,
                     size_t n) {
    for (int k = 1; k < n_sums; k++) {
        const float *restrict other = sums[k] + first;
        for (size_t i = 0; i < n; i++) {
            total[i] += other[i];
        }
    }
    float lanes[LANES] = {0};
    for (size_t i = 0; i < n; i += LANES) { // the block is padded to whole lanes
        for (size_t j = 0; j < LANES; j++) {
            lanes[j] += total[i + j] * total[i + j];
        }
    }
    double sum = 0;
    for (int j = 0; j < LANES; j++) {
        sum += (double)lanes[j];
    }
    return sum;
}

static void norm_piece(void *user, int chunk, int worker) {
    (void)worker;
    Stepper *s = user;
    size_t first = (size_t)chunk * CHUNK;
    size_t n = s->n_params - first < CHUNK ? s->n_params - first : CHUNK;
    s->squares[chunk] = add_up(s->gradients[0] + first, s->sums, s->n_sums, first, n);
}

// Shortens the gradient to the recipe's clip_norm where it is longer.
static void clip(Stepper *s) {
    workers_run(s->desc.workers, norm_piece, s, s->n_chunks);
    double sum = 0;
    for (int i = 0; i < s->n_chunks; i++) {
        sum += s->squares[i];
    }
    double norm = sqrt(sum), longest = (double)s->desc.recipe->clip_norm;
    s->grad_scale = norm > longest ? (float)(longest / norm) : 1.0f;
    s->n_sums = 1; // they are all in the first one now
}

// --- optimiser -----------------------------------------------------------------------------------

NN_CLONES
static void follow(float *restrict average, const float *restrict params, size_t n, float share) {
    for (size_t i = 0; i < n; i++) {
        average[i] += share * (params[i] - average[i]);
    }
}

// Parameters base + first and the n - 1 behind it, from gradients that begin at base.
static void update_range(Stepper *s, size_t base, const float *const *sums, int n_sums,
                         size_t first, size_t n, bool is_weight) {
    nn_optim_range(&s->optim, s->batch.learning_rate, s->batch.step + 1, s->grad_scale,
                   nn_model_params(s->desc.model) + base, s->state + base, s->state_stride, sums,
                   n_sums, first, n, is_weight);
}

static void update_chunk(Stepper *s, size_t begin, size_t end) {
    for (int i = 0; i < s->n_segments; i++) {
        const Segment *segment = &s->segments[i];
        size_t first = segment->first > begin ? segment->first : begin;
        size_t last = segment->first + segment->n < end ? segment->first + segment->n : end;
        if (first < last) {
            update_range(s, 0, s->sums, s->n_sums, first, last - first, segment->is_weight);
        }
    }
}

static void update_tile(Stepper *s, const Piece *tile, int worker) {
    const float *sums[TILE_SHARDS_MAX];
    NnWorkspace *works[TILE_SHARDS_MAX];
    float *rows[TILE_SHARDS_MAX];
    NN_ASSERT(s->n_sums >= 1);
    for (int i = 0; i < s->n_sums; i++) {
        sums[i] = rows[i] = s->tiles[i] + (size_t)worker * s->tile_size;
        works[i] = s->benches[i].work;
    }
    int layer = tile->layer->layer, n_sums = 1;
    if (!nn_grad_rows_together(works, s->n_sums, layer, tile->row, tile->rows, rows[0])) {
        for (int i = 0; i < s->n_sums; i++) {
            nn_grad_rows(s->desc.model, works[i], s->benches[i].inputs, rows_of_shard(s, i), layer,
                         tile->row, tile->rows, rows[i]);
        }
        n_sums = s->n_sums;
    }
    update_range(s, tile->first, sums, n_sums, 0, tile->n, true);
}

static void optim_piece(void *user, int index, int worker) {
    Stepper *s = user;
    const Piece *piece = &s->pieces[index];
    if (piece->layer != NULL) {
        update_tile(s, piece, worker);
    } else {
        update_chunk(s, piece->first, piece->first + piece->n);
    }
    const float *params = nn_model_params(s->desc.model) + piece->first;
    if (s->desc.average != NULL) {
        follow(nn_model_params(s->desc.average) + piece->first, params, piece->n, 1.0f - s->ema);
    }
    if (s->rounded != NULL) { // for the next step, while they are at hand
        bf16_round(s->rounded + piece->first, params, piece->n);
    }
}

StepResult stepper_gradient(Stepper *s, const StepBatch *batch) {
    NN_ASSERT(batch->n >= 1 && batch->n <= s->desc.recipe->batch);
    s->batch = *batch;
    s->n_sums = (batch->n + s->shard_rows - 1) / s->shard_rows;
    if (s->rounded != NULL && s->rounds_first) {
        workers_run(s->desc.workers, round_piece, s, s->n_chunks);
        s->rounds_first = false;
    }
    workers_run(s->desc.workers, grad_piece, s, s->n_sums);
    StepResult result = {0};
    for (int i = 0; i < s->n_sums; i++) {
        result.loss += s->results[i].loss;
        result.correct += s->results[i].correct;
        result.labelled += s->results[i].labelled;
        s->sums[i] = s->gradients[i];
    }
    return result;
}

// Running averages of batch normalisation: a few hundred floats, too few to share out. The averaged
// weights take them as they are, being averages already.
static void follow_statistics(Stepper *s) {
    size_t n = nn_model_block_count(s->desc.model) - s->n_params;
    float *params = nn_model_params(s->desc.model);
    nn_optim_statistics(params, s->sums, s->n_sums, s->n_params, n);
    if (s->desc.average != NULL) {
        memcpy(nn_model_params(s->desc.average) + s->n_params, params + s->n_params,
               n * sizeof *params);
    }
}

void stepper_update(Stepper *s) {
    s->grad_scale = 1.0f;
    follow_statistics(s); // first: clipping would leave the shards' sum of gradients alone
    if (s->desc.recipe->clip_norm > 0) {
        clip(s);
    }
    // A young average forgets faster, or it would stay near the random weights for long.
    double age = (double)s->batch.step;
    s->ema = fminf((float)((1.0 + age) / (10.0 + age)), s->desc.recipe->ema);
    workers_run(s->desc.workers, optim_piece, s, s->n_pieces);
}
