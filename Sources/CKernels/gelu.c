#include "include/gelu.h"

#include "exponential.h"
#include "numbers.h"

static const float density_at_0 = 0.39894228f;  // 1/√(2π)

enum { chunk = 512 };

KT_KERNEL void kt_gelu(long count, const float *restrict x, float *restrict y) {
  for (long i = 0; i < count; i++) y[i] = kt_gelu_of(x[i]);
}

KT_KERNEL void kt_gelu_both(long count, const float *restrict x, const float *restrict g,
                            float *restrict y, float *restrict gradient) {
  for (long i = 0; i < count; i++) {
    const float exponential = kt_exp(-0.5f * x[i] * x[i]);
    const float tail = kt_normal_tail(x[i], exponential);
    const float cumulative = x[i] > 0.0f ? 1.0f - tail : tail;
    y[i] = x[i] * cumulative;
    gradient[i] = g[i] * (cumulative + x[i] * density_at_0 * exponential);
  }
}

void kt_gelu_gradient(long count, const float *g, const void *x, void *y, kt_element element,
                      void *gradient, kt_element gradient_element) {
  float inputs[chunk], outputs[chunk], gradients[chunk];
  for (long i = 0; i < count; i += chunk) {
    const long here = count - i < chunk ? count - i : chunk;
    const float *from = kt_read(element, kt_at(element, x, i), here, inputs);
    void *y_at = (void *)kt_at(element, y, i);
    void *gradient_at = (void *)kt_at(gradient_element, gradient, i);
    kt_gelu_both(here, from, g + i, kt_to_write(element, y_at, outputs),
                 kt_to_write(gradient_element, gradient_at, gradients));
    kt_written(element, y_at, here, outputs);
    kt_written(gradient_element, gradient_at, here, gradients);
  }
}
