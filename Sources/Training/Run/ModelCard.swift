internal import Encoders
internal import JSONValues

/// The text of a trained model's `README.md`.
struct ModelCard {
  let recipe: Recipe
  let encoder: SentenceEncoder
  let datasets: [RunSummary.Dataset]
  let plan: RunPlan

  /// The card.
  ///
  /// - Parameters:
  ///   - step: How many steps were taken.
  ///   - log: The log so far.
  /// - Returns: Markdown with the metadata that the hub reads at its head.
  func text(step: Int, log: [LogEntry]) -> String {
    let similarity = encoder.layout.similarity
    let rowCount = datasets.reduce(0) { $0 + $1.rowCount }
    let rows = datasets.map { dataset in
      "\(dataset.rowCount) rows of \(dataset.columns.joined(separator: ", "))"
        + (dataset.name.map { " (\($0))" } ?? "")
    }
    return """
      ---
      tags:
      - sentence-transformers
      - sentence-similarity
      - feature-extraction
      - dataset_size:\(rowCount)
      - loss:\(recipe.loss.values.map(\.name).joined(separator: ", "))
      pipeline_tag: sentence-similarity
      library_name: sentence-transformers
      ---

      # \(recipe.name ?? "Text-embedding model")

      A sentence-transformers model fine-tuned with ktrain from `\(recipe.model.path)`. It maps texts
      to vectors of \(encoder.dimension) dimensions, compared by \(similarity) similarity; texts are
      cut to \(encoder.maxSequenceLength) tokens.

      ## Usage

      ```python
      from sentence_transformers import SentenceTransformer

      model = SentenceTransformer("path/to/this/directory")
      embeddings = model.encode(["a text", "another text"])
      print(model.similarity(embeddings, embeddings))
      ```

      ## Training

      \(rows.joined(separator: "; ")); \(step) of \(plan.totalSteps) steps.

      \(table(log))

      ### The recipe

      ```json
      \(recipe.resolved().text(indent: 2))
      ```

      """
  }

  /// The last losses and evaluations, a row for each logged step.
  private func table(_ log: [LogEntry]) -> String {
    let keys = log.flatMap(\.values.keys)
    let metric = keys.first { $0.contains("_ndcg@") }
    var rows = [
      "| Step | Epoch | Training loss | \(metric ?? "Evaluation") |", "|--:|--:|--:|--:|",
    ]
    for entry in log.suffix(30) {
      let measured = [entry.values["loss"], metric.map { entry.values[$0] } ?? nil]
      guard measured.contains(where: { $0 != nil }) else { continue }
      let cells = ([entry.values["step"], entry.values["epoch"]] + measured).map { cell in
        cell?.double.map { rounded($0) } ?? ""
      }
      rows.append("| " + cells.joined(separator: " | ") + " |")
    }
    return rows.joined(separator: "\n")
  }

  private func rounded(_ value: Double) -> String {
    if let whole = Int(exactly: value) { return String(whole) }
    return String((value * 10_000).rounded() / 10_000)
  }
}
