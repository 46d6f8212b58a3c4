internal import Tensors

/// One layer of a BERT.
///
///     x ← LayerNorm(x + dropout(W_o · attention(x)))
///     x ← LayerNorm(x + dropout(W_2 · GELU(W_1 · x)))
struct BertLayer: Sendable {
  /// Query, key and value, side by side.
  private let projections: LinearWeights
  private let attentionOutput: LinearWeights
  private let attentionNorm: NormParameters
  private let intermediate: LinearWeights
  private let output: LinearWeights
  private let outputNorm: NormParameters
  private let headCount: Int
  private let epsilon: Float

  init(
    _ index: Int, _ configuration: TransformerConfiguration, from table: inout ParameterTable
  ) throws {
    let name = "encoder.layer.\(index)."
    let (width, inner) = (configuration.width, configuration.intermediateWidth)
    projections = try table.linear(
      ["query", "key", "value"].map { name + "attention.self." + $0 }, from: width, to: width)
    attentionOutput = try table.linear(
      [name + "attention.output.dense"], from: width, to: width)
    attentionNorm = try .init(name + "attention.output.LayerNorm", width: width, from: &table)
    intermediate = try table.linear([name + "intermediate.dense"], from: width, to: inner)
    output = try table.linear([name + "output.dense"], from: inner, to: width)
    outputNorm = try .init(name + "output.LayerNorm", width: width, from: &table)
    headCount = configuration.headCount
    epsilon = Float(configuration.epsilon)
  }

  /// The layer's hidden states, `[tokens, width]`, from those of the layer before it.
  func forward(
    _ x: Variable, tape: Tape, packing: Packing, attentionDropout: Dropout?,
    outputDropout: (attention: Dropout?, feedForward: Dropout?)
  ) -> Variable {
    let attended = tape.attention(
      tape.linear(x, projections), heads: headCount, dropout: attentionDropout, packing: packing)
    let y = tape.layerNorm(
      x, adding: tape.linear(attended, attentionOutput), weight: attentionNorm.weight,
      bias: attentionNorm.bias, epsilon: epsilon, dropout: outputDropout.attention,
      packing: packing)
    let inner = tape.linear(y, intermediate)
    return tape.layerNorm(
      y, adding: tape.linear(inner, output, activation: .gelu), weight: outputNorm.weight,
      bias: outputNorm.bias, epsilon: epsilon, dropout: outputDropout.feedForward,
      packing: packing)
  }
}
