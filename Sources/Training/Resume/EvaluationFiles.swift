internal import Checkpoints
internal import FoundationEssentials

/// The evaluators' CSV files in a run's directory.
enum EvaluationFiles {
  /// Takes out the rows of steps after one, which a run that goes on from there writes once more.
  ///
  /// - Parameters:
  ///   - step: The last step whose rows stay; -1 leaves the headers alone.
  ///   - directory: Where the files are, if there are any.
  /// - Throws: `CheckpointError` if a file cannot be written.
  static func cut(after step: Int, in directory: String) throws {
    let manager = FileManager.default
    for name in (try? manager.contentsOfDirectory(atPath: directory)) ?? []
    where name.hasSuffix("_results.csv") {
      let path = directory + "/" + name
      guard let data = manager.contents(atPath: path) else { continue }
      let lines = String(decoding: data, as: UTF8.self)
        .split(separator: "\n", omittingEmptySubsequences: false)
      let header = "epoch,steps,"
      guard lines[0].hasPrefix(header) || header.hasPrefix(lines[0]) else { continue }
      if lines.count == 1 {  // half of a header
        try manager.removeItem(atPath: path)
        continue
      }
      // The last piece is empty, or half of a line.
      let kept = lines.dropLast().dropFirst().filter { line in
        line.split(separator: ",").dropFirst().first.flatMap { Int($0) }.map { $0 <= step } ?? false
      }
      let text = ([lines[0]] + kept).joined(separator: "\n") + "\n"
      if text.utf8.count != data.count { try AtomicFile.write(text, to: path) }
    }
  }
}
