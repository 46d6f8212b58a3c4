internal import Glibc
public import Tensors

/// Kullback–Leibler divergence of what the student makes of a query's documents from what a teacher
/// does.
///
/// With q the query and d0…dn the documents of row i, and the teacher's scores t_ij of them,
///
///     P_i = softmax_j(t_ij / teacher_temperature)
///     Q_i = softmax_j(sim(q_i, dj_i) / student_temperature)
///     loss = student_temperature² · (1/B) Σ_i Σ_j P_ij (log P_ij - log Q_ij)
///
/// The labels of a row are the n + 1 scores. A query meets the documents of its own row only, so a
/// batch may be of one row.
///
/// Value and gradient are those of sentence-transformers 6.2, checked by `DistillationLossTests`.
///
/// Reference: Lin et al., 2020, <https://arxiv.org/abs/2010.11386>.
public struct DistillKLDivLoss: DistillationLoss {
  /// How alike two embeddings are.
  public let similarity: PairwiseSimilarity
  /// What the student's similarities are divided by.
  public let studentTemperature: Double
  /// What the teacher's scores are divided by.
  public let teacherTemperature: Double

  /// Creates the loss.
  ///
  /// - Parameters:
  ///   - similarity: How alike two embeddings are.
  ///   - temperature: What scores are divided by, above 0; more makes distributions softer.
  ///   - studentTemperature: The same for the student's alone; nil: `temperature`.
  ///   - teacherTemperature: The same for the teacher's alone; nil: `temperature`.
  /// - Throws: ``LossError`` where sentence-transformers raises `ValueError`.
  public init(
    similarity: PairwiseSimilarity = .dot, temperature: Double = 1,
    studentTemperature: Double? = nil, teacherTemperature: Double? = nil
  ) throws {
    self.similarity = similarity
    self.studentTemperature = studentTemperature ?? temperature
    self.teacherTemperature = teacherTemperature ?? temperature
    for (name, value) in [
      ("temperature", temperature), ("student_temperature", self.studentTemperature),
      ("teacher_temperature", self.teacherTemperature),
    ] { try LossError.check(value > 0, name, value, " above 0") }
  }

  /// Scores, one for each document.
  public func labelCounts(columns: Int) -> [Int] { [columns - 1] }

  /// The loss of a batch; see
  /// ``EmbeddingLoss/valueAndGradients(_:guide:labels:progress:)``.
  public func valueAndGradients(
    _ columns: [Tensor], guide: [Tensor], labels: Tensor?, progress: (Double) throws -> Void
  ) rethrows -> LossResult {
    checkColumns(columns, guide, labels)
    guard let labels else { preconditionFailure("DistillKLDivLoss: no labels") }
    let scores = DocumentScores(columns, similarity)
    let (rows, count) = (columns[0].rowCount, columns.count - 1)
    let scale = studentTemperature * studentTemperature / Double(rows)
    var sum = 0.0
    let gradient = Tensor([rows, count]) { target in
      for row in 0..<rows {
        let student = Distribution(
          scores.values.pointer + row * count, count, temperature: Float(studentTemperature))
        let teacher = Distribution(
          labels.pointer + row * count, count, temperature: Float(teacherTemperature))
        let weight = teacher.shares.reduce(0, +)
        for document in 0..<count {
          let share = teacher.shares[document]
          if share > 0 {
            sum += Double(share) * (log(Double(share)) - Double(student.logarithms[document]))
          }
          target[row * count + document] =
            Float(scale / studentTemperature)
            * (weight * student.shares[document] - share)
        }
      }
    }
    return LossResult(value: sum * scale, gradients: scores.gradients(of: gradient))
  }
}

extension DistillKLDivLoss {
  /// How many of a teacher's scores are so far below the best of their row that their share is 0, so
  /// that the student learns nothing of them.
  ///
  /// - Parameter labels: `[rows, n]`: the scores of n documents.
  /// - Returns: How many, and the widest spread of a row that has any.
  public func vanishing(in labels: Tensor) -> (count: Int, spread: Float) {
    var (vanished, widest): (Int, Float) = (0, 0)
    labels.withElements { elements in
      guard let base = elements.baseAddress else { return }
      for row in 0..<labels.rowCount {
        let scores = UnsafeBufferPointer(start: base + row * labels.width, count: labels.width)
        let shares = Distribution(
          base + row * labels.width, labels.width, temperature: Float(teacherTemperature)
        ).shares
        let here = shares.count { $0 == 0 }
        guard here > 0, let most = scores.max(), let least = scores.min() else { continue }
        (vanished, widest) = (vanished + here, max(widest, most - least))
      }
    }
    return (vanished, widest)
  }
}

/// The softmax of a few scores, in single precision with sums in double.
private struct Distribution {
  private(set) var logarithms: [Float]
  let shares: [Float]

  init(_ scores: UnsafePointer<Float>, _ count: Int, temperature: Float) {
    let scaled = (0..<count).map { scores[$0] / temperature }
    let largest = scaled.max() ?? 0
    let logSum = log(scaled.reduce(0.0) { $0 + exp(Double($1 - largest)) })
    logarithms = scaled.map { Float(Double($0 - largest) - logSum) }
    // As PyTorch does in fp32, shares that are too small for it become 0.
    shares = logarithms.map { Float(exp(Double($0))) }
  }
}
