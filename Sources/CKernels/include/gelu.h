#ifndef KT_GELU_H
#define KT_GELU_H

#include "gemm.h"

/// y = x · Φ(x), the exact (erf) GELU, for `count` elements: the plain form.
void kt_gelu(long count, const float *x, float *y);

/// y = x · Φ(x) and gradient = g · (Φ(x) + x · φ(x)), the exact GELU and what it passes back.
///
/// `x` and `y` are of one element type, `gradient` of another.
void kt_gelu_gradient(long count, const float *g, const void *x, void *y, kt_element element,
                      void *gradient, kt_element gradient_element);

#endif
