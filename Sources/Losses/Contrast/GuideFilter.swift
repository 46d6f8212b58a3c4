internal import CKernels
internal import Tensors

/// Which candidates a guide takes for false negatives: those more similar than a row's threshold.
struct GuideFilter {
  /// The guide's embeddings of each column, `[B, Dg]`, every row of length 1.
  let columns: [Tensor]
  /// The most similar that a negative of each row may be.
  let thresholds: [Float]

  /// Creates a filter.
  ///
  /// - Parameters:
  ///   - columns: The guide's embeddings of each column, `[B, Dg]`: anchors, positives, negatives.
  ///   - shortest: Rows shorter than this are not lengthened to 1.
  ///   - threshold: A row's threshold, given the guide's cosine of anchor and positive.
  init(columns: [Tensor], shortest: Float, threshold: (Float) -> Float) {
    let units = columns.map { $0.normalizedRows(shortest: shortest).rows }
    let (anchors, positives, width) = (units[0], units[1], units[0].width)
    thresholds = (0..<anchors.rowCount).map { row in
      threshold(kt_dot(width, anchors.pointer + row * width, positives.pointer + row * width))
    }
    self.columns = units
  }

  /// Sets a score to -∞ wherever the guide's similarity is above the row's threshold.
  ///
  /// - Parameters:
  ///   - scores: The scores of some rows of the batch with some candidates of a section.
  ///   - stride: Elements from one row of scores to the next.
  ///   - section: The section.
  ///   - rows: The rows of the batch.
  ///   - candidates: The rows of the section's candidates.
  ///   - sparesOwn: Whether a row's own candidate stays whatever the guide says.
  func apply(
    to scores: UnsafeMutablePointer<Float>, stride: Int, section: ScoreSection, rows: Range<Int>,
    candidates: Range<Int>, sparesOwn: Bool
  ) {
    let (left, right) = (columns[section.rows], columns[section.candidates])
    let width = left.width
    let similarities = Tensor([rows.count, candidates.count]) { result in
      MatrixProduct.multiplyHere(
        .init(pointer: left.pointer + rows.lowerBound * width, stride: width),
        .init(
          pointer: right.pointer + candidates.lowerBound * width, stride: width, isTransposed: true),
        into: result, stride: candidates.count, rows: rows.count, columns: candidates.count,
        depth: width)
    }
    for (index, row) in rows.enumerated() {
      let target = scores + index * stride
      let own = sparesOwn && candidates.contains(row) ? row - candidates.lowerBound : nil
      let spared = own.map { target[$0] }
      kt_mask_above(
        candidates.count, width, left.pointer + row * width,
        right.pointer + candidates.lowerBound * width, thresholds[row],
        similarities.pointer + index * candidates.count, target)
      if let own, let spared { target[own] = spared }
    }
    withExtendedLifetime(similarities) {}
  }
}
