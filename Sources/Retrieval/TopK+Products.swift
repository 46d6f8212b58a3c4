package import Tensors

extension TopK {
  /// Takes in the inner products of all queries with some documents.
  ///
  /// Computes the scores of 512 queries for 8192 documents at a time.
  ///
  /// - Parameters:
  ///   - queries: `[queryCount, width]`.
  ///   - documents: `[documents, width]`.
  ///   - first: The index of the first of the documents.
  package func add(queries: Tensor, documents: Tensor, first: Int) {
    precondition(
      queries.rowCount == queryCount && queries.width == documents.width,
      "TopK: \(queries.shape) and \(documents.shape) for \(queryCount) queries")
    let (queryBlock, documentBlock) = (512, 8192)
    for start in stride(from: 0, to: documents.rowCount, by: documentBlock) {
      let columns = start..<min(documents.rowCount, start + documentBlock)
      let block = documents.rows(columns)
      for row in stride(from: 0, to: queries.rowCount, by: queryBlock) {
        let rows = row..<min(queries.rowCount, row + queryBlock)
        let scores = queries.rows(rows).timesTransposed(block)
        scores.withElements { scores in
          WorkerPool.forEach(rows.count) { index in
            add(
              UnsafeBufferPointer(
                rebasing: scores[index * columns.count..<(index + 1) * columns.count]),
              queries: row + index..<row + index + 1,
              documents: first + columns.lowerBound..<first + columns.upperBound)
          }
        }
      }
    }
  }
}
