// trainer_state.h - what a trainer has to remember to go on with the same bits, for checkpoints.
//
// Every random number is a function of (seed, purpose, position), so beside the weights and the
// optimiser's state a few counters are all there is. Private to src/train.

#ifndef NN_TRAIN_TRAINER_STATE_H
#define NN_TRAIN_TRAINER_STATE_H

#include "nn/trainer.h"

typedef struct {
    int epoch;                  // being trained, from 1; 0 before the first
    int step;                   // batches done in it
    bool epoch_done;            // nothing of it is left to do
    uint64_t steps_done;        // of the whole run
    double loss;                // sum over the epoch's samples so far
    uint64_t correct, labelled; // answered rightly, of those with a right answer
    double val_loss, val_accuracy, best_score;
    int best_epoch;
    double seconds; // of training; no bit depends on it
} TrainerPosition;

// The live blocks, to be read or overwritten between two steps. Valid as long as the trainer.
typedef struct {
    size_t n;       // floats of a set of weights
    float *model;   // (n)
    float *average; // (n), NULL: the recipe has none
    float *best;    // (n), NULL: the result is the newest weights, not those of an earlier epoch
    float *optim;   // (n_optim)
    size_t n_optim; // may be 0
    TrainerPosition position;
} TrainerState;

TrainerState trainer_state(NnTrainer *trainer);

// Takes the position over after the blocks have been overwritten.
void trainer_move(NnTrainer *t, const TrainerPosition *to);

// Back to the start: the weights that the seed gives.
void trainer_restart(NnTrainer *trainer);

// What training begins with: the recipe's "start", or else drawn by its seed. model has the recipe's layers.
void trainer_first_weights(const NnTrainer *trainer, NnModel *model);

// Where weights of an earlier epoch go before trainer_move, (n). The result's own.
float *trainer_best_block(NnTrainer *trainer);

// Whether the optimiser goes on from a state of another one's: Adam and AdamW keep the same two
// averages, momentum and Nesterov the same one.
bool trainer_takes_optimiser(const NnTrainer *trainer, NnOptimKind from);

// Two trainers with the same validation split: each gets the other's copy of its pictures.
void trainer_swap_validation(NnTrainer *a, NnTrainer *b);

size_t trainer_sample_count(const NnTrainer *trainer); // trained on, validation not counted

// What ends nn_trainer_run: the newest weights become the result where the recipe does not ask for
// the best epoch's and they are good, and the result's temperature and threshold are fitted, unless
// should_stop (may be NULL) says that there is no time for it.
void trainer_settle(NnTrainer *trainer, bool diverged, bool (*should_stop)(void *user), void *user);

// --- changes of the learning rate ----------------------------------------------------------------

// From this step of the run on the schedule's rate is multiplied by factor.
typedef struct {
    uint64_t step;
    double factor;
} RateChange;

// Adds one, or replaces the one of the same step. Steps do not fall.
NnStatus trainer_add_rate(NnTrainer *trainer, RateChange change, NnError *err) NN_MUST_CHECK;
const RateChange *trainer_rates(const NnTrainer *trainer, size_t *n);
double trainer_rate_factor(const NnTrainer *trainer); // in force for the next step
void trainer_forget_rates(NnTrainer *trainer, uint64_t from_step);

#endif
