public import JSONValues

/// What a step takes on several ranks: traffic from the algorithm, time from what one process takes
/// here and from what the network carries.
///
/// Each rank is taken to have what this process has: as many threads, as fast. No work is taken to
/// overlap with traffic, so that the time is what it is at most.
public struct RankForecast: Hashable, Sendable {
  /// How many ranks, on how many nodes.
  public let rankCount, nodeCount: Int
  /// What a node sends and receives in a second, in bytes.
  public let bytesPerSecond: Double
  /// What a rank sends in a step, in bytes: embeddings to all others and their gradients back.
  public let embeddingBytes: Double
  /// What a rank sends in a step, in bytes: its part of the gradients of the weights, and the sums
  /// that it has made.
  public let gradientBytes: Double
  /// Encoding, loss, going back and AdamW of one rank, in seconds.
  public let computeSeconds: Double
  /// What crosses the network, in seconds.
  public let exchangeSeconds: Double
  /// A step of one rank alone, in seconds.
  public let aloneSeconds: Double

  /// A step, in seconds.
  public var stepSeconds: Double { computeSeconds + exchangeSeconds }
  /// How many times as fast as one rank.
  public var speedup: Double { aloneSeconds / stepSeconds }
  /// What a rank sends in a step, in bytes.
  public var sentBytes: Double { embeddingBytes + gradientBytes }

  /// Creates a forecast.
  ///
  /// - Parameters:
  ///   - forecast: What one process takes.
  ///   - rankCount: How many ranks.
  ///   - nodeCount: On how many nodes, each with as many of them.
  ///   - bytesPerSecond: What a node sends and receives in a second.
  public init(
    _ forecast: RunForecast, rankCount: Int, nodeCount: Int, bytesPerSecond: Double
  ) {
    (self.rankCount, self.nodeCount) = (rankCount, nodeCount)
    self.bytesPerSecond = bytesPerSecond
    let others = Double(rankCount - 1) / Double(rankCount)
    let batches = Double(forecast.summary.plan.accumulation)
    // There, and the gradients back.
    embeddingBytes = 2 * others * batches * Double(forecast.embeddingBytes)
    // Parts to those who sum them, and sums to all.
    gradientBytes = 2 * others * Double(forecast.memory.gradients)
    let seconds = forecast.seconds
    aloneSeconds = seconds.step
    computeSeconds =
      (seconds.encode + seconds.loss + seconds.backward) / Double(rankCount) + seconds.optimizer
    // What goes to ranks of other nodes, of all ranks of this one.
    let perNode = rankCount / nodeCount
    let away = rankCount > 1 ? Double(rankCount - perNode) / Double(rankCount - 1) : 0
    exchangeSeconds =
      away * Double(perNode) * (embeddingBytes + gradientBytes) / bytesPerSecond
  }

  /// The forecast as JSON, bytes and seconds as numbers.
  public var json: JSONValue {
    [
      "ranks": .integer(rankCount), "nodes": .integer(nodeCount),
      "bytes_per_second": .number(bytesPerSecond),
      "sent_by_rank": [
        "embeddings": .number(embeddingBytes), "gradients": .number(gradientBytes),
      ],
      "seconds_per_step": [
        "compute": .number(computeSeconds), "exchange": .number(exchangeSeconds),
        "step": .number(stepSeconds),
      ],
      "speedup": .number(speedup),
    ]
  }
}
