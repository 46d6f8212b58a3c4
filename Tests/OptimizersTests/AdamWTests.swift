import Foundation
import JSONValues
import Optimizers
import Tensors
import TestSupport
import Testing

/// Ten steps of AdamW with clipping and a warm-up, against PyTorch's.
@Suite struct AdamWTests {
  let fixture: JSONValue

  init() throws { fixture = try Fixture.json("adamw.json", in: .module) }

  @Test func equalsPyTorch() throws {
    let parameters = try #require(fixture["parameters"]?.array).enumerated().map { index, value in
      Parameter(
        name: value["name"]?.string ?? "", index: index,
        value: Tensor(
          value["initial"]?.numbers.map { Float($0) } ?? [],
          shape: value["shape"]?.numbers.map { Int($0) } ?? []))
    }
    let optimizer = AdamW(
      parameters,
      configuration: .init(weightDecay: try #require(fixture["weight_decay"]?.double)))
    let maximum = try #require(fixture["max_grad_norm"]?.double)
    for step in try #require(fixture["steps"]?.array) {
      let gradients = Gradients()
      for (parameter, values) in zip(parameters, step["gradients"]?.array ?? []) {
        gradients.add(
          Tensor(values.numbers.map { Float($0) }, shape: parameter.shape), to: parameter)
      }
      let norm = gradients.norm(of: parameters)
      expectClose([norm], [step["grad_norm"]?.double ?? 0], relative: 1e-6, absolute: 0, "norm")
      optimizer.step(
        gradients, learningRate: try #require(step["learning_rate"]?.double),
        gradientFactor: GradientClipping.factor(norm: norm, maximum: maximum))
      for (parameter, expected) in zip(parameters, step["after_float64"]?.array ?? []) {
        expectClose(
          parameter.value.elements, expected.numbers, relative: 2e-6, absolute: 1e-6,
          "\(parameter.name) after step \(optimizer.stepCount)")
      }
    }
    for (index, parameter) in parameters.enumerated() {
      let moments = try #require(optimizer.moments(of: parameter))
      expectClose(
        moments.first.elements, fixture["exp_avg"]?.array?[index].numbers ?? [], relative: 1e-5,
        absolute: 1e-8, "exp_avg")
      expectClose(
        moments.second.elements, fixture["exp_avg_sq"]?.array?[index].numbers ?? [],
        relative: 1e-5, absolute: 1e-9, "exp_avg_sq")
    }
  }

  @Test func groupsAreThePeers() throws {
    let decay = try #require(fixture["groups"]?["decay"]?.array).compactMap(\.string)
    let rest = try #require(fixture["groups"]?["no_decay"]?.array).compactMap(\.string)
    #expect(decay.count == 16 && rest.count == 23)
    #expect(decay.allSatisfy(AdamW.decays))
    #expect(!rest.contains(where: AdamW.decays))
  }

  /// A table of which only some rows were looked up moves as if the others' gradient were zero.
  @Test func rowsEqualAFullGradient() {
    func run(full: Bool) -> [Float] {
      let lookups = Lookups()
      let table = lookups.table
      let optimizer = AdamW([table], configuration: .init(weightDecay: 0.1))
      for ids in [[3, 7, 3], [1, 3, 2], [0, 0, 9]] as [[Int32]] {
        var gradients = lookups.gradients(of: ids)
        if full, let sum = gradients.full(table) {
          gradients = Gradients()
          gradients.add(sum, to: table)
        }
        optimizer.step(gradients, learningRate: 0.1)
      }
      return table.value.elements
    }
    #expect(run(full: false) == run(full: true))
  }

