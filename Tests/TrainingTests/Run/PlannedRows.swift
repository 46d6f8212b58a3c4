import Sampling
import Training

extension TrainingRun {
  /// The rows of every batch of every step.
  var plannedRows: [[[Int32]]] {
    var steps: [[[Int32]]] = []
    plan.forEachStep(of: sampler) { step in
      steps.append(step.batches.map(\.rows))
      return true
    }
    return steps
  }
}
