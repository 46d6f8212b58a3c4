import Foundation
import JSONValues
import TestSupport
import Testing

/// `ktrain cluster` through the binary.
@Suite struct ClusterCommandTests {
  let files: RunFiles

  init() throws { files = try RunFiles() }

  @Test func clustersAreThoseOfTheRecipe() throws {
    let settings = ["--column", "positive", "--k", "3", "--prompt", "a: ", "--seed", "5"]
    let outcome = try cluster(settings + ["--json", "--nearest", "2"])
    #expect(outcome.status == 0, "\(outcome.error)")
    let found = try JSONValue(parsing: outcome.output)
    let clusters = try #require(found["clusters"]?.array)
    let sizes = clusters.compactMap { $0["rows"]?.integer }
    #expect(sizes == sizes.sorted(by: >) && sizes.reduce(0, +) == 12 && sizes.count == 3)
    #expect(found["largest"]?.integer == sizes.first && found["smallest"]?.integer == sizes.last)
    #expect(Set(clusters.compactMap { $0["cluster"]?.integer }) == [0, 1, 2])
    let mean = clusters.reduce(0) {
      $0 + ($1["mean_cosine"]?.double ?? 0) * Double($1["rows"]?.integer ?? 0) / 12
    }
    expectClose([found["mean_cosine"]?.double ?? 0], [mean], relative: 1e-6, absolute: 0, "mean")
    for cluster in clusters {
      let nearest = try #require(cluster["nearest"]?.array)
      #expect(nearest.count == min(2, try #require(cluster["rows"]?.integer)))
      let cosines = nearest.compactMap { $0["cosine"]?.double }
      #expect(cosines == cosines.sorted(by: >) && cosines.count == nearest.count)
    }
    var files = files
    files.recipe["clusters"] = [
      "column": "positive", "encoder": .string(files.model), "k": 3, "prompt": "a: ", "seed": 5,
    ]
    let fit = try files.fit()
    #expect(fit.error.contains("clusters: 0 computed, 3 from the store"), "\(fit.error)")
  }

  @Test func theTableIsCutAndShowsATextOnce() throws {
    let long = String(repeating: "line\\n ", count: 40)
    try files.write(
      (0..<8).map { #"{"a": "\#($0 < 6 ? "the same " + long : "another \($0)")"}"# }
        .joined(separator: "\n"), to: files.data)
    let outcome = try cluster(["--column", "a", "--k", "1"])
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count == 5, "\(outcome.output)")
    #expect(lines.allSatisfy { $0.count <= 100 })
    #expect(lines[1...3].count { $0.contains("the same line line line") && $0.hasSuffix("…") } == 1)
    #expect(lines[4].hasPrefix("8 rows in 1 clusters, mean cosine "))
    #expect(lines[4].hasSuffix("largest 8, smallest 8"))
  }

  private func cluster(_ arguments: [String]) throws -> CommandLineTool.Outcome {
    try CommandLineTool.run(
      ["cluster", files.model, files.data, "--store", files.store] + arguments)
  }
}
