#include "cli/csv.h"

#include <stdio.h>
#include <string.h>

#include "nn/dataset.h"

NnStatus csv_open(PredictionsCsv *csv, const char *path, NnError *err) {
    csv->save = NULL;
    if (path == NULL) {
        return NN_OK;
    }
    csv->save = save_open(path, err);
    if (csv->save == NULL) {
        return err->status;
    }
    static const char header[] = "index,label,predicted,p0,p1,p2,p3,p4,p5,p6,p7,p8,p9\n";
    return save_write(csv->save, header, sizeof header - 1, err);
}

NnStatus csv_row(PredictionsCsv *csv, size_t index, int label, int predicted,
                 const float *probabilities, NnError *err) {
    if (csv->save == NULL) {
        return NN_OK;
    }
    char row[64 + NN_CLASSES * 24];
    size_t used = (size_t)snprintf(row, sizeof row, "%zu,%d,%d", index, label, predicted);
    for (int c = 0; c < NN_CLASSES; c++) { // nine digits give every float back
        used += (size_t)snprintf(row + used, sizeof row - used, ",%.9g", (double)probabilities[c]);
    }
    row[used++] = '\n';
    return save_write(csv->save, row, used, err);
}

NnStatus csv_close(PredictionsCsv *csv, NnError *err) {
    SaveFile *save = csv->save;
    csv->save = NULL;
    return save != NULL ? save_commit(save, err) : NN_OK;
}

void csv_abandon(PredictionsCsv *csv) {
    save_abandon(csv->save);
    csv->save = NULL;
}
