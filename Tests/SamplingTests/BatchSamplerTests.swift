import JSONValues
import Sampling
import Testing

@Suite struct BatchSamplerTests {
  @Test(arguments: Case.all("default"))
  func defaultBatchesAreTheTrainers(_ reference: Case) throws {
    let dataSeed = try #require(reference.value["data_seed"])
    let sampler = DefaultBatchSampler(
      count: try reference.integer("count"), batchSize: try reference.integer("batch_size"),
      dropLast: try reference.bool("drop_last"),
      seed: try reference.seed(dataSeed.isNull ? "seed" : "data_seed"))
    #expect(sampler.batchesPerEpoch == (try reference.integer("length")))
    for (epoch, batches) in try reference.epochs.enumerated() {
      #expect(sampler.batches(epoch: epoch) == batches, "epoch \(epoch)")
    }
  }

  @Test(arguments: Case.all("no_duplicates"))
  func batchesWithoutDuplicatesAreTheTrainers(_ reference: Case) throws {
    try expectBatches(of: reference, order: .random)
  }

  @Test(arguments: Case.all("sequential"))
  func sequentialBatchesAreThoseBefore3_4(_ reference: Case) throws {
    try expectBatches(of: reference, order: .sequential)
  }

  private func expectBatches(of reference: Case, order: BatchOrder) throws {
    let sampler = NoDuplicatesBatchSampler(
      textIDs: try reference.rows("text_ids"), batchSize: try reference.integer("batch_size"),
      dropLast: try reference.bool("drop_last"), seed: try reference.seed(), order: order)
    #expect(sampler.batchesPerEpoch == (try reference.integer("length")))
    for (epoch, batches) in try reference.epochs.enumerated() {
      // The trainer asks for no batch beyond the length; the old sampler alone may give more.
      let expected = Array(batches.prefix(sampler.batchesPerEpoch))
      #expect(sampler.batches(epoch: epoch) == expected, "epoch \(epoch)")
    }
  }

  @Test func emptyDataHasNoBatches() {
    let sampler = NoDuplicatesBatchSampler(
      textIDs: [[], []], batchSize: 4, dropLast: false, seed: 1)
    #expect(sampler.batchesPerEpoch == 0)
    #expect(sampler.batches(epoch: 0).isEmpty)
    #expect(
      DefaultBatchSampler(count: 0, batchSize: 4, dropLast: false, seed: 1).batches(epoch: 0)
        .isEmpty)
  }

  @Test func theSeedsLowBitsDecideAndEpochsAdd() {
    func first(_ seed: UInt64, epoch: Int) -> [Int32] {
      DefaultBatchSampler(count: 20, batchSize: 20, dropLast: false, seed: seed)
        .batches(epoch: epoch)[0]
    }
    #expect(first(3, epoch: 4) == first(7, epoch: 0))
    #expect(first(UInt64.max, epoch: 1) == first(0, epoch: 0))
  }
}
