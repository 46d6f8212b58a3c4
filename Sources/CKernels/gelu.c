#include "include/gelu.h"

#include "exponential.h"

static const float half_root = 0.70710678f;     // 1/√2
static const float density_at_0 = 0.39894228f;  // 1/√(2π)

KT_KERNEL void kt_gelu(long count, const float *restrict x, float *restrict y) {
  for (long i = 0; i < count; i++) y[i] = 0.5f * x[i] * (1.0f + kt_erf(x[i] * half_root));
}

KT_KERNEL void kt_gelu_backward(long count, const float *restrict x, float *restrict gradient) {
  for (long i = 0; i < count; i++) {
    const float cumulative = 0.5f * (1.0f + kt_erf(x[i] * half_root));
    const float density = density_at_0 * kt_exp(-0.5f * x[i] * x[i]);
    gradient[i] *= cumulative + x[i] * density;
  }
}
