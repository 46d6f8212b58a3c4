// What every kernel file includes first: how a kernel is compiled for several instruction sets.
#ifndef KT_KERNEL_H
#define KT_KERNEL_H

#include <stddef.h>
#include <stdint.h>

// The compiler makes one clone of the function for each level and the loader picks one at start.
// A declaration after the definition crashes clang 21, so headers are included before.
#if defined(__x86_64__) && defined(__linux__)
#define KT_KERNEL __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define KT_KERNEL
#endif

#define KT_INLINE static inline __attribute__((always_inline))

// Sums and maxima may be reordered by lane: without this no reduction vectorises. The order is
// still the same at every call, so results repeat on one machine.
#define KT_REASSOCIATE _Pragma("clang fp reassociate(on) contract(fast)")

#endif
