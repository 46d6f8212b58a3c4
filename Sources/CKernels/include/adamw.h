#ifndef KT_ADAMW_H
#define KT_ADAMW_H

/// What one AdamW step needs to know besides the tensors.
typedef struct {
  float learning_rate, epsilon, weight_decay;
  /// 1 - beta1, beta2 and 1 - beta2, each rounded from double: 1 - 0.999f would be off by 1e-5.
  float first_rate, beta2, second_rate;
  /// What the gradients are multiplied with first: the clipping coefficient.
  float gradient_factor;
  /// 1 - beta1^t and √(1 - beta2^t).
  float correction1, correction2_root;
} kt_adamw_step;

/// One step of AdamW with decoupled weight decay (Loshchilov and Hutter, 2019) on `count` elements.
///
/// `gradient` may be NULL, which means zero.
void kt_adamw(const kt_adamw_step *step, long count, const float *gradient, float *parameter,
              float *first_moment, float *second_moment);

/// The step of parameters whose gradient and moments are zero: decay alone, to the bit.
void kt_adamw_decay(const kt_adamw_step *step, long count, float *parameter);

#endif
