#ifndef KT_ATTENTION_H
#define KT_ATTENTION_H

/// Turns one row of `count` scores into probabilities, in place.
///
/// Returns log Σ exp(scores - largest) and writes the largest score: their sum is the log-sum-exp,
/// but a loss that is small beside the scores needs them apart.
float kt_softmax(long count, float *scores, float *largest);

/// The probabilities again from the scores and their log-sum-exp: scores ← exp(scores - lse).
void kt_softmax_again(long count, float log_sum, float *scores);

/// The derivative of the softmax of one row: gradient ← probability · (gradient - inner),
/// where `inner` = Σ gradient · probability. `mask` (of the dropout that followed the softmax) is
/// applied to the gradient first and, for the product with the values, to the probabilities;
/// NULL means none.
void kt_softmax_backward(long count, float *probabilities, const float *mask, float inner,
                         float *gradient);

#endif
