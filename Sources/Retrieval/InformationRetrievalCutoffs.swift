/// The numbers of documents after which each metric is taken; the `*_at_k` arguments of
/// sentence-transformers' `InformationRetrievalEvaluator`, with its defaults.
public struct InformationRetrievalCutoffs: Hashable, Sendable {
  /// `accuracy_at_k`.
  public let accuracy: [Int]
  /// `precision_recall_at_k`.
  public let precisionRecall: [Int]
  /// `mrr_at_k`.
  public let mrr: [Int]
  /// `ndcg_at_k`.
  public let ndcg: [Int]
  /// `map_at_k`.
  public let map: [Int]

  /// Accuracy, precision and recall at 1, 3, 5 and 10, MRR and nDCG at 10, MAP at 100.
  public static let standard = InformationRetrievalCutoffs(
    unchecked: [1, 3, 5, 10], [1, 3, 5, 10], [10], [10], [100])

  /// Creates cutoffs.
  ///
  /// - Throws: ``RetrievalError`` that names the argument if a list is empty, or has a cutoff below
  ///   1 or twice.
  public init(
    accuracy: [Int] = standard.accuracy, precisionRecall: [Int] = standard.precisionRecall,
    mrr: [Int] = standard.mrr, ndcg: [Int] = standard.ndcg, map: [Int] = standard.map
  ) throws(RetrievalError) {
    for (name, cutoffs) in [
      ("accuracy_at_k", accuracy), ("precision_recall_at_k", precisionRecall), ("mrr_at_k", mrr),
      ("ndcg_at_k", ndcg), ("map_at_k", map),
    ] {
      guard !cutoffs.isEmpty, cutoffs.allSatisfy({ $0 > 0 }), Set(cutoffs).count == cutoffs.count
      else {
        throw RetrievalError(
          .cutoff, "\(name) is \(cutoffs), expected one or more different positive integers")
      }
    }
    self.init(unchecked: accuracy, precisionRecall, mrr, ndcg, map)
  }

  private init(
    unchecked accuracy: [Int], _ precisionRecall: [Int], _ mrr: [Int], _ ndcg: [Int], _ map: [Int]
  ) {
    self.accuracy = accuracy
    self.precisionRecall = precisionRecall
    self.mrr = mrr
    self.ndcg = ndcg
    self.map = map
  }

  /// The largest of all, the number of documents to keep for each query.
  public var largest: Int {
    [accuracy, precisionRecall, mrr, ndcg, map].joined().max() ?? 0
  }
}
