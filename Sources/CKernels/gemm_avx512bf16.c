#include "gemm_form.h"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(                                                                  \
    __attribute__((target("arch=x86-64-v4,avx512bf16"))), apply_to = function)

#define LANES 16
#define TILE_ROWS 8
#define HAS_FMA 1
#define HAS_FP16 1
#define PAIRS 1
#include "gemm_template.h"

#pragma clang attribute pop

const kt_gemm_form kt_gemm_avx512bf16_bf16 = {
    "AVX512-BF16", tile_rows, tile_columns, word_depth, 1, 1, pack_a, pack_b, multiply, gelu};
#endif
