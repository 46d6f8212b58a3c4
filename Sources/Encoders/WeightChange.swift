internal import Tensors

/// How far a model's weights are from those in the directory that it was read from.
public struct WeightChange: Hashable, Sendable {
  /// The length of the change over the length of the weights, all parameters taken as one vector.
  public let relative: Double
  /// The parameter that has changed the most for its length.
  public let mostChanged: String
  /// The length of that change over the parameter's length.
  public let mostRelative: Double
}

extension SentenceEncoder {
  /// Compares the weights with those in the directory, which are read again one parameter at a time.
  ///
  /// - Returns: The change; a parameter that was zero and no longer is counts as changed by infinity.
  /// - Throws: ``EncoderError`` or `CheckpointError` if the directory's weights are not there any more.
  public func changeSinceRead() throws -> WeightChange {
    let folder = layout.transformerDirectory(in: directory)
    let table = try ParameterTable(directory: folder, configuration: description.configuration)
    var (change, length) = (0.0, 0.0)
    var most = (name: "", relative: -1.0)
    for parameter in model.parameters {
      let before = try table.weights(parameter.name, shape: parameter.shape)
      let (moved, squares) = parameter.value.squaredDistance(from: before)
      change += moved
      length += squares
      let relative = moved == 0 ? 0 : (moved / squares).squareRoot()
      if relative > most.relative { most = (parameter.name, relative) }
    }
    return WeightChange(
      relative: change == 0 ? 0 : (change / length).squareRoot(), mostChanged: most.name,
      mostRelative: most.relative)
  }
}

extension Tensor {
  /// The squared length of the difference to another tensor, and of that tensor.
  fileprivate func squaredDistance(from other: Tensor) -> (difference: Double, other: Double) {
    withElements { now in
      other.withElements { before in
        var (difference, length) = (0.0, 0.0)
        for index in now.indices {
          let (a, b) = (Double(now[index]), Double(before[index]))
          difference += (a - b) * (a - b)
          length += b * b
        }
        return (difference, length)
      }
    }
  }
}
