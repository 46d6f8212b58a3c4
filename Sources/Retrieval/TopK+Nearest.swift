extension TopK {
  /// The documents with the largest cosines to each query; of equal ones the first.
  ///
  /// - Parameters:
  ///   - queries: What is looked for.
  ///   - documents: Among what.
  ///   - k: How many are kept for each query.
  ///   - progress: Called with the share that is done, as it grows.
  convenience init(
    nearestTo queries: UnitRows, among documents: UnitRows, k: Int,
    progress: (Double) -> Void = { _ in }
  ) {
    self.init(
      queryCount: queries.count, k: k, documentRanks: (0..<Int32(documents.count)).map { $0 })
    addProducts(
      0..<documents.count, queries: { queries.gathered($0) },
      documents: { documents.gathered($0) }, progress: progress)
  }
}
