#include "include/EmulatedTiles.h"

#include <stddef.h>

#if defined(__x86_64__) && defined(__linux__)
#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#include "../../Sources/CKernels/half.h"

// The instructions as Intel's Software Developer's Manual, volume 2, describes them, for whole tiles.

static _Thread_local uint32_t registers[8][16][16];

static void load_tile(int tile, const void *from, long stride) {
  for (int row = 0; row < 16; row++)
    memcpy(registers[tile][row], (const char *)from + row * stride, 64);
}

static void store_tile(int tile, void *to, long stride) {
  for (int row = 0; row < 16; row++) memcpy((char *)to + row * stride, registers[tile][row], 64);
}

/// TDPBF16PS: C[m][n] += A[m][2k] · B[k][2n] + A[m][2k + 1] · B[k][2n + 1].
static void multiply_tiles_of_pairs(int c, int a, int b) {
  for (int m = 0; m < 16; m++)
    for (int k = 0; k < 16; k++)
      for (int n = 0; n < 16; n++) {
        const uint32_t x = registers[a][m][k], y = registers[b][k][n];
        float sum = kt_float(registers[c][m][n]);
        sum += kt_float(x << 16) * kt_float(y << 16);
        sum += kt_float(x & 0xffff0000) * kt_float(y & 0xffff0000);
        registers[c][m][n] = kt_bits(sum);
      }
}

#undef _tile_loadd
#undef _tile_stored
#undef _tile_zero
#undef _tile_dpbf16ps
#define _tile_loadd(tile, from, stride) load_tile(tile, from, stride)
#define _tile_stored(tile, to, stride) store_tile(tile, to, stride)
#define _tile_zero(tile) memset(registers[tile], 0, sizeof registers[tile])
#define _tile_dpbf16ps(c, a, b) multiply_tiles_of_pairs(c, a, b)
#define _tile_loadconfig(shapes) (void)(shapes)
// What a released tile held is gone: not-a-number shows who reads it.
#define _tile_release() memset(registers, 0xff, sizeof registers)

#define kt_gemm_amx_bf16 emulated_amx
#include "../../Sources/CKernels/gemm_amx.c"

const void *emulated_amx_form(void) {
  return kt_gemm_at(kt_product_bf16, kt_avx512bf16) == NULL ? NULL : &emulated_amx;
}
#else
const void *emulated_amx_form(void) { return NULL; }
#endif
