#ifndef KT_LAYERNORM_H
#define KT_LAYERNORM_H

/// y = x̂ · weight + bias with x̂ = (v - mean) / √(variance + epsilon), v = x + h.
///
/// One row of `width` elements. `h` may be NULL (v = x). Writes `normalized` (x̂) and `y`, and returns 1 / √(variance + epsilon).
float kt_layernorm(long width, const float *x, const float *h, const float *weight,
                   const float *bias, float epsilon, float *normalized, float *y);

/// y = x · weight + bias: the second half of the above, from the normalised row.
void kt_affine(long width, const float *weight, const float *bias, const float *x, float *y);

/// The derivative of one row: `gradient` comes in as ∂/∂y and goes out as ∂/∂v.
///
/// Adds gradient · x̂ to `weight_gradient` and gradient to `bias_gradient`.
void kt_layernorm_backward(long width, const float *normalized, float reciprocal_deviation,
                           const float *weight, float *gradient, float *weight_gradient,
                           float *bias_gradient);

#endif
