#include "include/elementwise.h"

#include "numbers.h"

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

KT_KERNEL void kt_sum_of_three(long count, const float *restrict a, const float *restrict b,
                               const float *restrict c, float *restrict y) {
  for (long i = 0; i < count; i++) y[i] = a[i] + b[i] + c[i];
}

KT_KERNEL void kt_project(long count, float inner, float factor, const float *restrict x,
                          float *restrict y) {
  for (long i = 0; i < count; i++) y[i] = (x[i] - y[i] * inner) * factor;
}

KT_KERNEL void kt_add_four(long count, const float *restrict a, const float *restrict b,
                           const float *restrict c, const float *restrict d, float *restrict y) {
  for (long i = 0; i < count; i++) y[i] += (a[i] + b[i]) + (c[i] + d[i]);
}

void kt_add_rows(long rows, long width, long stride, const void *x, kt_element element,
                 float *sum) {
  enum { chunk = 512 };
  float buffers[4][chunk];
  for (long start = 0; start < width; start += chunk) {
    const long here = width - start < chunk ? width - start : chunk;
    long row = 0;
    for (; row + 4 <= rows; row += 4) {
      const float *four[4];
      for (int i = 0; i < 4; i++)
        four[i] = kt_read(element, kt_at(element, x, (row + i) * stride + start), here, buffers[i]);
      kt_add_four(here, four[0], four[1], four[2], four[3], sum + start);
    }
    for (; row < rows; row++)
      kt_add(here, kt_read(element, kt_at(element, x, row * stride + start), here, buffers[0]),
             sum + start);
  }
}
