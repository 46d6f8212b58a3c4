import JSONValues
import Sampling
import Testing

@Suite struct MultiDatasetBatchSamplerTests {
  @Test(arguments: Case.all("several"))
  func batchesAreTheTrainers(_ reference: Case) throws {
    let name = try #require(reference.value["sampler"]?.string)
    let (size, drop) = (try reference.integer("batch_size"), try reference.bool("drop_last"))
    let seed = try reference.seed()
    let samplers = try reference.dataSets.map { texts -> any BatchSampler in
      if name == "batch_sampler" {
        return DefaultBatchSampler(
          count: texts[0].count, batchSize: size, dropLast: drop, seed: seed)
      }
      return NoDuplicatesBatchSampler(
        textIDs: texts, batchSize: size, dropLast: drop, seed: seed)
    }
    let sampler: any MultiDatasetBatchSampler =
      reference.value["multi_sampler"]?.string == "proportional"
      ? ProportionalBatchSampler(samplers, seed: seed)
      : RoundRobinBatchSampler(samplers, seed: seed)
    #expect(sampler.batchesPerEpoch == (try reference.integer("length")))
    for (epoch, batches) in try reference.batchesOfSeveral.enumerated() {
      #expect(sampler.batches(epoch: epoch) == batches, "epoch \(epoch)")
    }
  }

  /// An iterator that has ended draws no more, so that it cannot change what others draw.
  @Test func endedIteratorsAreStill() {
    for dropLast in [true, false] {
      let samplers: [any BatchSampler] = [
        DefaultBatchSampler(count: 10, batchSize: 4, dropLast: dropLast, seed: 1),
        NoDuplicatesBatchSampler(
          textIDs: [[0, 0, 0, 1, 2]], batchSize: 2, dropLast: dropLast, seed: 1),
        ClusteredBatchSampler(
          assignments: [0, 1, 0], centroidSimilarities: [1, 0, 0, 1], textIDs: [], batchSize: 2,
          dropLast: dropLast, seed: 1),
      ]
      for sampler in samplers {
        var generator = TorchGenerator(seed: 5)
        var iterator = sampler.iterator(epoch: 0)
        while iterator.next(&generator) != nil {}
        var before = generator
        #expect(iterator.next(&generator) == nil)
        #expect(generator.random64() == before.random64())
      }
    }
  }

  @Test func noDataSets() {
    #expect(ProportionalBatchSampler([], seed: 1).batches(epoch: 0).isEmpty)
    #expect(RoundRobinBatchSampler([], seed: 1).batches(epoch: 0).isEmpty)
  }
}
