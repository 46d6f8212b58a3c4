extension Recipe {
  /// A loss of sentence-transformers by its class name, with its constructor's arguments.
  public enum Loss: Hashable, Sendable {
    /// `MultipleNegativesRankingLoss`.
    case multipleNegativesRanking(RankingLoss)
    /// `CachedMultipleNegativesRankingLoss`.
    case cachedMultipleNegativesRanking(CachedRankingLoss)
    /// `GISTEmbedLoss`.
    case gistEmbed(GISTLoss)
    /// `CachedGISTEmbedLoss`.
    case cachedGISTEmbed(CachedGISTLoss)
    /// `MarginMSELoss`.
    case marginMSE(MarginMSELoss)
    /// `DistillKLDivLoss`.
    case distillKLDiv(DistillKLDivLoss)
    /// `MatryoshkaLoss` around one of the others.
    indirect case matryoshka(MatryoshkaLoss)
  }
}

extension Recipe.Loss {
  /// A loss, or one around another.
  static var kind: ValueKind<Self> {
    .tagged(
      by: "name",
      plainBlocks + [
        TaggedBlock(
          "MatryoshkaLoss", { .matryoshka($0) },
          { if case .matryoshka(let loss) = $0 { loss } else { nil } })
      ])
  }

  /// A loss that can stand inside another.
  static var plainKind: ValueKind<Self> { .tagged(by: "name", plainBlocks) }

  /// A new loss is a case above and an entry here.
  private static var plainBlocks: [TaggedBlock<Self>] {
    [
      TaggedBlock(
        "MultipleNegativesRankingLoss", { .multipleNegativesRanking($0) },
        { if case .multipleNegativesRanking(let loss) = $0 { loss } else { nil } }),
      TaggedBlock(
        "CachedMultipleNegativesRankingLoss", { .cachedMultipleNegativesRanking($0) },
        { if case .cachedMultipleNegativesRanking(let loss) = $0 { loss } else { nil } }),
      TaggedBlock(
        "GISTEmbedLoss", { .gistEmbed($0) },
        { if case .gistEmbed(let loss) = $0 { loss } else { nil } }),
      TaggedBlock(
        "CachedGISTEmbedLoss", { .cachedGISTEmbed($0) },
        { if case .cachedGISTEmbed(let loss) = $0 { loss } else { nil } }),
      TaggedBlock(
        "MarginMSELoss", { .marginMSE($0) },
        { if case .marginMSE(let loss) = $0 { loss } else { nil } }),
      TaggedBlock(
        "DistillKLDivLoss", { .distillKLDiv($0) },
        { if case .distillKLDiv(let loss) = $0 { loss } else { nil } }),
    ]
  }
}

extension Recipe {
  /// How a cached loss splits a batch, on which its result does not depend.
  public struct MiniBatches: Hashable, Sendable {
    /// How many texts are encoded at a time at most; nil: as many as their tokens allow.
    public var size: Int?
    /// How many tokens are encoded at a time; nil: as many as keep all threads busy.
    public var tokenCount: Int?
    /// Accepted for the peer's sake: the terminal always shows the phase of a long step.
    public var showsProgressBar = false

    package init() {}
  }
}

extension Recipe.MiniBatches: RecipeBlock {
  static let fields: [Field<Self>] = [
    Field("mini_batch_size", \.size, .optional(.integer(atLeast: 1))),
    Field("mini_batch_num_tokens", \.tokenCount, .optional(.integer(atLeast: 1))),
    Field("show_progress_bar", \.showsProgressBar, .flag),
  ]
}
