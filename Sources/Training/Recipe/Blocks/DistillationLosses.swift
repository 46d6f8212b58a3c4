public import Losses

extension Recipe {
  /// The arguments of `MarginMSELoss`.
  public struct MarginMSELoss: Hashable, Sendable {
    /// The similarity of a query and a document.
    public var similarity = PairwiseSimilarity.dot

    package init() {}
  }

  /// The arguments of `DistillKLDivLoss`.
  public struct DistillKLDivLoss: Hashable, Sendable {
    /// The similarity of a query and a document.
    public var similarity = PairwiseSimilarity.dot
    /// What scores are divided by.
    public var temperature = 1.0
    /// What the student's are divided by; nil: `temperature`.
    public var studentTemperature: Double?
    /// What the teacher's are divided by; nil: `temperature`.
    public var teacherTemperature: Double?

    package init() {}
  }
}

extension Recipe.MarginMSELoss: RecipeBlock {
  static let fields: [Field<Self>] = [Field("similarity_fct", \.similarity, .choice)]
}

extension Recipe.DistillKLDivLoss: RecipeBlock {
  static let fields: [Field<Self>] = [
    Field("similarity_fct", \.similarity, .choice),
    Field("temperature", \.temperature, .number(above: 0)),
    Field("student_temperature", \.studentTemperature, .optional(.number(above: 0))),
    Field("teacher_temperature", \.teacherTemperature, .optional(.number(above: 0))),
  ]
}

extension Recipe.MarginMSELoss {
  var embeddingLoss: any EmbeddingLoss { Losses.MarginMSELoss(similarity: similarity) }
}

extension Recipe.DistillKLDivLoss {
  var embeddingLoss: any EmbeddingLoss {
    get throws {
      try Losses.DistillKLDivLoss(
        similarity: similarity, temperature: temperature, studentTemperature: studentTemperature,
        teacherTemperature: teacherTemperature)
    }
  }
}
