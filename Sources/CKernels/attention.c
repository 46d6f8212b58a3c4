#include "include/attention.h"

#include <math.h>

#include "exponential.h"
#include "largest.h"

KT_KERNEL float kt_softmax(long count, float *restrict scores, float *restrict largest_score) {
  KT_REASSOCIATE
  const float largest = kt_largest(count, scores);
  float sum = 0.0f;
  for (long i = 0; i < count; i++) sum += (scores[i] = kt_exp(scores[i] - largest));
  const float reciprocal = 1.0f / sum;
  for (long i = 0; i < count; i++) scores[i] *= reciprocal;
  *largest_score = largest;
  return logf(sum);
}

KT_KERNEL void kt_softmax_again(long count, float log_sum, float *restrict scores) {
  for (long i = 0; i < count; i++) scores[i] = kt_exp(scores[i] - log_sum);
}

KT_KERNEL void kt_softmax_backward(long count, float *restrict probabilities,
                                   const float *restrict mask, float inner,
                                   float *restrict gradient) {
  if (mask == NULL) {
    for (long i = 0; i < count; i++) gradient[i] = probabilities[i] * (gradient[i] - inner);
    return;
  }
  for (long i = 0; i < count; i++) {
    gradient[i] = probabilities[i] * (mask[i] * gradient[i] - inner);
    probabilities[i] *= mask[i];
  }
}
