#ifndef KT_ATTENTION_H
#define KT_ATTENTION_H

/// A part of the softmax of one row, whose scores come block by block (Milakov and Gimelshein, 2018).
///
/// scores ← exp(scores - largest), with `largest` now over all blocks so far and `sum` the sum of
/// the exponentials so far. Begin with -∞ and 0. Returns what the results of earlier blocks are to be
/// multiplied with.
float kt_softmax_part(long count, float *scores, float *largest, float *sum);

/// The derivative of the softmax of one row, or a part of it, from its scores.
///
/// With the probabilities P = exp(scores - log_sum):
/// gradient ← P · (mask · gradient - inner), where `inner` = Σ gradient · P over the whole row, and
/// scores ← P · mask, for the product with the values. `mask` is that of the dropout that followed
/// the softmax; NULL means none.
void kt_softmax_backward(long count, float *scores, const float *mask, float log_sum, float inner,
                         float *gradient);

#endif
