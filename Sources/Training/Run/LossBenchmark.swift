public import JSONValues
internal import Losses
internal import Tensors

/// The loss stage of one batch, timed on made-up embeddings: value and gradients of a GIST loss with
/// all its parts, as a cached loss computes it between its two passes over the texts.
public struct LossBenchmark {
  private let rows: Int
  private let dimension: Int
  private let repetitions: Int

  /// Creates a benchmark.
  ///
  /// - Parameters:
  ///   - rows: Pairs in the batch, at least 2.
  ///   - dimension: The width of the student's and of the guide's embeddings, at least 1.
  ///   - repetitions: How often it is computed, at least 1.
  ///   - threads: How many threads compute, 0 for all.
  public init(rows: Int, dimension: Int, repetitions: Int, threads: Int) {
    precondition(
      rows >= 2 && dimension >= 1 && repetitions >= 1,
      "LossBenchmark: \(rows) rows of \(dimension), \(repetitions) times")
    (self.rows, self.dimension, self.repetitions) = (rows, dimension, repetitions)
    WorkerPool.setThreadCount(threads)
  }

  /// Computes the loss.
  ///
  /// - Returns: The median of the seconds, the bytes that tensors took beside the embeddings and
  ///   their gradients, the peak of resident memory in MiB, and the speed of the matrix products
  ///   that the loss is made of beside that of the product alone.
  /// - Throws: If there is no BLAS to open.
  public func measure() throws -> JSONValue {
    try MatrixProduct.open()
    let columns = (0..<2).map { embeddings(seed: UInt64($0), of: dimension) }
    let guide = (2..<4).map { embeddings(seed: UInt64($0), of: dimension) }
    let loss = try GISTEmbedLoss(temperature: 0.01, margin: 0.05)
    var seconds: [Double] = []
    var value = 0.0
    let before = ProcessMemory.peakBytes ?? 0
    for _ in 0..<repetitions {
      let start = ContinuousClock.now
      value = loss.valueAndGradients(columns, guide: guide).value
      seconds.append((ContinuousClock.now - start).seconds)
    }
    let peak = ProcessMemory.peakBytes ?? 0
    let median = seconds.sorted()[seconds.count / 2]
    // Three sections of the student, each with two products back; three of the guide.
    let operations = 2 * Double(rows) * Double(rows) * Double(dimension) * (3 * 3 + 3)
    let product = ProductSpeed.measure(rows: 2048, depth: dimension, columns: 2048).peak
    return [
      "rows": .integer(rows), "dimension": .integer(dimension),
      "seconds": .number(median), "loss": .number(value),
      "peak_rss_mib": .integer(peak >> 20), "loss_stage_mib": .integer((peak - before) >> 20),
      "gflops": .number(operations / median / 1e9), "gemm_gflops": .number(product),
      "threads": .integer(WorkerPool.threadCount),
    ]
  }

  /// Random directions that come in pairs: row i of every column leans the same way.
  private func embeddings(seed: UInt64, of width: Int) -> Tensor {
    Tensor([rows, width]) { target in
      for row in 0..<rows {
        for column in 0..<width {
          let common = Self.uniform(UInt64(row) &* 0x1_0000_0001 &+ UInt64(column))
          let own = Self.uniform((seed + 1) << 56 ^ UInt64(row) << 24 ^ UInt64(column))
          target[row * width + column] = common + 3 * own
        }
      }
    }
  }

  /// A number from -1 to 1 for each key: SplitMix64 (Steele et al., 2014).
  private static func uniform(_ key: UInt64) -> Float {
    var z = key &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Float(Int64(bitPattern: z ^ (z >> 31)) >> 39) / Float(1 << 24)
  }
}
