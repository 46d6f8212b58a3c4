#ifndef KT_GELU_H
#define KT_GELU_H

/// y = x · Φ(x), the exact (erf) GELU, for `count` elements.
void kt_gelu(long count, const float *x, float *y);

/// gradient ← gradient · (Φ(x) + x · φ(x)), the derivative of the exact GELU.
void kt_gelu_backward(long count, const float *x, float *gradient);

#endif
