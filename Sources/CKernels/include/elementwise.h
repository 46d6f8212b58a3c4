#ifndef KT_ELEMENTWISE_H
#define KT_ELEMENTWISE_H

#include "gemm.h"

/// y += x.
void kt_add(long count, const float *x, float *y);

/// Adds `rows` rows of `width` numbers, `stride` from one to the next, to `sum`.
void kt_add_rows(long rows, long width, long stride, const void *x, kt_element element, float *sum);

/// y += factor · x.
void kt_add_scaled(long count, float factor, const float *x, float *y);

/// y = factor · x; x and y may be the same.
void kt_scale(long count, float factor, const float *x, float *y);

/// y = a + b + c.
void kt_sum_of_three(long count, const float *a, const float *b, const float *c, float *y);

/// y ← (x - y·inner) · factor: the derivative of a normalisation, see Normalize.
void kt_project(long count, float inner, float factor, const float *x, float *y);

#endif
