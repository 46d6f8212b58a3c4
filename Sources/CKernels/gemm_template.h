// The kernels of a matrix product, for one set of instructions. Included by gemm_<level>.c, with
//   LANES      numbers in a vector register
//   TILE_ROWS  rows of the tile of sums that the registers hold: TILE_ROWS × 3 vectors
//   HAS_FMA    whether there is a fused multiply-add
//   HAS_FP16   whether fp16 can be converted by instruction
//   PAIRS      whether a word is a pair of bf16, multiplied by vdpbf16ps, or one fp32
//
// The tile follows Goto and van de Geijn, "Anatomy of high-performance matrix multiplication"
// (2008): a panel of B in the first-level cache, the block of A in the second.

enum { vectors = 3, tile_rows = TILE_ROWS, tile_columns = vectors * LANES };

#include "gemm_vector.h"
#include "gemm_result.h"
#include "gemm_packing.h"
#include "gemm_tile.h"
#include "gemm_activation.h"
