/// A loss that follows a teacher, whose scores are the labels: a query meets the documents of its own
/// row only.
public protocol DistillationLoss: EmbeddingLoss {
  /// How alike two embeddings are.
  var similarity: PairwiseSimilarity { get }
}

extension DistillationLoss {
  /// A query and two documents: there is nothing to say of one alone.
  public var fewestColumns: Int { 3 }

  /// One row: queries are not compared with the documents of others.
  public func smallestBatch(columns: Int) -> Int { 1 }

  /// The other documents of the row.
  public func negativesPerAnchor(columns: Int, rows: Int) -> Int { columns - 2 }
}
