import Datasets
import Foundation
import Testing

@Suite struct HDF5VectorFileTests {
  @Test func vectorsAndTextsComeBack() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("vectors.h5", "what stood there before")
    let vectors = (0..<20_000).map { Float($0) / 3 }
    let texts = (0..<5000).map { "text \($0) \u{d55c}" }
    let file = try HDF5VectorFile(
      path: path, dimension: 4, hasTexts: true, attributes: ["model": "m"])
    for rows in [0..<1, 1..<4097, 4097..<4097, 4097..<5000] {
      try vectors[rows.lowerBound * 4..<rows.upperBound * 4].withUnsafeBufferPointer {
        try file.append($0, texts: Array(texts[rows]))
      }
    }
    #expect(try Data(contentsOf: URL(filePath: path)).starts(with: Data("what".utf8)))
    try file.finish()
    let again = try HDF5File(reading: path, path: path)
    let (elements, shape) = try again.read(Float.self, of: "embeddings", rank: 2)
    #expect(shape == [5000, 4])
    let areEqual = elements == vectors  // in an expectation all numbers would be printed
    #expect(areEqual)
    #expect(try again.texts(ofAttribute: "model") == ["m"])
    let data = try TextDataset(contentsOf: [path], columns: ["text"])
    #expect(haveEqualBytes(Array(data.columns[0]), texts))
    #expect(try names(in: folder.path) == ["vectors.h5"])
    var some = [Float](repeating: 0, count: 8)
    try some.withUnsafeMutableBufferPointer {
      try again.read(rows: 4096..<4098, of: "embeddings", shape: shape, into: $0)
    }
    #expect(some == Array(vectors[4096 * 4..<4098 * 4]))
    // As a file of which nothing is known, read by a child.
    let unknown = try VectorFile(path: path)
    #expect(unknown.count == 5000 && unknown.dimension == 4)
    var all = [Float](repeating: 0, count: 20_000)
    try all.withUnsafeMutableBufferPointer {
      try unknown.read(rows: 0..<4096, into: .init(rebasing: $0[..<16_384]))
      try unknown.read(rows: 4096..<5000, into: .init(rebasing: $0[16_384...]))
    }
    let allAreEqual = all == vectors
    #expect(allAreEqual)
  }

  @Test func vectorsThatAreNoneAreNamed() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("vectors.h5", "no HDF5 at all")
    expectError(.corrupt, saying: ["vectors.h5"]) { _ = try VectorFile(path: path) }
    let texts = try HDF5VectorFile(path: path, dimension: 2, hasTexts: false)
    try texts.finish()
    expectError(.empty, saying: ["there are no vectors: 0 of 2"]) {
      _ = try VectorFile(path: path)
    }
  }

  @Test func withoutFinishNothingChanges() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("vectors.h5", "before")
    do {
      let file = try HDF5VectorFile(path: path, dimension: 2, hasTexts: false)
      try [1, 2].withUnsafeBufferPointer { try file.append($0) }
    }
    #expect(try names(in: folder.path) == ["vectors.h5"])
    #expect(try Data(contentsOf: URL(filePath: path)) == Data("before".utf8))
  }

  @Test func foldersThatAreMissingAreNamed() throws {
    let folder = try TemporaryFolder()
    expectError(.unwritable, saying: ["none/vectors.h5", "No such file"]) {
      _ = try HDF5VectorFile(path: folder.path + "/none/vectors.h5", dimension: 2, hasTexts: false)
    }
  }
}
