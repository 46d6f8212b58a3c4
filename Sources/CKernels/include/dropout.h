#ifndef KT_DROPOUT_H
#define KT_DROPOUT_H

#include <stdint.h>

/// The dropout of one place in the network at one step.
typedef struct {
  /// Made from seed, step, layer and site.
  uint64_t key;
  /// An element is dropped if its 16 random bits are below this: probability · 65536, rounded.
  /// 0 means no dropout.
  uint32_t threshold;
  /// What a kept element is multiplied with: 1 / (1 - threshold / 65536).
  float scale;
} kt_dropout;

/// Writes a part of the mask of one vector, `count` elements from `first` on, a multiple of 128: 0
/// where an element is dropped, else the dropout's scale.
///
/// The mask depends on the key, on the three coordinates of the vector and on the element's place
/// in it, and on nothing else. Philox-4x32-7 (Salmon et al., 2011), eight elements a block.
void kt_dropout_mask(const kt_dropout *dropout, uint32_t row, uint32_t position, uint32_t head,
                     long first, long count, float *mask);

/// y = x · mask with that mask; x and y may be the same.
void kt_dropout_apply(const kt_dropout *dropout, uint32_t row, uint32_t position, uint32_t head,
                      long first, long count, const float *x, float *y);

/// One block of Philox-4x32-7, plain: the reference that the fast form is tested against.
void kt_philox(const uint32_t key[2], const uint32_t counter[4], uint32_t result[4]);

#endif
