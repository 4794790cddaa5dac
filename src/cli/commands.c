// commands.c - the table of subcommands. Whoever adds an option adds a line here; parser, help, man
// page and completions follow, and tests/cli/test_table.c compares them.

#include "cli/command.h"

#include <string.h>

#include "cli/run.h"

#define VIEWS "draw|train|errors|data"
#define OPT_MODEL                                                                                  \
    {                                                                                              \
        .name = "model", .letter = 'm', .kind = VALUE_MODEL, .value = "MODEL",                     \
        .help = "weight file or shipped network (inkling-mlp)"                                     \
    }
#define OPT_JSON                                                                                   \
    { .name = "json", .help = "one JSON object on stdout" }
#define OPT_THREADS                                                                                \
    {                                                                                              \
        .name = "threads", .kind = VALUE_INT, .value = "N", .high = 256,                           \
        .help = "worker threads; 0: all cores (0). Results do not depend on it"                    \
    }
#define OPT_PREDICTIONS                                                                            \
    {                                                                                              \
        .name = "predictions", .kind = VALUE_FILE, .value = "CSV",                                 \
        .help = "write index,label,predicted,p0..p9 to CSV"                                        \
    }
#define OPT_SIZE                                                                                   \
    {                                                                                              \
        .name = "size", .kind = VALUE_SIZE, .value = "WxH", .low = 320, .high = 8192,              \
        .help = "size in pixels before scaling (1280x800)"                                         \
    }
#define OPT_SCALE                                                                                  \
    {                                                                                              \
        .name = "scale", .kind = VALUE_REAL, .value = "N", .low = 0.5, .high = 4,                  \
        .help = "device pixels for each pixel"                                                     \
    }
#define OPT_THEME                                                                                  \
    {                                                                                              \
        .name = "theme", .kind = VALUE_CHOICE, .value = "THEME", .choices = "light|dark",          \
        .help = "light or dark"                                                                    \
    }
#define OPT_RENDERER                                                                               \
    {                                                                                              \
        .name = "renderer", .kind = VALUE_CHOICE, .value = "NAME",                                 \
        .choices = "software|accelerated",                                                         \
        .help = "how frames reach the screen: software or accelerated (software)"                  \
    }
#define OPT_PROJECTOR                                                                              \
    { .name = "projector", .help = "large type and thick lines, for a classroom" }

#define OPT_PANEL                                                                                  \
    {                                                                                              \
        .name = "panel", .kind = VALUE_CHOICE, .value = "PANEL",                                   \
        .choices = "steps|why|looks|time",                                                         \
        .help = "panel of Draw to open: steps, why, looks or time"                                 \
    }
#define OPT_FONT                                                                                   \
    {                                                                                              \
        .name = "font", .kind = VALUE_FILE, .value = "FILE",                                       \
        .help = "font file for the text (Inter or DejaVu)"                                         \
    }

static const Option errors_options[] = {
    OPT_MODEL,
    OPT_SIZE,
    OPT_SCALE,
    OPT_THEME,
    OPT_PROJECTOR,
    OPT_RENDERER,
    OPT_FONT,
    {.name = "log",
     .kind = VALUE_FILE,
     .value = "JSONL",
     .help = "append what is selected, tagged and saved to JSONL"},
    {0},
};

static const Option draw_options[] = {
    OPT_MODEL,
    OPT_PANEL,
    OPT_SIZE,
    OPT_SCALE,
    OPT_THEME,
    OPT_PROJECTOR,
    OPT_RENDERER,
    OPT_FONT,
    {.name = "log",
     .kind = VALUE_FILE,
     .value = "JSONL",
     .help = "append the answer to every finished stroke to JSONL"},
    {.name = "out",
     .letter = 'o',
     .kind = VALUE_FILE,
     .value = "PNG",
     .help = "without a display: where the picture goes (inkling-draw.png)"},
    {0},
};

