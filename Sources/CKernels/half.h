// One number of 16 bits to and from 32, by integer arithmetic: the plain forms.
#ifndef KT_HALF_H
#define KT_HALF_H

#include "kernel.h"

KT_INLINE uint32_t kt_bits(float x) {
  uint32_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  return bits;
}

KT_INLINE float kt_float(uint32_t bits) {
  float x;
  __builtin_memcpy(&x, &bits, sizeof x);
  return x;
}

KT_INLINE uint16_t kt_to_bf16(float x) {
  const uint32_t bits = kt_bits(x);
  // Half of the last place, less one when that is even: a tie goes up only from an odd number.
  const uint32_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
  const uint32_t nan = bits >> 16 | 0x40;
  return (uint16_t)((bits & 0x7fffffff) > 0x7f800000 ? nan : rounded);
}

KT_INLINE float kt_from_bf16(uint16_t x) { return kt_float((uint32_t)x << 16); }

KT_INLINE uint16_t kt_to_fp16(float x) {
  const uint32_t bits = kt_bits(x);
  const uint32_t sign = bits >> 16 & 0x8000;
  const uint32_t size = bits & 0x7fffffff;
  if (size > 0x7f800000) return (uint16_t)(sign | 0x7e00 | (size >> 13 & 0x1ff));
  if (size >= 0x477ff000) return (uint16_t)(sign | 0x7c00);  // from 65,520 on: infinite
  if (size >= 0x38800000)  // normal: the exponent's bias goes from 127 to 15
    return (uint16_t)(sign | ((size - 0x38000000 + 0xfff + (size >> 13 & 1)) >> 13));
  // Subnormal: the addition of 1/2 rounds at 2⁻²⁴, which is fp16's last place.
  return (uint16_t)(sign | (kt_bits(kt_float(size) + 0.5f) - 0x3f000000));
}

KT_INLINE float kt_from_fp16(uint16_t x) {
  const uint32_t sign = (uint32_t)(x & 0x8000) << 16;
  const uint32_t size = (uint32_t)(x & 0x7fff) << 13;
  if (size >= 0x7c00 << 13)
    return kt_float(sign | 0x7f800000 | size | (size > 0x7c00 << 13 ? 0x400000 : 0));
  if (size >= 0x400 << 13) return kt_float(sign | (size + 0x38000000));
  return kt_float(sign | kt_bits((float)(x & 0x7fff) * 0x1p-24f));
}

#endif
