import Encoders
import JSONValues
import Tensors
import Training

/// The lines that stay of a run: what it begins with, what was logged, what it ends with.
enum RunLines {
  /// How wide labels are: later lines of one begin here.
  static let indent = 9

  /// A line with a label.
  static func line(_ label: String, _ text: String) -> String {
    label.padded(toWidth: indent) + text
  }

  /// What is known before the first step.
  static func start(_ summary: RunSummary) -> [String] {
    let plan = summary.plan
    let weights = 4 * summary.parameterCount
    var lines = [
      line(
        "model",
        "\(summary.model): \(Format.grouped(summary.parameterCount)) weights, texts of up to "
          + "\(summary.maxSequenceLength) tokens")
    ]
    lines += summary.datasets.map { line("data", data($0)) }
    lines += [
      line(
        "plan",
        "\(Format.count(plan.totalSteps, "step")) in \(Format.count(plan.epochs, "epoch")), "
          + "\(Format.grouped(plan.warmupSteps)) of them warm-up"),
      line(
        "memory",
        "\(Format.bytes(summary.memoryLimit)) for tensors: up to \(Format.bytes(4 * weights)) hold "
          + "weights, gradients and moments, the rest activations"),
      line(
        "machine",
        "\(processes(summary)), \(summary.precision.rawValue), \(summary.kernels)"),
      line("output", summary.outputDirectory),
    ]
    if let hindrance = summary.hindrance { lines.append(line("slow", hindrance)) }
    if !summary.argumentsWithoutEffect.isEmpty {
      lines.append(
        line("unused", summary.argumentsWithoutEffect.joined(separator: ", ") + ": no effect here"))
    }
    return lines
  }

  /// `2 threads`, or `4 ranks on 2 machines, 2 threads each`.
  private static func processes(_ summary: RunSummary) -> String {
    let threads = Format.count(summary.threads, "thread")
    guard summary.ranks.count > 1 else { return threads }
    return "\(summary.ranks.count) ranks on \(Format.count(summary.ranks.machines, "machine")), "
      + "\(threads) each"
  }

  /// Rows, columns, loss and negatives of a data set.
  static func data(_ dataset: RunSummary.Dataset) -> String {
    "\(dataset.name.map { $0 + ": " } ?? "")\(Format.grouped(dataset.rowCount)) rows of "
      + "\(dataset.columns.joined(separator: ", "))"
      + "\(dataset.labels.map { ", labels in \($0)" } ?? ""); \(dataset.loss), "
      + "\(Format.count(dataset.negativesPerAnchor, "negative")) for each anchor"
  }

  /// The texts of a data set.
  static func tokens(_ texts: TokenStatistics, maxLength: Int) -> String {
    let mean = Double(texts.tokenCount) / Double(max(1, texts.textCount))
    let cut =
      texts.truncatedShare > 0
      ? "\(Format.percent(texts.truncatedShare)) of the texts are cut to \(maxLength)"
      : "no text is cut"
    return line(
      "tokens",
      "\(texts.name.map { $0 + ": " } ?? "")\(Format.grouped(texts.tokenCount)) in "
        + "\(Format.grouped(texts.textCount)) texts, \(Format.fixed(mean, 1)) each, "
        + "\(Format.grouped(texts.longest)) at most; \(cut)")
  }

  /// What the first step showed of how the memory is used; nil if nothing is encoded twice.
  static func memory(_ report: StepReport) -> String? {
    guard report.replayed > 0 else { return nil }
    return line(
      "memory",
      "holds the activations of \(report.miniBatches - report.replayed) of "
        + "\(report.miniBatches) mini-batches of a step; the others are encoded twice")
  }

  /// A logged step.
  static func step(
    _ values: JSONObject, of totalSteps: Int, _ report: StepReport?
  ) -> [LinePart] {
    let scale = values["loss_scale"]?.double.map { scale in
      "  loss_scale \(Format.short(scale))"
        + (values["grad_norm"]?.isNull == true ? ", step skipped" : "")
    }
    let speed = report.map { report in
      Format.grouped(Int(Double(report.tokens) / report.seconds)) + " tokens/s"
    }
    let twice = report.map { $0.replayed > 0 ? "\($0.replayed) mini-batches encoded twice" : "" }
    return [
      LinePart(
        "step \(values["step"]?.integer ?? 0)/\(totalSteps)  epoch \(epoch(values))  loss "
          + "\(Format.short(values["loss"]?.double ?? 0))  grad_norm "
          + "\(Format.short(values["grad_norm"]?.double ?? 0))  lr "
          + "\(Format.short(values["learning_rate"]?.double ?? 0))\(scale ?? "")"),
      LinePart(speed ?? "", rank: 1),
      LinePart(ProcessMemory.residentBytes.map(Format.bytes) ?? "", rank: 2),
      LinePart(twice ?? "", rank: 3),
    ]
  }

  /// An evaluation.
  static func evaluation(_ values: JSONObject) -> String {
    let shown = ["_ndcg@", "_mrr@", "spearman_"]
    let metrics = values.members.filter { name, _ in
      shown.contains { name.contains($0) } || name.hasSuffix("_loss") || name.hasSuffix("_accuracy")
    }
    .map { "\($0.0.replacing("eval_", with: "")) \(Format.fixed($0.1.double ?? 0, 4))" }
    return "step \(values["step"]?.integer ?? 0)  epoch \(epoch(values))  "
      + metrics.joined(separator: "  ")
  }

  private static func epoch(_ values: JSONObject) -> String {
    Format.fixed(values["epoch"]?.double ?? 0, 2)
  }

  /// What came of the run.
  static func end(_ model: TrainedModel) -> [String] {
    var lines: [String] = []
    if let change = model.change {
      lines.append(
        line(
          "weights",
          "moved by \(share(change.relative)) of their length; most, "
            + (change.mostRelative.isFinite ? "by \(share(change.mostRelative)), " : "from 0, ")
            + change.mostChanged))
    }
    return lines + [
      line("model", model.path),
      line("load", "SentenceTransformer(\"\(model.path)\")"),
      line("try", "ktrain search \(model.path) TEXTS"),
    ]
  }

  private static func share(_ share: Double) -> String { Format.short(share * 100) + " %" }

  /// The metrics of two evaluations side by side, or of one alone.
  static func comparison(_ first: JSONObject, _ last: JSONObject) -> String {
    let names = last.keys.filter { $0.hasPrefix("eval_") }
    let step = { (entry: JSONObject) in "step \(entry["step"]?.integer ?? 0)" }
    let isOne = first == last
    let rows = names.map { name -> [String] in
      let (before, after) = (first[name]?.double ?? 0, last[name]?.double ?? 0)
      let cells = [String(name.dropFirst("eval_".count)), Format.fixed(before, 4)]
      return isOne ? cells : cells + [Format.fixed(after, 4), Format.change(after - before, 4)]
    }
    return Format.table(
      [isOne ? ["", step(last)] : ["", step(first), step(last), "change"]] + rows)
  }
}
