// ensemble.h - networks that answer together, measured and told: by eval --ensemble, and at the end
// of training one.

#ifndef INKLING_CLI_ENSEMBLE_H
#define INKLING_CLI_ENSEMBLE_H

#include "cli/run.h"

typedef struct {
    int n;
    NnModel *models[NN_MEMBERS_MAX];     // owned
    char names[NN_MEMBERS_MAX][256];     // for people
    NnMetrics each[NN_MEMBERS_MAX], all; // after ensemble_measure
} Together;

// NULL when out of memory. Free with ensemble_free, models and all.
Together *ensemble_new(NnError *err);
void ensemble_free(Together *together); // NULL is fine

NnStatus ensemble_add(Together *together, const char *path, const char *name,
                      NnError *err) NN_MUST_CHECK;
NnStatus ensemble_measure(Together *together, const NnDataset *data, int threads,
                          NnError *err) NN_MUST_CHECK;

void ensemble_print(const Together *together, const NnDataset *data);
json_t *ensemble_json(const Together *together, const NnDataset *data); // NULL: out of memory

#endif
