#include "include/halves.h"

#include "half.h"

// fp16 has instructions from AVX2's generation on, which clang uses for casts of _Float16; without
// them a cast is a call, so the oldest machines get the plain form.
#if defined(KT_LEVELS)
#define KT_FP16_FORM(level) __attribute__((target("arch=x86-64-" level)))
#endif

KT_KERNEL void kt_bf16_from_fp32(long count, const float *restrict x, uint16_t *restrict y) {
  for (long i = 0; i < count; i++) y[i] = kt_to_bf16(x[i]);
}

KT_KERNEL void kt_fp32_from_bf16(long count, const uint16_t *restrict x, float *restrict y) {
  for (long i = 0; i < count; i++) y[i] = kt_from_bf16(x[i]);
}

KT_INLINE void narrow(long count, const float *restrict x, uint16_t *restrict y) {
  _Float16 *halves = (_Float16 *)y;
  for (long i = 0; i < count; i++) halves[i] = (_Float16)x[i];
}

KT_INLINE void widen(long count, const uint16_t *restrict x, float *restrict y) {
  const _Float16 *halves = (const _Float16 *)x;
  for (long i = 0; i < count; i++) y[i] = (float)halves[i];
}

#if defined(KT_LEVELS)
KT_FP16_FORM("v4")
static void narrow_v4(long count, const float *x, uint16_t *y) { narrow(count, x, y); }
KT_FP16_FORM("v3")
static void narrow_v3(long count, const float *x, uint16_t *y) { narrow(count, x, y); }
KT_FP16_FORM("v4")
static void widen_v4(long count, const uint16_t *x, float *y) { widen(count, x, y); }
KT_FP16_FORM("v3")
static void widen_v3(long count, const uint16_t *x, float *y) { widen(count, x, y); }
#endif

void kt_fp16_from_fp32(long count, const float *x, uint16_t *y) {
#if defined(KT_LEVELS)
  if (__builtin_cpu_supports("x86-64-v4")) return narrow_v4(count, x, y);
  if (__builtin_cpu_supports("x86-64-v3")) return narrow_v3(count, x, y);
  kt_fp16_from_fp32_plain(count, x, y);
#else
  narrow(count, x, y);
#endif
}

void kt_fp32_from_fp16(long count, const uint16_t *x, float *y) {
#if defined(KT_LEVELS)
  if (__builtin_cpu_supports("x86-64-v4")) return widen_v4(count, x, y);
  if (__builtin_cpu_supports("x86-64-v3")) return widen_v3(count, x, y);
  kt_fp32_from_fp16_plain(count, x, y);
#else
  widen(count, x, y);
#endif
}

void kt_bf16_from_fp32_plain(long count, const float *x, uint16_t *y) {
  for (long i = 0; i < count; i++) y[i] = kt_to_bf16(x[i]);
}

void kt_fp32_from_bf16_plain(long count, const uint16_t *x, float *y) {
  for (long i = 0; i < count; i++) y[i] = kt_from_bf16(x[i]);
}

void kt_fp16_from_fp32_plain(long count, const float *x, uint16_t *y) {
  for (long i = 0; i < count; i++) y[i] = kt_to_fp16(x[i]);
}

void kt_fp32_from_fp16_plain(long count, const uint16_t *x, float *y) {
  for (long i = 0; i < count; i++) y[i] = kt_from_fp16(x[i]);
}
