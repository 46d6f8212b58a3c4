#include "include/elementwise.h"

#include "kernel.h"

KT_KERNEL void kt_add(long count, const float *restrict x, float *restrict y) {
  for (long i = 0; i < count; i++) y[i] += x[i];
}

KT_KERNEL void kt_add_scaled(long count, float factor, const float *restrict x,
                             float *restrict y) {
  for (long i = 0; i < count; i++) y[i] = __builtin_fmaf(factor, x[i], y[i]);
}

KT_KERNEL void kt_scale(long count, float factor, const float *x, float *y) {
  for (long i = 0; i < count; i++) y[i] = factor * x[i];
}

KT_KERNEL void kt_multiply(long count, const float *a, const float *b, float *y) {
  for (long i = 0; i < count; i++) y[i] = a[i] * b[i];
}

KT_KERNEL void kt_sum_of_three(long count, const float *restrict a, const float *restrict b,
                               const float *restrict c, float *restrict y) {
  for (long i = 0; i < count; i++) y[i] = a[i] + b[i] + c[i];
}

KT_KERNEL void kt_project(long count, float inner, float factor, const float *restrict x,
                          float *restrict y) {
  for (long i = 0; i < count; i++) y[i] = (x[i] - y[i] * inner) * factor;
}
