#include "include/attention.h"

#include <math.h>

#include "exponential.h"

KT_KERNEL float kt_softmax(long count, float *restrict scores, float *restrict largest_score) {
  KT_REASSOCIATE
  // clang vectorises no maximum of floats unless it may forget NaN; by lanes it does.
  float lanes[16];
  for (int lane = 0; lane < 16; lane++) lanes[lane] = scores[0];
  long i = 0;
  for (; i + 16 <= count; i += 16)
    for (int lane = 0; lane < 16; lane++)
      lanes[lane] = scores[i + lane] > lanes[lane] ? scores[i + lane] : lanes[lane];
  float largest = scores[0];
  for (int lane = 0; lane < 16; lane++) largest = lanes[lane] > largest ? lanes[lane] : largest;
  for (; i < count; i++) largest = scores[i] > largest ? scores[i] : largest;
  float sum = 0.0f;
  for (i = 0; i < count; i++) sum += (scores[i] = kt_exp(scores[i] - largest));
  const float reciprocal = 1.0f / sum;
  for (i = 0; i < count; i++) scores[i] *= reciprocal;
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
