// Part of the kernels of a product: panels of A and B.

enum { word_depth = PAIRS ? 2 : 1, steps_at_a_time = 16 };

KT_INLINE kt_element element_of(kt_source source) {
  return source == from_bf16 ? kt_bf16 : source == from_fp16 ? kt_fp16 : kt_fp32;
}

/// Numbers that lie side by side, as a panel wants them but without its pairs.
KT_INLINE words load_single(kt_source source, const void *row, long at, long count) {
  const floats x = load(element_of(source), row, at, count);
  return (words)(source == from_fp32_rounded_to_bf16 ? from_bf16_vector(to_bf16(x)) : x);
}

KT_INLINE long at_least_zero(long x) { return x < 0 ? 0 : x; }

KT_INLINE long at_most_lanes(long x) { return x < LANES ? at_least_zero(x) : LANES; }

#if PAIRS
/// Two vectors of numbers rounded to bf16, those of `low` first. The instruction takes subnormal
/// numbers for 0, as the products do.
KT_INLINE words round_two(floats low, floats high) {
  return (words)_mm512_cvtne2ps_pbh((__m512)high, (__m512)low);
}

/// Interleaves the 16-bit halves of a vector: the n-th of the lower half with that of the upper.
KT_INLINE words interleave(words x) {
  static const uint16_t order[32] = {0, 16, 1, 17, 2,  18, 3,  19, 4,  20, 5,  21, 6,  22, 7,  23,
                                     8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31};
  return (words)_mm512_permutexvar_epi16(_mm512_loadu_si512(order), (__m512i)x);
}
#endif

/// The words `at..<at + LANES` of one lane whose depth is dense.
KT_INLINE words load_depth(kt_source source, const void *row, long at, long depth) {
#if PAIRS
  const long left = depth - 2 * at;
  if (source == from_bf16) {
    const uint16_t *from = (const uint16_t *)row + 2 * at;
    words pairs = {0};  // copied, for a row of 16-bit numbers may begin between two words
    if (left >= 2 * LANES) __builtin_memcpy(&pairs, from, sizeof pairs);
    else if (left > 0) __builtin_memcpy(&pairs, from, (size_t)left * 2);
    return pairs;
  }
  return round_two(load(kt_fp32, row, 2 * at, at_most_lanes(left)),
                   load(kt_fp32, row, 2 * at + LANES, at_most_lanes(left - LANES)));
#else
  return load_single(source, row, at, at_most_lanes(depth - at));
#endif
}

/// The word at depth `at` of some lanes that lie side by side.
KT_INLINE words load_lanes(kt_source source, const char *row, long row_bytes, long at, long count,
                           int has_second) {
#if PAIRS
  if (source != from_bf16)
    return interleave(round_two(
        load(kt_fp32, row, at, count),
        has_second ? load(kt_fp32, row + row_bytes, at, count) : (floats){}));
  // As floats, bf16 numbers have their bits in the upper half of a word.
  const words first = load_single(source, row, at, count);
  if (!has_second) return first >> 16;
  return first >> 16 | load_single(source, row + row_bytes, at, count);
#else
  (void)row_bytes, (void)has_second;
  return load_single(source, row, at, count);
#endif
}

#if LANES == 16
#define LOWER 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define UPPER 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#elif LANES == 8
#define LOWER 0, 8, 1, 9, 2, 10, 3, 11
#define UPPER 4, 12, 5, 13, 6, 14, 7, 15
#else
#define LOWER 0, 4, 1, 5
#define UPPER 2, 6, 3, 7
#endif

KT_INLINE void shuffle(const words *x, words *y, int count) {
#pragma clang loop unroll(full)
  for (int i = 0; i < count / 2; i++) {
    y[2 * i] = __builtin_shufflevector(x[i], x[i + count / 2], LOWER);
    y[2 * i + 1] = __builtin_shufflevector(x[i], x[i + count / 2], UPPER);
  }
}

/// Transposes 4, 8 or 16 vectors, seen as a matrix of that many rows: every perfect shuffle rotates
/// the bits of an element's index by one.
KT_INLINE void transpose(words *x, int count) {
  words y[16];
  shuffle(x, y, count);
  shuffle(y, x, count);
  if (count == 4) return;
  shuffle(x, y, count);
  if (count == 16) return shuffle(y, x, count);
#pragma clang loop unroll(full)
  for (int i = 0; i < count; i++) x[i] = y[i];
}

