#include "include/reductions.h"

#include "kernel.h"

KT_KERNEL float kt_dot(long count, const float *restrict x, const float *restrict y) {
  KT_REASSOCIATE
  float sum = 0.0f;
  for (long i = 0; i < count; i++) sum += x[i] * y[i];
  return sum;
}

KT_KERNEL double kt_sum_of_squares(long count, const float *restrict x) {
  KT_REASSOCIATE
  double sum = 0.0;
  for (long i = 0; i < count; i++) sum += (double)x[i] * (double)x[i];
  return sum;
}
