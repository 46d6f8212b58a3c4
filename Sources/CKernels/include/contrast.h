#ifndef KT_CONTRAST_H
#define KT_CONTRAST_H

/// Turns one row of `count` scores into factor · softmax, in place: the gradient of the row's
/// log-sum-exp, times a factor. A score of -INFINITY is left out: its gradient is 0.
///
/// Returns log Σ exp(scores - largest), summed in double, and writes the largest score.
double kt_softmax_gradient(long count, float factor, float *scores, float *largest);

/// scores[j] ← -INFINITY wherever kt_dot(left, candidates[j]) > threshold.
///
/// `candidates` has `count` rows of `width` elements; all rows, `left` too, are at most 1 long.
/// `similarities` holds the same inner products out of a matrix product, whose rounding depends on
/// its shape. They decide, save where one lies so near to the threshold that rounding might: such
/// a one is computed again. So equal rows are treated equally and a tie stays a tie.
void kt_mask_above(long count, long width, const float *left, const float *candidates,
                   float threshold, const float *similarities, float *scores);

/// The same with every inner product computed again: the reference that the fast form is tested
/// against.
void kt_mask_above_plain(long count, long width, const float *left, const float *candidates,
                         float threshold, float *scores);

#endif
