// ensemble.h - several networks that answer together: the mean of their probabilities.
//
// Errors that networks do not share are outvoted. An ensemble is trained from a small JSON file,
// assets/ensembles/NAME.json, that says which recipes with which seeds; each member is a run of its
// own (run.h). Settings are as --set takes them, and hold for every member.
//
//     {"name": "ensemble", "title": "one line for people", "source": "paper 000",
//      "members": [{"recipe": "resnet-small", "seed": 1}, {"recipe": "lenet5", "seed": 2}],
//      "settings": ["validation=5000"]}

#ifndef NN_ENSEMBLE_H
#define NN_ENSEMBLE_H

#include "nn/metrics.h"
#include "nn/recipe.h"

enum { NN_MEMBERS_MAX = 32, NN_SETTINGS_MAX = 32, NN_SETTING_SIZE = 512 };

typedef struct {
    char recipe[256]; // name or path
    uint64_t seed;    // the member's number where the file says nothing
} NnMember;

typedef struct {
    char name[64], title[128], source[64];
    int n_members, n_settings;
    NnMember members[NN_MEMBERS_MAX];
    char settings[NN_SETTINGS_MAX][NN_SETTING_SIZE];
} NnEnsemble;

// NN_ERR_FORMAT names the key and its line.
NnStatus nn_ensemble_parse(const char *text, size_t n, const char *path, NnEnsemble *ensemble,
                           NnError *err) NN_MUST_CHECK;
NnStatus nn_ensemble_read(const char *path, NnEnsemble *ensemble, NnError *err) NN_MUST_CHECK;
NnStatus nn_ensemble_write(const char *path, const NnEnsemble *ensemble, NnError *err) NN_MUST_CHECK;

// Where the ensemble called name is: one of the program's, or a path to a file with "members". False: it
// is none. path has size bytes.
bool nn_ensemble_find(const char *name, char *path, size_t size);

// The resolved recipe of member i.
NnStatus nn_ensemble_recipe(const NnEnsemble *ensemble, int i, NnRecipe *recipe,
                            NnError *err) NN_MUST_CHECK;

// logits (n, 10) become the logarithms of the mean of the members' calibrated probabilities, so at
// temperature 1 they are an answer like any network's. each (n_models) receives the members' own
// metrics; it may be NULL.
NnStatus nn_ensemble_evaluate(NnModel *const *models, int n_models, const NnDataset *data,
                              int threads, float *logits, NnMetrics *each,
                              bool (*should_stop)(void *user), void *user,
                              NnError *err) NN_MUST_CHECK;

#endif
