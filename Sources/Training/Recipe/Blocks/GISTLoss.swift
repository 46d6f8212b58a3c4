public import Losses

extension Recipe {
  /// The arguments of `GISTEmbedLoss`.
  public struct GISTLoss: Hashable, Sendable {
    /// The directory of the model that finds false negatives.
    public var guide = ""
    /// What similarities are divided by, above 0.
    public var temperature = 0.01
    /// How the margin is subtracted from the guide's similarity of anchor and positive.
    public var marginStrategy = MarginStrategy.absolute
    /// By how much a negative must be less similar than the positive to be kept.
    public var margin = 0.0
    /// Whether other anchors are negatives.
    public var contrastsAnchors = true
    /// Whether other positives are negatives of a positive.
    public var contrastsPositives = true
    /// Whether candidates come from all ranks; nil: yes, so that the loss is that of one rank.
    public var gathersAcrossDevices: Bool?
    /// What the guide reads.
    public var guideInput = GuideInput.studentTokens

    package init() {}
  }

  /// The arguments of `CachedGISTEmbedLoss`.
  public struct CachedGISTLoss: Hashable, Sendable {
    /// The loss, whose value and gradient are those of the loss that is not cached.
    public var gist = GISTLoss()
    /// How a batch is split.
    public var miniBatches = MiniBatches()

    package init() {}
  }
}

extension Recipe.GISTLoss {
  /// How the margin is subtracted from a similarity.
  public typealias MarginStrategy = GISTEmbedLoss.MarginStrategy

  /// What the guide reads.
  public enum GuideInput: String, CaseIterable, Hashable, Sendable {
    /// The student's tokens, turned back into text where the vocabularies differ, as in the peer.
    case studentTokens = "student_tokens"
    /// The text itself.
    case raw
  }
}

extension Recipe.GISTLoss: RecipeBlock {
  static let fields: [Field<Self>] = [
    Field("guide", \.guide, .path, isRequired: true),
    Field("temperature", \.temperature, .number(above: 0)),
    Field("margin_strategy", \.marginStrategy, .choice),
    Field("margin", \.margin, .number()),
    Field("contrast_anchors", \.contrastsAnchors, .flag),
    Field("contrast_positives", \.contrastsPositives, .flag),
    Field("gather_across_devices", \.gathersAcrossDevices, .optional(.flag)),
    Field("guide_input", \.guideInput, .choice),
  ]
}

extension Recipe.CachedGISTLoss: RecipeBlock {
  static let fields: [Field<Self>] =
    Recipe.GISTLoss.fields.map { Field($0, of: \.gist) }
    + Recipe.MiniBatches.fields.map { Field($0, of: \.miniBatches) }
}
