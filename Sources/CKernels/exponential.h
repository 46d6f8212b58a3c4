// exp, erf and GELU for use inside kernels: inlined, so that the loop around them vectorises.
#ifndef KT_EXPONENTIAL_H
#define KT_EXPONENTIAL_H

#include "kernel.h"

/// e^x to within 1 ulp where the result is a normal number; 0 below -87.3, the largest finite
/// power above 88.7. The polynomial is a near-minimax fit of (e^r - 1 - r) / r² on ±ln2/2.
KT_INLINE float kt_exp(float x) {
#pragma clang fp contract(fast)
  const float in_range = __builtin_elementwise_min(__builtin_elementwise_max(x, -87.3f), 88.7f);
  const float n = __builtin_elementwise_rint(in_range * 1.44269504f);
  float r = __builtin_fmaf(n, -0.693359375f, in_range);
  r = __builtin_fmaf(n, 2.12194440e-4f, r);
  float p = 0.00139336509f;
  p = __builtin_fmaf(p, r, 0.00836317986f);
  p = __builtin_fmaf(p, r, 0.0416664667f);
  p = __builtin_fmaf(p, r, 0.166665763f);
  p = __builtin_fmaf(p, r, 0.5f);
  p = __builtin_fmaf(p * r, r, r) + 1.0f;
  union {
    int32_t bits;
    float value;
  } scale = {((int32_t)n + 127) << 23};
  return x < -87.3f ? 0.0f : p * scale.value;
}

/// erf(x), absolute error at most 2e-7. Below 1 an odd polynomial, above it 1 - e^q(|x|) with
/// q a near-minimax fit of log erfc on 0.95…4; from 4 on the result is ±1 to float precision.
KT_INLINE float kt_erf(float x) {
#pragma clang fp contract(fast)
  const float t = __builtin_elementwise_min(__builtin_elementwise_abs(x), 4.0f);
  const float s = t * t;
  float small = -9.67359028e-06f;
  small = __builtin_fmaf(small, s, 0.000112682537f);
  small = __builtin_fmaf(small, s, -0.000848439639f);
  small = __builtin_fmaf(small, s, 0.00522105349f);
  small = __builtin_fmaf(small, s, -0.0268654376f);
  small = __builtin_fmaf(small, s, 0.112837829f);
  small = __builtin_fmaf(small, s, -0.376126379f);
  small = __builtin_fmaf(small, s, 0.128379166f);
  small = __builtin_fmaf(small, t, t);
  float large = -1.36331291e-05f;
  large = __builtin_fmaf(large, t, 0.000323454035f);
  large = __builtin_fmaf(large, t, -0.0034814789f);
  large = __builtin_fmaf(large, t, 0.0228046048f);
  large = __builtin_fmaf(large, t, -0.103753567f);
  large = __builtin_fmaf(large, t, -0.638493717f);
  large = __builtin_fmaf(large, t, -1.12636888f);
  large = __builtin_fmaf(large, t, -0.000622114283f);
  large = 1.0f - kt_exp(large);
  return __builtin_copysignf(t < 1.0f ? small : large, x);
}

/// x · Φ(x), the exact GELU, absolute error at most 5e-7.
KT_INLINE float kt_gelu_of(float x) {
  return 0.5f * x * (1.0f + kt_erf(x * 0.70710678f));  // 1/√2
}

#endif
