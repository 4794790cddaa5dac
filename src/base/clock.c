#define _POSIX_C_SOURCE 200809L
#include "base/clock.h"

#include <time.h>

static double seconds_of(clockid_t id) {
    struct timespec t = {0};
    clock_gettime(id, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static uint64_t nanoseconds_of(clockid_t id) {
    struct timespec t = {0};
    clock_gettime(id, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t clock_ns(void) {
    return nanoseconds_of(CLOCK_MONOTONIC);
}

double clock_s(void) {
    return seconds_of(CLOCK_MONOTONIC);
}

double clock_cpu_s(void) {
    return seconds_of(CLOCK_PROCESS_CPUTIME_ID);
}

double clock_cpu_others_s(void) {
    return seconds_of(CLOCK_PROCESS_CPUTIME_ID) - seconds_of(CLOCK_THREAD_CPUTIME_ID);
}

uint64_t clock_thread_cpu_ns(void) {
    return nanoseconds_of(CLOCK_THREAD_CPUTIME_ID);
}

static void sleep_for(struct timespec left) {
    while (nanosleep(&left, &left) != 0) {
    }
}

void clock_sleep_ms(uint32_t ms) {
    sleep_for((struct timespec){.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000});
}

void clock_sleep_us(uint32_t us) {
    sleep_for((struct timespec){.tv_sec = us / 1000000, .tv_nsec = (long)(us % 1000000) * 1000});
}

void clock_timestamp(char *out) {
    time_t now = time(NULL);
    struct tm local = {0};
    localtime_r(&now, &local);
    strftime(out, 20, "%Y-%m-%dT%H:%M:%S", &local);
}
