// Part of the kernels of a product: one vector of numbers, to and from memory in any format.

typedef float floats __attribute__((vector_size(LANES * 4), aligned(4)));
typedef uint32_t words __attribute__((vector_size(LANES * 4), aligned(4)));
typedef uint16_t halves __attribute__((vector_size(LANES * 2), aligned(2)));
typedef _Float16 float16s __attribute__((vector_size(LANES * 2), aligned(2)));

KT_INLINE halves to_bf16(floats x) {
  const words bits = (words)x;
  const words rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
  const words nan = bits >> 16 | 0x40;
  const words is_nan = (words)((bits & 0x7fffffff) > 0x7f800000);
  return __builtin_convertvector((rounded & ~is_nan) | (nan & is_nan), halves);
}

KT_INLINE floats from_bf16_vector(halves x) {
  return (floats)(__builtin_convertvector(x, words) << 16);
}

KT_INLINE halves to_fp16(floats x) {
#if HAS_FP16
  return (halves)__builtin_convertvector(x, float16s);
#else
  halves y;
  for (int lane = 0; lane < LANES; lane++) y[lane] = kt_to_fp16(x[lane]);
  return y;
#endif
}

KT_INLINE floats from_fp16_vector(halves x) {
#if HAS_FP16
  return __builtin_convertvector((float16s)x, floats);
#else
  floats y;
  for (int lane = 0; lane < LANES; lane++) y[lane] = kt_from_fp16(x[lane]);
  return y;
#endif
}

KT_INLINE floats multiply_add(floats a, floats b, floats c) {
#if HAS_FMA
  return __builtin_elementwise_fma(a, b, c);
#else
  return a * b + c;
#endif
}

KT_INLINE words splat(uint32_t x) { return (words){} + x; }

/// `count` numbers of a row; those beyond are 0.
KT_INLINE floats load(kt_element element, const void *row, long at, long count) {
  const long size = element == kt_fp32 ? 4 : 2;
  const char *from = (const char *)row + at * size;
  char padded[LANES * 4] = {0};
  if (count < LANES) from = __builtin_memcpy(padded, from, (size_t)(count * size));
  if (element == kt_fp32) return *(const floats *)from;
  const halves x = *(const halves *)from;
  return element == kt_bf16 ? from_bf16_vector(x) : from_fp16_vector(x);
}

/// Stores the first `count` numbers of a vector.
KT_INLINE void store(kt_element element, floats x, void *row, long at, long count) {
  const long size = element == kt_fp32 ? 4 : 2;
  char *to = (char *)row + at * size;
  char buffer[LANES * 4];
  char *target = count < LANES ? buffer : to;
  if (element == kt_fp32) *(floats *)target = x;
  else *(halves *)target = element == kt_bf16 ? to_bf16(x) : to_fp16(x);
  if (count < LANES) __builtin_memcpy(to, buffer, (size_t)(count * size));
}
