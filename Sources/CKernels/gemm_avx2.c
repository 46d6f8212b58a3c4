#include "gemm_form.h"

#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)

#define LANES 8
#define TILE_ROWS 4
#define HAS_FMA 1
#define HAS_FP16 1
#define PAIRS 0
#include "gemm_template.h"

#pragma clang attribute pop

const kt_gemm_form kt_gemm_avx2_bf16 = {
    "AVX2", tile_rows, tile_columns, word_depth, 1, 1, pack_a, pack_b, multiply, gelu};
const kt_gemm_form kt_gemm_avx2_fp32 = {
    "AVX2", tile_rows, tile_columns, word_depth, 1, 0, pack_a, pack_b, multiply, gelu};
#endif
