internal import Tensors

/// The similarities of some rows of a batch with all candidates of all sections, and what becomes
/// of them.
struct ScoreBlock {
  let sections: [ScoreSection]
  /// The embeddings of each column, `[B, D]`.
  let columns: [Tensor]
  /// Which rows of the batch.
  let rows: Range<Int>
  /// `[rows, sections · B]`.
  let scores: UnsafeMutablePointer<Float>

  private var batch: Int { columns[0].rowCount }
  private var width: Int { columns[0].width }
  private var stride: Int { sections.count * batch }

  /// Candidates in one piece of a comparison: with the guide's similarities beside the scores it
  /// stays in a core's cache.
  private static let candidateTile = 512
  /// Rows and columns of the rows' gradient in one piece: both operands are packed anew for each.
  private static let rowTile = 144
  private static let widthTile = 192

  /// Writes the similarities; -∞ for those that the filter drops.
  ///
  /// - Parameter filter: Never drops the positive, which is on the first section's diagonal.
  func compare(_ filter: GuideFilter?) {
    let tiles = Tiles(batch, Self.candidateTile)
    WorkerPool.forEach(sections.count * tiles.count) { item in
      let (index, candidates) = (item / tiles.count, tiles[item % tiles.count])
      let section = sections[index]
      let result = scores + index * batch + candidates.lowerBound
      MatrixProduct.multiplyHere(
        operand(section.rows, from: rows.lowerBound),
        operand(section.candidates, from: candidates.lowerBound, isTransposed: true),
        into: result, stride: stride, rows: rows.count, columns: candidates.count, depth: width)
      filter?.apply(
        to: result, stride: stride, section: section, rows: rows, candidates: candidates,
        sparesOwn: index == 0)
    }
  }

  /// Adds the gradient of the embeddings, given that of the similarities.
  ///
  /// - Parameter gradients: One `[B, D]` matrix for each column.
  func addGradients(to gradients: [UnsafeMutablePointer<Float>]) {
    addRowGradients(to: gradients)
    addCandidateGradients(to: gradients)
  }

  /// ∂x = Σ_s G_s · y_s.
  private func addRowGradients(to gradients: [UnsafeMutablePointer<Float>]) {
    let (down, across) = (Tiles(rows.count, Self.rowTile), Tiles(width, Self.widthTile))
    WorkerPool.forEach(columns.count * down.count * across.count) { item in
      let column = item / (down.count * across.count)
      let (part, some) = (down[item / across.count % down.count], across[item % across.count])
      for (index, section) in sections.enumerated() where section.rows == column {
        MatrixProduct.multiplyHere(
          .init(pointer: scores + part.lowerBound * stride + index * batch, stride: stride),
          operand(section.candidates, from: 0, column: some.lowerBound),
          into: gradients[column] + (rows.lowerBound + part.lowerBound) * width + some.lowerBound,
          stride: width, rows: part.count, columns: some.count, depth: batch, beta: 1)
      }
    }
  }

  /// ∂y = Σ_s G_sᵀ · x_s.
  private func addCandidateGradients(to gradients: [UnsafeMutablePointer<Float>]) {
    let tiles = Tiles(batch, Self.candidateTile)
    WorkerPool.forEach(columns.count * tiles.count) { item in
      let (column, part) = (item / tiles.count, tiles[item % tiles.count])
      for (index, section) in sections.enumerated() where section.candidates == column {
        MatrixProduct.multiplyHere(
          .init(
            pointer: scores + index * batch + part.lowerBound, stride: stride, isTransposed: true),
          operand(section.rows, from: rows.lowerBound),
          into: gradients[column] + part.lowerBound * width, stride: width, rows: part.count,
          columns: width, depth: rows.count, beta: 1)
      }
    }
  }

  /// A column of embeddings from a row and a coordinate on.
  private func operand(
    _ index: Int, from row: Int, column: Int = 0, isTransposed: Bool = false
  ) -> MatrixProduct.Operand {
    .init(
      pointer: columns[index].pointer + row * width + column, stride: width,
      isTransposed: isTransposed)
  }
}

/// `0..<length` in parts of one size; the last may be shorter.
private struct Tiles {
  let length: Int
  let size: Int

  init(_ length: Int, _ size: Int) { (self.length, self.size) = (length, size) }

  var count: Int { (length + size - 1) / size }

  subscript(index: Int) -> Range<Int> { index * size..<min(length, (index + 1) * size) }
}
