import JSONValues
import Retrieval
import Tensors
import TestSupport
import Testing

@Suite struct SphericalKMeansTests {
  /// From the same starts, numpy's clusters; see make_clusters.py.
  @Test(arguments: ["groups", "stopped", "one", "empty", "cancelling"])
  func equalsNumpy(name: String) throws {
    let fixture = try #require(try Fixture.json("clusters.json", in: .module)[name])
    let starts = try Self.matrix(fixture["starts"])
    let means = try SphericalKMeans(
      clusterCount: starts.rowCount, seed: 0,
      maxIterations: try #require(fixture["max_iterations"]?.integer), tolerance: 0)
    let found = try means.fit(try Self.matrix(fixture["rows"]), starts: starts)
    #expect(found.assignments.map(Double.init) == fixture["assignments"]?.numbers)
    #expect(found.iterations == fixture["iterations"]?.integer)
    #expect(found.isConverged == fixture["converged"]?.bool)
    #expect(found.sizes == found.sizes.indices.map { c in found.assignments.count { $0 == c } })
    expectClose(
      found.centroids.elements, fixture["centroids"]?.numbers ?? [], relative: 0, absolute: 1e-6)
    expectClose(
      found.similarities, fixture["similarities"]?.numbers ?? [], relative: 0, absolute: 1e-6)
    expectClose(
      [found.meanSimilarity], fixture["mean_similarity"]?.numbers ?? [], relative: 1e-6,
      absolute: 0)
  }

  @Test(arguments: 0..<20 as Range<UInt64>) func findsPlantedGroups(seed: UInt64) throws {
    let (rows, planted) = Self.groups(12, size: 30, width: 24, noise: 0.05, seed: seed + 100)
    let found = try SphericalKMeans(clusterCount: 12, seed: seed).fit(rows)
    var groups: [Int32: Set<Int>] = [:]
    for (cluster, group) in zip(found.assignments, planted) {
      groups[cluster, default: []].insert(group)
    }
    #expect(groups.count == 12 && groups.values.allSatisfy { $0.count == 1 })
    #expect(found.isConverged)
  }

  /// More rows than the starts are chosen from.
  @Test func manyRows() throws {
    let (rows, planted) = Self.groups(3, size: 5_600, width: 4, noise: 0.05, seed: 5)
    let found = try SphericalKMeans(clusterCount: 3, seed: 1).fit(rows)
    #expect(Set(zip(found.assignments, planted).map { Int($0) * 3 + $1 }).count == 3)
    #expect(found.sizes == [5_600, 5_600, 5_600])
  }

  @Test func theSeedDecidesAndThreadsDoNot() throws {
    let (rows, _) = Self.groups(9, size: 150, width: 12, noise: 0.6, seed: 3)
    let means = try SphericalKMeans(clusterCount: 20, seed: 42)
    let threads = WorkerPool.threadCount
    defer { WorkerPool.setThreadCount(threads) }
    let results = try [1, 2, 3].map { threads in
      WorkerPool.setThreadCount(threads)
      return try means.fit(rows)
    }
    for result in results {
      #expect(result.assignments == results[0].assignments)
      #expect(result.similarities == results[0].similarities)
      #expect(result.centroids.elements == results[0].centroids.elements)
    }
    let other = try SphericalKMeans(clusterCount: 20, seed: 43).fit(rows)
    #expect(other.assignments != results[0].assignments)
  }

  @Test func asManyClustersAsRows() throws {
    let (rows, _) = Self.groups(5, size: 5, width: 6, noise: 0.5, seed: 8)
    let found = try SphericalKMeans(clusterCount: 25, seed: 1).fit(rows)
    #expect(found.assignments.sorted() == (0..<25).map { $0 })
    #expect(found.sizes.allSatisfy { $0 == 1 } && found.meanSimilarity > 0.999_999)
  }

  @Test func duplicatesStayTogether() throws {
    let (rows, _) = Self.groups(7, size: 1, width: 6, noise: 0.5, seed: 9)
    let found = try SphericalKMeans(clusterCount: 7, seed: 1)
      .fit(Tensor(stacking: [rows, rows, rows]))
    #expect(found.sizes.allSatisfy { $0 == 3 })
    #expect(found.assignments[..<7] == found.assignments[14...])
  }

  @Test func toleranceEndsEarly() throws {
    let (rows, _) = Self.groups(9, size: 50, width: 12, noise: 0.6, seed: 3)
    let whole = try SphericalKMeans(clusterCount: 8, seed: 4, tolerance: 0).fit(rows)
    let early = try SphericalKMeans(clusterCount: 8, seed: 4, tolerance: 0.01).fit(rows)
    #expect(whole.isConverged && !early.isConverged && early.iterations < whole.iterations)
    #expect(whole.meanSimilarity > early.meanSimilarity)
  }

  @Test func nearestRowsAreTheMembersSorted() throws {
    let (rows, _) = Self.groups(4, size: 12, width: 8, noise: 0.4, seed: 6)
    let found = try SphericalKMeans(clusterCount: 4, seed: 2).fit(rows)
    for (cluster, hits) in found.nearestRows(3).enumerated() {
      let members = found.assignments.indices.filter { found.assignments[$0] == cluster }
      let sorted = members.sorted { found.similarities[$0] > found.similarities[$1] }
      #expect(hits.map(\.document) == Array(sorted.prefix(3)))
      #expect(hits.map(\.score) == sorted.prefix(3).map { found.similarities[$0] })
    }
  }

  @Test func faultsAreNamed() throws {
    func message(_ elements: [Float], k: Int = 1) -> String {
      do throws(RetrievalError) {
        let rows = Tensor(elements, shape: [elements.count / 2, 2])
        _ = try SphericalKMeans(clusterCount: k, seed: 1).fit(rows)
        return "no error"
      } catch {
        return "\(error.code): \(error)"
      }
    }
    #expect(
      message([1, 2, .nan, 1]).hasPrefix("embedding: embedding 1 has the length nan, expected a "))
    #expect(message([1, 2, 1, .infinity]).hasPrefix("embedding: embedding 1 has the length inf"))
    #expect(message([1, 2, 3, 4, 0, 0]).hasPrefix("embedding: embedding 2 has the length 0.0"))
    #expect(
      message([1, 2, 1, 2, 0, 1, -0.0, 1], k: 3)
        == "option: k is 3, but there are 2 distinct embeddings: lower k or add data")
    #expect(
      message([]) == "option: k is 1, but there are 0 distinct embeddings: lower k or add data")
    #expect(throws: RetrievalError.self) { try SphericalKMeans(clusterCount: 0, seed: 1) }
    #expect(throws: RetrievalError.self) {
      try SphericalKMeans(clusterCount: 1, seed: 1, maxIterations: 0)
    }
    #expect(throws: RetrievalError.self) {
      try SphericalKMeans(clusterCount: 1, seed: 1, tolerance: .nan)
    }
  }
}

extension SphericalKMeansTests {
  private static func matrix(_ value: JSONValue?) throws -> Tensor {
    let rows = try #require(value?.array).map { $0.numbers.map { Float($0) } }
    return Tensor(rows.flatMap { $0 }, shape: [rows.count, rows[0].count])
  }

  /// Rows around random directions, shuffled, and the group of each; widely apart if `width` is
  /// large and `noise` small.
  private static func groups(
    _ count: Int, size: Int, width: Int, noise: Float, seed: UInt64
  ) -> (rows: Tensor, planted: [Int]) {
    var random = SplitMix(seed: seed)
    func vector() -> [Float] { (0..<width).map { _ in Float.random(in: -1...1, using: &random) } }
    let centers = (0..<count).map { _ in vector() }
    let planted = (0..<count * size).map { $0 % count }.shuffled(using: &random)
    let rows = planted.flatMap { group in zip(centers[group], vector()).map { $0 + noise * $1 } }
    return (Tensor(rows, shape: [count * size, width]), planted)
  }
}
