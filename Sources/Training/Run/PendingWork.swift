/// What follows a step: a run that is stopped before it is done does it when it is continued.
struct PendingWork: Hashable, Sendable {
  var evaluates = false
  var saves = false
}

extension PendingWork {
  /// What is due after a step.
  init(_ arguments: TrainingArguments, _ plan: RunPlan, after step: PlannedStep) {
    let progress = arguments.evalStrategy == .epoch ? step.epoch : Double(step.index + 1)
    evaluates =
      step.isDue(arguments.evalStrategy, arguments.evalSteps, plan, orLast: true)
      && progress >= arguments.evalDelay
    switch arguments.saveStrategy {
    case .no, .best: saves = false
    case .steps: saves = step.isDue(.steps, arguments.saveSteps, plan, orLast: true)
    case .epoch: saves = step.endsEpoch || step.isLast
    }
  }
}

extension TrainingRun {
  /// Whether the log gets a line after a step.
  func loggingIsDue(after step: PlannedStep) -> Bool {
    step.isDue(arguments.loggingStrategy, arguments.loggingSteps, plan, orLast: false)
      || (arguments.loggingFirstStep && step.index == 0)
  }
}

extension TrainingArguments {
  /// What a run without any line in its log should be told; nil if it has one.
  func remark(onStepsOf plan: RunPlan) -> String? {
    let interval = loggingSteps.count(of: plan.totalSteps)
    guard loggingStrategy == .steps, !loggingFirstStep, interval > plan.totalSteps else {
      return nil
    }
    return "args.logging_steps: no loss is logged in \(plan.totalSteps) steps, since one is after "
      + "\(interval); lower it to see a curve"
  }
}

extension PlannedStep {
  fileprivate func isDue(
    _ strategy: TrainingArguments.IntervalStrategy, _ count: StepCount?, _ plan: RunPlan,
    orLast: Bool
  ) -> Bool {
    switch strategy {
    case .no: return false
    case .steps:
      guard let interval = count?.count(of: plan.totalSteps), interval > 0 else {
        return orLast && isLast
      }
      return (index + 1) % interval == 0 || (orLast && isLast)
    case .epoch: return endsEpoch || isLast  // a run that ends within an epoch ends it
    }
  }
}
