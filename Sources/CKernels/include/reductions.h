#ifndef KT_REDUCTIONS_H
#define KT_REDUCTIONS_H

/// Σ x · y.
float kt_dot(long count, const float *x, const float *y);

/// Σ x², summed in double.
double kt_sum_of_squares(long count, const float *x);

#endif
