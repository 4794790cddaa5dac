#include "train/gauge.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "nn/kernels.h"
#include "nn/kernels_bf16.h"
#include "nn/trainer.h"
#include "train/workers.h"

double gauge_sample_flops(const NnArch *arch) {
    double sum = 0;
    for (int i = 0; i < arch->n_layers; i++) {
        const NnLayer *layer = &arch->layers[i];
        int source = layer->from > 0 ? layer->from - 1 : i - 1;
        double products = 0;
        if (layer->kind == NN_LAYER_DENSE) {
            products = (double)layer->n_in * layer->n_out;
        } else if (layer->kind == NN_LAYER_CONV) {
            int patch = nn_arch_shape(arch, source).channels * layer->kernel * layer->kernel;
            products = (double)layer->n_out * patch;
        }
        sum += 2 * products * (source < 0 ? 2 : 3);
    }
    return sum;
}

// --- the machine ---------------------------------------------------------------------------------

enum { GEMM_B = 256, GEMM_O = 512, GEMM_I = 784, PIECES_A_WORKER = 2, PRODUCTS_A_PIECE = 4 };

// What one worker multiplies: (B, I) (O, I) (B, O).
typedef struct {
    float *in, *weight, *out;
    KernelsBf16 *product; // NULL: in float32
    Bf16 *in16, *weight16;
} GemmBench;

static void multiply_piece(void *user, int piece, int worker) {
    (void)piece;
    const GemmBench *bench = (GemmBench *)user + worker;
    for (int i = 0; i < PRODUCTS_A_PIECE; i++) {
        if (bench->product != NULL) {
            kernels_bf16_dense_forward(bench->product, bench->out, bench->in16, bench->weight16,
                                       GEMM_B);
        } else {
            kernels_gemm(false, true, GEMM_B, GEMM_O, GEMM_I, bench->in, GEMM_I, bench->weight,
                         GEMM_I, 0.0f, bench->out, GEMM_O);
        }
    }
}

static float *filled(size_t n) {
    float *values = mem_new_aligned(n, sizeof *values);
    for (size_t i = 0; values != NULL && i < n; i++) {
        values[i] = 0.001f * (float)(i % 997);
    }
    return values;
}

static Bf16 *rounded(const float *values, size_t n) {
    Bf16 *to = mem_new_aligned(n, sizeof *to);
    if (to != NULL) {
        bf16_round(to, values, n);
    }
    return to;
}

static bool gemm_bench_init(GemmBench *bench, NnPrecision precision) {
    size_t n_in = (size_t)GEMM_B * GEMM_I, n_weight = (size_t)GEMM_O * GEMM_I;
    bench->in = filled(n_in);
    bench->weight = filled(n_weight);
    bench->out = filled((size_t)GEMM_B * GEMM_O);
    if (bench->in == NULL || bench->weight == NULL || bench->out == NULL) {
        return false;
    }
    if (precision == NN_PRECISION_F32) {
        return true;
    }
    bench->product = kernels_bf16_dense_new(GEMM_I, GEMM_O, GEMM_B);
    bench->in16 = rounded(bench->in, n_in);
    bench->weight16 = rounded(bench->weight, n_weight);
    return bench->product != NULL && bench->in16 != NULL && bench->weight16 != NULL;
}

static void gemm_bench_release(GemmBench *bench) {
    kernels_bf16_free(bench->product);
    mem_free(bench->in);
    mem_free(bench->weight);
    mem_free(bench->out);
    mem_free(bench->in16);
    mem_free(bench->weight16);
}

static double time_products(Workers *workers, GemmBench *benches, double seconds) {
    int pieces = PIECES_A_WORKER * workers_count(workers);
    double flops = 2.0 * GEMM_B * GEMM_O * GEMM_I * PRODUCTS_A_PIECE * pieces;
    double best = 0, end = clock_s() + seconds, start;
    do {
        start = clock_s();
        workers_run(workers, multiply_piece, benches, pieces);
        best = fmax(best, flops / (clock_s() - start));
    } while (clock_s() < end);
    return best;
}

