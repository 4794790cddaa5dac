// What teachers say of pictures, what a training makes of it, and runs whose teachers go or change.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <math.h>

#include "base/alloc.h"
#include "nn/safetensors.h"
#include "support/near.h"
#include "train/distil.h"
#include "train/run_bench.h"

// A teacher's file: the recipe's network with random weights.
static NnModel *write_teacher(const NnRecipe *recipe, const char *path, uint64_t seed) {
    NnModel *model = nn_model_new(&recipe->arch, NULL);
    assert_non_null(model);
    nn_model_init(model, NN_INIT_HE_NORMAL, seed);
    assert_int_equal(nn_model_save(model, path, NULL, 0, NULL), NN_OK);
    return model;
}

// Standardised differently from the small student's.
static NnRecipe other_inputs(NnRecipe recipe) {
    recipe.arch.input_mean = 0.1307f;
    recipe.arch.input_sd = 0.3081f;
    return recipe;
}

// In the bench's folder, under the recipe's "teachers".
static void add_teacher(const Bench *b, NnRecipe *recipe, const NnRecipe *teacher) {
    NnTeacherNames *names = &recipe->teachers;
    char file[32], path[TEMP_PATH];
    snprintf(file, sizeof file, "teacher-%d.safetensors", names->n);
    temp_path(path, b->root, file);
    nn_model_free(write_teacher(teacher, path, (uint64_t)names->n + 1));
    assert_true(strlen(path) < NN_TEACHER_SIZE);
    snprintf(names->names[names->n++], NN_TEACHER_SIZE, "%.*s", NN_TEACHER_SIZE - 1, path);
}

// A dense one, a convolutional one and another dense one like the first, of other inputs.
static NnRecipe taught(const Bench *b) {
    NnRecipe recipe = b->config.recipe, dense = small_recipe(),
             cnn = other_inputs(small_cnn_recipe());
    NnRecipe other = other_inputs(dense);
    add_teacher(b, &recipe, &dense);
    add_teacher(b, &recipe, &cnn);
    add_teacher(b, &recipe, &other);
    recipe.distil_weight = 0.7f;
    recipe.distil_temperature = 3.0f;
    recipe.distil_mixup = 0.3f;
    return recipe;
}

// --- answers -------------------------------------------------------------------------------------

static void check_answers(const Bench *b, NnPrecision precision, double tolerance) {
    enum { ROWS = 77 }; // more than a convolutional teacher is shown at a time
    NnRecipe recipe = taught(b);
    recipe.precision = precision;
    Teachers teachers;
    assert_int_equal(teachers_load(&teachers, &recipe.teachers, NULL), NN_OK);
    Distil *distil = distil_new(&teachers, &recipe, ROWS, ROWS, 2, NULL);
    assert_non_null(distil);
    static float inputs[ROWS * NN_PIXELS];
    nn_standardise(&recipe.arch, inputs, b->data.images, ROWS);
    uint64_t before = mem_request_count();
    SampleKind kinds[ROWS] = {[1] = SAMPLE_BLEND, [2] = SAMPLE_STYLE, [3] = SAMPLE_NON_DIGIT};
    uint32_t samples[ROWS] = {0};
    const NnSoftTargets *soft =
        distil_answer(distil, 1, &(DistilShard){inputs, kinds, samples, 0, ROWS});
    assert_int_equal(mem_request_count(), before);
    const double weights[] = {0.7, 1, 0, 0,
                              0.7}; // of the data, blended, drawn, no digit, of the data
    for (size_t row = 0; row < sizeof weights / sizeof weights[0]; row++) {
        assert_near(soft->weights[row], weights[row], 1e-7, "weight", row);
    }
    assert_near(soft->temperature, 3, 0, "temperature", 0);
    for (size_t row = 0; row < ROWS; row++) {
        double expected[NN_CLASSES] = {0};
        if (soft->weights[row] == 0) {
            continue;
        }
        for (int i = 0; i < teachers.n; i++) {
            NnWorkspace *work = nn_workspace_new(teachers.models[i], 1, false, NULL);
            const float *z =
                nn_forward_bytes(teachers.models[i], work, b->data.images + row * NN_PIXELS, 1);
            double sum = 0;
            for (int c = 0; c < NN_CLASSES; c++) {
                sum += exp((double)z[c] / 3.0);
            }
            for (int c = 0; c < NN_CLASSES; c++) {
                expected[c] += exp((double)z[c] / 3.0) / sum / teachers.n;
            }
            nn_workspace_free(work);
        }
        for (size_t c = 0; c < NN_CLASSES; c++) {
            assert_near(soft->probabilities[row * NN_CLASSES + c], expected[c], tolerance, "answer",
                        row);
        }
    }
    distil_free(distil);
    teachers_release(&teachers);
    distil_free(NULL);
}

