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
      // Bytes, since Swift takes CR LF for one character.
      let lines = data.split(separator: 0x0A, omittingEmptySubsequences: false)
      let header = Array("epoch,steps,".utf8)
      guard lines[0].starts(with: header) || header.starts(with: lines[0]) else { continue }
      if lines.count == 1 {  // half of a header
        try manager.removeItem(atPath: path)
        continue
      }
      // The last piece is empty, or half of a line.
      let kept = lines.dropLast().dropFirst().filter { line in
        let fields = String(decoding: line, as: UTF8.self).split(separator: ",")
        return fields.dropFirst().first.flatMap { Int($0) }.map { $0 <= step } ?? false
      }
      let text = ([lines[0]] + kept).map { String(decoding: $0, as: UTF8.self) + "\n" }.joined()
      if text.utf8.count != data.count { try AtomicFile.write(text, to: path) }
    }
  }
}
