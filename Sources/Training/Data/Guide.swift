internal import Datasets
internal import Encoders
internal import Tensors
internal import Tokenizers

/// The embeddings of a data set by the guide of a GIST loss, all made before the first step.
struct Guide {
  private let embeddings: StoredEmbeddings
  /// For each column and row the row of the store; -1 where the run never looks.
  private let places: [[Int32]]

  /// Computes what the store lacks.
  ///
  /// The guide reads what the peer's guide reads: the student's token ids if the vocabularies are
  /// equal and the guide takes texts as long as the student's, else the text that the ids stand
  /// for; or the text itself, without a prompt, if the recipe says `raw`.
  ///
  /// - Parameters:
  ///   - model: The guide.
  ///   - input: What it reads.
  ///   - dataset: The rows.
  ///   - student: The model that is trained.
  ///   - tokens: The rows' ids for it.
  ///   - used: Whether the run draws a row at all.
  ///   - digests: The digests of the models.
  ///   - store: Where embeddings are kept.
  ///   - report: Is told what is done.
  /// - Throws: What reading the guide and writing the store throw.
  init(
    _ model: ModelDescription, input: Recipe.GISTLoss.GuideInput, dataset: TextDataset,
    student: ModelDescription, tokens: TokenizedDataset, used: [Bool], digests: ModelDigests,
    in store: DatasetStore, report: @escaping (TrainingEvent) -> Void
  ) throws {
    let reader = try Reader(model, input: input, student: student)
    let tokenizer = try digests.ofTokenizer(in: student.directory)
    var embeddings = try StoredEmbeddings(
      model, modelDigest: digests.ofModel(in: model.directory),
      input: reader.readsText ? .text : .studentTokens(tokenizerDigest: tokenizer), prompt: "",
      in: store, report: report)
    let rows = used.indices.filter { used[$0] }
    let columns = dataset.columns.indices
    var keys: [TextDigest] = []
    keys.reserveCapacity(rows.count * columns.count)
    for column in columns {
      for row in rows {
        if reader.readsText {
          keys.append(dataset.columns[column].withUTF8(at: row) { .init(of: .init($0)) })
        } else {
          keys.append(tokens.ids(column: column, row: row).withUnsafeBytes { .init(of: $0) })
        }
      }
    }
    let found = try embeddings.rows(of: keys, for: "guide embeddings") { wanted in
      reader.texts(
        wanted.map { ($0 / rows.count, rows[$0 % rows.count]) }, of: dataset, tokens: tokens)
    }
    var places = [[Int32]](
      repeating: [Int32](repeating: -1, count: dataset.rowCount), count: columns.count)
    for (place, row) in found.enumerated() {
      places[place / rows.count][rows[place % rows.count]] = row
    }
    self.places = places
    self.embeddings = embeddings
  }

  /// The guide's embeddings of some rows by column, `[rows, dimension]` each.
  func columns(of rows: [Int32]) -> [Tensor] {
    places.map { column in embeddings.gather(rows.map { column[Int($0)] }) }
  }
}

/// What the guide reads of a row.
private struct Reader {
  private enum Way {
    case text
    case ids
    case decoded(TokenDecoder)
  }

  private let model: ModelDescription
  private let way: Way

  init(
    _ model: ModelDescription, input: Recipe.GISTLoss.GuideInput, student: ModelDescription
  ) throws {
    self.model = model
    switch input {
    case .raw: way = .text
    case .studentTokens:
      let isShort = model.maxSequenceLength < student.maxSequenceLength
      let isSame = !isShort && model.tokenizer.vocabulary() == student.tokenizer.vocabulary()
      way = isSame ? .ids : .decoded(try student.tokenizer.decoder())
    }
  }

  var readsText: Bool { if case .text = way { true } else { false } }

  func texts(
    _ places: [(column: Int, row: Int)], of dataset: TextDataset, tokens: TokenizedDataset
  ) -> [TokenizedText] {
    switch way {
    case .text: return model.tokenize(places.map { dataset.columns[$0.column][$0.row] })
    case .ids:
      return places.map { place in
        let text = tokens.text(column: place.column, row: place.row)
        return TokenizedText(
          ids: text.ids, promptLength: model.layout.poolsPrompt ? 0 : text.promptLength)
      }
    case .decoded(let decoder):
      return model.tokenize(
        places.map { decoder.text(of: tokens.ids(column: $0.column, row: $0.row)) })
    }
  }
}