static void answers_are_the_mean_of_what_each_teacher_says_of_the_same_pictures(void **state) {
    check_answers(*state, NN_PRECISION_F32, 2e-6);
}

static void they_are_in_bf16_but_for_rounding(void **state) {
    check_answers(*state, NN_PRECISION_BF16, 0.01);
}

// Kept answers are asked beside other pictures when a run is taken up.
static void check_answers_apart(const Bench *b, NnPrecision precision) {
    enum { ROWS = 77, FEW = 5 };
    NnRecipe recipe = taught(b);
    recipe.precision = precision;
    Teachers teachers;
    assert_int_equal(teachers_load(&teachers, &recipe.teachers, NULL), NN_OK);
    Distil *distil = distil_new(&teachers, &recipe, ROWS, ROWS, 2, NULL);
    assert_non_null(distil);
    static float inputs[ROWS * NN_PIXELS];
    nn_standardise(&recipe.arch, inputs, b->data.images, ROWS);
    SampleKind kinds[ROWS] = {SAMPLE_DATA};
    uint32_t samples[ROWS] = {0};
    const float *together =
        distil_answer(distil, 0, &(DistilShard){inputs, kinds, samples, 0, ROWS})->probabilities;
    for (size_t first = 0; first + FEW <= ROWS; first++) {
        const float *few =
            distil_answer(distil, 1,
                          &(DistilShard){inputs + first * NN_PIXELS, kinds, samples, 0, FEW})
                ->probabilities;
        assert_memory_equal(few, together + first * NN_CLASSES,
                            FEW * NN_CLASSES * sizeof *together);
    }
    distil_free(distil);
    teachers_release(&teachers);
}

static void an_answer_does_not_depend_on_the_pictures_beside_it(void **state) {
    check_answers_apart(*state, NN_PRECISION_F32);
}

static void nor_does_it_in_bf16(void **state) {
    check_answers_apart(*state, NN_PRECISION_BF16);
}

static void a_kept_answer_is_given_again_for_the_same_view_alone(void **state) {
    const Bench *b = *state;
    NnRecipe recipe = taught(b);
    recipe.distil_views = 2;
    Teachers teachers;
    assert_int_equal(teachers_load(&teachers, &recipe.teachers, NULL), NN_OK);
    Distil *distil = distil_new(&teachers, &recipe, 3, 1, 1, NULL);
    assert_non_null(distil);
    static float inputs[2 * NN_PIXELS];
    nn_standardise(&recipe.arch, inputs, b->data.images, 2);
    SampleKind kind = SAMPLE_DATA;
    float first[NN_CLASSES], other[NN_CLASSES];
    DistilShard shard = {inputs, &kind, &(uint32_t){2}, 1, 1};
    memcpy(first, distil_answer(distil, 0, &shard)->probabilities, sizeof first);
    shard.inputs = inputs + NN_PIXELS; // were the picture another one, nobody would look
    assert_memory_equal(distil_answer(distil, 0, &shard)->probabilities, first, sizeof first);
    shard.view = 0;
    memcpy(other, distil_answer(distil, 0, &shard)->probabilities, sizeof other);
    assert_memory_not_equal(other, first, sizeof first);
    shard.view = 1;
    shard.samples = &(uint32_t){1};
    assert_memory_equal(distil_answer(distil, 0, &shard)->probabilities, other, sizeof other);
    distil_free(distil);
    teachers_release(&teachers);
}

// --- training ------------------------------------------------------------------------------------

