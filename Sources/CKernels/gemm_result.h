// Part of the kernels of a product: what becomes of its sums.

/// Puts a vector of sums over the depth of a block in its place: target = alpha · sum + addend.
KT_INLINE void put_result(const kt_block *block, floats sum, long row, long column, long count) {
  const kt_addend addend = block->addend;
  const kt_target target = block->target;
  floats result = (floats)splat(kt_bits(block->alpha)) * sum;
  if (addend.data != NULL)
    result = multiply_add(
        (floats)splat(kt_bits(addend.factor)),
        load(addend.element, addend.data, row * addend.stride + column, count), result);
  store(target.element, result, target.data, row * target.stride + column, count);
}
