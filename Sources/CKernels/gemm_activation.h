// Part of gemm_template.h: the function that a left operand goes through after it was packed.

/// GELU of each number in `count` words, in place: the panels lie in the cache, and what a block of
/// activations became is nowhere stored.
static void gelu(long count, uint32_t *words, int rounds_to_bf16) {
#if PAIRS
  (void)rounds_to_bf16;
  for (long i = 0; i < count; i++) {
    const uint32_t low = kt_to_bf16(kt_gelu_of(kt_float(words[i] << 16)));
    const uint32_t high = kt_to_bf16(kt_gelu_of(kt_float(words[i] & 0xffff0000)));
    words[i] = low | high << 16;
  }
#else
  float *numbers = (float *)words;
  if (!rounds_to_bf16) {
    for (long i = 0; i < count; i++) numbers[i] = kt_gelu_of(numbers[i]);
    return;
  }
  for (long i = 0; i < count; i++)
    words[i] = (uint32_t)kt_to_bf16(kt_gelu_of(numbers[i])) << 16;
#endif
}
