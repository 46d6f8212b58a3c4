// What every kernel file includes first: how a kernel is compiled for several instruction sets.
#ifndef KT_KERNEL_H
#define KT_KERNEL_H

#include <stddef.h>
#include <stdint.h>

// Whether there is code for newer processors, too. Not under the thread sanitizer: it sees no access
// of more than 16 bytes, and breaks in what the loader calls to pick a clone, before it has begun.
#if defined(__x86_64__)
#if defined(__has_feature)
#if !__has_feature(thread_sanitizer)
#define KT_LEVELS
#endif
#else
#define KT_LEVELS
#endif
#endif

// The compiler makes one clone of the function for each level and the loader picks one at start.
// A declaration after the definition crashes clang 21, so headers are included before.
#if defined(KT_LEVELS) && defined(__linux__)
#define KT_KERNEL __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define KT_KERNEL
#endif

#define KT_INLINE static inline __attribute__((always_inline))

// Sums and maxima may be reordered by lane: without this no reduction vectorises. The order is
// still the same at every call, so results repeat on one machine.
#define KT_REASSOCIATE _Pragma("clang fp reassociate(on) contract(fast)")

#endif
