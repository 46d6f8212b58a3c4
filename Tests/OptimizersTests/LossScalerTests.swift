import JSONValues
import Optimizers
import TestSupport
import Testing

/// Scale and tracker after every step, as torch's `GradScaler` has them.
@Suite struct LossScalerTests {
  static let cases: [JSONValue] =
    (try? Fixture.json("loss_scaler.json", in: .module))?["cases"]?.array ?? []

  @Test func thereAreCases() { #expect(Self.cases.count == 5) }

  @Test(arguments: cases.indices)
  func equalsThePeer(index: Int) throws {
    let expected = Self.cases[index]
    let options = expected["options"]
    var scaler = LossScaler(
      scale: Float(options?["init_scale"]?.double ?? 65_536),
      growthFactor: options?["growth_factor"]?.double ?? 2,
      backoffFactor: options?["backoff_factor"]?.double ?? 0.5,
      growthInterval: options?["growth_interval"]?.integer ?? 2000)
    let overflows = Set((expected["overflows"]?.array ?? []).compactMap(\.integer))
    var compared = 0
    for step in 0..<(try #require(expected["steps"]?.integer)) {
      scaler.update(overflowed: overflows.contains(step))
      guard let state = expected["after"]?[String(step)] else { continue }
      compared += 1
      #expect(
        [Double(scaler.scale), Double(scaler.growthTracker)] == state.numbers, "step \(step)")
    }
    #expect(compared == expected["after"]?.object?.count)
  }
}
