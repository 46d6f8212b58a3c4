#ifndef KT_HALVES_H
#define KT_HALVES_H

#include <stdint.h>

// Arrays of 16-bit numbers: bf16 (the upper half of a float's bits) and fp16 (IEEE 754 binary16).
//
// To 16 bits, numbers are rounded to nearest, ties to even; those too large become infinite; a NaN
// stays a NaN of its sign, made quiet; subnormal numbers are kept. To 32 bits, all are exact.

/// y = x rounded to bf16.
void kt_bf16_from_fp32(long count, const float *x, uint16_t *y);

/// y = x.
void kt_fp32_from_bf16(long count, const uint16_t *x, float *y);

/// y = x rounded to fp16.
void kt_fp16_from_fp32(long count, const float *x, uint16_t *y);

/// y = x.
void kt_fp32_from_fp16(long count, const uint16_t *x, float *y);

/// The plain forms of the four above, which they equal bit for bit.
void kt_bf16_from_fp32_plain(long count, const float *x, uint16_t *y);
void kt_fp32_from_bf16_plain(long count, const uint16_t *x, float *y);
void kt_fp16_from_fp32_plain(long count, const float *x, uint16_t *y);
void kt_fp32_from_fp16_plain(long count, const uint16_t *x, float *y);

#endif
