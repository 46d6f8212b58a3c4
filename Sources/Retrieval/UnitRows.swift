internal import CKernels
internal import Tensors

/// The rows of a matrix of embeddings, each divided by its length where it is read, so that a large
/// matrix needs no second copy.
struct UnitRows: Sendable {
  /// `[count, width]`, as they were given.
  private let rows: Tensor
  /// One over the length of each row.
  private let reciprocals: [Float]

  /// - Parameters:
  ///   - rows: `[count, width]`.
  ///   - name: What an error calls a row.
  /// - Throws: ``RetrievalError`` that names the first row without a direction.
  init(_ rows: Tensor, name: String) throws(RetrievalError) {
    self.rows = rows
    let lengths = rows.withElements { elements in
      (0..<rows.rowCount).map { row in
        guard rows.width > 0 else { return 0.0 }
        let start = elements.baseAddress! + row * rows.width
        return kt_sum_of_squares(rows.width, start).squareRoot()
      }
    }
    // Beyond these bounds the reciprocal would lose digits; no encoder comes near them.
    if let row = lengths.firstIndex(where: { !(1e-30...1e30 ~= $0) }) {
      throw RetrievalError(
        .embedding,
        "\(name) \(row) has the length \(lengths[row]), expected a finite row other than zero; "
          + "leave it out or look at the text and the model that it comes from")
    }
    reciprocals = lengths.map { Float(1 / $0) }
  }

  var count: Int { reciprocals.count }
  var width: Int { rows.width }

  /// What an element of the row is multiplied with to make the row's length one.
  func reciprocal(_ row: Int) -> Float { reciprocals[row] }

  /// Some rows with length one, in the order given.
  func gathered(_ indices: some RandomAccessCollection<Int>) -> Tensor {
    let width = width
    return Tensor([indices.count, width]) { target in
      rows.withElements { source in
        for (place, row) in indices.enumerated() {
          kt_scale(
            width, reciprocals[row], source.baseAddress! + row * width, target + place * width)
        }
      }
    }
  }

  /// Lets `body` read the rows as they were given.
  func withElements<Result>(_ body: (UnsafeBufferPointer<Float>) -> Result) -> Result {
    rows.withElements(body)
  }
}
