#include "include/contrast.h"

#include <math.h>

#include "exponential.h"
#include "include/reductions.h"
#include "largest.h"

enum { chunk = 512 };

KT_KERNEL double kt_softmax_gradient(long count, float factor, float *restrict scores,
                                     float *restrict largest_score) {
  KT_REASSOCIATE
  const float largest = kt_largest(count, scores);
  double sum = 0.0;
  for (long i = 0; i < count; i++) sum += (double)(scores[i] = kt_exp(scores[i] - largest));
  const float reciprocal = (float)(factor / sum);
  for (long i = 0; i < count; i++) scores[i] *= reciprocal;
  *largest_score = largest;
  return log(sum);
}

KT_KERNEL void kt_mask_above(long count, long width, const float *restrict left,
                             const float *restrict candidates, float threshold,
                             const float *restrict similarities, float *restrict scores) {
  // Twice the largest error of an inner product of unit vectors in single precision.
  const float doubt = (float)width * 0x1p-23f;
  const float low = threshold - doubt, high = threshold + doubt;
  for (long start = 0; start < count; start += chunk) {
    const long end = start + chunk < count ? start + chunk : count;
    int doubtful = 0;
    for (long j = start; j < end; j++) {
      scores[j] = similarities[j] > high ? -INFINITY : scores[j];
      doubtful += (similarities[j] > low) & (similarities[j] <= high);
    }
    for (long j = start; doubtful > 0 && j < end; j++) {
      if (!(similarities[j] > low && similarities[j] <= high)) continue;
      doubtful--;
      if (kt_dot(width, left, candidates + j * width) > threshold) scores[j] = -INFINITY;
    }
  }
}

void kt_mask_above_plain(long count, long width, const float *left, const float *candidates,
                         float threshold, float *scores) {
  for (long j = 0; j < count; j++)
    if (kt_dot(width, left, candidates + j * width) > threshold) scores[j] = -INFINITY;
}
