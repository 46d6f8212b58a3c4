internal import Encoders
internal import FoundationEssentials
public import Retrieval

extension EvaluationReport {
  /// Adds this evaluation to its CSV file, with a header if the file is new.
  ///
  /// - Parameters:
  ///   - directory: Where the file is; created if it is missing.
  ///   - epoch: The epochs done; nil outside training.
  ///   - steps: The steps done; nil outside training.
  /// - Throws: ``RunError`` if the file cannot be written.
  public func appendCSV(to directory: String, epoch: Double? = nil, steps: Int? = nil) throws {
    do {
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    } catch {
      throw RunError(.output, "cannot be created", place: absolute(directory))
    }
    let path = directory + "/" + csvFileName
    let isNew = !FileManager.default.fileExists(atPath: path)
    try AppendedFile(path: path).append(
      (isNew ? csvHeader + csvLineEnd : "") + csvRow(epoch: epoch, steps: steps) + csvLineEnd)
  }
}