double gauge_gemm_rate(NnPrecision precision, int threads, double seconds) {
    kernels_thread_begin();
    Workers *workers = workers_new(threads, NULL);
    int n = workers != NULL ? workers_count(workers) : 0;
    GemmBench *benches = mem_new((size_t)n, sizeof *benches);
    bool ready = workers != NULL && benches != NULL;
    for (int i = 0; ready && i < n; i++) {
        ready = gemm_bench_init(&benches[i], precision);
    }
    double rate = ready ? time_products(workers, benches, seconds) : 0;
    for (int i = 0; benches != NULL && i < n; i++) {
        gemm_bench_release(&benches[i]);
    }
    mem_free(benches);
    workers_free(workers);
    return rate;
}

// Linux keeps the largest resident size of a process, and forgets it when told so.
static void forget_peak(void) {
    FILE *file = fopen("/proc/self/clear_refs", "w");
    if (file != NULL) {
        (void)fputs("5", file);
        (void)fclose(file);
    }
}

static double peak_mb(void) {
    FILE *file = fopen("/proc/self/status", "r");
    char line[256];
    double kb = 0;
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "VmHWM:", 6) == 0) {
            kb = strtod(line + 6, NULL);
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return kb / 1024;
}

// --- a recipe ------------------------------------------------------------------------------------

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, int n) {
    qsort(values, (size_t)n, sizeof *values, by_size);
    return (values[n / 2] + values[(n - 1) / 2]) / 2;
}

// Seconds of each epoch done, how many they are, and the least processor time one took.
static NnStatus time_epochs(NnTrainer *trainer, const GaugePlan *plan, double samples,
                            double *epoch_s, double *cpu_s_min, int *n, NnError *err) {
    NnObserver observer = {.should_stop = plan->should_stop, .user = plan->user};
    double end = clock_s() + plan->seconds, cpu_s = clock_cpu_s();
    *n = 0;
    *cpu_s_min = 0;
    while (!nn_trainer_finished(trainer) && clock_s() < end) {
        NnStatus status = nn_trainer_step(trainer, &observer, err);
        if (status != NN_OK) {
            return status;
        }
        NnProgress p = nn_trainer_progress(trainer);
        if (p.epoch_done) {
            double now = clock_cpu_s();
            *cpu_s_min = *n == 0 ? now - cpu_s : fmin(*cpu_s_min, now - cpu_s);
            cpu_s = now;
            epoch_s[(*n)++] = samples / p.samples_per_s;
        }
    }
    return NN_OK;
}

NnStatus gauge_training(const NnRecipe *recipe, const NnDataset *data, const GaugePlan *plan,
                        Gauge *gauge, NnError *err) {
    NnRecipe timed = *recipe;
    timed.epochs = plan->epochs < GAUGE_EPOCHS_MAX ? plan->epochs : GAUGE_EPOCHS_MAX;
    timed.patience = 0;
    forget_peak();
    NnTrainer *trainer = nn_trainer_new(
        &(NnTrainerDesc){.recipe = &timed, .train = data, .seed = 1, .threads = plan->threads},
        err);
    if (trainer == NULL) {
        return NN_ERR_FAILED;
    }
    double epoch_s[GAUGE_EPOCHS_MAX], cpu_s_min, samples = (double)data->n - recipe->validation;
    int n;
    NnStatus status = time_epochs(trainer, plan, samples, epoch_s, &cpu_s_min, &n, err);
    int warm_up = timed.epochs > 1;
    *gauge = (Gauge){.epochs = n > warm_up ? n - warm_up : 0, .samples = (size_t)samples};
    if (gauge->epochs == 0) {
        epoch_s[0] = samples / fmax(nn_trainer_progress(trainer).samples_per_s, 1);
    }
    double *counted = gauge->epochs > 0 ? epoch_s + warm_up : epoch_s;
    gauge->epoch_s_median = median(counted, gauge->epochs > 0 ? gauge->epochs : 1);
    gauge->epoch_s_min = counted[0]; // they are in order now
    memcpy(gauge->epoch_s, counted, (size_t)gauge->epochs * sizeof *counted);
    gauge->samples_per_s = samples / gauge->epoch_s_min;
    gauge->flops = gauge->samples_per_s * gauge_sample_flops(&recipe->arch);
    gauge->epoch_cpu_s = cpu_s_min;
    gauge->resident_mb = peak_mb();
    nn_trainer_free(trainer);
    return status;
}
