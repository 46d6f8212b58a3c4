package import Tensors

extension TopK {
  /// Takes in the inner products of all queries with some documents.
  ///
  /// - Parameters:
  ///   - queries: `[queryCount, width]`.
  ///   - documents: `[documents, width]`.
  ///   - first: The index of the first of the documents.
  package func add(queries: Tensor, documents: Tensor, first: Int) {
    precondition(
      queries.rowCount == queryCount && queries.width == documents.width,
      "TopK: \(queries.shape) and \(documents.shape) for \(queryCount) queries")
    addProducts(
      first..<first + documents.rowCount, queries: queries.rows,
      documents: { documents.rows($0.lowerBound - first..<$0.upperBound - first) })
  }

  /// Takes in the inner products of all queries with some documents, the scores of 512 queries for
  /// 8192 documents at a time.
  ///
  /// - Parameters:
  ///   - range: The indices of the documents.
  ///   - queries: The rows of some queries.
  ///   - documents: The rows of some of the documents.
  func addProducts(
    _ range: Range<Int>, queries: (Range<Int>) -> Tensor, documents: (Range<Int>) -> Tensor
  ) {
    let (queryBlock, documentBlock) = (512, 8192)
    for start in stride(from: range.lowerBound, to: range.upperBound, by: documentBlock) {
      let columns = start..<min(range.upperBound, start + documentBlock)
      let block = documents(columns)
      for row in stride(from: 0, to: queryCount, by: queryBlock) {
        let rows = row..<min(queryCount, row + queryBlock)
        queries(rows).timesTransposed(block).withElements { scores in
          WorkerPool.forEach(rows.count) { index in
            let row = scores[index * columns.count..<(index + 1) * columns.count]
            add(
              UnsafeBufferPointer(rebasing: row),
              queries: rows.lowerBound + index..<rows.lowerBound + index + 1, documents: columns)
          }
        }
      }
    }
  }
}
