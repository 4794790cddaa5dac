#define _GNU_SOURCE // madvise, MADV_HUGEPAGE
#include "base/alloc.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#if defined(__linux__)
#include <sys/mman.h>
#endif

enum { KERNEL_ALIGNMENT = 64, HUGE_PAGE = 2 << 20 };

// Counting is relaxed on purpose: the overlay wants a total, and the fault loops run one thread.
static _Atomic uint64_t requests;
static _Atomic uint64_t fail_at;
static atomic_bool fail_on;

static _Thread_local uint64_t refusals;

static void *counted(void *block) {
    refusals += block == NULL;
    return block;
}

static bool refused(void) {
    uint64_t now = atomic_fetch_add_explicit(&requests, 1, memory_order_relaxed) + 1;
    uint64_t at = atomic_load_explicit(&fail_at, memory_order_relaxed);
    return at != 0 &&
           (now == at || (now > at && atomic_load_explicit(&fail_on, memory_order_relaxed)));
}

static bool multiply(size_t count, size_t size, size_t *bytes) {
    if (size != 0 && count > SIZE_MAX / size) {
        return false;
    }
    *bytes = count * size;
    return true;
}

void *mem_new(size_t count, size_t size) {
    size_t bytes;
    bool given = multiply(count, size, &bytes) && !refused();
    return counted(given ? calloc(1, bytes > 0 ? bytes : 1) : NULL);
}

void *mem_new_aligned(size_t count, size_t size) {
    size_t bytes;
    if (!multiply(count, size, &bytes) || bytes > SIZE_MAX - HUGE_PAGE || refused()) {
        return counted(NULL);
    }
    size_t alignment = bytes >= HUGE_PAGE ? HUGE_PAGE : KERNEL_ALIGNMENT;
    size_t rounded = (bytes + alignment - 1) / alignment * alignment;
    void *block = aligned_alloc(alignment, rounded > 0 ? rounded : alignment);
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    if (block != NULL && bytes >= HUGE_PAGE) {
        (void)madvise(block, rounded, MADV_HUGEPAGE); // a wish; works without
    }
#endif
    return counted(block);
}

void *mem_resize(void *block, size_t count, size_t size) {
    size_t bytes;
    bool given = multiply(count, size, &bytes) && !refused();
    return counted(given ? realloc(block, bytes > 0 ? bytes : 1) : NULL);
}

void mem_free(void *block) {
    free(block);
}

char *mem_copy_text(const char *text) {
    size_t n = strlen(text) + 1;
    char *copy = mem_new(n, 1);
    if (copy != NULL) {
        memcpy(copy, text, n);
    }
    return copy;
}

void *mem_malloc(size_t size) {
    return counted(refused() ? NULL : malloc(size > 0 ? size : 1));
}

void *mem_calloc(size_t count, size_t size) {
    return mem_new(count, size);
}

void *mem_realloc(void *block, size_t size) {
    return mem_resize(block, size, 1);
}

uint64_t mem_refusal_count(void) {
    return refusals;
}

uint64_t mem_request_count(void) {
    return atomic_load_explicit(&requests, memory_order_relaxed);
}

void mem_fail_at(uint64_t n, bool for_ever) {
    uint64_t now = atomic_load_explicit(&requests, memory_order_relaxed);
    atomic_store_explicit(&fail_on, for_ever, memory_order_relaxed);
    atomic_store_explicit(&fail_at, n == 0 ? 0 : now + n, memory_order_relaxed);
}
