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
      case .marginMSE(let loss): loss.embeddingLoss
      case .distillKLDiv(let loss): try loss.embeddingLoss
      case .matryoshka(let loss):
        try MatryoshkaLoss(
          loss.loss.embeddingLoss, dimensions: loss.dimensions, weights: loss.weights)
      }
    }
  }

  /// How a batch is split; nil if the loss does not say.
  var miniBatches: Recipe.MiniBatches? {
    switch self {
    case .multipleNegativesRanking, .gistEmbed, .marginMSE, .distillKLDiv: nil
    case .cachedMultipleNegativesRanking(let loss): loss.miniBatches
    case .cachedGISTEmbed(let loss): loss.miniBatches
    case .matryoshka(let loss): loss.loss.miniBatches
    }
  }

  /// The arguments of a loss with a guide.
  var gist: Recipe.GISTLoss? {
    switch self {
    case .multipleNegativesRanking, .cachedMultipleNegativesRanking: nil
    case .marginMSE, .distillKLDiv: nil
    case .gistEmbed(let loss): loss
    case .cachedGISTEmbed(let loss): loss.gist
    case .matryoshka(let loss): loss.loss.gist
    }
  }

  /// Whether a rank's candidates are those of all ranks; see `StepEngine.gathers`.
  var gathersAcrossDevices: Bool {
    switch self {
    case .multipleNegativesRanking(let loss): loss.gathersAcrossDevices ?? true
    case .cachedMultipleNegativesRanking(let loss): loss.ranking.gathersAcrossDevices ?? true
    case .gistEmbed(let loss): loss.gathersAcrossDevices ?? true
    case .cachedGISTEmbed(let loss): loss.gist.gathersAcrossDevices ?? true
    case .marginMSE, .distillKLDiv: true  // a row has no candidates but its own
    case .matryoshka(let loss): loss.loss.gathersAcrossDevices
    }
  }

  /// What is accepted, as the peer does, and has no effect: one line, or nil.
  var remark: String? {
    let ranking: Recipe.RankingLoss
    switch self {
    case .multipleNegativesRanking(let loss): ranking = loss
    case .cachedMultipleNegativesRanking(let loss): ranking = loss.ranking
    case .gistEmbed, .cachedGISTEmbed, .marginMSE, .distillKLDiv: return nil
    case .matryoshka(let loss): return loss.loss.remark
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
    case .marginMSE: "MarginMSELoss"
    case .distillKLDiv: "DistillKLDivLoss"
    case .matryoshka: "MatryoshkaLoss"
    }
  }

  /// Checks dimensions against the model's.
  ///
  /// - Parameters:
  ///   - dimension: The width of an embedding.
  ///   - place: The loss's place in the recipe.
  /// - Returns: What should be known of them; nil: nothing.
  /// - Throws: ``RecipeError`` if one is larger.
  func checkDimensions(_ dimension: Int, at place: FieldPath) throws -> String? {
    guard case .matryoshka(let loss) = self else { return nil }
    let list = loss.dimensions.map(String.init).joined(separator: ", ")
    if let larger = loss.dimensions.first(where: { $0 > dimension }) {
      throw RecipeError(
        .conflict, "\(larger) is more than the \(dimension) elements of the model's embeddings",
        at: place.member("matryoshka_dims"))
    }
    guard !loss.dimensions.contains(dimension) else { return nil }
    return "\(place.text).matryoshka_dims (\(list)) lack the model's own dimension, \(dimension): "
      + "whole embeddings are not trained and may become worse; add it"
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
