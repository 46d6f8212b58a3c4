internal import Checkpoints

/// A report of one or several runs: one HTML file that needs nothing else.
public enum RunReport {
  /// The name of a run's own report in its directory.
  public static let fileName = "report.html"

  /// Writes the report of the run in a directory.
  ///
  /// - Parameters:
  ///   - directories: The runs' directories; several make one report that compares them.
  ///   - path: The file; nil for `report.html` in the directory, or, of several, in the current one.
  /// - Returns: The file, and what could not be read, each on one line.
  /// - Throws: ``ReportError`` if a directory holds no run; `CheckpointError` if the file cannot be
  ///   written.
  @discardableResult
  public static func write(
    of directories: [String], to path: String? = nil
  ) throws -> (path: String, remarks: [String]) {
    precondition(!directories.isEmpty, "RunReport: no directories")
    let runs = try directories.map { try RunRecord(reading: $0) }
    let path = path ?? (runs.count == 1 ? "\(directories[0])/\(fileName)" : fileName)
    try AtomicFile.write(html(of: runs), to: path)
    let remarks = runs.flatMap { run in run.remarks.map { "\(run.path): \($0)" } }
    return (path, remarks)
  }

  /// The report as HTML.
  package static func html(of runs: [RunRecord]) -> String {
    runs.count == 1 ? RunPage(run: runs[0]).text : ComparisonPage(runs: runs).text
  }
}
