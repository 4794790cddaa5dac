// run.h - the subcommands, one cmd_x.c each, and what they share.
//
// A command gets its checked arguments, asks the engine, and prints. It holds no formula. Its err
// is never NULL and starts empty, so err->status says how a function failed that can only answer
// NULL.

#ifndef INKLING_CLI_RUN_H
#define INKLING_CLI_RUN_H

#include <jansson.h>

#include "cli/options.h"
#include "cli/term.h"
#include "nn/nn.h"

typedef struct Cli {
    const char *program; // as it was called
    Args args;
    Term term;
} Cli;

NnStatus cmd_draw(Cli *cli, NnError *err);
NnStatus cmd_errors(Cli *cli, NnError *err);
NnStatus cmd_train(Cli *cli, NnError *err);
NnStatus cmd_sweep(Cli *cli, NnError *err);
NnStatus cmd_eval(Cli *cli, NnError *err);
NnStatus cmd_export(Cli *cli, NnError *err);
NnStatus cmd_predict(Cli *cli, NnError *err);
NnStatus cmd_replay(Cli *cli, NnError *err);
NnStatus cmd_render(Cli *cli, NnError *err);
NnStatus cmd_bench(Cli *cli, NnError *err);
NnStatus cmd_info(Cli *cli, NnError *err);
NnStatus cmd_data(Cli *cli, NnError *err);
NnStatus data_doubts(Cli *cli, const char *name, NnError *err);     // one of its actions
NnStatus eval_styles(Cli *cli, const NnModel *model, NnError *err); // eval --styles
NnStatus eval_ensemble(Cli *cli, NnError *err);                     // eval --ensemble

// The pictures that eval's options name; NULL with an error. model: whose validation split it may be,
// NULL for several.
NnDataset *eval_load_data(const Args *args, const NnModel *model, NnError *err);

// --- a network ready to answer one picture at a time ---------------------------------------------

typedef struct {
    NnModel *model;
    NnWorkspace *work;
} Reader;

// name: a weight file or a shipped network; NULL: the default one. Release in any case.
NnStatus reader_open(Reader *reader, const char *name, NnError *err) NN_MUST_CHECK;
void reader_release(Reader *reader);

#define DEFAULT_MODEL "inkling-mlp"

// Where the network called name is; path has at least 512 bytes. NN_ERR_NOT_FOUND says where it
// looked. Names of the shipped networks on stdout, one a line.
void models_list(void);

NnStatus model_find(const char *name, char *path, size_t size, NnError *err) NN_MUST_CHECK;

// --- JSON results --------------------------------------------------------------------------------

json_t *json_number(double value);                  // null where it is no number
json_t *json_floats(const float *values, size_t n); // exact for any reader of doubles

// Prints value as one line on stdout and releases it. NULL (as jansson answers out of memory) is
// NN_ERR_NOMEM.
NnStatus json_print(json_t *owned_value, NnError *err) NN_MUST_CHECK;

#endif
