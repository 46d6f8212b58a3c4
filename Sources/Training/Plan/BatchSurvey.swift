internal import Datasets
internal import Encoders
internal import Sampling
internal import Tokenizers

/// What the texts of a run's batches are like: the tokens of whole batches, counted.
struct BatchSurvey {
  /// How many batches were looked at, of the first epoch.
  let batchCount: Int
  /// The mean of the tokens of a batch.
  let meanTokens: Double
  /// The batch with the most tokens.
  let largest: Largest
  /// The share of texts that are longer than the model takes.
  let truncatedShare: Double
  /// The share of rows whose positive is that of another row of the batch, too.
  let duplicateShare: Double
  /// The mean of the tokens of a row.
  let tokensPerRow: Double
  /// How many different tokens there are in all texts that were looked at.
  let distinctTokens: Int
  /// For each data set the share of batches that are from it.
  let shares: [Double]

  /// The batch with the most tokens.
  struct Largest {
    let dataset: Int
    let rowCount: Int
    /// The tokens of each text.
    let lengths: [Int]
    /// How many different tokens there are.
    let distinctTokens: Int

    var tokens: Int { lengths.reduce(0, +) }
  }

  /// About how many texts are looked at: more would not change the means.
  private static let textLimit = 40_000

  /// Counts the tokens of the first epoch's batches, or of some that lie evenly among them.
  init(_ run: TrainingRun) {
    let batches = run.sampler.batches(epoch: 0)
    precondition(!batches.isEmpty, "BatchSurvey: no batches")
    let texts = batches.reduce(0) {
      $0 + $1.rows.count * run.sources[$1.dataset].dataset.columns.count
    }
    let count = max(1, min(batches.count, batches.count * Self.textLimit / texts))
    var (tokens, rows, seen, truncated, duplicates) = (0, 0, 0, 0, 0)
    var largest: Largest?
    var distinct: Set<Int32> = []
    for index in 0..<count {
      let batch = batches[index * batches.count / count]
      let source = run.sources[batch.dataset]
      let columns = source.tokenized(batch.rows, by: run.encoder)
      for (column, texts) in zip(source.dataset.columns.indices, columns) {
        truncated += source.countTruncated(texts, rows: batch.rows, column, by: run.encoder)
      }
      let here = columns.joined().reduce(into: Set<Int32>()) { $0.formUnion($1.ids) }
      distinct.formUnion(here)
      duplicates += source.countSharedPositives(batch.rows)
      let lengths = columns.joined().map(\.ids.count)
      let sum = lengths.reduce(0, +)
      (tokens, rows, seen) = (tokens + sum, rows + batch.rows.count, seen + lengths.count)
      guard sum > largest?.tokens ?? 0 else { continue }
      largest = Largest(
        dataset: batch.dataset, rowCount: batch.rows.count, lengths: lengths,
        distinctTokens: here.count)
    }
    guard let largest else { preconditionFailure("BatchSurvey: batches without tokens") }
    self.largest = largest
    distinctTokens = distinct.count
    batchCount = count
    meanTokens = Double(tokens) / Double(count)
    tokensPerRow = Double(tokens) / Double(rows)
    truncatedShare = Double(truncated) / Double(seen)
    duplicateShare = Double(duplicates) / Double(rows)
    shares = run.sources.indices.map { dataset in
      Double(batches.count { $0.dataset == dataset }) / Double(batches.count)
    }
  }
}

extension TrainingSource {
  /// The texts of some rows by column, as the model sees them.
  func tokenized(_ rows: some Collection<Int32>, by encoder: SentenceEncoder) -> [[TokenizedText]] {
    dataset.columns.enumerated().map { index, column in
      encoder.tokenize(rows.map { column[Int($0)] }, prompt: prompts[index])
    }
  }

  /// How many texts are longer than they were cut to.
  fileprivate func countTruncated(
    _ texts: [TokenizedText], rows: [Int32], _ column: Int, by encoder: SentenceEncoder
  ) -> Int {
    zip(texts, rows).count { text, row in
      // Only a text that is as long as any may have been cut.
      guard text.ids.count == encoder.maxSequenceLength else { return false }
      let whole = prompts[column] + dataset.columns[column][Int(row)]
      return encoder.tokenizer.encode(whole, maxLength: nil).count > text.ids.count
    }
  }

  /// How many rows have the positive of another one.
  fileprivate func countSharedPositives(_ rows: [Int32]) -> Int {
    let column = dataset.columns[min(1, dataset.columns.count - 1)]
    var counts: [String: Int] = [:]
    for row in rows { counts[column[Int(row)], default: 0] += 1 }
    return counts.values.reduce(0) { $0 + ($1 > 1 ? $1 : 0) }
  }
}
