// Part of the kernels of a product: the function that a left operand goes through once packed.

/// GELU of each number in `count` words of panels, in place: the panels lie in the cache, and what a block of
/// activations became is nowhere stored.
static void gelu(long count, uint32_t *panel, int rounds_to_bf16) {
#if PAIRS
  (void)rounds_to_bf16;
  for (long at = 0; at < count; at += LANES) {  // scratch memory ends with a whole vector
    float low[LANES], high[LANES];
    for (int lane = 0; lane < LANES; lane++)
      low[lane] = kt_gelu_of(kt_float(panel[at + lane] << 16));
    for (int lane = 0; lane < LANES; lane++)
      high[lane] = kt_gelu_of(kt_float(panel[at + lane] & 0xffff0000));
    *(words *)(panel + at) = interleave(round_two(*(const floats *)low, *(const floats *)high));
  }
#else
  float *numbers = (float *)panel;
  if (!rounds_to_bf16) {
    for (long i = 0; i < count; i++) numbers[i] = kt_gelu_of(numbers[i]);
    return;
  }
  for (long i = 0; i < count; i++)
    panel[i] = (uint32_t)kt_to_bf16(kt_gelu_of(numbers[i])) << 16;
#endif
}
