// Part of gemm_template.h: tiles of the result, and the panels that they are summed from.

static void pack_a(const kt_packing *p) { pack_from_any(p, tile_rows, tile_rows); }

static void pack_b(const kt_packing *p) { pack_from_any(p, tile_columns, LANES); }

KT_INLINE floats accumulate(floats sum, uint32_t a, words b) {
#if PAIRS
  return (floats)_mm512_dpbf16_ps((__m512)sum, (__m512bh)splat(a), (__m512bh)b);
#else
  return multiply_add((floats)splat(a), (floats)b, sum);
#endif
}

/// One tile of the result, of which the block holds `rows` and `columns`, at most `used` vectors.
KT_INLINE void multiply_tile(const kt_block *block, const uint32_t *a, const uint32_t *b, long row,
                             long column, long rows, long columns, int used) {
  floats sums[tile_rows][vectors];
#pragma clang loop unroll(full)
  for (int i = 0; i < tile_rows; i++)
#pragma clang loop unroll(full)
    for (int v = 0; v < used; v++) sums[i][v] = (floats){};
  for (long step = 0; step < block->words; step++) {
    words right[vectors];
#pragma clang loop unroll(full)
    for (int v = 0; v < used; v++) right[v] = *(const words *)(b + v * LANES);
#pragma clang loop unroll(full)
    for (int i = 0; i < tile_rows; i++)
#pragma clang loop unroll(full)
      for (int v = 0; v < used; v++) sums[i][v] = accumulate(sums[i][v], a[i], right[v]);
    a += tile_rows;
    b += tile_columns;
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < tile_rows; i++) {
    if (i >= rows) break;
#pragma clang loop unroll(full)
    for (int v = 0; v < used; v++)
      put_result(block, sums[i][v], row + i, column + v * LANES, at_most_lanes(columns - v * LANES));
  }
}

/// The tiles below one another that share a panel of B.
KT_INLINE void multiply_panel(const kt_block *block, long column, int used) {
  const uint32_t *b = block->b + column / tile_columns * block->b_panel_words;
  for (long row = 0; row < block->rows; row += tile_rows)
    multiply_tile(block, block->a + row * block->words, b, row, column, block->rows - row,
                  block->columns - column, used);
}

static void multiply(const kt_block *block) {
  for (long column = 0; column < block->columns; column += tile_columns) {
    const long columns = block->columns - column;
    if (columns > 2 * LANES) multiply_panel(block, column, 3);
    else if (columns > LANES) multiply_panel(block, column, 2);
    else multiply_panel(block, column, 1);
  }
}