static const Option train_options[] = {
    {.name = "out",
     .letter = 'o',
     .kind = VALUE_FILE,
     .value = "FILE",
     .help = "write the trained network to FILE (safetensors)"},
    {.name = "log",
     .kind = VALUE_FILE,
     .value = "JSONL",
     .help = "write one JSON object an epoch to JSONL"},
    {.name = "data",
     .kind = VALUE_DATA,
     .value = "NAME",
     .help = "data set: mnist, fashion or mine (the recipe's)"},
    {.name = "seed",
     .kind = VALUE_INT,
     .value = "N",
     .high = 9007199254740992.0, // 2^53: every JSON reader gets it exactly
     .help = "random seed; the same seed gives the same bits (1)"},
    {.name = "repeat",
     .kind = VALUE_INT,
     .value = "N",
     .low = 1,
     .high = 10000,
     .help = "train with N seeds from --seed on, and say how the results spread"},
    {.name = "folds",
     .kind = VALUE_INT,
     .value = "K",
     .low = 2,
     .high = 100,
     .help = "cross-validate: K runs, each on all but a K-th of the training set"},
    {.name = "epochs",
     .kind = VALUE_INT,
     .value = "N",
     .low = 1,
     .high = 100000,
     .help = "passes over the data (the recipe's)"},
    {.name = "run",
     .kind = VALUE_FILE,
     .value = "DIR",
     .help = "keep the run in DIR: settings, metrics, weights, checkpoints"},
    {.name = "keep", .help = "the same in a folder of its own below the user's data folder"},
    {.name = "resume",
     .kind = VALUE_FILE,
     .value = "DIR",
     .help = "go on with the run kept in DIR; with RECIPE, begin it if there is none"},
    {.name = "keep-epochs",
     .kind = VALUE_INT,
     .value = "MB",
     .high = 1048576,
     .help = "limit of the weights kept of past epochs, 0 for none (256)"},
    {.name = "tensorboard",
     .kind = VALUE_FILE,
     .value = "DIR",
     .help = "write an event file for TensorBoard into DIR, a record an epoch"},
    {.name = "track-test",
     .help = "measure the test set after every epoch, too; nothing is chosen by it"},
    OPT_THREADS,
    {.name = "set",
     .kind = VALUE_TEXT,
     .value = "KEY=VALUE",
     .repeats = true,
     .help = "change a setting of the recipe; may be repeated"},
    OPT_JSON,
    {0},
};

static const Option sweep_options[] = {
    {.name = "out",
     .letter = 'o',
     .kind = VALUE_FILE,
     .value = "DIR",
     .help = "where the runs are kept (below the user's data folder)"},
    {.name = "list", .help = "print a command a run, and train nothing"},
    {.name = "index",
     .kind = VALUE_INT,
     .value = "K",
     .low = 1,
     .high = NN_SWEEP_RUNS_MAX,
     .help = "train the K-th run of the list alone"},
    {.name = "jobs",
     .letter = 'j',
     .kind = VALUE_INT,
     .value = "N",
     .low = 1,
     .high = 256,
     .help = "train N runs at a time, each in a process of its own (1)"},
    {.name = "collect", .help = "print the table of what the folders hold"},
    {.name = "as",
     .kind = VALUE_CHOICE,
     .value = "FORM",
     .choices = "text|csv|json|markdown",
     .help = "of the table: text, csv, json or markdown (text)"},
    {.name = "threads",
     .kind = VALUE_INT,
     .value = "N",
     .high = 256,
     .help = "worker threads of a run; 0: all cores (1). Results do not depend on it"},
    {.name = "json", .help = "JSON on stdout: an object a run, or the table"},
    {0},
};

static const Option eval_options[] = {
    {.name = "data",
     .kind = VALUE_DATA,
     .value = "NAME",
     .help = "test set of mnist, fashion or mine; validation: what its run held out (mnist)"},
    {.name = "images",
     .kind = VALUE_FILE,
     .value = "IDX",
     .help = "pictures of your own, with --labels"},
    {.name = "labels", .kind = VALUE_FILE, .value = "IDX", .help = "their labels"},
    {.name = "non-digits",
     .help = "the pictures are none of the ten digits: count how many get \"not sure\""},
    {.name = "styles",
     .help = "instead of pictures: handwriting the program draws itself, each form, and scribbles"},
    {.name = "errors",
     .kind = VALUE_FILE,
     .value = "DIR",
     .help = "write the errors, the matrix and all figures into DIR as CSV, PNG and JSON"},
    {.name = "run",
     .kind = VALUE_FILE,
     .value = "DIR",
     .help = "with --errors: the run it comes from, for its answers after each epoch (looked for)"},
    {.name = "against",
     .kind = VALUE_MODEL,
     .value = "MODEL",
     .help = "compare with another network: who alone is right, and McNemar's test"},
    {.name = "ensemble",
     .help = "average the probabilities of the networks named, and measure that"},
    OPT_PREDICTIONS,
    OPT_THREADS,
    OPT_JSON,
    {0},
};

static const Option export_options[] = {
    {.name = "onnx",
     .kind = VALUE_FILE,
     .value = "FILE",
     .help = "write the network to FILE as ONNX (needed)"},
    OPT_JSON,
    {0},
};

static const Option predict_options[] = {
    OPT_MODEL,
    {.name = "json", .help = "a JSON array on stdout, one object a file"},
    {0},
};