// Killed after so many steps, too.
static void check_bits(Bench *b, NnPrecision precision, int views, int epochs, int steps) {
    NnRecipe recipe = taught(b);
    recipe.precision = precision;
    recipe.distil_views = views;
    recipe.batch = 100;
    recipe.epochs = epochs;
    recipe.augment =
        (NnAugment){.rotation_deg = 10, .shift_px = 1, .elastic_px = 1, .elastic_sigma = 5};
    recipe.styles = 0.2f;
    recipe.non_digits = 0.1f;
    recipe.patience = 3;
    const int threads[] = {1, 2, 3, 8};
    char first[65] = "", hash[65];
    for (size_t i = 0; i < sizeof threads / sizeof threads[0]; i++) {
        NnTrainer *trainer = nn_trainer_new(
            &(NnTrainerDesc){
                .recipe = &recipe, .train = &b->data, .seed = 7, .threads = threads[i]},
            NULL);
        assert_non_null(trainer);
        assert_int_equal(nn_trainer_run(trainer, NULL, NULL), NN_OK);
        nn_model_sha256(nn_trainer_model(trainer), i == 0 ? first : hash);
        assert_true(i == 0 || strcmp(hash, first) == 0);
        nn_trainer_free(trainer);
    }
    b->config.recipe = recipe; // and kept, killed and taken up
    b->config.recipe.teachers.n = 0;
    b->config.seed = 7;
    expected_hash(b, hash);
    assert_string_not_equal(hash, first); // than without teachers
    b->config.recipe = recipe;
    train_for(b, steps);
    train_for(b, -1);
    assert_string_equal(result_of(b->folder).weights_sha256, first);
    char path[TEMP_PATH]; // and the network says whose student it is
    NnModel *student = nn_model_load(temp_path(path, b->folder, "best.safetensors"), NULL);
    Teachers teachers;
    assert_int_equal(teachers_load(&teachers, &recipe.teachers, NULL), NN_OK);
    assert_string_equal(nn_model_note(student, "teachers"), teachers.note);
    assert_non_null(strstr(teachers.note, "teacher-2.safetensors "));
    assert_null(strchr(teachers.note, '/'));
    teachers_release(&teachers);
    nn_model_free(student);
}

static void a_taught_student_has_the_same_bits_on_any_number_of_threads(void **state) {
    check_bits(*state, NN_PRECISION_F32, 0, 2, 4);
}

static void it_has_them_where_pictures_come_again_and_answers_are_asked_anew(void **state) {
    check_bits(*state, NN_PRECISION_F32, 2, 5, 11);
}

static void and_so_it_does_in_bf16(void **state) {
    check_bits(*state, NN_PRECISION_BF16, 2, 3, 11);
}

static void a_student_learns_what_its_teacher_knows_without_the_labels(void **state) {
    Bench *b = *state;
    NnRecipe recipe = small_recipe();
    recipe.epochs = 20;
    recipe.learning_rate = 0.005f;
    NnTrainer *teacher = nn_trainer_new(
        &(NnTrainerDesc){.recipe = &recipe, .train = &b->data, .seed = 1, .threads = 1}, NULL);
    assert_int_equal(nn_trainer_run(teacher, NULL, NULL), NN_OK);
    char path[TEMP_PATH];
    temp_path(path, b->root, "teacher.safetensors");
    assert_int_equal(nn_model_save(nn_trainer_model(teacher), path, NULL, 0, NULL), NN_OK);
    nn_trainer_free(teacher);

    NnDataset wrong = synthetic(N, 1, 20), test = synthetic(N, 9, 0);
    memset(wrong.labels, 0, wrong.n); // no label says anything
    recipe.teachers.n = 1;
    snprintf(recipe.teachers.names[0], NN_TEACHER_SIZE, "%.*s", NN_TEACHER_SIZE - 1, path);
    recipe.distil_weight = 1.0f;
    recipe.distil_temperature = 4.0f;
    recipe.epochs = 40;
    NnTrainer *student = nn_trainer_new(
        &(NnTrainerDesc){.recipe = &recipe, .train = &wrong, .seed = 2, .threads = 1}, NULL);
    assert_int_equal(nn_trainer_run(student, NULL, NULL), NN_OK);
    assert_true(nn_trainer_progress(student).train_loss < 0.5); // a divergence; entropy is far more
    static float logits[N * NN_CLASSES];
    NnMetrics metrics;
    assert_int_equal(nn_evaluate(nn_trainer_model(student), &test, 1, logits, NULL, NULL, NULL),
                     NN_OK);
    nn_metrics_compute(&metrics, logits, test.labels, test.n, 1.0f);
    assert_true(metrics.accuracy > 0.9);
    nn_trainer_free(student);
    synthetic_release(&wrong);
    synthetic_release(&test);
}

