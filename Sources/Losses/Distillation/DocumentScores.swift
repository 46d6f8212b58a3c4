internal import Tensors

/// The similarities of every query to the documents of its own row, and the way back from them: what
/// losses that follow a teacher compute with.
struct DocumentScores {
  private let similarity: PairwiseSimilarity
  /// The embeddings that are compared: queries, then documents, `[B, D]` each.
  private let columns: [Tensor]
  /// How long they were, where only their directions count.
  private let norms: [Tensor]?
  /// `[B, N]` for N columns of documents.
  let values: Tensor

  /// Compares.
  ///
  /// - Parameters:
  ///   - columns: The embeddings of queries and documents, `[B, D]` each.
  ///   - similarity: How alike two of them are.
  init(_ columns: [Tensor], _ similarity: PairwiseSimilarity) {
    let units = similarity == .cosine ? columns.map { $0.normalizedRows() } : nil
    let compared = units?.map(\.rows) ?? columns
    let (rows, width, count) = (columns[0].rowCount, columns[0].width, columns.count - 1)
    values = Tensor([rows, count]) { target in
      WorkerPool.forEachBlock(of: rows, size: Self.rowsAtATime) { block in
        for row in block {
          for document in 0..<count {
            target[row * count + document] = similarity.value(
              compared[0].pointer + row * width, compared[document + 1].pointer + row * width,
              width: width)
          }
        }
      }
    }
    (self.similarity, self.columns, norms) = (similarity, compared, units?.map(\.norms))
  }

  private static let rowsAtATime = 64

  /// The gradients of the embeddings, given those of the similarities.
  ///
  /// - Parameter gradient: `[B, N]`.
  /// - Returns: One `[B, D]` matrix for each column.
  func gradients(of gradient: Tensor) -> [Tensor] {
    let (rows, width, count) = (columns[0].rowCount, columns[0].width, columns.count - 1)
    var gradients = columns.map { Tensor(repeating: 0, shape: $0.shape) }
    let targets = gradients.indices.map { gradients[$0].mutablePointer() }
    WorkerPool.forEachBlock(of: rows, size: Self.rowsAtATime) { block in
      for row in block {
        for document in 0..<count {
          similarity.addGradients(
            gradient.pointer[row * count + document],
            value: values.pointer[row * count + document],
            columns[0].pointer + row * width, columns[document + 1].pointer + row * width,
            to: targets[0] + row * width, targets[document + 1] + row * width, width: width)
        }
      }
    }
    guard let norms else { return gradients }
    return zip(gradients, zip(columns, norms)).map { gradient, unit in
      gradient.normalizedRowsBackward(result: unit.0, norms: unit.1)
    }
  }
}
