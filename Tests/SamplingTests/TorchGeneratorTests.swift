import JSONValues
import Sampling
import Testing

@Suite struct TorchGeneratorTests {
  @Test(arguments: Case.all("generator"))
  func drawsWhatTorchDraws(_ reference: Case) throws {
    var generator = TorchGenerator(seed: try reference.seed())
    for _ in 0..<(try reference.integer("skipped64")) { _ = generator.random64() }
    for expected in try #require(reference.value["random63"]?.array) {
      #expect(Int(generator.random64() & UInt64(Int64.max)) == expected.integer)
    }
    for expected in try #require(reference.value["random31"]?.array) {
      #expect(Int(generator.random() & UInt32(Int32.max)) == expected.integer)
    }
  }

  @Test(arguments: Case.all("permutations"))
  func permutesAsRandpermDoes(_ reference: Case) throws {
    var generator = TorchGenerator(seed: try reference.seed())
    let counts = try #require(reference.value["counts"]?.array)
    for (count, expected) in zip(counts, try reference.rows("permutations")) {
      #expect(generator.permutation(of: try #require(count.integer)) == expected)
    }
  }

  @Test(arguments: Case.all("inside_out"))
  func permutesManyRowsInsideOut(_ reference: Case) throws {
    var generator = TorchGenerator(seed: try reference.seed())
    let expected = try #require(reference.value["permutation"]?.array).map { $0.integer }
    #expect(generator.insideOut(try reference.integer("count")).map { Int($0) } == expected)
  }
}
