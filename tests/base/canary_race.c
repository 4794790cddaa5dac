// A race on purpose. ThreadSanitizer has to report it under the very options the other tests run
// with: some of those keep it silent about libraries, and could keep it silent about everything.
#include <stdio.h>

#include "base/thread.h"

static void count(void *user) {
    volatile int *value = user;
    for (int i = 0; i < 10000; i++) {
        *value = *value + 1;
    }
}

int main(void) {
    Thread threads[2];
    int value = 0;
    for (int i = 0; i < 2; i++) {
        if (!thread_start(&threads[i], count, &value, false)) {
            return 2;
        }
    }
    for (int i = 0; i < 2; i++) {
        thread_join(&threads[i]);
    }
    printf("counted to %d of 20000\n", value);
    return 0;
}
