// The largest of many numbers, for use inside kernels: inlined, so that it vectorises.
#ifndef KT_LARGEST_H
#define KT_LARGEST_H

#include "kernel.h"

/// The largest of `count` numbers, at least one; none is NaN.
KT_INLINE float kt_largest(long count, const float *restrict x) {
  // clang vectorises no maximum of floats unless it may forget NaN; by lanes it does.
  float lanes[16];
  for (int lane = 0; lane < 16; lane++) lanes[lane] = x[0];
  long i = 0;
  for (; i + 16 <= count; i += 16)
    for (int lane = 0; lane < 16; lane++)
      lanes[lane] = x[i + lane] > lanes[lane] ? x[i + lane] : lanes[lane];
  float largest = x[0];
  for (int lane = 0; lane < 16; lane++) largest = lanes[lane] > largest ? lanes[lane] : largest;
  for (; i < count; i++) largest = x[i] > largest ? x[i] : largest;
  return largest;
}

#endif
