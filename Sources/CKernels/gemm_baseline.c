#include "gemm_form.h"

// Four lanes: SSE2, with 16 registers, or NEON, with 32.
#define LANES 4
#define PAIRS 0
#if defined(__aarch64__)
#define TILE_ROWS 8
#define HAS_FMA 1
#define HAS_FP16 1
#define NAME "NEON"
#else
#define TILE_ROWS 4
#define HAS_FMA 0
#define HAS_FP16 0
#define NAME "baseline"
#endif
#include "gemm_template.h"

const kt_gemm_form kt_gemm_baseline_bf16 = {
    NAME, tile_rows, tile_columns, word_depth, 1, 1, pack_a, pack_b, multiply, gelu};
const kt_gemm_form kt_gemm_baseline_fp32 = {
    NAME, tile_rows, tile_columns, word_depth, 1, 0, pack_a, pack_b, multiply, gelu};
