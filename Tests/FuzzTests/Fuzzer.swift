import Foundation
import Synchronization
import TestSupport
import Testing
import Training

/// Runs a target through many inputs in this process, each from a file in memory.
///
/// A crash ends the process: the input that did it is then still in its file, whose path was printed.
/// An input that takes longer than ``longestSeconds`` ends it, too, and so does one that makes the
/// process take a GiB more than it had, if nothing else is running in it.
struct Fuzzer {
  static let longestSeconds = 60.0
  private static let mostBytes = 1 << 30

  let target: FuzzTarget
  let count: Int
  let seed: UInt64
  /// Whether nothing else takes memory in this process meanwhile.
  let isAlone: Bool

  /// How many inputs were read as good and how many were refused.
  struct Outcome {
    var read = 0
    var refused = 0
  }

  func run() throws -> Outcome {
    let manager = FileManager.default
    let root = manager.fileExists(atPath: "/dev/shm") ? "/dev/shm/" : NSTemporaryDirectory()
    let directory = "\(root)ktrain-fuzz-\(getpid())/\(target.name)"
    try manager.createDirectory(atPath: directory, withIntermediateDirectories: true)
    try target.prepare(directory)
    let mutator = Mutator(try target.corpus(), seed: seed)
    let path = directory + "/" + target.file
    let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    try #require(file >= 0, "\(path)")
    defer { close(file) }
    print("fuzzing \(target.name): \(count) inputs of seed \(seed), each at \(path)")
    let watchdog = Watchdog(
      target: target.name, path: path, mostBytes: isAlone ? Self.mostBytes : .max)
    defer { watchdog.stop() }
    var outcome = Outcome()
    let start = ContinuousClock.now
    for number in 0..<count {
      let input = try target.envelope(mutator.input(number))
      try write(input, to: file)
      watchdog.begin(number)
      do {
        try target.parse(path)
        outcome.read += 1
      } catch  where isExpected(error) { outcome.refused += 1 } catch {
        let kept = "\(NSTemporaryDirectory())ktrain-fuzz-\(target.name)-\(seed)-\(number)"
        try Data(input).write(to: URL(filePath: kept))
        Issue.record("input \(number) of seed \(seed), kept at \(kept): \(error)")
        return outcome
      }
    }
    try manager.removeItem(atPath: directory)
    print("\(target.name): \(outcome) in \(ContinuousClock.now - start)")
    return outcome
  }

  private func isExpected(_ error: any Error) -> Bool {
    target.faults.contains { $0 == type(of: error) }
  }

  private func write(_ bytes: [UInt8], to file: Int32) throws {
    let written = pwrite(file, bytes, bytes.count, 0)
    try #require(
      written == bytes.count && ftruncate(file, bytes.count) == 0, "no room for an input")
  }

  /// Looks from beside whether an input hangs or takes too much memory.
  private final class Watchdog: Sendable {
    private let number = Atomic<Int>(-1)
    private let isStopped = Atomic<Bool>(false)

    init(target: String, path: String, mostBytes: Int) {
      Thread.detachNewThread { [self] in
        let before = ProcessMemory.residentBytes ?? 0
        var (last, since) = (-1, ContinuousClock.now)
        while !isStopped.load(ordering: .relaxed) {
          Thread.sleep(forTimeInterval: 0.05)
          let number = number.load(ordering: .relaxed)
          if number != last { (last, since) = (number, .now) }
          let seconds = ContinuousClock.now - since
          let grown = (ProcessMemory.residentBytes ?? 0) - before
          if seconds > .seconds(Fuzzer.longestSeconds) || grown > mostBytes {
            fatalError(
              "\(target): input \(number), at \(path), has taken \(seconds) and \(grown) bytes")
          }
        }
      }
    }

    func begin(_ number: Int) { self.number.store(number, ordering: .relaxed) }
    func stop() { isStopped.store(true, ordering: .relaxed) }
  }
}