static void a_step_with_teachers_allocates_nothing(void **state) {
    const Bench *b = *state;
    NnRecipe recipe = taught(b);
    recipe.batch = 100;
    NnTrainer *trainer = nn_trainer_new(
        &(NnTrainerDesc){.recipe = &recipe, .train = &b->data, .seed = 1, .threads = 2}, NULL);
    assert_int_equal(nn_trainer_step(trainer, NULL, NULL), NN_OK);
    uint64_t before = mem_request_count();
    for (int i = 0; i < 6; i++) { // the last batch of an epoch, which is smaller, among them
        assert_int_equal(nn_trainer_step(trainer, NULL, NULL), NN_OK);
    }
    assert_int_equal(mem_request_count(), before);
    nn_trainer_free(trainer);
}

// --- teachers that know the answers --------------------------------------------------------------

typedef struct {
    const char *title, *seed, *validation, *fold,
        *data; // as the teacher's file has them; NULL: not
    int student_validation, folds, fold_at;
    const char *said; // NULL: nothing is
} SeenRow;

static SeenRow seen_rows[] = {
    {"a teacher of the same split", "3", "60", NULL, "set", 60, 0, 0, NULL},
    {"a teacher that held out more", "3", "90", NULL, "set", 60, 0, 0, NULL},
    {"a teacher that held out fewer", "3", "45", NULL, "set", 60, 0, 0, "15 of the 60 pictures"},
    {"a teacher of all pictures", "3", "0", NULL, "set", 60, 0, 0, "60 of the 60 pictures"},
    {"a teacher of another seed", "4", "60", NULL, "set", 60, 0, 0, " of the 60 pictures"},
    {"a teacher of other pictures", "3", "0", NULL, "other", 60, 0, 0, NULL},
    {"a teacher of the same fold", "3", "0", "2 of 5", "set", 0, 5, 2, NULL},
    {"a teacher of another fold", "3", "0", "1 of 5", "set", 0, 5, 2, "60 of the 60 pictures"},
    {"a teacher that does not say", NULL, NULL, NULL, NULL, 60, 0, 0, "it is not known which"},
    {"a teacher without a split in its file", "3", NULL, NULL, "set", 60, 0, 0, "not known"},
    {"a teacher whose split is no number", "3", "many", NULL, "set", 60, 0, 0, "not known"},
    {"a teacher of a fold there is not", "3", "0", "9 of 5", "set", 0, 5, 2, "not known"},
    {"a student that holds out nothing", "3", "0", NULL, "set", 0, 0, 0, NULL},
};

static void run_seen(void **state) {
    const SeenRow *row = *state;
    void *bench;
    assert_int_equal(set_up(&bench), 0);
    Bench *b = bench;
    (void)snprintf(b->data.images_sha256, sizeof b->data.images_sha256, "set");
    NnRecipe recipe = b->config.recipe;
    recipe.validation = row->student_validation;
    recipe.folds = row->folds;
    recipe.fold = row->fold_at;
    char path[TEMP_PATH];
    temp_path(path, b->root, "teacher.safetensors");
    NnModel *model = nn_model_new(&recipe.arch, NULL);
    NnNote notes[6];
    size_t n = 0;
    const NnNote all[] = {{"seed", row->seed},
                          {"validation", row->validation},
                          {"fold", row->fold},
                          {"data", row->data != NULL ? "synthetic train" : NULL},
                          {"data_images_sha256", row->data},
                          {"data_labels_sha256", row->data}};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (all[i].value != NULL) {
            notes[n++] = all[i];
        }
    }
    assert_int_equal(nn_model_save(model, path, notes, n, NULL), NN_OK);
    nn_model_free(model);
    recipe.teachers.n = 1;
    snprintf(recipe.teachers.names[0], NN_TEACHER_SIZE, "%.*s", NN_TEACHER_SIZE - 1, path);
    NnError err = {0};
    NnTrainer *trainer = nn_trainer_new(
        &(NnTrainerDesc){.recipe = &recipe, .train = &b->data, .seed = 3, .threads = 1}, &err);
    if (trainer == NULL) {
        fail_msg("%s", err.message);
    }
    const char *caution = nn_trainer_caution(trainer);
    bool right = row->said == NULL ? caution == NULL
                                   : caution != NULL && strstr(caution, row->said) != NULL &&
                                         strstr(caution, "teacher.safetensors") != NULL &&
                                         strchr(caution, '/') == NULL;
    if (!right) {
        fail_msg("said: %s", caution != NULL ? caution : "nothing");
    }
    nn_trainer_free(trainer);
    (void)tear_down(&bench);
}

