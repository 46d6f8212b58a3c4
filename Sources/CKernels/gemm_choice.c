// Which instructions a matrix product uses.
#define _GNU_SOURCE
#include "gemm_form.h"

#if defined(KT_LEVELS) && defined(__linux__)
#include <cpuid.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

static int amx_is_ours;

/// The kernel saves tiles, 8 KiB for each thread, only of a process that has asked for them (Linux
/// 5.16, Documentation/arch/x86/xstate.rst). A yes holds for all threads, also those to come.
static void ask_for_amx(void) {
  enum { request_permission = 0x1023, tile_data = 18 };
  unsigned a, b, c, features = 0;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &features)) return;
  const int has_bf16 = features >> 22 & 1, has_tiles = features >> 24 & 1;
  amx_is_ours =
      has_bf16 && has_tiles && syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
}

static int has_amx(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, ask_for_amx);
  return amx_is_ours;
}
#elif defined(KT_LEVELS)
static int has_amx(void) { return 0; }
#endif

static int has_level(kt_level level) {
#if defined(KT_LEVELS)
  __builtin_cpu_init();
  switch (level) {
    case kt_baseline: return 1;
    case kt_avx2: return __builtin_cpu_supports("x86-64-v3");
    case kt_avx512: return __builtin_cpu_supports("x86-64-v4");
    case kt_avx512bf16:
      return __builtin_cpu_supports("x86-64-v4") && __builtin_cpu_supports("avx512bf16");
    case kt_amx: return has_level(kt_avx512bf16) && has_amx();
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
#if defined(__linux__)
  if (level == kt_amx) return is_bf16 ? &kt_gemm_amx_bf16 : NULL;
#endif
  if (level == kt_avx512bf16) return is_bf16 ? &kt_gemm_avx512bf16_bf16 : NULL;
  if (level == kt_avx512) return is_bf16 ? &kt_gemm_avx512_bf16 : &kt_gemm_avx512_fp32;
  if (level == kt_avx2) return is_bf16 ? &kt_gemm_avx2_bf16 : &kt_gemm_avx2_fp32;
#endif
  return is_bf16 ? &kt_gemm_baseline_bf16 : &kt_gemm_baseline_fp32;
}

/// Whether a level is faster than those before it. Intel's cores multiply the pairs of AVX512-BF16
/// at half the speed of fp32 (Emerald Rapids: 83 against 142 GFLOP/s); they have AMX for bf16.
static int is_faster(kt_level level) {
#if defined(KT_LEVELS)
  return level != kt_avx512bf16 || !__builtin_cpu_is("intel");
#else
  (void)level;
  return 1;
#endif
}

const kt_gemm_form *kt_gemm_best(kt_product product) {
  for (int level = kt_amx; level > kt_baseline; level--) {
    if (!is_faster((kt_level)level)) continue;
    const kt_gemm_form *form = kt_gemm_at(product, (kt_level)level);
    if (form != NULL) return form;
  }
  return kt_gemm_at(product, kt_baseline);
}

const char *kt_gemm_name(const kt_gemm_form *form) { return form->name; }

long kt_gemm_panel(const kt_gemm_form *form) { return form->tile_columns; }
