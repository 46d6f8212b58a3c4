#include "include/gemm.h"

#include "gemm_form.h"
#include "include/scratch.h"

// A block of A, at most `most_rows` × `most_words` of it, stays in the second-level cache (295 KB),
// beside a panel of B, block_words × tile_columns, which is read from there once for each tile. The
// depth is cut into as few equal blocks as may be: behind each, the sums so far are stored and read.
enum { most_rows = 192, most_block_words = 768, most_words = 192 * 384 };

// MARK: - Packing

static long round_up(long count, long to) { return (count + to - 1) / to * to; }

static long least(long a, long b) { return a < b ? a : b; }

static long words_of(const kt_gemm_form *form, long depth) {
  return round_up((depth + form->word_depth - 1) / form->word_depth, form->step_words);
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

/// Packs the columns `first..<last` of B, `depth` elements of each from `from` on.
static void pack_columns(const kt_gemm_form *form, kt_matrix b, long from, long depth, long first,
                         long last, uint32_t *panels) {
  const long at = b.transposed ? first * b.stride + from : from * b.stride + first;
  const kt_packing packing = {.data = element_at(b.element, b.data, at),
                              .stride = b.stride,
                              .source = source_of(form, b.element),
                              .depth_is_dense = b.transposed,
                              .lanes = last - first,
                              .depth = depth,
                              .panels = panels,
                              .panel_words = words_of(form, depth) * form->tile_columns};
  form->pack_b(&packing);
}

/// Packs `rows` rows of A from `row` on, `depth` elements of each from `from` on.
static void pack_rows(const kt_gemm_form *form, kt_matrix a, long row, long rows, long from,
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

/// A product under way.
typedef struct {
  const kt_gemm_form *form;
  kt_matrix a;
  long rows;
  long columns;
  long depth;
  float alpha;
  kt_addend addend;
  kt_target c;
  long words;        // of the depth
  long block_words;  // of a block of depth
  long block_rows;   // of A at a time
  uint32_t *block_a;
  kt_target partial;  // sums of several blocks of depth wait here in fp32: in C if it is fp32
} kt_run;

/// The lengths of a product's scratch memory in words: a block of A, then partial sums of its rows if a
/// 16-bit C needs them.
static long block_a_words(const kt_run *run) {
  return run->block_rows * round_up(run->block_words, 16);
}

static long partial_words(const kt_run *run) {
  if (run->c.element == kt_fp32 || run->words <= run->block_words) return 0;
  return run->block_rows * round_up(run->columns, 16);
}

static kt_run prepare(const kt_gemm_form *form, kt_matrix a, long rows, long columns, long depth,
                      float alpha, kt_addend addend, kt_target c) {
  const long words = words_of(form, depth);
  const long blocks = (words + most_block_words - 1) / most_block_words;
  const long block_words = blocks < 2 ? words : round_up((words + blocks - 1) / blocks, 16);
  // Whole tiles of every form.
  const long rows_that_fit = most_words / block_words / 32 * 32;
  return (kt_run){.form = form,
                  .a = a,
                  .rows = rows,
                  .columns = columns,
                  .depth = depth,
                  .alpha = alpha,
                  .addend = addend,
                  .c = c,
                  .words = words,
                  .block_words = block_words,
                  .block_rows = least(most_rows, rows_that_fit)};
}

static void use_scratch(kt_run *run, uint32_t *words) {
  run->block_a = words;
  run->partial = run->c;
  if (run->c.element == kt_fp32) return;
  run->partial = (kt_target){words + block_a_words(run), round_up(run->columns, 16), kt_fp32};
}

static kt_target target_at(kt_target target, long row) {
  target.data = (void *)element_at(target.element, target.data, row * target.stride);
  return target;
}

static kt_addend addend_at(kt_addend addend, long row) {
  if (addend.data != NULL)
    addend.data = element_at(addend.element, addend.data, row * addend.stride);
  return addend;
}

static float number_at(kt_element element, const void *data, long index) {
  const void *at = element_at(element, data, index);
  if (element == kt_fp32) return *(const float *)at;
  const uint16_t half = *(const uint16_t *)at;
  return element == kt_bf16 ? kt_from_bf16(half) : kt_from_fp16(half);
}

/// C = addend, where there is no depth.
static void add_alone(kt_target c, long rows, long columns, kt_addend addend) {
  for (long row = 0; row < rows; row++)
    for (long column = 0; column < columns; column++) {
      float x = 0.0f;
      if (addend.data != NULL)
        x = addend.factor *
            number_at(addend.element, addend.data, row * addend.stride + column);
      void *at = (void *)element_at(c.element, c.data, row * c.stride + column);
      if (c.element == kt_fp32) *(float *)at = x;
      else *(uint16_t *)at = c.element == kt_bf16 ? kt_to_bf16(x) : kt_to_fp16(x);
    }
}

/// Adds a block of depth, from `word` on, to a block of rows.
static void multiply_block(const kt_run *run, long row, long word, const uint32_t *packed) {
  const kt_gemm_form *form = run->form;
  const long rows = least(run->block_rows, run->rows - row);
  const long words = least(run->block_words, run->words - word);
  const long from = word * form->word_depth;
  pack_rows(form, run->a, row, rows, from, least(words * form->word_depth, run->depth - from),
            run->block_a);
  if (run->a.gelu)
    form->gelu(round_up(rows, form->tile_rows) * words, run->block_a, form->rounds_to_bf16);
  const int is_first = word == 0, is_last = word + words == run->words;
  const kt_target partial = target_at(run->partial, run->c.element == kt_fp32 ? row : 0);
  const kt_addend sum_so_far = {partial.data, partial.stride, partial.element, 1.0f};
  const kt_block block = {
      .a = run->block_a,
      .b = packed + word * form->tile_columns,
      .b_panel_words = run->words * form->tile_columns,
      .words = words,
      .rows = rows,
      .columns = run->columns,
      .alpha = run->alpha,
      .addend = is_first ? addend_at(run->addend, row) : sum_so_far,
      .target = is_last ? target_at(run->c, row) : partial};
  form->multiply(&block);
}

void kt_gemm_packed(const kt_gemm_form *form, kt_matrix a, const void *packed, long rows,
                    long first, long last, long depth, float alpha, kt_addend addend,
                    kt_target c) {
  if (rows <= 0 || last <= first) return;
  if (depth == 0) return add_alone(c, rows, last - first, addend);
  kt_run run = prepare(form, a, rows, last - first, depth, alpha, addend, c);
  const long words = block_a_words(&run) + partial_words(&run);
  use_scratch(&run, kt_scratch(kt_scratch_of_product, (size_t)words * sizeof(uint32_t)));
  for (long row = 0; row < rows; row += run.block_rows)
    for (long word = 0; word < run.words; word += run.block_words)
      multiply_block(&run, row, word, (const uint32_t *)packed + first * run.words);
}

long kt_gemm_left_words(const kt_gemm_form *form, long rows, long depth) {
  return round_up(rows, form->tile_rows) * words_of(form, depth);
}

void kt_gemm_pack_left(const kt_gemm_form *form, kt_matrix a, long row, long rows, long from,
                       long depth, void *packed) {
  pack_rows(form, a, row, rows, from, depth, packed);
}

void kt_gemm_pack_right(const kt_gemm_form *form, kt_matrix b, long from, long depth, long first,
                        long last, void *packed) {
  pack_columns(form, b, from, depth, first, last,
               (uint32_t *)packed + first * words_of(form, depth));
}

void kt_gemm_both_packed(const kt_gemm_form *form, const void *left, const void *right, long rows,
                         long first, long last, long depth, float alpha, kt_addend addend,
                         kt_target c) {
  const long words = words_of(form, depth);
  const kt_block block = {.a = left,
                          .b = (const uint32_t *)right + first * words,
                          .b_panel_words = words * form->tile_columns,
                          .words = words,
                          .rows = rows,
                          .columns = last - first,
                          .alpha = alpha,
                          .addend = addend,
                          .target = c};
  form->multiply(&block);
}