static const Option replay_options[] = {
    OPT_MODEL,
    {.name = "brush",
     .kind = VALUE_REAL,
     .value = "WIDTH",
     .low = 0.002,
     .high = 0.5,
     .help = "pen width as a fraction of the canvas (0.055)"},
    {.name = "scale",
     .kind = VALUE_REAL,
     .value = "S",
     .low = 0.01,
     .high = 100,
     .help = "first enlarge the strokes S times about the canvas centre"},
    {.name = "move",
     .kind = VALUE_PAIR,
     .value = "DX,DY",
     .low = -10,
     .high = 10,
     .help = "then move them, in fractions of the canvas"},
    {.name = "non-digits",
     .help = "the drawings are no digits: count how many of each file get \"not sure\""},
    {.name = "errors",
     .kind = VALUE_FILE,
     .value = "DIR",
     .help = "write the misread drawings, the matrix and all figures into DIR, as eval does"},
    OPT_PREDICTIONS,
    OPT_JSON,
    {0},
};

static const Option render_options[] = {
    {.name = "out",
     .letter = 'o',
     .kind = VALUE_FILE,
     .value = "PNG",
     .help = "where the picture goes (VIEW.png)"},
    OPT_MODEL,
    OPT_PANEL,
    OPT_SIZE,
    OPT_SCALE,
    OPT_THEME,
    OPT_PROJECTOR,
    OPT_FONT,
    {.name = "script",
     .kind = VALUE_FILE,
     .value = "FILE",
     .help = "input events to play before the picture is taken"},
    {0},
};

static const Option bench_options[] = {
    OPT_MODEL,
    OPT_THREADS,
    {.name = "strokes",
     .kind = VALUE_FILE,
     .value = "JSONL",
     .help = "drawings to use for infer (the shipped ones)"},
    {.name = "train",
     .kind = VALUE_RECIPE,
     .value = "RECIPE",
     .help = "ui: train this recipe at full speed meanwhile"},
    {.name = "epochs",
     .kind = VALUE_INT,
     .value = "N",
     .low = 1,
     .high = 1000,
     .help = "train: passes over the data, of which the first warms up (5)"},
    {.name = "set",
     .kind = VALUE_TEXT,
     .value = "KEY=VALUE",
     .repeats = true,
     .help = "train, time-to: change a setting of the recipes; may be repeated"},
    {.name = "accuracy",
     .kind = VALUE_REAL,
     .value = "A",
     .low = 0,
     .high = 1,
     .help = "time-to: share of the test set to be answered rightly (0.98)"},
    {.name = "seeds",
     .kind = VALUE_INT,
     .value = "N",
     .low = 1,
     .high = 1000,
     .help = "time-to: trainings, from seed 1 on (5)"},
    {.name = "points",
     .kind = VALUE_INT,
     .value = "N",
     .low = 1,
     .high = 100,
     .help = "time-to: looks at the test set in an epoch (4)"},
    {.name = "csv",
     .kind = VALUE_FILE,
     .value = "CSV",
     .help = "time-to: write the curves of accuracy against seconds to CSV"},
    {.name = "seconds",
     .kind = VALUE_REAL,
     .value = "S",
     .low = 0.1,
     .high = 86400,
     .help = "how long to measure (infer 2, ui and errors 10, train 15 for each recipe)"},
    OPT_JSON,
    {0},
};

static const Option json_only[] = {OPT_JSON, {0}};

static const Option data_options[] = {
    {.name = "folds",
     .kind = VALUE_INT,
     .value = "K",
     .low = 2,
     .high = 100,
     .help = "doubts: networks to train, each on all but a K-th of the set (5)"},
    {.name = "out",
     .letter = 'o',
     .kind = VALUE_FILE,
     .value = "DIR",
     .help = "doubts: write doubts.csv and the contact sheet doubts.png into DIR"},
    {.name = "seed",
     .kind = VALUE_INT,
     .value = "N",
     .high = 9007199254740992.0,
     .help = "doubts: random seed; the same seed gives the same list (1)"},
    OPT_THREADS,
    OPT_JSON,
    {0},
};

