// Which instructions a matrix product uses.
#include "gemm_form.h"

static int has_level(kt_level level) {
#if defined(KT_LEVELS)
  __builtin_cpu_init();
  switch (level) {
    case kt_baseline: return 1;
    case kt_avx2: return __builtin_cpu_supports("x86-64-v3");
    case kt_avx512: return __builtin_cpu_supports("x86-64-v4");
    case kt_avx512bf16:
      return __builtin_cpu_supports("x86-64-v4") && __builtin_cpu_supports("avx512bf16");
  }
  return 0;
#else
  return level == kt_baseline;
#endif
}

const kt_gemm_form *kt_gemm_at(kt_product product, kt_level level) {
  if (!has_level(level)) return NULL;
  const int is_bf16 = product == kt_product_bf16;
#if defined(__x86_64__)
  if (level == kt_avx512bf16) return is_bf16 ? &kt_gemm_avx512bf16_bf16 : NULL;
  if (level == kt_avx512) return is_bf16 ? &kt_gemm_avx512_bf16 : &kt_gemm_avx512_fp32;
  if (level == kt_avx2) return is_bf16 ? &kt_gemm_avx2_bf16 : &kt_gemm_avx2_fp32;
#endif
  return is_bf16 ? &kt_gemm_baseline_bf16 : &kt_gemm_baseline_fp32;
}

const kt_gemm_form *kt_gemm_best(kt_product product) {
  for (int level = kt_avx512bf16; level > kt_baseline; level--) {
    const kt_gemm_form *form = kt_gemm_at(product, (kt_level)level);
    if (form != NULL) return form;
  }
  return kt_gemm_at(product, kt_baseline);
}

const char *kt_gemm_name(const kt_gemm_form *form) { return form->name; }

long kt_gemm_panel(const kt_gemm_form *form) { return form->tile_columns; }
