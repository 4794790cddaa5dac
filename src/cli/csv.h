// csv.h - the table of predictions: index,label,predicted,p0..p9. Appears whole or not at all.
//
//     PredictionsCsv csv;
//     status = csv_open(&csv, args_text(args, "predictions"), err);   // NULL path: rows go nowhere
//     status = csv_row(&csv, i, label, predicted, probabilities, err);  ...
//     status = csv_close(&csv, err);      // or csv_abandon

#ifndef INKLING_CLI_CSV_H
#define INKLING_CLI_CSV_H

#include <stddef.h>

#include "base/file.h"
#include "nn/error.h"

typedef struct {
    SaveFile *save;
} PredictionsCsv;

// err is not NULL.
NnStatus csv_open(PredictionsCsv *csv, const char *path, NnError *err) NN_MUST_CHECK;
// label and predicted are -1 where there is none; probabilities (10).
NnStatus csv_row(PredictionsCsv *csv, size_t index, int label, int predicted,
                 const float *probabilities, NnError *err) NN_MUST_CHECK;
NnStatus csv_close(PredictionsCsv *csv, NnError *err) NN_MUST_CHECK;
void csv_abandon(PredictionsCsv *csv); // nothing to do after csv_close

#endif
