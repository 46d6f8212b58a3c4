extension TransformerConfiguration {
  /// A parameter of the encoder before there are any weights.
  struct ParameterShape: Hashable, Sendable {
    let name: String
    let shape: [Int]
    /// The row of a table of embeddings that does not learn and is zero at the start.
    var padding: Int32?
  }

  /// All parameters, in the order of ``BertModel/parameters``.
  var parameterShapes: [ParameterShape] {
    let norm = { (name: String) -> [ParameterShape] in
      ["weight", "bias"].map { ParameterShape(name: "\(name).LayerNorm.\($0)", shape: [width]) }
    }
    let linear = { (name: String, inputs: Int, outputs: Int) -> [ParameterShape] in
      [
        ParameterShape(name: name + ".weight", shape: [outputs, inputs]),
        ParameterShape(name: name + ".bias", shape: [outputs]),
      ]
    }
    var shapes = [
      ParameterShape(
        name: "embeddings.word_embeddings.weight", shape: [vocabularySize, width],
        padding: paddingWord),
      ParameterShape(
        name: "embeddings.position_embeddings.weight", shape: [positionCount, width],
        padding: paddingPosition),
      ParameterShape(name: "embeddings.token_type_embeddings.weight", shape: [typeCount, width]),
    ]
    shapes += norm("embeddings")
    for index in 0..<layerCount {
      let layer = "encoder.layer.\(index)"
      for name in ["query", "key", "value"] {
        shapes += linear("\(layer).attention.self.\(name)", width, width)
      }
      shapes += linear("\(layer).attention.output.dense", width, width)
      shapes += norm("\(layer).attention.output")
      shapes += linear("\(layer).intermediate.dense", width, intermediateWidth)
      shapes += linear("\(layer).output.dense", intermediateWidth, width)
      shapes += norm("\(layer).output")
    }
    return shapes
  }
}
