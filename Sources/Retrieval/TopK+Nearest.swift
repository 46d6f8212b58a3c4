internal import Tensors

extension TopK {
  /// The documents with the largest cosines to each query; of equal ones the first.
  ///
  /// Takes the scores of 512 queries for 8192 documents at a time.
  convenience init(nearestTo queries: UnitRows, among documents: UnitRows, k: Int) {
    self.init(
      queryCount: queries.count, k: k, documentRanks: (0..<Int32(documents.count)).map { $0 })
    let (queryBlock, documentBlock) = (512, 8192)
    for start in stride(from: 0, to: documents.count, by: documentBlock) {
      let columns = start..<min(documents.count, start + documentBlock)
      let block = documents.gathered(columns)
      for first in stride(from: 0, to: queries.count, by: queryBlock) {
        let rows = first..<min(queries.count, first + queryBlock)
        queries.gathered(rows).timesTransposed(block).withElements { scores in
          WorkerPool.forEach(rows.count) { index in
            let row = scores[index * columns.count..<(index + 1) * columns.count]
            add(
              UnsafeBufferPointer(rebasing: row), queries: first + index..<first + index + 1,
              documents: columns)
          }
        }
      }
    }
  }
}
