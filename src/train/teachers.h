// teachers.h - the networks a recipe's "teachers" names, found, read and hashed.

#ifndef NN_TRAIN_TEACHERS_H
#define NN_TRAIN_TEACHERS_H

#include "nn/model.h"
#include "nn/recipe.h"

enum { TEACHER_SHA_SIZE = 65, TEACHER_PATH_SIZE = 4096 };

typedef struct {
    int n;
    NnModel *models[NN_TEACHERS_MAX];
    char sha256[NN_TEACHERS_MAX][TEACHER_SHA_SIZE]; // of their weights, as their cards say
    char note[NN_TEACHERS_MAX * (NN_TEACHER_SIZE + TEACHER_SHA_SIZE + 2)]; // "NAME SHA256, ..."
} Teachers;

// The error names the key, the file and what to do. teachers needs no release after it.
NnStatus teachers_load(Teachers *teachers, const NnTeacherNames *names, NnError *err) NN_MUST_CHECK;

// Where a teacher's file is: name is a path, or the name of a network that came with the program or
// that the user keeps. path has TEACHER_PATH_SIZE bytes. False: there is no such network; what a path
// names need not be there.
bool teacher_find(const char *name, char *path);

// One named network, which key ("teachers") asks for, and the SHA-256 of its weights; sha256 has
// TEACHER_SHA_SIZE bytes. Free *model with nn_model_free.
NnStatus network_load(const char *key, const char *name, NnModel **model, char *sha256,
                      NnError *err) NN_MUST_CHECK;

// "NAME SHA256", without the folders it lay in; behind what out holds already, if anything.
void network_note(char *out, size_t size, const char *name, const char *sha256);

void teachers_release(Teachers *teachers); // all zero is fine

#endif
