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

void teachers_release(Teachers *teachers); // all zero is fine

#endif
