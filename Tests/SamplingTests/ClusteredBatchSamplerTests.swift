import Sampling
import TestSupport
import Testing

@Suite struct ClusteredBatchSamplerTests {
  /// Clusters of very unequal sizes in random places of a line, the nearer the more alike.
  struct Data: Sendable, CustomTestStringConvertible {
    var rows = 500
    var clusters = 7
    var batchSize = 16
    /// What part of the texts is not distinct.
    var repeats = 0.0
    var dropLast = false
    var testDescription: String { "\(rows) rows, \(clusters) clusters, \(repeats), \(dropLast)" }

    var assignments: [Int32] {
      var random = SplitMix(seed: 31)
      return (0..<rows).map { _ in
        Int32(
          min(
            Int.random(in: 0..<clusters, using: &random),
            Int.random(in: 0..<clusters, using: &random)))
      }
    }

    var similarities: [Float] {
      var random = SplitMix(seed: 17)
      let places = (0..<clusters).map { _ in Float.random(in: 0...1, using: &random) }
      return places.flatMap { place in places.map { 1 - abs(place - $0) } }
    }

    var textIDs: [[Int32]] {
      var random = SplitMix(seed: 5)
      return (0..<2).map { column in
        (0..<rows).map { row in
          Double.random(in: 0..<1, using: &random) < repeats
            ? Int32.random(in: 0..<40, using: &random) : Int32(40 + 2 * row + column)
        }
      }
    }

    func sampler(seed: UInt64 = 42) -> ClusteredBatchSampler {
      ClusteredBatchSampler(
        assignments: assignments, centroidSimilarities: similarities, textIDs: textIDs,
        batchSize: batchSize, dropLast: dropLast, seed: seed)
    }
  }

  static let data: [Data] = [false, true].flatMap { drop in
    [
      Data(dropLast: drop), Data(rows: 512, clusters: 3, dropLast: drop),
      Data(rows: 503, clusters: 60, dropLast: drop), Data(repeats: 0.3, dropLast: drop),
      Data(rows: 300, batchSize: 24, repeats: 0.8, dropLast: drop),
      Data(rows: 9, clusters: 4, dropLast: drop), Data(rows: 100, clusters: 1, dropLast: drop),
    ]
  }

  /// Each row at most once, all rows unless dropped, no text twice in a batch.
  @Test(arguments: data) func rowsAndTexts(_ data: Data) {
    let (sampler, textIDs) = (data.sampler(), data.textIDs)
    for epoch in 0..<3 {
      let batches = sampler.batches(epoch: epoch)
      let rows = batches.joined().sorted()
      #expect(Set(rows).count == rows.count)
      #expect(batches.allSatisfy { !$0.isEmpty && $0.count <= data.batchSize })
      let left = data.rows - rows.count
      if data.dropLast {
        #expect(batches.allSatisfy { $0.count == data.batchSize })
      } else {
        #expect(left == 0)
      }
      if data.repeats == 0 {
        let full = data.rows / data.batchSize
        #expect(batches.count { $0.count == data.batchSize } == full)
        #expect(batches.count == sampler.batchesPerEpoch)
        #expect(left < data.batchSize)
      }
      for batch in batches {
        var others: Set<Int32> = []
        for row in batch {
          let own = Set(textIDs.map { $0[Int(row)] })
          #expect(others.isDisjoint(with: own))
          others.formUnion(own)
        }
      }
    }
    #expect(sampler.batches(epoch: 0).count == sampler.batchesPerEpoch)
  }

  /// What is left could not have filled another batch.
  @Test func dropsOnlyWhatFillsNoBatch() {
    for data in Self.data where data.dropLast {
      let kept = Set(data.sampler().batches(epoch: 1).joined())
      let left = (0..<Int32(data.rows)).filter { !kept.contains($0) }
      var texts: Set<Int32> = []
      let fitting = left.filter { row in
        let own = Set(data.textIDs.map { $0[Int(row)] })
        defer { if texts.isDisjoint(with: own) { texts.formUnion(own) } }
        return texts.isDisjoint(with: own)
      }
      #expect(fitting.count < data.batchSize)
    }
  }

  /// Every full batch that a cluster can give is given, so that few batches are mixed.
  @Test(arguments: data.filter { $0.repeats == 0 }) func batchesArePure(_ data: Data) {
    let assignments = data.assignments
    let possible = (0..<data.clusters).reduce(0) { sum, cluster in
      sum + assignments.count { $0 == cluster } / data.batchSize
    }
    let full = data.sampler().batches(epoch: 2).filter { $0.count == data.batchSize }
    let pure = full.count { batch in Set(batch.map { assignments[Int($0)] }).count == 1 }
    #expect(pure >= possible)
  }

  /// Two small clusters become one batch each with the cluster beside them, not across the line.
  @Test func smallClustersJoinTheNearest() {
    let assignments: [Int32] = [0, 0, 1, 1, 2, 2, 3, 3]
    let places: [Float] = [0, 1, 0.1, 0.9]
    let sampler = ClusteredBatchSampler(
      assignments: assignments,
      centroidSimilarities: places.flatMap { place in places.map { 1 - abs(place - $0) } },
      textIDs: [], batchSize: 4, dropLast: true, seed: 3)
    for epoch in 0..<8 {
      let mixes = sampler.batches(epoch: epoch).map { Set($0.map { assignments[Int($0)] }) }
      #expect(Set(mixes) == [[0, 2], [1, 3]])
    }
  }

  /// A cluster of one text spreads over the batches of the cluster beside it.
  @Test func oneTextSpreads() {
    let assignments = (0..<80).map { Int32($0 < 10 ? 0 : 1) }
    let texts = (0..<80).map { Int32($0 < 10 ? 0 : $0) }
    var spread = 0
    for epoch in 0..<10 {
      let sampler = ClusteredBatchSampler(
        assignments: assignments, centroidSimilarities: [1, 0.5, 0.5, 1], textIDs: [texts],
        batchSize: 8, dropLast: true, seed: 1)
      spread += sampler.batches(epoch: epoch).count == 10 ? 1 : 0
    }
    // Only where the cluster's turn comes first.
    #expect((1..<10).contains(spread))
  }

  @Test func epochsDifferAndSeedsDecide() {
    let data = Data(repeats: 0.05)
    let batches = (0..<4).map { data.sampler().batches(epoch: $0) }
    #expect(Set(batches).count == 4)
    #expect(batches[3] == data.sampler().batches(epoch: 3))
    #expect(data.sampler(seed: 43).batches(epoch: 2) == batches[3])
    // The clusters' order is shuffled, not only the rows.
    let assignments = data.assignments
    let first = (0..<12).map { assignments[Int(data.sampler().batches(epoch: $0)[0][0])] }
    #expect(Set(first).count > 1)
  }
}
