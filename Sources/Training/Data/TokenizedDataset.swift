internal import Datasets
internal import Encoders

/// The token ids of all texts of a data set, made once before the first step.
struct TokenizedDataset: Sendable {
  private let columns: [TokenTable]
  /// For each column how many tokens at the start pooling leaves out.
  private let promptLengths: [Int]

  /// Takes the ids from the store, or makes them and leaves them there.
  ///
  /// - Parameters:
  ///   - dataset: The rows.
  ///   - prompts: For each column what stands in front of its texts.
  ///   - model: The model that reads them.
  ///   - tokenizerDigest: Tells its tokenizer from others.
  ///   - store: Where ids are kept.
  ///   - report: Is told what is done.
  /// - Throws: `DatasetError` if a file of the store is another part's.
  init(
    _ dataset: TextDataset, prompts: [String], model: ModelDescription, tokenizerDigest: String,
    store: DatasetStore, report: (TrainingEvent) -> Void
  ) throws {
    promptLengths = prompts.map { model.unpooledLength(of: $0) }
    var made = 0
    columns = try dataset.columns.enumerated().map { index, column in
      let key = StoreKey(
        .tokens,
        [
          "source": .text(column.sha256()), "tokenizer_sha256": .text(tokenizerDigest),
          "prompt": .text(prompts[index]), "max_seq_length": .integer(model.maxSequenceLength),
        ])
      switch try store.read(TokenTable.self, for: key) {
      case .found(let table) where table.rowCount == column.count: return table
      case .damaged(let error): report(.notice("\(error.description); it is made anew"))
      case .found, .absent: break
      }
      let table = Self.tokenize(column, prompt: prompts[index], model: model) {
        report(.preparing(name: "tokenizing \(column.name)", done: $0, of: column.count))
      }
      made += column.count
      do { try store.write(table, for: key) } catch let error as DatasetError {
        report(.notice("the token ids are not kept: \(error.description)"))
      }
      return table
    }
    let texts = dataset.rowCount * dataset.columns.count
    report(.prepared(name: "token ids", computed: made, stored: texts - made))
  }

  private static func tokenize(
    _ column: TextColumn, prompt: String, model: ModelDescription, progress: (Int) -> Void
  ) -> TokenTable {
    var (ids, offsets): ([Int32], [Int64]) = ([], [0])
    offsets.reserveCapacity(column.count + 1)
    for start in stride(from: 0, to: column.count, by: 1 << 14) {
      let rows = start..<min(start + 1 << 14, column.count)
      for text in model.tokenize(rows.map { column[$0] }, prompt: prompt) {
        ids += text.ids
        offsets.append(Int64(ids.count))
      }
      progress(rows.upperBound)
    }
    return TokenTable(ids: ids, offsets: offsets)
  }

  /// The columns' numbers, and how many rows each has.
  var columnIndices: Range<Int> { columns.indices }
  var rowCount: Int { columns[0].rowCount }

  /// A text's ids.
  func text(column: Int, row: Int) -> TokenizedText {
    let ids = Array(columns[column][row])
    return TokenizedText(ids: ids, promptLength: min(promptLengths[column], ids.count - 1))
  }

  /// How many tokens each text of a column has.
  func lengths(ofColumn column: Int) -> [Int] {
    let offsets = columns[column].offsets
    return zip(offsets, offsets.dropFirst()).map { Int($1 - $0) }
  }

  /// The ids of one text without what pooling makes of them.
  func ids(column: Int, row: Int) -> ArraySlice<Int32> { columns[column][row] }

  /// The texts of some rows by column, as the model sees them.
  func texts(of rows: [Int32]) -> [[TokenizedText]] {
    columns.indices.map { column in rows.map { text(column: column, row: Int($0)) } }
  }
}
