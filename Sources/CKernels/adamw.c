#include "include/adamw.h"

#include "kernel.h"

KT_INLINE void update(const kt_adamw_step *step, float g, float *p, float *m, float *v) {
  const float step_size = step->learning_rate / step->correction1;
  *p -= step->learning_rate * step->weight_decay * *p;
  *m += (g - *m) * step->first_rate;
  *v = *v * step->beta2 + g * g * step->second_rate;
  *p -= step_size * *m / (__builtin_elementwise_sqrt(*v) / step->correction2_root + step->epsilon);
}

KT_KERNEL void kt_adamw_decay(const kt_adamw_step *step, long count, float *restrict parameter) {
  const kt_adamw_step s = *step;
  for (long i = 0; i < count; i++)
    parameter[i] -= s.learning_rate * s.weight_decay * parameter[i];
}

KT_KERNEL void kt_adamw(const kt_adamw_step *step, long count, const float *restrict gradient,
                        float *restrict parameter, float *restrict first_moment,
                        float *restrict second_moment) {
  const kt_adamw_step s = *step;
  if (gradient == NULL) {
    for (long i = 0; i < count; i++)
      update(&s, 0.0f, &parameter[i], &first_moment[i], &second_moment[i]);
    return;
  }
  for (long i = 0; i < count; i++)
    update(&s, gradient[i] * s.gradient_factor, &parameter[i], &first_moment[i], &second_moment[i]);
}
