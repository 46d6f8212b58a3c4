import ArgumentParser

/// `ktrain bench`.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measures training steps on this machine.")
  func run() throws {}
}
