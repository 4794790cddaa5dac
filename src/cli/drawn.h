// drawn.h - the labelled drawings of a replay as pictures, for the folder that --errors writes.

#ifndef INKLING_CLI_DRAWN_H
#define INKLING_CLI_DRAWN_H

#include "cli/run.h"

// Starts as {0}; release it in any case.
typedef struct {
    NnDataset data; // of as many pictures as were added
    size_t room;
} Drawn;

NnStatus drawn_add(Drawn *drawn, const NnDigit *digit, int label, NnError *err) NN_MUST_CHECK;
void drawn_release(Drawn *drawn);

// What eval --errors leaves, of these pictures; name is what the set is called.
NnStatus drawn_save_errors(Cli *cli, const NnModel *model, Drawn *drawn, const char *name,
                           const char *folder, NnError *err) NN_MUST_CHECK;

#endif
