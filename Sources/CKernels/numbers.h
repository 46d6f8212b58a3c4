// Rows of numbers of any element type, seen as fp32, for use inside kernels.
#ifndef KT_NUMBERS_H
#define KT_NUMBERS_H

#include "half.h"
#include "include/gemm.h"
#include "include/halves.h"

KT_INLINE const void *kt_at(kt_element element, const void *data, long index) {
  return (const char *)data + index * (element == kt_fp32 ? 4 : 2);
}

/// `count` numbers as fp32: where they are, or widened to `buffer`.
KT_INLINE const float *kt_read(kt_element element, const void *data, long count, float *buffer) {
  if (element == kt_fp32) return data;
  if (element == kt_fp16) kt_fp32_from_fp16(count, data, buffer);
  else kt_fp32_from_bf16(count, data, buffer);
  return buffer;
}

/// Where to write `count` numbers as fp32: where they belong, or to `buffer`; see `kt_written`.
KT_INLINE float *kt_to_write(kt_element element, void *data, float *buffer) {
  return element == kt_fp32 ? data : buffer;
}

/// Stores what was written to the place that `kt_to_write` gave.
KT_INLINE void kt_written(kt_element element, void *data, long count, const float *buffer) {
  if (element == kt_fp16) kt_fp16_from_fp32(count, buffer, data);
  else if (element == kt_bf16) kt_bf16_from_fp32(count, buffer, data);
}

#endif
