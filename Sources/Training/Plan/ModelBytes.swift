internal import Encoders
internal import Losses
internal import Tensors

/// What a model's weights take, and what training adds to them.
struct ModelBytes {
  /// All weights.
  let weights: Int
  /// Those of every step's gradients: all but the tables of embeddings.
  let dense: Int
  /// The rows of the table of words.
  let vocabulary: Int
  let width: Int

  init(_ encoder: SentenceEncoder) {
    let parameters = encoder.model.parameters
    let tables = parameters.filter { $0.name.hasPrefix("embeddings.") && $0.shape.count == 2 }
    weights = 4 * parameters.reduce(0) { $0 + $1.value.count }
    dense = weights - 4 * tables.reduce(0) { $0 + $1.value.count }
    (vocabulary, width) = (tables[0].shape[0], encoder.dimension)
  }

  /// The gradients of tables for so many different tokens; they grow by a half at a time.
  func rows(_ tokens: Int) -> Int { 6 * tokens * width }

  /// AdamW's moments once so many different tokens were looked up.
  func moments(_ tokens: Int) -> Int { 2 * dense + 8 * min(tokens, vocabulary) * width }

  /// A batch's embeddings, lengthened to 1, their gradients twice, and a block of scores.
  func loss(_ loss: any EmbeddingLoss, rows: Int, columns: Int) -> Int {
    // At each dimension of a MatryoshkaLoss: cut, lengthened to 1, and the gradients of both.
    let copies = loss is MatryoshkaLoss ? 9 : 5
    return copies * 4 * rows * columns * width + min(64 << 20, 4 * rows * rows * columns)
  }
}
