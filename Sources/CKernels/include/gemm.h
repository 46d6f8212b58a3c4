#ifndef KT_GEMM_H
#define KT_GEMM_H

#include <stddef.h>

// Products of matrices of fp32, fp16 or bf16 numbers, summed in fp32, on the calling thread.
//
// The right operand is packed into panels first; one packed matrix serves any number of products.
// An element of the result is the sum over the depth in one order that depends on the depth alone:
// rows and columns may be split among threads in any way, the bits are the same.

/// How a number is stored.
typedef enum { kt_fp32, kt_bf16, kt_fp16 } kt_element;

/// What is multiplied.
///
/// kt_product_bf16: both operands as bf16; fp32 is rounded to it while it is packed. AVX512-BF16 and
/// AMX take subnormal numbers for 0 and add the products of two neighbours in depth at a time.
/// kt_product_fp32: each operand as it is, fp32 or fp16; fp16 is widened while it is packed, so
/// that every product of two fp16 numbers is exact.
typedef enum { kt_product_bf16, kt_product_fp32 } kt_product;

/// The instructions that a product uses, from the oldest to the newest.
typedef enum { kt_baseline, kt_avx2, kt_avx512, kt_avx512bf16, kt_amx } kt_level;

/// A matrix in memory, row-major, or, with `transposed` non-zero, the transpose of one.
typedef struct {
  const void *data;
  long stride;  ///< elements from one row in memory to the next
  kt_element element;
  int transposed;
  int gelu;  ///< of a left operand: whether its elements go through the exact GELU first
} kt_matrix;

/// What is added to a product, times `factor`; nothing if there is no data.
typedef struct {
  const void *data;
  long stride;  ///< elements from one row to the next; 0 adds one row to every row of the product
  kt_element element;
  float factor;
} kt_addend;

/// Where a result goes: a row-major matrix.
typedef struct {
  void *data;
  long stride;
  kt_element element;
} kt_target;

/// How products of one kind are computed with the instructions of one level.
typedef struct kt_gemm_form kt_gemm_form;

/// The fastest form that this processor can run.
const kt_gemm_form *kt_gemm_best(kt_product product);

/// The form of one level; NULL if this processor or this kind of product has none.
const kt_gemm_form *kt_gemm_at(kt_product product, kt_level level);

/// The name of the instructions, such as "AVX512-BF16".
const char *kt_gemm_name(const kt_gemm_form *form);

/// How many columns a panel of the packed right operand has.
long kt_gemm_panel(const kt_gemm_form *form);

/// The bytes of a right operand of `columns` columns once it is packed.
size_t kt_gemm_packed_size(const kt_gemm_form *form, long columns, long depth);

/// Packs the columns `first..<last` of the right operand, whose rows are the depth: `depth` of them
/// from `from` on.
///
/// `first` is a multiple of the panel's columns. `packed` is the start of the whole packed matrix,
/// aligned to 64: several threads may pack different columns of it.
void kt_gemm_pack_right(const kt_gemm_form *form, kt_matrix b, long from, long depth, long first,
                        long last, void *packed);

/// C = alpha · A · B + addend for the columns `first..<last` of B.
///
/// A is rows × depth; `packed` is the start of the whole packed B, `first` a multiple of the
/// panel's columns; C and the addend, which may be C itself, start at the first of these columns.
/// A C of 16 bits is rounded once, at the end.
void kt_gemm_packed(const kt_gemm_form *form, kt_matrix a, const void *packed, long rows,
                    long first, long last, long depth, float alpha, kt_addend addend, kt_target c);

/// The words of `rows` rows of a left operand once they are packed.
long kt_gemm_left_words(const kt_gemm_form *form, long rows, long depth);

/// Packs `rows` rows of the left operand from `row` on, `depth` elements of each from `from` on.
void kt_gemm_pack_left(const kt_gemm_form *form, kt_matrix a, long row, long rows, long from,
                       long depth, void *packed);

/// C = alpha · A · B + addend for the columns `first..<last` of B, both operands packed over the same depth;
/// `left` is the start of the rows that are wanted.
void kt_gemm_both_packed(const kt_gemm_form *form, const void *left, const void *right, long rows,
                         long first, long last, long depth, float alpha, kt_addend addend,
                         kt_target c);

#endif