// A file of ours says enough for it.
static void a_student_of_our_own_file_is_cautioned(void **state) {
    Bench *b = *state;
    (void)snprintf(b->data.images_sha256, sizeof b->data.images_sha256, "%064d", 1);
    (void)snprintf(b->data.labels_sha256, sizeof b->data.labels_sha256, "%064d", 2);
    train_for(b, -1);
    NnRecipe recipe = b->config.recipe;
    char path[TEMP_PATH];
    temp_path(path, b->folder, "last.safetensors");
    recipe.teachers.n = 1;
    snprintf(recipe.teachers.names[0], NN_TEACHER_SIZE, "%.*s", NN_TEACHER_SIZE - 1, path);
    for (uint64_t seed = 3; seed < 5; seed++) {
        NnTrainer *trainer = nn_trainer_new(
            &(NnTrainerDesc){.recipe = &recipe, .train = &b->data, .seed = seed, .threads = 1},
            NULL);
        assert_non_null(trainer);
        const char *caution = nn_trainer_caution(trainer);
        assert_int_equal(caution != NULL, seed != b->config.seed);
        assert_true(caution == NULL || strstr(caution, "of the 60 pictures") != NULL);
        nn_trainer_free(trainer);
    }
}

// --- teachers that cannot teach ------------------------------------------------------------------

typedef struct {
    const char *title, *teacher;
    NnStatus status;
    const char *says;
} BadTeacher;

static BadTeacher bad_teachers[] = {
    {"a name that no network has", "no-such-network", NN_ERR_NOT_FOUND, "no-such-network"},
    {"a path where nothing is", "/no/such/file.safetensors", NN_ERR_NOT_FOUND, "/no/such/file"},
    {"a file that is no weight file", TEST_FIXTURES "/make_torch.py", NN_ERR_FORMAT,
     "make_torch.py"},
    {"a folder", TEST_FIXTURES "/", NN_ERR_FORMAT, "is a folder"},
};

static void run_bad_teacher(void **state) {
    const BadTeacher *row = *state;
    NnDataset data = synthetic(50, 1, 0);
    NnRecipe recipe = small_recipe();
    recipe.teachers.n = 1;
    snprintf(recipe.teachers.names[0], NN_TEACHER_SIZE, "%.*s", NN_TEACHER_SIZE - 1, row->teacher);
    NnError err = {0};
    assert_null(nn_trainer_new(&(NnTrainerDesc){.recipe = &recipe, .train = &data}, &err));
    if (err.status != row->status || strstr(err.message, row->says) == NULL ||
        strstr(err.message, "\"teachers\"") == NULL || err.hint[0] == '\0') {
        fail_msg("status %d: %s (%s)", (int)err.status, err.message, err.hint);
    }
    synthetic_release(&data);
}

// A tensor file whose layers do not lead from 784 pixels to ten classes.
static void a_network_of_other_classes_cannot_teach(void **state) {
    const Bench *b = *state;
    char path[TEMP_PATH];
    float values[3 * NN_PIXELS] = {0};
    const NnTensor tensors[] = {
        {.name = "fc1.weight",
         .rank = 2,
         .shape = {3, NN_PIXELS},
         .count = 3 * NN_PIXELS,
         .data = values},
        {.name = "fc1.bias", .rank = 1, .shape = {3}, .count = 3, .data = values},
    };
    assert_int_equal(
        nn_tensors_write(temp_path(path, b->root, "three.safetensors"), tensors, 2, NULL, 0, NULL),
        NN_OK);
    NnTeacherNames names = {.n = 1};
    snprintf(names.names[0], NN_TEACHER_SIZE, "%.*s", NN_TEACHER_SIZE - 1, path);
    Teachers teachers;
    NnError err = {0};
    assert_int_equal(teachers_load(&teachers, &names, &err), NN_ERR_SHAPE);
    assert_non_null(strstr(err.message, "three.safetensors"));
    assert_non_null(strstr(err.hint, "10 classes"));
}

