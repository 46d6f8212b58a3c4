#include "include/dropout.h"

#include "kernel.h"

enum { multiplier_0 = 0xD2511F53u, multiplier_1 = 0xCD9E8D57u };
enum { weyl_0 = 0x9E3779B9u, weyl_1 = 0xBB67AE85u };
// Seven rounds are the fewest that pass all of BigCrush (Salmon et al., 2011, table 2).
enum { lanes = 16, words = 4, rounds = 7, group = lanes * words * 2 };

void kt_philox(const uint32_t key[2], const uint32_t counter[4], uint32_t result[4]) {
  uint32_t k0 = key[0], k1 = key[1];
  uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
  for (int round = 0; round < rounds; round++) {
    const uint64_t p0 = (uint64_t)multiplier_0 * c0, p1 = (uint64_t)multiplier_1 * c2;
    c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
    c1 = (uint32_t)p1;
    c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
    c3 = (uint32_t)p0;
    k0 += weyl_0;
    k1 += weyl_1;
  }
  result[0] = c0;
  result[1] = c1;
  result[2] = c2;
  result[3] = c3;
}

enum { pairs = lanes / 2 };

/// Multiplies each half of some words, two counters in each: `high` and `low` get the halves of the
/// products. So no lane changes its place, which is what costs if the halves lie in two arrays.
KT_INLINE void multiply_halves(uint32_t factor, const uint64_t *restrict x,
                               uint64_t *restrict high, uint64_t *restrict low) {
  const uint64_t upper = 0xffffffff00000000u;
  for (int i = 0; i < pairs; i++) {
    const uint64_t even = (x[i] & 0xffffffff) * factor, odd = (x[i] >> 32) * factor;
    high[i] = even >> 32 | (odd & upper);
    low[i] = (even & 0xffffffff) | odd << 32;
  }
}

// The random bits of 128 elements from 16 blocks side by side. Element h·16 + lane of the group has
// the h-th half word of the lane's block: stored so, nothing has to be shuffled.
KT_INLINE void random_group(const kt_dropout *dropout, const uint32_t coordinates[3],
                            uint32_t first_block, uint32_t bits[words * lanes]) {
  uint64_t c0[pairs], c1[pairs], c2[pairs], c3[pairs];
  const uint64_t both = 0x100000001u;
  for (int i = 0; i < pairs; i++) {
    c0[i] = (uint64_t)(first_block + 2 * (uint32_t)i + 1) << 32 | (first_block + 2 * (uint32_t)i);
    c1[i] = coordinates[0] * both;
    c2[i] = coordinates[1] * both;
    c3[i] = coordinates[2] * both;
  }
  uint32_t k0 = (uint32_t)dropout->key, k1 = (uint32_t)(dropout->key >> 32);
  for (int round = 0; round < rounds; round++) {
    uint64_t high0[pairs], low0[pairs], high2[pairs], low2[pairs];
    multiply_halves(multiplier_0, c0, high0, low0);
    multiply_halves(multiplier_1, c2, high2, low2);
    for (int i = 0; i < pairs; i++) {
      c0[i] = high2[i] ^ c1[i] ^ k0 * both;
      c1[i] = low2[i];
      c2[i] = high0[i] ^ c3[i] ^ k1 * both;
      c3[i] = low0[i];
    }
    k0 += weyl_0;
    k1 += weyl_1;
  }
  __builtin_memcpy(bits, c0, sizeof c0);
  __builtin_memcpy(bits + lanes, c1, sizeof c1);
  __builtin_memcpy(bits + 2 * lanes, c2, sizeof c2);
  __builtin_memcpy(bits + 3 * lanes, c3, sizeof c3);
}

KT_INLINE void mask_group(const kt_dropout *dropout, const uint32_t coordinates[3],
                          uint32_t first_block, float *restrict mask) {
  uint32_t bits[words * lanes];
  random_group(dropout, coordinates, first_block, bits);
  const uint32_t threshold = dropout->threshold;
  const float scale = dropout->scale;
  for (int w = 0; w < words; w++) {
    for (int i = 0; i < lanes; i++) {
      mask[2 * w * lanes + i] = (bits[w * lanes + i] & 0xFFFF) < threshold ? 0.0f : scale;
      mask[(2 * w + 1) * lanes + i] = (bits[w * lanes + i] >> 16) < threshold ? 0.0f : scale;
    }
  }
}

KT_KERNEL void kt_dropout_mask(const kt_dropout *dropout, uint32_t row, uint32_t position,
                               uint32_t head, long first, long count, float *restrict mask) {
  const uint32_t coordinates[3] = {position, head, row};
  long done = 0;
  for (; done + group <= count; done += group)
    mask_group(dropout, coordinates, (uint32_t)((first + done) / group * lanes), mask + done);
  if (done < count) {
    float rest[group];
    mask_group(dropout, coordinates, (uint32_t)((first + done) / group * lanes), rest);
    for (long i = done; i < count; i++) mask[i] = rest[i - done];
  }
}

KT_KERNEL void kt_dropout_apply(const kt_dropout *dropout, uint32_t row, uint32_t position,
                                uint32_t head, long first, long count, const float *x, float *y) {
  const uint32_t coordinates[3] = {position, head, row};
  float mask[group];
  for (long done = 0; done < count; done += group) {
    mask_group(dropout, coordinates, (uint32_t)((first + done) / group * lanes), mask);
    const long here = count - done < group ? count - done : group;
    for (long i = 0; i < here; i++) y[done + i] = x[done + i] * mask[i];
  }
}
