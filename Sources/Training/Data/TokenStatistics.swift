internal import Datasets
internal import Encoders
internal import Tokenizers

/// What the texts of a data set are like, in tokens.
public struct TokenStatistics: Hashable, Sendable {
  /// The data set's name; nil for the only one.
  public let name: String?
  /// How many texts there are, all columns together.
  public let textCount: Int
  /// How many tokens they have, as the model sees them.
  public let tokenCount: Int
  /// The most tokens of a text.
  public let longest: Int
  /// The share of texts that are longer than the model takes.
  ///
  /// Only a text as long as any may be can have been cut; of these so many are tokenized whole.
  public let truncatedShare: Double

  /// How many texts are tokenized once more at most: more would not change the share by a percent.
  private static let sampleSize = 1000

  init(of tokens: TokenizedDataset, in source: TrainingSource, by model: ModelDescription) {
    let columns = source.dataset.columns.indices
    var (count, longest) = (0, 0)
    var full: [(column: Int, row: Int)] = []
    for column in columns {
      for row in 0..<source.dataset.rowCount {
        let length = tokens.ids(column: column, row: row).count
        count += length
        longest = max(longest, length)
        if length == model.maxSequenceLength { full.append((column, row)) }
      }
    }
    let sampled = min(full.count, Self.sampleSize)
    let cut = (0..<sampled).count { index in
      let (column, row) = full[index * full.count / sampled]
      let whole = source.prompts[column] + source.dataset.columns[column][row]
      return model.tokenizer.encode(whole, maxLength: nil).count > model.maxSequenceLength
    }
    name = source.name
    textCount = columns.count * source.dataset.rowCount
    (tokenCount, self.longest) = (count, longest)
    truncatedShare =
      sampled == 0
      ? 0 : Double(cut) / Double(sampled) * Double(full.count) / Double(max(1, textCount))
  }
}