/// Packs `group` (4, 8 or 16) of a panel's `width` lanes, each of them dense; `here` of them exist.
KT_INLINE void pack_dense(const kt_packing *p, kt_source source, const char *data, long here,
                          uint32_t *panel, long width, int group) {
  const long row_bytes = p->stride * (element_of(source) == kt_fp32 ? 4 : 2);
  const long steps = (p->depth + word_depth - 1) / word_depth;
  for (long step = 0; step < steps; step += LANES) {
    words x[16];
#pragma clang loop unroll(full)
    for (int i = 0; i < group; i++)
      x[i] = i < here ? load_depth(source, data + i * row_bytes, step, p->depth) : (words){};
    transpose(x, group);
    // Now there are all lanes of the first step, all of the second, and so on.
    uint32_t *to = panel + step * width;
    if (steps - step >= LANES) {
#pragma clang loop unroll(full)
      for (int i = 0; i < LANES; i++)
        __builtin_memcpy(to + i * width, (uint32_t *)x + i * group, (size_t)group * 4);
    } else {
      uint32_t flat[16 * LANES];
      __builtin_memcpy(flat, x, (size_t)group * LANES * 4);
      for (long i = 0; i < steps - step; i++)
        __builtin_memcpy(to + i * width, flat + i * group, (size_t)group * 4);
    }
  }
}

/// Packs the words `steps` of a vector of lanes that lie side by side; `here` of them exist. It is a
/// part of one panel or, if panels are narrower, the lanes of two.
KT_INLINE void pack_side_by_side(const kt_packing *p, kt_source source, long lane, long first,
                                 long last, long width, long here) {
  const long size = element_of(source) == kt_fp32 ? 4 : 2;
  const long row_bytes = p->stride * size;
  const char *row = (const char *)p->data + lane * size + first * word_depth * row_bytes;
  uint32_t *to = p->panels + lane / width * p->panel_words + lane % width + first * width;
  const long ahead = steps_at_a_time * word_depth * row_bytes;
  for (long step = first; step < last; step++) {
    // The processor foresees no reading down a column.
    for (int i = 0; i < word_depth; i++) __builtin_prefetch(row + ahead + i * row_bytes);
    const words x =
        load_lanes(source, row, row_bytes, 0, here, (step + 1) * word_depth <= p->depth);
    if (width >= LANES) {
      __builtin_memcpy(to, &x, sizeof x);
    } else {
      __builtin_memcpy(to, &x, sizeof x / 2);
      if (here > width)
        __builtin_memcpy(to + p->panel_words, (char *)&x + sizeof x / 2, sizeof x / 2);
    }
    row += word_depth * row_bytes;
    to += width;
  }
}

KT_INLINE void pack(const kt_packing *p, kt_source source, long width, int group) {
  const long size = element_of(source) == kt_fp32 ? 4 : 2;
  if (p->depth_is_dense) {
    for (long lane = 0; lane < p->lanes; lane += width)
      for (long part = 0; part < width; part += group)
        pack_dense(p, source, (const char *)p->data + (lane + part) * p->stride * size,
                   p->lanes - lane - part, p->panels + lane / width * p->panel_words + part,
                   width, group);
    return;
  }
  // A few steps for all lanes at a time: each row of the matrix is read in one go while it is in
  // the first-level cache, and each panel is written some cache lines at a time.
  const long steps = (p->depth + word_depth - 1) / word_depth;
  const long padded = (p->lanes + width - 1) / width * width;
  for (long first = 0; first < steps; first += steps_at_a_time) {
    const long last = steps - first < steps_at_a_time ? steps : first + steps_at_a_time;
    long lane = 0;
    for (; lane + LANES <= p->lanes; lane += LANES)
      pack_side_by_side(p, source, lane, first, last, width, LANES);
    for (; lane < padded; lane += LANES)
      pack_side_by_side(p, source, lane, first, last, width, at_least_zero(p->lanes - lane));
  }
}

KT_INLINE void pack_from_any(const kt_packing *p, long width, int group) {
  switch (p->source) {
    case from_bf16: return pack(p, from_bf16, width, group);
#if PAIRS
    default: return pack(p, from_fp32_rounded_to_bf16, width, group);
#else
    case from_fp16: return pack(p, from_fp16, width, group);
    case from_fp32: return pack(p, from_fp32, width, group);
    case from_fp32_rounded_to_bf16: return pack(p, from_fp32_rounded_to_bf16, width, group);
#endif
  }
}
