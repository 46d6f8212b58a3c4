extension TopK {
  /// The documents with the largest cosines to each query; of equal ones the first.
  convenience init(nearestTo queries: UnitRows, among documents: UnitRows, k: Int) {
    self.init(
      queryCount: queries.count, k: k, documentRanks: (0..<Int32(documents.count)).map { $0 })
    addProducts(
      0..<documents.count, queries: { queries.gathered($0) },
      documents: { documents.gathered($0) })
  }
}
