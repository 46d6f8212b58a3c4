package import Losses

extension Recipe.Loss {
  /// The loss as a function of embeddings; throws `LossError`.
  package var embeddingLoss: any EmbeddingLoss {
    get throws {
      switch self {
      case .multipleNegativesRanking(let loss): try loss.embeddingLoss
      case .cachedMultipleNegativesRanking(let loss): try loss.ranking.embeddingLoss
      case .gistEmbed(let loss): try loss.embeddingLoss
      case .cachedGISTEmbed(let loss): try loss.gist.embeddingLoss
      }
    }
  }

  /// How a batch is split; nil if the loss does not say.
  var miniBatches: Recipe.MiniBatches? {
    switch self {
    case .multipleNegativesRanking, .gistEmbed: nil
    case .cachedMultipleNegativesRanking(let loss): loss.miniBatches
    case .cachedGISTEmbed(let loss): loss.miniBatches
    }
  }

  /// The arguments of a loss with a guide.
  var gist: Recipe.GISTLoss? {
    switch self {
    case .multipleNegativesRanking, .cachedMultipleNegativesRanking: nil
    case .gistEmbed(let loss): loss
    case .cachedGISTEmbed(let loss): loss.gist
    }
  }

  /// What is accepted, as the peer does, and has no effect: one line, or nil.
  var remark: String? {
    let ranking: Recipe.RankingLoss
    switch self {
    case .multipleNegativesRanking(let loss): ranking = loss
    case .cachedMultipleNegativesRanking(let loss): ranking = loss.ranking
    case .gistEmbed, .cachedGISTEmbed: return nil
    }
    guard let mode = ranking.hardnessMode, ranking.hardnessStrength == 0 else { return nil }
    return "loss.hardness_mode \"\(mode.rawValue)\" has no effect while hardness_strength is 0"
  }

  /// The name of sentence-transformers' class.
  var name: String {
    switch self {
    case .multipleNegativesRanking: "MultipleNegativesRankingLoss"
    case .cachedMultipleNegativesRanking: "CachedMultipleNegativesRankingLoss"
    case .gistEmbed: "GISTEmbedLoss"
    case .cachedGISTEmbed: "CachedGISTEmbedLoss"
    }
  }
}

extension Recipe.RankingLoss {
  fileprivate var embeddingLoss: any EmbeddingLoss {
    get throws {
      try MultipleNegativesRankingLoss(
        scale: scale, similarity: similarity, directions: Set(directions),
        partitionMode: partitionMode, hardnessMode: hardnessMode,
        hardnessStrength: hardnessStrength)
    }
  }
}

extension Recipe.GISTLoss {
  fileprivate var embeddingLoss: any EmbeddingLoss {
    get throws {
      try GISTEmbedLoss(
        temperature: temperature, marginStrategy: marginStrategy, margin: margin,
        contrastsAnchors: contrastsAnchors, contrastsPositives: contrastsPositives)
    }
  }
}
