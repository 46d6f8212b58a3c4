// What gemm.c asks of the kernels for one set of instructions.
#ifndef KT_GEMM_FORM_H
#define KT_GEMM_FORM_H

#include "exponential.h"
#include "half.h"
#include "include/gemm.h"

/// From which numbers a panel is made.
typedef enum { from_fp32, from_fp32_rounded_to_bf16, from_bf16, from_fp16 } kt_source;

/// What is packed: `lanes` rows of A or columns of B, `depth` elements of each. Either the lanes or
/// (`depth_is_dense`) the elements of one lane lie side by side; the others are `stride` apart.
typedef struct {
  const void *data;
  long stride;
  kt_source source;
  int depth_is_dense;
  long lanes;
  long depth;
  uint32_t *panels;
  long panel_words;  ///< from one panel to the next
} kt_packing;

/// A block of the result: target = alpha · A · B + addend.
typedef struct {
  const uint32_t *a;  ///< panels of `words · tile_rows`
  const uint32_t *b;
  long b_panel_words;  ///< from one panel of B to the next
  long words;          ///< the depth
  long rows;
  long columns;
  float alpha;
  kt_addend addend;
  kt_target target;
} kt_block;

/// A panel holds, for each step of the depth, a 32-bit word of every lane: an fp32 number, or a
/// pair of bf16 numbers that follow one another in depth. In which order a panel of A holds them is
/// the form's business.
struct kt_gemm_form {
  const char *name;
  long tile_rows;
  long tile_columns;
  long word_depth;  ///< elements in a word
  long step_words;  ///< a panel has a multiple of so many steps, zeros behind the depth
  int rounds_to_bf16;
  void (*pack_a)(const kt_packing *packing);
  void (*pack_b)(const kt_packing *packing);
  void (*multiply)(const kt_block *block);
  /// Replaces each number in some words of a panel by its GELU, rounded to bf16 if so wished.
  void (*gelu)(long count, uint32_t *words, int rounds_to_bf16);
};

/// The forms by level: NULL where this architecture has none.
extern const kt_gemm_form kt_gemm_baseline_bf16, kt_gemm_baseline_fp32;
#if defined(__x86_64__)
extern const kt_gemm_form kt_gemm_avx2_bf16, kt_gemm_avx2_fp32;
extern const kt_gemm_form kt_gemm_avx512_bf16, kt_gemm_avx512_fp32;
extern const kt_gemm_form kt_gemm_avx512bf16_bf16;
extern const kt_gemm_form kt_gemm_amx_bf16;
#endif

#endif
