// simd.h - how the hot loops reach wide vectors from a build for any x86-64.
//
// NN_CLONES makes the compiler emit a function for AVX-512, AVX2 and the baseline and pick at load
// time. Products and sums are never fused (-ffp-contract=off) and no loop is allowed to change the
// order of a sum, so an element-wise clone gives the same bits as the others.

#ifndef NN_BASE_SIMD_H
#define NN_BASE_SIMD_H

#include <stdint.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define NN_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
    __has_feature(memory_sanitizer)
#define NN_SANITIZED 1
#endif
#endif

// The resolver of a clone runs before a sanitizer's runtime is ready and would crash in its hooks.
// Clang 14 gives the dispatching symbol another name, which callers in other files do not find.
#if defined(__x86_64__) && defined(__GLIBC__) && !defined(__clang__) && !defined(NN_SANITIZED)
#define NN_CLONES __attribute__((target_clones("default", "avx2", "avx512f")))
#else
#define NN_CLONES
#endif

#define NN_INLINE static inline __attribute__((always_inline, unused))

#endif
