#include "gemm_form.h"

#if defined(__x86_64__) && defined(__linux__)
#include <immintrin.h>

// Products of bf16 by the tiles of Intel's AMX (Sapphire Rapids and later): a tile register holds
// 16 rows of 64 bytes, and one instruction multiplies 16 rows of A, 32 elements deep, by 16 columns of
// B. Two tiles of A by two of B keep the unit busy, for every tile that is loaded enters two
// products (Intel 64 Optimization Reference Manual, §20.5).

#pragma clang attribute push(                                                                  \
    __attribute__((target("arch=x86-64-v4,avx512bf16,amx-tile,amx-bf16"))), apply_to = function)

#define LANES 16
#define HAS_FMA 1
#define HAS_FP16 1
#define PAIRS 1

enum { tile = 16, tile_words = tile * tile, tile_rows = 2 * tile, tile_columns = 2 * tile };

#include "gemm_vector.h"
#include "gemm_result.h"
#include "gemm_packing.h"
#include "gemm_activation.h"

// MARK: - Packing

/// Packs 16 lanes of A from `step` on, 16 words of each, as a tile wants them: row by row.
KT_INLINE void pack_tile(const kt_packing *p, kt_source source, long lane, long step,
                         uint32_t *to) {
  const long size = element_of(source) == kt_fp32 ? 4 : 2;
  const long row_bytes = p->stride * size;
  const char *data = p->data;
  words x[tile];
  if (p->depth_is_dense) {
    for (int i = 0; i < tile; i++)
      x[i] = lane + i < p->lanes
                 ? load_depth(source, data + (lane + i) * row_bytes, step, p->depth)
                 : (words){};
  } else {
    const long here = at_most_lanes(p->lanes - lane);
    for (int i = 0; i < tile; i++) {
      const long at = (step + i) * word_depth;
      x[i] = at < p->depth ? load_lanes(source, data + at * row_bytes, row_bytes, lane, here,
                                        at + word_depth <= p->depth)
                           : (words){};
    }
    transpose(x, tile);
  }
  __builtin_memcpy(to, x, sizeof x);
}

/// Packs the lanes of one panel from `step` on: two tiles, one behind the other.
KT_INLINE void pack_two_tiles(const kt_packing *p, kt_source source, long lane, long step) {
  uint32_t *to = p->panels + lane / tile_rows * p->panel_words + step * tile_rows;
  pack_tile(p, source, lane, step, to);
  pack_tile(p, source, lane + tile, step, to + tile_words);
}

KT_INLINE void pack_a_from(const kt_packing *p, kt_source source) {
  const long steps = (p->depth + word_depth - 1) / word_depth;
  if (p->depth_is_dense) {
    for (long lane = 0; lane < p->lanes; lane += tile_rows)
      for (long step = 0; step < steps; step += tile) pack_two_tiles(p, source, lane, step);
  } else {  // all lanes of some steps, so that each row of the matrix is read in one go
    for (long step = 0; step < steps; step += tile)
      for (long lane = 0; lane < p->lanes; lane += tile_rows) pack_two_tiles(p, source, lane, step);
  }
}

static void pack_a(const kt_packing *p) {
  if (p->source == from_bf16) pack_a_from(p, from_bf16);
  else pack_a_from(p, from_fp32_rounded_to_bf16);
}

static void pack_b(const kt_packing *p) {
  pack_from_any(p, tile_columns, LANES);
  const long steps = (p->depth + word_depth - 1) / word_depth;
  const size_t missing = (size_t)((steps + tile - 1) / tile * tile - steps);
  for (long lane = 0; lane < p->lanes; lane += tile_columns)
    __builtin_memset(p->panels + lane / tile_columns * p->panel_words + steps * tile_columns, 0,
                     missing * tile_columns * sizeof(uint32_t));
}

// MARK: - Multiplying

/// The shapes of the eight tile registers, as LDTILECFG reads them.
typedef struct {
  uint8_t palette;
  uint8_t start_row;
  uint8_t reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
} tile_shapes;

static const tile_shapes whole_tiles = {
    .palette = 1,
    .row_bytes = {64, 64, 64, 64, 64, 64, 64, 64},
    .rows = {tile, tile, tile, tile, tile, tile, tile, tile}};

/// Sums of up to two tiles of rows by up to two tiles of columns over the depth of a block.
KT_INLINE void multiply_tiles(const uint32_t *a, const uint32_t *b, long steps, int has_lower,
                              int has_right, float sums[tile_rows][tile_columns]) {
  enum { a_bytes = tile * 4, b_bytes = tile_columns * 4, sum_bytes = tile_columns * 4 };
  _tile_zero(0);
  if (has_right) _tile_zero(1);
  if (has_lower) _tile_zero(2);
  if (has_lower && has_right) _tile_zero(3);
  for (long step = 0; step < steps; step += tile) {
    _tile_loadd(4, b, b_bytes);
    _tile_loadd(6, a, a_bytes);
    _tile_dpbf16ps(0, 6, 4);
    if (has_right) {
      _tile_loadd(5, b + tile, b_bytes);
      _tile_dpbf16ps(1, 6, 5);
    }
    if (has_lower) {
      _tile_loadd(7, a + tile_words, a_bytes);
      _tile_dpbf16ps(2, 7, 4);
      if (has_right) _tile_dpbf16ps(3, 7, 5);
    }
    a += tile * tile_rows;
    b += tile * tile_columns;
  }
  _tile_stored(0, sums[0], sum_bytes);
  if (has_right) _tile_stored(1, &sums[0][tile], sum_bytes);
  if (has_lower) _tile_stored(2, sums[tile], sum_bytes);
  if (has_lower && has_right) _tile_stored(3, &sums[tile][tile], sum_bytes);
}

/// One piece of the result: all rows of a panel of A by all columns of a panel of B.
KT_INLINE void multiply_panels(const kt_block *block, long row, long column, int has_lower,
                               int has_right) {
  float sums[tile_rows][tile_columns] __attribute__((aligned(64)));
  multiply_tiles(block->a + row * block->words,
                 block->b + column / tile_columns * block->b_panel_words, block->words, has_lower,
                 has_right, sums);
  const long rows = block->rows - row < tile_rows ? block->rows - row : tile_rows;
  const long columns = block->columns - column;
  for (long i = 0; i < rows; i++) {
    put_result(block, *(const floats *)sums[i], row + i, column, at_most_lanes(columns));
    if (has_right)
      put_result(block, *(const floats *)&sums[i][tile], row + i, column + tile,
                 at_most_lanes(columns - tile));
  }
}

static void multiply(const kt_block *block) {
  _tile_loadconfig(&whole_tiles);
  for (long column = 0; column < block->columns; column += tile_columns) {
    const int has_right = block->columns - column > tile;
    for (long row = 0; row < block->rows; row += tile_rows) {
      const int has_lower = block->rows - row > tile;
      if (has_right && has_lower) multiply_panels(block, row, column, 1, 1);
      else if (has_right) multiply_panels(block, row, column, 0, 1);
      else if (has_lower) multiply_panels(block, row, column, 1, 0);
      else multiply_panels(block, row, column, 0, 0);
    }
  }
  _tile_release();
}

#pragma clang attribute pop

const kt_gemm_form kt_gemm_amx_bf16 = {
    "AMX-BF16", tile_rows, tile_columns, word_depth, tile, 1, pack_a, pack_b, multiply, gelu};
#endif
