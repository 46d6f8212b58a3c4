package import Sampling

/// How many steps a run has, and which batches each of them takes: known before the first step.
///
/// The arithmetic is that of transformers 5.23, checked against it by `RunPlanTests`.
public struct RunPlan: Hashable, Sendable {
  /// How many batches the sampler says an epoch has: what the schedule counts with.
  public let batchesPerEpoch: Int
  /// How many batches' gradients are averaged for one step.
  public let accumulation: Int
  /// How many steps an epoch has.
  public let stepsPerEpoch: Int
  /// How many epochs are begun.
  public let epochs: Int
  /// How many steps the run has; fewer are taken if a sampler yields fewer batches than it said.
  public let totalSteps: Int
  /// In how many steps the learning rate rises.
  public let warmupSteps: Int

  /// Plans a run.
  ///
  /// - Parameters:
  ///   - batchesPerEpoch: How many batches an epoch has.
  ///   - arguments: Epochs or steps, accumulation and warm-up.
  public init(batchesPerEpoch: Int, arguments: TrainingArguments) {
    self.batchesPerEpoch = batchesPerEpoch
    accumulation = arguments.gradientAccumulationSteps
    stepsPerEpoch = max(1, (batchesPerEpoch + accumulation - 1) / accumulation)
    if arguments.maxSteps > 0 {
      totalSteps = arguments.maxSteps
      epochs = (totalSteps + stepsPerEpoch - 1) / stepsPerEpoch
    } else {
      totalSteps = Int((arguments.numTrainEpochs * Double(stepsPerEpoch)).rounded(.up))
      epochs = Int(arguments.numTrainEpochs.rounded(.up))
    }
    warmupSteps = arguments.warmupSteps.count(of: totalSteps)
  }

  /// Where in the plan a step is; at first the run's first one.
  package struct Position: Hashable, Sendable {
    /// Which step of the run, from 0.
    package var step = 0
    /// Its epoch, from 0.
    package var epoch = 0
    /// Which step of the epoch, from 0.
    package var stepInEpoch = 0

    package init(step: Int = 0, epoch: Int = 0, stepInEpoch: Int = 0) {
      (self.step, self.epoch, self.stepInEpoch) = (step, epoch, stepInEpoch)
    }
  }
}

/// One step of a plan.
package struct PlannedStep: Hashable, Sendable {
  /// Which step of the run, from 0.
  package let index: Int
  /// The batches whose gradients make the step.
  package let batches: [DatasetBatch]
  /// The epoch as a fraction when the step is done.
  package let epoch: Double
  /// Whether it is the last of its epoch.
  package let endsEpoch: Bool
  /// Whether it is the last of the run.
  package let isLast: Bool
  /// Where the step after it is.
  package let next: RunPlan.Position
}

extension RunPlan {
  /// Calls `body` with every step in order, or with those from one on: epochs before it are not
  /// planned.
  ///
  /// If a sampler yields fewer batches than it said, the epoch's remaining steps are missing, and an
  /// epoch without any batch ends the run: as in transformers' trainer.
  ///
  /// - Parameters:
  ///   - sampler: Makes the batches.
  ///   - start: The first step.
  ///   - body: What to do with a step; returns whether to go on.
  package func forEachStep(
    of sampler: any MultiDatasetBatchSampler, from start: Position = Position(),
    _ body: (PlannedStep) throws -> Bool
  ) rethrows {
    var index = start.step
    for epoch in 0..<epochs where epoch >= start.epoch && index < totalSteps {
      let batches = sampler.batches(epoch: epoch)
      let steps = (batches.count + accumulation - 1) / accumulation
      if steps == 0 { return }
      let first = epoch == start.epoch ? start.stepInEpoch : 0
      for place in 0..<steps where place >= first && index < totalSteps {
        let taken = place * accumulation..<min((place + 1) * accumulation, batches.count)
        let endsEpoch = place + 1 == steps
        let isLast = index + 1 == totalSteps || (endsEpoch && epoch + 1 == epochs)
        let step = PlannedStep(
          index: index, batches: Array(batches[taken]),
          epoch: Double(epoch) + Double(taken.upperBound) / Double(batchesPerEpoch),
          endsEpoch: endsEpoch, isLast: isLast,
          next: Position(
            step: index + 1, epoch: endsEpoch ? epoch + 1 : epoch,
            stepInEpoch: endsEpoch ? 0 : place + 1))
        guard try body(step), !isLast else { return }
        index += 1
      }
    }
  }
}
