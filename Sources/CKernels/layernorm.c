#include "include/layernorm.h"

#include "kernel.h"

KT_KERNEL float kt_layernorm(long width, const float *restrict x, const float *restrict h,
                             const float *restrict weight, const float *restrict bias,
                             float epsilon, float *restrict normalized, float *restrict y) {
  KT_REASSOCIATE
  float sum = 0.0f;
  if (h == NULL) {
    for (long i = 0; i < width; i++) sum += (normalized[i] = x[i]);
  } else {
    for (long i = 0; i < width; i++) sum += (normalized[i] = x[i] + h[i]);
  }
  const float mean = sum / (float)width;
  float squares = 0.0f;  // of the deviations: the difference of two large sums would lose digits
  for (long i = 0; i < width; i++) {
    const float deviation = normalized[i] - mean;
    normalized[i] = deviation;
    squares += deviation * deviation;
  }
  const float reciprocal = 1.0f / __builtin_elementwise_sqrt(squares / (float)width + epsilon);
  for (long i = 0; i < width; i++) {
    const float value = normalized[i] * reciprocal;
    normalized[i] = value;
    y[i] = value * weight[i] + bias[i];
  }
  return reciprocal;
}

KT_KERNEL void kt_affine(long width, const float *restrict weight, const float *restrict bias,
                         const float *restrict x, float *restrict y) {
  KT_REASSOCIATE
  for (long i = 0; i < width; i++) y[i] = x[i] * weight[i] + bias[i];
}

KT_KERNEL void kt_layernorm_backward(long width, const float *restrict normalized,
                                     float reciprocal_deviation, const float *restrict weight,
                                     float *restrict gradient, float *restrict weight_gradient,
                                     float *restrict bias_gradient) {
  KT_REASSOCIATE
  float sum = 0.0f, product = 0.0f;
  for (long i = 0; i < width; i++) {
    weight_gradient[i] += gradient[i] * normalized[i];
    bias_gradient[i] += gradient[i];
    const float scaled = gradient[i] * weight[i];
    gradient[i] = scaled;
    sum += scaled;
    product += scaled * normalized[i];
  }
  const float mean = sum / (float)width, mean_product = product / (float)width;
  for (long i = 0; i < width; i++)
    gradient[i] = reciprocal_deviation * (gradient[i] - mean - normalized[i] * mean_product);
}