  /// Rows that were never looked up take the short way; after a restore nobody says which they are.
  @Test func rowsGoOnAfterARestore() throws {
    func run(restoring: Bool) throws -> [[Float]] {
      let lookups = Lookups()
      let table = lookups.table
      var optimizer = AdamW([table], configuration: .init(weightDecay: 0.1))
      for ids in [[3, 7, 3], [1, 3, 2]] as [[Int32]] {
        optimizer.step(lookups.gradients(of: ids), learningRate: 0.1)
        guard restoring else { continue }
        let moments = try #require(optimizer.moments(of: table))
        let stepCount = optimizer.stepCount
        optimizer = AdamW([table], configuration: .init(weightDecay: 0.1))
        optimizer.restore(stepCount: stepCount, moments: [moments])
      }
      let moments = try #require(optimizer.moments(of: table))
      return [table.value.elements, moments.first.elements, moments.second.elements]
    }
    #expect(try run(restoring: true) == run(restoring: false))
  }

  /// A row is a page here: the moments of those that were looked up are all that is in memory, also
  /// after a restore.
  @Test func rowsThatWereNeverLookedUpTakeNoMemory() throws {
    let lookups = Lookups(rows: 512, width: 1024)
    var optimizer = AdamW([lookups.table], configuration: .init(weightDecay: 0.1))
    func expectPages(_ count: Int) throws {
      let moments = try #require(optimizer.moments(of: lookups.table))
      for tensor in [moments.first, moments.second] {
        #expect(writtenPages(tensor.rawPointer, byteCount: tensor.count * 4) == count)
      }
      #expect(optimizer.momentBytes == count * 2 * 4096)
    }
    optimizer.step(lookups.gradients(of: [3, 7, 3]), learningRate: 0.1)
    try expectPages(2)
    let moments = try #require(optimizer.moments(of: lookups.table))
    optimizer = AdamW([lookups.table], configuration: .init(weightDecay: 0.1))
    optimizer.restore(stepCount: 1, moments: [moments])
    try expectPages(2)
    optimizer.step(lookups.gradients(of: [1, 3, 511]), learningRate: 0.1)
    try expectPages(4)
  }

  /// Weights are changed where they lie: a copy of each would cost memory and time at every step.
  @Test func weightsAreNotCopied() {
    let parameter = Parameter(name: "w", index: 0, value: Tensor(repeating: 2, shape: [3]))
    let optimizer = AdamW([parameter])
    let before = parameter.value.pointer
    let gradients = Gradients()
    gradients.add(Tensor(repeating: 1, shape: [3]), to: parameter)
    optimizer.step(gradients, learningRate: 0.1)
    #expect(parameter.value.pointer == before)
    #expect(parameter.value.elements.allSatisfy { $0 < 2 })
  }

  @Test func aParameterWithoutGradientStays() {
    let parameter = Parameter(name: "w", index: 0, value: Tensor(repeating: 2, shape: [3]))
    let optimizer = AdamW([parameter], configuration: .init(weightDecay: 0.5))
    optimizer.step(Gradients(), learningRate: 0.1)
    #expect(parameter.value.elements == [2, 2, 2])
    #expect(optimizer.moments(of: parameter) == nil)
  }
}

/// A table, of ten rows mostly, and gradients of three of them at a time.
private struct Lookups {
  let table: Parameter
  private let others: [Parameter]

  init(rows: Int = 10, width: Int = 4) {
    table = Parameter(
      name: "t", index: 0,
      value: Tensor((0..<rows * width).map { Float($0) / 8 }, shape: [rows, width]))
    others = (1...2).map { index in
      Parameter(name: "o\(index)", index: index, value: Tensor(repeating: 0, shape: [3, width]))
    }
  }

  func gradients(of ids: [Int32]) -> Gradients {
    let tape = Tape(isRecording: true)
    let y = tape.embedding(
      ids: ids, places: [0, 1, 2], words: table, positions: others[0], types: others[1])
    let gradients = Gradients()
    tape.backward(
      from: y,
      gradient: Tensor((0..<y.value.count).map { Float($0) - 5 }, shape: y.value.shape),
      into: gradients)
    return gradients
  }
}