static const Command commands[] = {
    {.name = "draw",
     .summary = "open the window (the same as no command)",
     .about =
         "Opens the window. Draw a digit; the ten probabilities move while you draw. F1 lists "
         "every "
         "key.\n\n"
         "Without a display the same is done headless: the drawings that come with the program are "
         "replayed, their probabilities printed, and the view is saved as a picture.",
     .example = "inkling draw --theme dark",
     .options = draw_options,
     .run = cmd_draw},
    {.name = "errors",
     .summary = "open the window at what the network gets wrong",
     .about = "Opens the window at the Errors view: the confusion matrix, the pictures behind each "
              "of its cells, and "
              "why each was answered as it was. `inkling eval MODEL --errors DIR` writes the same "
              "without a window.",
     .example = "inkling errors --model digits.safetensors",
     .options = errors_options,
     .run = cmd_errors},
    {.name = "train",
     .summary = "train a network from a recipe",
     .about =
         "Trains RECIPE, the name of a shipped recipe or a JSON file, and prints a line an "
         "epoch. The "
         "test set is looked at once, at the end. `inkling info RECIPE` shows a recipe's "
         "settings.\n\n"
         "With --run, --keep or --resume everything is kept in a folder, and a run that was "
         "stopped, or killed at any moment, goes on with --resume to the same bits as if it "
         "had never been interrupted. Without them Ctrl-C keeps what has been learnt so far "
         "when --out is given.\n\n"
         "--repeat and --folds train the recipe several times, print a line a run and mean ± "
         "sd of them. A fold is held out in place of the recipe's validation samples; a recipe "
         "that stops early is stopped by the fold that measures it. With --run DIR each run is "
         "kept in a folder below DIR.\n\n"
         "RECIPE may also be an ensemble, such as the shipped one called ensemble: its members "
         "are trained one after another, each a run in the same folder, and measured together "
         "at the end. --set holds for all of them; --resume takes the whole up.",
     .example = "inkling train mlp-256-128 --epochs 5 --out digits.safetensors",
     .operands = {{.name = "RECIPE", .kind = VALUE_RECIPE, .optional = true}},
     .options = train_options,
     .run = cmd_train},
    {.name = "sweep",
     .summary = "train many networks and make a table of them",
     .about =
         "Trains every run of SWEEP, the name of a shipped sweep or a JSON file: recipes with "
         "settings, several seeds of each, one after the other. Without SWEEP it lists the shipped "
         "ones. Each run is kept in a folder of its own below --out; what is done is not done "
         "again, and what was stopped goes on.\n\n"
         "--list prints the runs as commands that need nothing of each other, for GNU parallel "
         "(inkling sweep papers --list | parallel --joblog log) or, with --index, for the array of "
         "a cluster's scheduler. --collect makes the table from the folders, whether or not runs "
         "are at work in them: mean ± sd over the seeds of each configuration, beside what its "
         "paper reports.",
     .example = "inkling sweep l2-linear --out runs --jobs 2",
     .operands = {{.name = "SWEEP", .kind = VALUE_SWEEP, .optional = true}},
     .options = sweep_options,
     .run = cmd_sweep},
    {.name = "eval",
     .summary = "measure a network on a test set",
     .about =
         "Accuracy with its standard error, loss, precision, recall and F1 of each class, "
         "calibration, how much is answered and how well (at the network's own threshold, and the "
         "surest 99 %), and the confusion matrix. Pictures of another size than 28x28 are brought "
         "to "
         "MNIST's form "
         "first.\n\n"
         "--errors makes a folder of what the Errors view shows: errors.csv and errors.png (the "
         "wrong answers, worst first; at most 3,000 on the contact sheet), confusion.csv, "
         "confusion.png, metrics.csv and metrics.json.\n\n"
         "With --ensemble several networks answer together: the mean of their probabilities is "
         "measured, beside each of them alone.",
     .example = "inkling eval inkling-mlp --errors errors",
     .operands = {{.name = "MODEL", .kind = VALUE_MODEL, .repeats = true}},
     .options = eval_options,
     .run = cmd_eval},
    {.name = "export",
     .summary = "write a network for other programs",
     .about =
         "Writes MODEL as an ONNX file (operator set 13), which onnxruntime, OpenCV and others "
         "run. It takes "
         "pictures as (batch, 1, 28, 28), 0 for paper to 1 for ink, brought to MNIST's form, and "
         "gives the ten probabilities: standardising and the fitted temperature are part of it.",
     .example = "inkling export inkling-mlp --onnx digits.onnx",
     .operands = {{.name = "MODEL", .kind = VALUE_MODEL}},
     .options = export_options,
     .run = cmd_export},
    {.name = "predict",
     .summary = "recognise the digit in a picture",
     .about = "The ten probabilities for PNG and JPEG pictures of one digit each: scanned, "
              "photographed or "
              "drawn, dark on light or light on dark, of any size.",
     .example = "inkling predict photo.jpg",
     .operands = {{.name = "IMAGE", .kind = VALUE_FILE, .repeats = true}},
     .options = predict_options,
     .run = cmd_predict},
    {.name = "replay",
     .summary = "recognise recorded pen strokes",
     .about =
         "Draws each drawing of strokes files through the very path the mouse takes and counts "
         "the right answers where labels are given. A line of the file is a drawing: {\"label\": "
         "8, "
         "\"strokes\": [[[x, y], ...], ...]}, canvas 0..1, x right, y down.\n\n"
         "--brush, --scale and --move change the strokes first and count the answers that changed "
         "by "
         "it. In the CSV, -1 stands for no label or no answer.",
     .example = "inkling replay strokes.jsonl --scale 0.5",
     .operands = {{.name = "STROKES", .kind = VALUE_FILE, .repeats = true}},
     .options = replay_options,
     .run = cmd_replay},
    {.name = "render",
     .summary = "save a view of the window as a picture",
     .about = "Builds the view in memory and writes it as a PNG. No display is needed.",
     .example = "inkling render draw --out draw.png --size 1280x800 --theme dark",
     .operands = {{.name = "VIEW", .kind = VALUE_CHOICE, .choices = VIEWS}},
     .options = render_options,
     .run = cmd_render},
    {.name = "bench",
     .summary = "measure the speed of answers, of frames or of training",
     .about =
         "infer: the time from a new stroke point to ten probabilities, normalisation "
         "included, and "
         "pictures a second in batches. ui: frame times of the window while digits are drawn "
         "in it and cleared again, on a display where there is one. The first digit only warms "
         "up; from then on a frame is steady: it shows letters, sizes and views that were shown "
         "before, and ink for which there is room. mallocs_per_frame counts the requests for "
         "memory in those frames, and is meant to be 0. errors: the time from the click to the "
         "first pictures and to the answers "
         "of the Errors view, which is opened five times without a cache, and frame times while "
         "the 10,000 test digits are scrolled.\n\n"
         "train: seconds an epoch of the recipes named, or of all, and how close that comes to "
         "the rate of the matrix product, measured in the same run. What an epoch's end measures "
         "on a validation split is not counted. time-to: seconds of training from random weights "
         "until the test set is answered with the wanted accuracy, for several seeds; the clock "
         "stands still while the test set is looked at.",
     .example = "inkling bench infer",
     .operands = {{.name = "WHAT",
                   .kind = VALUE_CHOICE,
                   .choices = "infer|ui|train|time-to|errors"},
                  {.name = "RECIPE", .kind = VALUE_RECIPE, .optional = true, .repeats = true}},
     .options = bench_options,
     .run = cmd_bench},
    {.name = "info",
     .summary = "say what a file, a recipe or a network is",
     .about =
         "Tells weights, ONNX networks, folders of runs, TensorBoard event files, IDX data, "
         "strokes, pictures, recipes and sweeps apart by their content, checks the whole file and "
         "describes it. Recipes, sweeps, shipped networks and runs in the user's data folder also "
         "go by name.",
     .example = "inkling info digits.safetensors",
     .operands = {{.name = "FILE", .kind = VALUE_FILE}},
     .options = json_only,
     .run = cmd_info},
    {.name = "data",
     .summary = "list, check or fetch data sets; find doubtful labels",
     .about = "list says what is known and where it was found. check reads a data set and compares "
              "it with "
              "the published hashes. fetch downloads one into your data folder. doubts searches a "
              "training set for wrong labels: "
              "small networks answer pictures they have not learnt, and what they contradict most "
              "comes first.",
     .example = "inkling data fetch mnist",
     .operands = {{.name = "ACTION",
                   .kind = VALUE_CHOICE,
                   .choices = "list|check|fetch|doubts",
                   .optional = true},
                  {.name = "NAME", .kind = VALUE_DATA, .optional = true}},
     .options = data_options,
     .run = cmd_data},
};

static const Option everywhere[] = {
    {.name = "help", .letter = 'h', .help = "say how to use it"},
    {.name = "quiet", .letter = 'q', .help = "no progress and no notes"},
    {.name = "no-color", .help = "no colours (NO_COLOR in the environment does the same)"},
    {0},
};

static const Option alone[] = {
    {.name = "version", .help = "print the version"},
    {.name = "generate",
     .kind = VALUE_CHOICE,
     .value = "WHAT",
     .choices = "man|bash|zsh|fish|recipes|sweeps|models"},
    {0},
};

const Command *command_table(size_t *count) {
    *count = sizeof commands / sizeof commands[0];
    return commands;
}

const Command *command_find(const char *name) {
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(commands[i].name, name) == 0) {
            return &commands[i];
        }
    }
    return NULL;
}

const Option *options_everywhere(void) {
    return everywhere;
}

const Option *options_alone(void) {
    return alone;
}
