public import Tensors

/// The encoder of BERT (Devlin et al., 2019): embeddings, then layers of self-attention and a
/// feed-forward part, each followed by LayerNorm (post-LayerNorm).
///
/// XLM-RoBERTa (Conneau et al., 2020) is the same but for its positions. The parameters have the
/// names that transformers' `BertModel` and `XLMRobertaModel` give them.
public final class BertModel: Sendable {
  /// Extents and constants.
  public let configuration: TransformerConfiguration
  /// All trainable parameters in the order of transformers' `named_parameters`, without the pooler.
  public let parameters: [Parameter]

  private let words: Parameter
  private let positions: Parameter
  private let types: Parameter
  private let norm: NormParameters
  private let layers: [BertLayer]

  /// Takes the encoder's parameters out of a checkpoint.
  init(_ configuration: TransformerConfiguration, from table: inout ParameterTable) throws {
    self.configuration = configuration
    let width = configuration.width
    words = try table.parameter(
      "embeddings.word_embeddings.weight", shape: [configuration.vocabularySize, width])
    positions = try table.parameter(
      "embeddings.position_embeddings.weight", shape: [configuration.positionCount, width])
    types = try table.parameter(
      "embeddings.token_type_embeddings.weight", shape: [configuration.typeCount, width])
    norm = try NormParameters("embeddings.LayerNorm", width: width, from: &table)
    var layers: [BertLayer] = []
    for index in 0..<configuration.layerCount {
      layers.append(try BertLayer(index, configuration, from: &table))
    }
    self.layers = layers
    parameters = table.parameters
  }

  /// The hidden states of the last layer.
  ///
  /// - Parameters:
  ///   - tokens: The batch; ids below the vocabulary's size, no sequence longer than
  ///     ``TransformerConfiguration/longestSequence``.
  ///   - tape: Records the computation, or not.
  ///   - dropout: The step's key; nil for no dropout, as in evaluation.
  /// - Returns: `[tokens, width]`.
  public func hiddenStates(_ tokens: TokenBatch, tape: Tape, dropout: DropoutKey?) -> Variable {
    let packing = tokens.packing
    let site = { (index: Int, probability: Double) in
      dropout?.dropout(probability: probability, site: index)
    }
    var x = tape.embedding(
      ids: tokens.ids, places: places(of: tokens), words: words, positions: positions, types: types,
      padding: (configuration.paddingWord, configuration.paddingPosition))
    x = tape.layerNorm(
      x, weight: norm.weight, bias: norm.bias, epsilon: Float(configuration.epsilon),
      packing: packing)
    x = tape.dropout(x, site(0, configuration.hiddenDropout), packing: packing)
    for (index, layer) in layers.enumerated() {
      let first = 1 + 3 * index
      x = layer.forward(
        x, tape: tape, packing: packing,
        attentionDropout: site(first, configuration.attentionDropout),
        outputDropout: (
          site(first + 1, configuration.hiddenDropout), site(first + 2, configuration.hiddenDropout)
        ))
    }
    return x
  }

  /// The position id of every token.
  private func places(of tokens: TokenBatch) -> [Int32] {
    var places: [Int32] = []
    places.reserveCapacity(tokens.ids.count)
    for sequence in 0..<tokens.packing.sequenceCount {
      switch configuration.positions {
      case .fromZero: places += 0..<Int32(tokens.packing.tokens(of: sequence).count)
      case .afterPadding(let padding):
        var last = padding
        for id in tokens.ids[tokens.packing.tokens(of: sequence)] {
          if id != padding { last += 1 }
          places.append(id == padding ? padding : last)
        }
      }
    }
    return places
  }
}

/// The weights of one LayerNorm.
struct NormParameters: Sendable {
  let weight: Parameter
  let bias: Parameter

  init(_ name: String, width: Int, from table: inout ParameterTable) throws {
    weight = try table.parameter(name + ".weight", shape: [width])
    bias = try table.parameter(name + ".bias", shape: [width])
  }
}

extension ParameterTable {
  /// The weights of linear layers that read the same input, each `[outputs, inputs]`.
  mutating func linear(
    _ names: [String], from inputs: Int, to outputs: Int
  ) throws -> LinearWeights {
    var layers: [(weight: Parameter, bias: Parameter)] = []
    for name in names {
      layers.append(
        (
          try parameter(name + ".weight", shape: [outputs, inputs]),
          try parameter(name + ".bias", shape: [outputs])
        ))
    }
    return LinearWeights(layers)
  }
}
