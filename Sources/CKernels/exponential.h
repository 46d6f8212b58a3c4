// exp, the normal distribution and GELU for use inside kernels: inlined, so that the loop around them vectorises.
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

/// Φ(-|x|), the smaller tail of the normal distribution, given e^(-x²/2).
///
/// e^(-x²/2) · t · P(t) with t = 1 / (1 + 0.335 |x|), the form of Abramowitz and Stegun, 7.1.26; P is
/// a near-minimax fit for |x| times the error on 0…9, which is at most 7e-8.
KT_INLINE float kt_normal_tail(float x, float exponential) {
#pragma clang fp contract(fast)
  const float t = 1.0f / (1.0f + 0.335f * __builtin_elementwise_abs(x));
  float p = -0.108075806f;
  p = __builtin_fmaf(p, t, 0.352945046f);
  p = __builtin_fmaf(p, t, -0.0651224849f);
  p = __builtin_fmaf(p, t, 0.194560758f);
  p = __builtin_fmaf(p, t, 0.125692412f);
  return p * t * exponential;
}

/// x · Φ(x), the exact GELU, absolute error at most 5e-7.
KT_INLINE float kt_gelu_of(float x) {
  const float tail = kt_normal_tail(x, kt_exp(-0.5f * x * x));
  return x * (x > 0.0f ? 1.0f - tail : tail);
}

#endif