// --- kept runs -----------------------------------------------------------------------------------

// err receives why a run of the bench's settings cannot be opened.
static void refused(const Bench *b, const NnRunDesc *changes, NnError *err) {
    NnRunDesc desc = desc_of(b, NULL);
    if (changes != NULL) {
        desc.folder = changes->folder;
        desc.branch_of = changes->branch_of;
        desc.branch_epoch = changes->branch_epoch;
    }
    *err = (NnError){0};
    assert_null(nn_run_new(&desc, err));
}

static void a_run_whose_teacher_has_changed_is_not_taken_up(void **state) {
    Bench *b = *state;
    b->config.recipe = taught(b);
    train_for(b, 5);
    char path[TEMP_PATH], kept[TEMP_PATH], branch[TEMP_PATH];
    temp_path(path, b->root, "teacher-1.safetensors");
    temp_path(kept, b->root, "kept.safetensors");
    assert_int_equal(rename(path, kept), 0);
    NnError err;
    refused(b, NULL, &err);
    assert_int_equal(err.status, NN_ERR_NOT_FOUND);
    NnRecipe cnn = small_cnn_recipe();
    nn_model_free(write_teacher(&cnn, path, 99));
    refused(b, NULL, &err);
    assert_int_equal(err.status, NN_ERR_USAGE);
    assert_non_null(strstr(err.message, "teacher-1.safetensors has changed"));
    temp_path(branch, b->root, "branch");
    const NnRunDesc changes = {.folder = branch, .branch_of = b->folder, .branch_epoch = 1};
    refused(b, &changes, &err);
    assert_non_null(strstr(err.message, "has changed"));

    NnTeacherNames *names = &b->config.recipe.teachers;
    names->n = 2; // other teachers are another run
    refused(b, NULL, &err);
    assert_non_null(strstr(err.message, "\"teachers\""));
    names->n = 3;
    assert_int_equal(rename(kept, path), 0);
    train_for(b, -1);
    assert_int_equal(result_of(b->folder).state, NN_RUN_DONE);
}

#define AROUND(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    enum {
        N_OTHERS = 13,
        N_BAD = sizeof bad_teachers / sizeof bad_teachers[0],
        N_SEEN = sizeof seen_rows / sizeof seen_rows[0]
    };
    struct CMUnitTest tests[N_OTHERS + N_BAD + N_SEEN] = {
        AROUND(answers_are_the_mean_of_what_each_teacher_says_of_the_same_pictures),
        AROUND(they_are_in_bf16_but_for_rounding),
        AROUND(an_answer_does_not_depend_on_the_pictures_beside_it),
        AROUND(nor_does_it_in_bf16),
        AROUND(a_kept_answer_is_given_again_for_the_same_view_alone),
        AROUND(a_taught_student_has_the_same_bits_on_any_number_of_threads),
        AROUND(it_has_them_where_pictures_come_again_and_answers_are_asked_anew),
        AROUND(and_so_it_does_in_bf16),
        AROUND(a_student_learns_what_its_teacher_knows_without_the_labels),
        AROUND(a_step_with_teachers_allocates_nothing),
        AROUND(a_network_of_other_classes_cannot_teach),
        AROUND(a_run_whose_teacher_has_changed_is_not_taken_up),
        AROUND(a_student_of_our_own_file_is_cautioned),
    };
    for (int i = 0; i < N_BAD; i++) {
        tests[N_OTHERS + i] = (struct CMUnitTest){.name = bad_teachers[i].title,
                                                  .test_func = run_bad_teacher,
                                                  .initial_state = &bad_teachers[i]};
    }
    for (int i = 0; i < N_SEEN; i++) {
        tests[N_OTHERS + N_BAD + i] = (struct CMUnitTest){
            .name = seen_rows[i].title, .test_func = run_seen, .initial_state = &seen_rows[i]};
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
