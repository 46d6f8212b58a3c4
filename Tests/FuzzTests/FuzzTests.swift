import Foundation
import TestSupport
import Testing

/// Damaged files of every format: each is read, or refused with an error of the parser's own; none
/// breaks, hangs or fills the memory.
///
/// The suite tries some hundred of each, always the same; more, and others, by hand:
///
///     KTRAIN_FUZZ=200000 KTRAIN_FUZZ_SEED=7 swift test -c release --filter FuzzTests
///     KTRAIN_FUZZ=200000 KTRAIN_FUZZ_ONLY=json,card swift test -c release --filter FuzzTests
///     KTRAIN_FUZZ=200000 Tests/sanitize.sh address --filter FuzzTests
@Suite(.serialized) struct FuzzTests {
  private static func number(_ name: String) -> Int? {
    ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
  }

  static let targets =
    FuzzTarget.json + FuzzTarget.checkpoints + FuzzTarget.tokenizers + FuzzTarget.datasets
    + FuzzTarget.stores + FuzzTarget.recipes + FuzzTarget.models

  /// Those that are named, or all.
  static let chosen: [FuzzTarget] = {
    guard let names = ProcessInfo.processInfo.environment["KTRAIN_FUZZ_ONLY"] else {
      return targets
    }
    return names.split(separator: ",").map { name in
      guard let target = targets.first(where: { $0.name == name }) else {
        fatalError("KTRAIN_FUZZ_ONLY: no \(name) in \(targets.map(\.name))")
      }
      return target
    }
  }()

  @Test(arguments: chosen) func everyInputIsReadOrRefused(_ target: FuzzTarget) throws {
    let count = Self.number("KTRAIN_FUZZ")
    let fuzzer = Fuzzer(
      target: target, count: count ?? 600, seed: UInt64(Self.number("KTRAIN_FUZZ_SEED") ?? 1),
      isAlone: count != nil)
    let outcome = try fuzzer.run()
    // A target all of whose inputs end alike shows nothing.
    #expect(outcome.read > 0 && outcome.refused > 0, "\(outcome)")
  }

  /// What is printed of a failure must make it again.
  @Test func inputsFollowFromTheSeed() throws {
    let corpus = try FuzzTarget.recipes[0].corpus()
    let (one, other) = (Mutator(corpus, seed: 1), Mutator(corpus, seed: 2))
    let inputs = (0..<200).map(one.input)
    #expect(inputs == (0..<200).map(Mutator(corpus, seed: 1).input))
    #expect(inputs.dropFirst(corpus.count) != (corpus.count..<200).map(other.input)[...])
    #expect(Set(inputs).count > 150)
  }

  /// Inputs at which a parser once broke.
  @Test(arguments: Self.found) func whatWasFoundIsRefused(_ found: Found) throws {
    let target = try #require(Self.targets.first { $0.name == found.target })
    let directory = try Fixture.temporary("found")
    try FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: true)
    try target.prepare(directory)
    let path = directory + "/" + target.file
    try Data(found.input()).write(to: URL(filePath: path))
    let error = #expect(throws: (any Error).self) { try target.parse(path) }
    guard let error else { return }
    #expect(target.faults.contains { $0 == type(of: error) }, "\(error)")
    #expect("\(error)".contains(found.message), "\(error)")
  }

  struct Found: CustomTestStringConvertible, Sendable {
    let target: String
    let input: @Sendable () throws -> [UInt8]
    let message: String
    var testDescription: String { "\(target): \(message)" }

    /// A text.
    init(target: String, input: String, message: String) {
      (self.target, self.message) = (target, message)
      self.input = { Array(input.utf8) }
    }

    /// A file in `Fixtures/found`, damaged by this mutator.
    init(target: String, file: String, message: String) {
      (self.target, self.message) = (target, message)
      input = { try FuzzTarget.fixture("found/" + file, of: "FuzzTests") }
    }
  }

  private static func recipe(_ arguments: String) -> String {
    """
    {"model": "m", "train_dataset": {"path": "t.jsonl"},
     "loss": {"name": "MultipleNegativesRankingLoss"}, \(arguments)}
    """
  }

  static let found = [
    // libhdf5 1.10 wrote beyond its memory, and asked for a GiB for one text. Others refuse the files.
    Found(target: "hdf5-rows", file: "broken-names.h5", message: "train.h5: "),
    Found(target: "hdf5-rows", file: "long-text.h5", message: "train.h5: "),
    // libhdf5 1.10 came to no end.
    Found(target: "hdf5-rows", file: "endless.h5", message: "train.h5: "),
    // Steps beyond what can be counted.
    Found(
      target: "recipe", input: recipe(#""args": {"num_train_epochs": 9223372036854775808}"#),
      message: "expected a number > 0 and ≤ 1000000"),
    Found(
      target: "recipe",
      input: recipe(#""args": {"gradient_accumulation_steps": 9223372036854775807}"#),
      message: "expected an integer ≥ 1 and ≤ 1099511627776"),
    Found(
      target: "recipe", input: recipe(#""runtime": {"threads": 5000}"#),
      message: "expected an integer ≥ 0 and ≤ 4096"),
    // A sum that overflows when the run goes on.
    Found(
      target: "training_state",
      input: (try? goodState.replacing(#""rows": 128"#, with: #""rows": 9223372036854775807"#))
        ?? "",
      message: "lacks a field"),
  ]

  private static var goodState: String {
    get throws {
      String(
        decoding: try FuzzTarget.fixture("training_state/good.json", of: "FuzzTests"), as: UTF8.self
      )
      .replacing(#""rows":128"#, with: #""rows": 128"#)
    }
  }
}
