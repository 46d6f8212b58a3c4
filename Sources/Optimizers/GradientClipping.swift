/// Gradient clipping by the norm of all gradients together (Pascanu et al., 2013).
public enum GradientClipping {
  /// What gradients of the norm given are multiplied with.
  ///
  ///     min(1, maximum / (norm + 1e-6))
  ///
  /// - Parameters:
  ///   - norm: The norm of all gradients.
  ///   - maximum: `max_grad_norm`; 0 turns clipping off.
  /// - Returns: The factor, as `torch.nn.utils.clip_grad_norm_` has it.
  public static func factor(norm: Double, maximum: Double) -> Double {
    guard maximum > 0 else { return 1 }
    return min(1, maximum / (norm + 1e-6))
  }
}
