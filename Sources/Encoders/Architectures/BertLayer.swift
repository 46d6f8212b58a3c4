internal import Tensors

/// One layer of a BERT.
///
///     x ← LayerNorm(x + dropout(W_o · attention(x)))
///     x ← LayerNorm(x + dropout(W_2 · GELU(W_1 · x)))
struct BertLayer: Sendable {
  private let query: LinearParameters
  private let key: LinearParameters
  private let value: LinearParameters
  private let attentionOutput: LinearParameters
  private let attentionNorm: NormParameters
  private let intermediate: LinearParameters
  private let output: LinearParameters
  private let outputNorm: NormParameters
  private let headCount: Int
  private let epsilon: Float

  init(
    _ index: Int, _ configuration: TransformerConfiguration, from table: inout ParameterTable
  ) throws {
    let name = "encoder.layer.\(index)."
    let (width, inner) = (configuration.width, configuration.intermediateWidth)
    query = try .init(name + "attention.self.query", from: width, to: width, table: &table)
    key = try .init(name + "attention.self.key", from: width, to: width, table: &table)
    value = try .init(name + "attention.self.value", from: width, to: width, table: &table)
    attentionOutput = try .init(
      name + "attention.output.dense", from: width, to: width, table: &table)
    attentionNorm = try .init(name + "attention.output.LayerNorm", width: width, from: &table)
    intermediate = try .init(name + "intermediate.dense", from: width, to: inner, table: &table)
    output = try .init(name + "output.dense", from: inner, to: width, table: &table)
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
      query(x, tape: tape), key(x, tape: tape), value(x, tape: tape), heads: headCount,
      dropout: attentionDropout, packing: packing)
    let y = tape.layerNorm(
      x, adding: attentionOutput(attended, tape: tape), weight: attentionNorm.weight,
      bias: attentionNorm.bias, epsilon: epsilon, dropout: outputDropout.attention,
      packing: packing)
    let inner = intermediate(y, tape: tape)
    return tape.layerNorm(
      y, adding: output(inner, tape: tape, activation: .gelu), weight: outputNorm.weight,
      bias: outputNorm.bias, epsilon: epsilon, dropout: outputDropout.feedForward,
      packing: packing)
  }
}
