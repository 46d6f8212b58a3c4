#include "include/attention.h"

#include "exponential.h"
#include "largest.h"

KT_KERNEL float kt_softmax_part(long count, float *restrict scores, float *restrict largest,
                                float *restrict sum) {
  KT_REASSOCIATE
  const float before = *largest, here = kt_largest(count, scores);
  const float now = here > before ? here : before;
  float part = 0.0f;
  for (long i = 0; i < count; i++) part += (scores[i] = kt_exp(scores[i] - now));
  const float factor = kt_exp(before - now);
  *largest = now;
  *sum = *sum * factor + part;
  return factor;
}

KT_KERNEL void kt_softmax_backward(long count, float *restrict scores, const float *restrict mask,
                                   float log_sum, float inner, float *restrict gradient) {
  if (mask == NULL) {
    for (long i = 0; i < count; i++) {
      scores[i] = kt_exp(scores[i] - log_sum);
      gradient[i] = scores[i] * (gradient[i] - inner);
    }
    return;
  }
  for (long i = 0; i < count; i++) {
    const float probability = kt_exp(scores[i] - log_sum);
    gradient[i] = probability * (mask[i] * gradient[i] - inner);
    scores[i] = probability * mask[i];
  }
}
