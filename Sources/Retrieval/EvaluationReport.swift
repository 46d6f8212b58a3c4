/// What an evaluation found, under the names and in the CSV columns of sentence-transformers.
public protocol EvaluationReport: Sendable {
  /// Every metric under its name, in the reference's order.
  var values: [(key: String, value: Double)] { get }
  /// The key of the metric by which models are compared.
  var primaryMetric: String { get }
  /// The name of the CSV file.
  var csvFileName: String { get }
  /// Titles and values after `epoch` and `steps`, in the order of the file.
  var csvColumns: [(title: String, value: Double)] { get }
  /// What a line of the file ends with: CR LF where the reference uses Python's `csv`.
  var csvLineEnd: String { get }
}

extension EvaluationReport {
  /// The first line of the CSV file, without its end.
  public var csvHeader: String {
    (["epoch", "steps"] + csvColumns.map(\.title)).joined(separator: ",")
  }

  /// Writes the line of this evaluation, numbers as Python writes them.
  ///
  /// - Parameters:
  ///   - epoch: The epochs done, a fraction inside one; nil, written as -1, outside training.
  ///   - steps: The steps done; nil, written as -1, outside training.
  /// - Returns: The line without its end.
  public func csvRow(epoch: Double? = nil, steps: Int? = nil) -> String {
    let place = [epoch.map(String.init(describing:)) ?? "-1", String(steps ?? -1)]
    return (place + csvColumns.map { String(describing: $0.value) }).joined(separator: ",")
  }
}

/// A metric's key behind the evaluator's name, if it has one.
func prefixed(_ key: String, by name: String) -> String {
  name.isEmpty ? key : "\(name)_\(key)"
}
