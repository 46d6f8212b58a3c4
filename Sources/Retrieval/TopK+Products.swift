package import Tensors

extension TopK {
  /// Takes in the inner products of all queries with some documents.
  ///
  /// - Parameters:
  ///   - queries: `[queryCount, width]`.
  ///   - documents: `[documents, width]`.
  ///   - first: The index of the first of the documents.
  ///   - isScreened: Whether products of 16 bits come first, on which nothing depends but time; nil:
  ///     where that is faster.
  ///   - progress: Called with the share that is done, as it grows; what it throws is rethrown.
  package func add(
    queries: Tensor, documents: Tensor, first: Int, isScreened: Bool? = nil,
    progress: (Double) throws -> Void
  ) rethrows {
    precondition(
      queries.rowCount == queryCount && queries.width == documents.width,
      "TopK: \(queries.shape) and \(documents.shape) for \(queryCount) queries")
    try addProducts(
      first..<first + documents.rowCount, queries: queries.rows,
      documents: { documents.rows($0.lowerBound - first..<$0.upperBound - first) },
      isScreened: isScreened, progress: progress)
  }

  /// Takes in the inner products of all queries with some documents, without a word on the way.
  package func add(queries: Tensor, documents: Tensor, first: Int, isScreened: Bool? = nil) {
    add(
      queries: queries, documents: documents, first: first, isScreened: isScreened,
      progress: { _ in })
  }

  /// Takes in the inner products of all queries with some documents, the scores of 512 queries for
  /// 8192 documents at a time.
  ///
  /// - Parameters:
  ///   - range: The indices of the documents.
  ///   - queries: The rows of some queries.
  ///   - documents: The rows of some of the documents.
  ///   - isScreened: Whether products of 16 bits come first; nil: where that is faster.
  ///   - progress: Called with the share that is done, after each block.
  func addProducts(
    _ range: Range<Int>, queries: (Range<Int>) -> Tensor, documents: (Range<Int>) -> Tensor,
    isScreened: Bool? = nil, progress: (Double) throws -> Void
  ) rethrows {
    let (queryBlock, documentBlock) = (512, 8192)
    let isScreened = isScreened ?? ProductScreen.isFaster(k: k, documents: documentRanks.count)
    let all = Double(range.count * queryCount)
    for start in stride(from: range.lowerBound, to: range.upperBound, by: documentBlock) {
      let columns = start..<min(range.upperBound, start + documentBlock)
      let block = documents(columns)
      let screen = isScreened ? ProductScreen(block) : nil
      for row in stride(from: 0, to: queryCount, by: queryBlock) {
        let rows = row..<min(queryCount, row + queryBlock)
        if let screen {
          screen.add(queries(rows), rows, first: start, to: self)
        } else {
          add(queries(rows).timesTransposed(block), rows, columns)
        }
        let done = (start - range.lowerBound) * queryCount + rows.upperBound * columns.count
        try progress(Double(done) / all)
      }
    }
  }

  /// Takes in the scores of some queries for some documents, on all threads.
  private func add(_ scores: Tensor, _ rows: Range<Int>, _ columns: Range<Int>) {
    scores.withElements { scores in
      WorkerPool.forEach(rows.count) { index in
        let row = scores[index * columns.count..<(index + 1) * columns.count]
        let query = rows.lowerBound + index
        add(UnsafeBufferPointer(rebasing: row), queries: query..<query + 1, documents: columns)
      }
    }
  }
}
