import Foundation
import JSONValues
import Testing

/// Expects two runs to have ended alike: the same weights and moments, bit for bit, in all
/// checkpoints and at the end, the same log and the same evaluations; times and paths may differ.
func expectSameRuns(
  _ found: String, _ expected: String, _ comment: Comment,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let manager = FileManager.default
  let files = try manager.subpathsOfDirectory(atPath: expected).sorted()
  let differing = Set(files).symmetricDifference(try manager.subpathsOfDirectory(atPath: found))
  #expect(differing.isEmpty, "\(comment): \(differing.sorted())", sourceLocation: sourceLocation)
  for file in files where isComparable(file) {
    #expect(
      try content(found, file) == content(expected, file), "\(comment): \(file)",
      sourceLocation: sourceLocation)
  }
}

private func isComparable(_ file: String) -> Bool {
  [".safetensors", "state.json", "log.jsonl", ".csv"].contains { file.hasSuffix($0) }
}

/// A file's bytes without what may differ between two equal runs.
private func content(_ directory: String, _ file: String) throws -> Data {
  let path = directory + "/" + file
  guard manager.fileExists(atPath: path) else { return Data() }
  let data = try Data(contentsOf: URL(filePath: path))
  if file.hasSuffix(".safetensors") { return data }
  var lines = String(decoding: data, as: UTF8.self).replacing(directory, with: "").split(
    separator: "\n")
  lines.removeAll { $0.contains("\"seconds\":") || $0.contains("\"threads\":") }
  if let last = lines.last, let entry = try? JSONValue(parsing: String(last)).object,
    let loss = entry["train_loss"]
  {
    lines[lines.count - 1] = Substring("\(loss)")
  }
  return Data(lines.joined(separator: "\n").utf8)
}

private var manager: FileManager { .default }
