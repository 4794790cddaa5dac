// clock.h - monotonic time. Never jumps back, whatever happens to the wall clock.

#ifndef NN_BASE_CLOCK_H
#define NN_BASE_CLOCK_H

#include <stdint.h>

uint64_t clock_ns(void);
double clock_s(void);
void clock_sleep_ms(uint32_t ms);
void clock_sleep_us(uint32_t us);

// Processor time used by this process so far, all threads, in seconds.
double clock_cpu_s(void);
double clock_cpu_others_s(void);    // of that, by all threads but the calling one
uint64_t clock_thread_cpu_ns(void); // of that, by the calling thread

// Local wall-clock time as "2026-11-20T14:03:59"; out has at least 20 bytes.
void clock_timestamp(char *out);

#endif
