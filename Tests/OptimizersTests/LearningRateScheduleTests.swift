import Foundation
import JSONValues
import Optimizers
import TestSupport
import Testing

/// Every rate of every schedule, bit for bit as transformers' `get_scheduler` gives it.
@Suite struct LearningRateScheduleTests {
  static let schedules: [JSONValue] =
    (try? Fixture.json("schedules.json", in: .module))?["schedules"]?.array ?? []

  @Test(arguments: schedules.indices)
  func equalsThePeer(index: Int) throws {
    let expected = Self.schedules[index]
    let schedule = LearningRateSchedule(
      kind: try #require(
        LearningRateSchedule.Kind(rawValue: expected["lr_scheduler_type"]?.string ?? "")),
      peak: try #require(expected["learning_rate"]?.double),
      warmupSteps: try #require(expected["warmup_steps"]?.integer),
      totalSteps: try #require(expected["max_steps"]?.integer))
    let rates = try #require(expected["rates"]).numbers
    #expect(!rates.isEmpty)
    #expect(rates.indices.map(schedule.learningRate) == rates)
  }

  @Test func thereAreSchedulesOfEveryKind() {
    let kinds = Set(Self.schedules.compactMap { $0["lr_scheduler_type"]?.string })
    #expect(kinds == Set(LearningRateSchedule.Kind.allCases.map(\.rawValue)))
  }
}
