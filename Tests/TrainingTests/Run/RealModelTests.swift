import Checkpoints
import Encoders
import Foundation
import JSONValues
import Losses
import Sampling
import Tensors
import TestSupport
import Testing
import Training

/// all-MiniLM-L6-v2 on real text against runs of sentence-transformers; by hand, since a run of the
/// peer takes minutes.
///
///     python make_curve_minilm.py run MODEL TRAIN.jsonl DIR/curve.json --gradients DIR/gradients.safetensors
///     python make_curve_minilm.py run MODEL TRAIN.jsonl DIR/curve-other-threads.json --threads 1
///     KTRAIN_CURVES=DIR KTRAIN_MODEL=MODEL KTRAIN_TRAIN=TRAIN.jsonl swift test -c release --filter RealModel
@Suite(.enabled(if: ProcessInfo.processInfo.environment["KTRAIN_CURVES"] != nil))
struct RealModelTests {
  let directory: String
  let model: String
  let data: String
  let reference: JSONValue

  init() throws {
    let environment = ProcessInfo.processInfo.environment
    directory = environment["KTRAIN_CURVES"] ?? ""
    model = environment["KTRAIN_MODEL"] ?? ""
    data = environment["KTRAIN_TRAIN"] ?? ""
    reference = try Self.curve(directory + "/curve.json")
  }

  private static func curve(_ path: String) throws -> JSONValue {
    try JSONValue(parsing: Data(contentsOf: URL(filePath: path)))
  }

  private func recipe(_ output: String) throws -> Recipe {
    var arguments = try #require(reference["args"]?.object)
    arguments["output_dir"] = .string(output)
    arguments["logging_steps"] = 1
    arguments["save_strategy"] = "no"
    return try Recipe([
      "model": [
        "path": .string(model), "dropout": 0, "max_seq_length": reference["max_seq_length"] ?? nil,
      ],
      "train_dataset": ["path": .string(data), "limit": reference["rows"] ?? nil],
      "loss": ["name": "MultipleNegativesRankingLoss"], "args": .object(arguments),
      "runtime": ["store": .string(Fixture.temporary("store"))],
    ])
  }

  /// Batches, rates and the first 20 losses are the peer's; at the last step the loss is no further
  /// from it than three times what the peer's number of threads makes.
  @Test func theCurveIsThePeers() throws {
    let run = try TrainingRun(recipe(Fixture.temporary("run")))
    let steps = try #require(reference["steps"]?.array)
    #expect(run.plannedRows == steps.map { [($0["batch"]?.numbers ?? []).map { Int32($0) }] })

    var reports: [StepReport] = []
    try run.run { if case .step(let report) = $0 { reports.append(report) } }
    #expect(reports.count == steps.count)
    #expect(
      reports.map(\.learningRate) == steps.map { $0["learning_rate"]?.double ?? .nan })
    let losses = distances(reports.map(\.loss), steps, "loss")
    let norms = distances(reports.map(\.gradientNorm), steps, "grad_norm")
    #expect((losses[..<20].max() ?? 1) < 1e-5)
    #expect((norms[..<20].max() ?? 1) < 1e-4)

    let other = try #require(
      Self.curve(directory + "/curve-other-threads.json")["steps"]?.array)
    let own = distances(other.map { $0["loss"]?.double ?? .nan }, steps, "loss")
    print(
      """
      loss: ≤ \(losses[..<20].max() ?? 1) in 20 steps, ≤ \(losses.max() ?? 1) in \(losses.count), \
      \(losses.last ?? 1) at the last; between the peer's runs ≤ \(own[..<20].max() ?? 1), \
      ≤ \(own.max() ?? 1), \(own.last ?? 1)
      grad_norm: ≤ \(norms[..<20].max() ?? 1) in 20 steps, ≤ \(norms.max() ?? 1) in all
      """)
    #expect((losses.last ?? 1) <= 3 * (own.last ?? 0))
  }

  private func distances(
    _ values: [Double], _ steps: [JSONValue], _ key: String
  ) -> [Double] {
    zip(values, steps).map { abs($0 / ($1[key]?.double ?? .nan) - 1) }
  }

  /// Every parameter's gradient of the first batch.
  @Test func gradientsAreThePeers() throws {
    let run = try TrainingRun(recipe(Fixture.temporary("run")))
    try run.prepare()
    let gradients = Gradients()
    let first = try #require(run.plannedRows.first?.first)
    _ = try run.addGradients(of: .init(dataset: 0, rows: first), dropout: nil, to: gradients)
    let file = try SafetensorsFile(contentsOf: directory + "/gradients.safetensors")
    var worst = (name: "", distance: 0.0)
    for parameter in run.encoder.model.parameters {
      let actual = try #require(gradients.full(parameter)).elements
      let wanted = try file.floats(parameter.name)
      let norm = wanted.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      let distance = zip(actual, wanted).reduce(0.0) { sum, pair in
        sum + (Double(pair.0) - Double(pair.1)) * (Double(pair.0) - Double(pair.1))
      }.squareRoot()
      // A key's bias has no gradient but rounding.
      if parameter.name.hasSuffix("attention.self.key.bias") {
        #expect(distance < 1e-5, "\(parameter.name)")
        continue
      }
      #expect(distance / norm < 1e-4, "\(parameter.name)")
      if distance / norm > worst.distance { worst = (parameter.name, distance / norm) }
    }
    print("gradients: at most \(worst.distance) apart, of \(worst.name)")
  }
}
