#define _GNU_SOURCE
#include "include/gemm.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "gemm_form.h"

// A block of A, `block_rows` × `block_words`, stays in the second-level cache (at most 295 KB),
// beside a panel of B, `block_words` × tile_columns, which is read from there once for each tile.
// The depth is cut into equal blocks.
enum { block_rows = 192, most_block_words = 384 };

// MARK: - Choice of instructions

static int has_level(kt_level level) {
#if defined(__x86_64__)
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
  if (level == kt_avx512) return is_bf16 ? &kt_gemm_avx512_bf16 : &kt_gemm_avx512_fp16;
  if (level == kt_avx2) return is_bf16 ? &kt_gemm_avx2_bf16 : &kt_gemm_avx2_fp16;
#endif
  return is_bf16 ? &kt_gemm_baseline_bf16 : &kt_gemm_baseline_fp16;
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

// MARK: - Scratch memory, kept by each thread

typedef struct {
  char *base;
  size_t size;
} kt_scratch;

static pthread_key_t scratch_key;
static pthread_once_t scratch_once = PTHREAD_ONCE_INIT;

static void free_scratch(void *pointer) {
  kt_scratch *scratch = pointer;
  free(scratch->base);
  free(scratch);
}

static void make_scratch_key(void) {
  if (pthread_key_create(&scratch_key, free_scratch) != 0) abort();
}

/// At least `size` bytes, aligned to 64; what it held before is lost.
static char *scratch_of(size_t size) {
  pthread_once(&scratch_once, make_scratch_key);
  kt_scratch *scratch = pthread_getspecific(scratch_key);
  if (scratch == NULL) {
    scratch = calloc(1, sizeof *scratch);
    if (scratch == NULL || pthread_setspecific(scratch_key, scratch) != 0) abort();
  }
  if (scratch->size < size) {
    free(scratch->base);
    scratch->size = (size + 0xffff) / 0x10000 * 0x10000;
    scratch->base = aligned_alloc(64, scratch->size);
    if (scratch->base == NULL) {
      fprintf(stderr, "out of memory: no %zu bytes for a matrix product\n", scratch->size);
      abort();
    }
  }
  return scratch->base;
}

// MARK: - Packing

static long round_up(long count, long to) { return (count + to - 1) / to * to; }

static long least(long a, long b) { return a < b ? a : b; }

static long words_of(const kt_gemm_form *form, long depth) {
  return (depth + form->word_depth - 1) / form->word_depth;
}

static kt_source source_of(const kt_gemm_form *form, kt_element element) {
  if (element == kt_bf16) return from_bf16;
  if (element == kt_fp16) return from_fp16;
  return form->rounds_to_bf16 ? from_fp32_rounded_to_bf16 : from_fp32;
}

static const void *element_at(kt_element element, const void *data, long index) {
  return (const char *)data + index * (element == kt_fp32 ? 4 : 2);
}

size_t kt_gemm_packed_size(const kt_gemm_form *form, long columns, long depth) {
  return (size_t)(round_up(columns, form->tile_columns) * words_of(form, depth)) * 4;
}

void kt_gemm_pack(const kt_gemm_form *form, kt_matrix b, long depth, long first, long last,
                  void *packed) {
  const long words = words_of(form, depth);
  const kt_packing packing = {
      .data = element_at(b.element, b.data, b.transposed ? first * b.stride : first),
      .stride = b.stride,
      .source = source_of(form, b.element),
      .depth_is_dense = b.transposed,
      .lanes = last - first,
      .depth = depth,
      .panels = (uint32_t *)packed + first * words,
      .panel_words = words * form->tile_columns};
  form->pack_b(&packing);
}

/// Packs `rows` rows of A from `row` on, `depth` elements of each from `from` on.
static void pack_block(const kt_gemm_form *form, kt_matrix a, long row, long rows, long from,
                       long depth, uint32_t *panels) {
  const long at = a.transposed ? from * a.stride + row : row * a.stride + from;
  const kt_packing packing = {.data = element_at(a.element, a.data, at),
                              .stride = a.stride,
                              .source = source_of(form, a.element),
                              .depth_is_dense = !a.transposed,
                              .lanes = rows,
                              .depth = depth,
                              .panels = panels,
                              .panel_words = words_of(form, depth) * form->tile_rows};
  form->pack_a(&packing);
}

// MARK: - Multiplying

static long block_words_of(long words) {
  const long blocks = (words + most_block_words - 1) / most_block_words;
  return blocks < 2 ? words : round_up((words + blocks - 1) / blocks, 16);
}

static kt_target target_at(kt_target target, long row) {
  target.data = (void *)element_at(target.element, target.data, row * target.stride);
  return target;
}

/// C = beta · C, where there is no depth.
static void scale(kt_target c, long rows, long columns, float beta) {
  for (long row = 0; row < rows; row++)
    for (long column = 0; column < columns; column++) {
      void *at = (void *)element_at(c.element, c.data, row * c.stride + column);
      uint16_t half = 0;
      float x = 0.0f;
      if (beta != 0.0f) {
        __builtin_memcpy(c.element == kt_fp32 ? (void *)&x : &half, at, c.element == kt_fp32 ? 4 : 2);
        if (c.element != kt_fp32) x = c.element == kt_bf16 ? kt_from_bf16(half) : kt_from_fp16(half);
        x *= beta;
      }
      half = c.element == kt_bf16 ? kt_to_bf16(x) : kt_to_fp16(x);
      __builtin_memcpy(at, c.element == kt_fp32 ? (void *)&x : &half, c.element == kt_fp32 ? 4 : 2);
    }
}

/// As kt_gemm_packed, with scratch memory for `scratch_size` bytes.
static void multiply_packed(const kt_gemm_form *form, kt_matrix a, const void *packed, long rows,
                            long first, long last, long depth, float alpha, float beta,
                            kt_target c, char *scratch) {
  const long words = words_of(form, depth);
  const long block_words = block_words_of(words);
  const long columns = last - first;
  if (depth == 0) return scale(c, rows, columns, beta);
  uint32_t *panels = (uint32_t *)scratch;
  // Sums of several blocks of depth wait in fp32, in C itself if it is fp32.
  const kt_target partial = {panels + block_rows * round_up(block_words, 16), round_up(columns, 16), kt_fp32};
  for (long row = 0; row < rows; row += block_rows) {
    const long rows_here = least(block_rows, rows - row);
    const kt_target result = target_at(c, row);
    for (long word = 0; word < words; word += block_words) {
      const long words_here = least(block_words, words - word);
      const long from = word * form->word_depth;
      pack_block(form, a, row, rows_here, from,
                 least(words_here * form->word_depth, depth - from), panels);
      const int is_first = word == 0, is_last = word + words_here == words;
      const kt_target sums = c.element == kt_fp32 ? result : partial;
      const kt_block block = {
          .a = panels,
          .b = (const uint32_t *)packed + first * words + word * form->tile_columns,
          .b_panel_words = words * form->tile_columns,
          .words = words_here,
          .rows = rows_here,
          .columns = columns,
          .alpha = alpha,
          .beta = is_first ? beta : 1.0f,
          .base = !is_first ? sums : beta != 0.0f ? result : (kt_target){NULL, 0, kt_fp32},
          .target = is_last ? result : sums};
      form->multiply(&block);
    }
  }
}

static size_t scratch_size(const kt_gemm_form *form, long columns, long depth, kt_element element) {
  const long words = words_of(form, depth);
  const size_t block = (size_t)(block_rows * round_up(block_words_of(words), 16)) * 4;
  if (element == kt_fp32 || words <= most_block_words) return block;
  return block + (size_t)(block_rows * round_up(columns, 16)) * 4;
}

void kt_gemm_packed(const kt_gemm_form *form, kt_matrix a, const void *packed, long rows,
                    long first, long last, long depth, float alpha, float beta, kt_target c) {
  if (rows <= 0 || last <= first) return;
  char *scratch = scratch_of(scratch_size(form, last - first, depth, c.element));
  multiply_packed(form, a, packed, rows, first, last, depth, alpha, beta, c, scratch);
}

void kt_gemm(const kt_gemm_form *form, kt_matrix a, kt_matrix b, long rows, long columns,
             long depth, float alpha, float beta, kt_target c) {
  if (rows <= 0 || columns <= 0) return;
  const size_t packed = (kt_gemm_packed_size(form, columns, depth) + 63) / 64 * 64;
  char *scratch = scratch_of(packed + scratch_size(form, columns, depth, c.element));
  kt_gemm_pack(form, b, depth, 0, columns, scratch);
  multiply_packed(form, a, scratch, rows, 0, columns, depth, alpha, beta, c, scratch + packed);
}
