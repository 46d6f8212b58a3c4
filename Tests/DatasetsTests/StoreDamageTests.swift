import Datasets
import Foundation
import TestSupport
import Testing

@Suite struct StoreDamageTests {
  /// A store with one part, and that part's bytes.
  private struct Written {
    let folder: TemporaryFolder
    let store: DatasetStore
    let path: String
    let bytes: Data

    init() throws {
      folder = try TemporaryFolder()
      store = try DatasetStore(directory: folder.path)
      try store.write(Sample.tokens, for: Sample.tokensKey)
      path = store.path(of: Sample.tokensKey)
      bytes = try Data(contentsOf: URL(filePath: path))
    }

    /// What is wrong with the part if its file holds these bytes; nil if it is not seen.
    func damage(_ bytes: Data) throws -> DatasetError? {
      try bytes.write(to: URL(filePath: path))
      if case .damaged(let error) = try store.read(TokenTable.self, for: Sample.tokensKey) {
        return error
      }
      return nil
    }
  }

  @Test func everyFlippedByteIsSeen() throws {
    let written = try Written()
    for index in stride(from: 0, to: written.bytes.count, by: 5) {
      var bytes = written.bytes
      bytes[index] ^= 1 << UInt8(index % 8)
      #expect(try written.damage(bytes) != nil, "byte \(index)")
    }
    #expect(try written.damage(written.bytes) == nil)
  }

  @Test func everyTruncationIsSeen() throws {
    let written = try Written()
    let count = written.bytes.count
    for length in [0, 1, 100, 511, 512, 513, 600, 1000, count / 2, count - 8, count - 1] {
      let error = try #require(try written.damage(written.bytes.prefix(length)))
      #expect(error.description.hasPrefix("\(written.path): "))
      #expect(!error.description.contains("\n"))
      #expect(error.message.contains(length < 512 ? "ends after \(length) bytes" : "\(count)"))
    }
    #expect(try written.damage(written.bytes + [0]) != nil)
  }

  @Test func otherFilesAreSeen() throws {
    let written = try Written()
    for other in [Data("hello".utf8), Data(count: 5000), Data(written.bytes.dropFirst(512))] {
      let error = try #require(try written.damage(other))
      #expect(error.message.contains("seal"))
    }
    let plain = try Data(contentsOf: URL(filePath: fixture("hdf5/names.h5")))
    let error = try #require(try written.damage(plain))
    #expect(error.message.contains("no seal"))
  }

  /// A whole file that does not hold what its kind should.
  struct Lie: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let write: @Sendable (HDF5File) throws -> Void

    init(_ message: String, _ write: @escaping @Sendable (HDF5File) throws -> Void) {
      (testDescription, self.write) = (message, write)
    }

    static func ids(_ file: HDF5File, _ ids: [Int32], shape: [Int]? = nil) throws {
      try ids.withUnsafeBufferPointer {
        try file.write($0, shape: shape ?? [ids.count], as: "ids", description: "", unit: "")
      }
    }

    static func offsets<Element: HDF5Element>(_ file: HDF5File, _ offsets: [Element]) throws {
      try offsets.withUnsafeBufferPointer {
        try file.write($0, shape: [offsets.count], as: "offsets", description: "", unit: "")
      }
    }

    static let all = [
      Lie("no dataset ids") { _ in },
      Lie("no dataset offsets") { try ids($0, [1]) },
      Lie("offsets does not hold int64") {
        try ids($0, [1, 2])
        try offsets($0, [0, 2] as [Int32])
      },
      Lie("ids has shape [1, 2]") {
        try ids($0, [1, 2], shape: [1, 2])
        try offsets($0, [0, 2] as [Int64])
      },
      Lie("offsets do not rise") {
        try ids($0, [1, 2])
        try offsets($0, [0, 3] as [Int64])
      },
      Lie("offsets do not rise") {
        try ids($0, [1, 2])
        try offsets($0, [0, 2, 1, 2] as [Int64])
      },
      Lie("offsets do not rise") {
        try ids($0, [])
        try offsets($0, [] as [Int64])
      },
      Lie("negative id") {
        try ids($0, [1, -2])
        try offsets($0, [0, 2] as [Int64])
      },
      Lie("1 rows, the attribute rows says 2") {
        try ids($0, [1, 2])
        try offsets($0, [0, 2] as [Int64])
      },
    ]
  }

  @Test(arguments: Lie.all) func contentThatDoesNotFitIsSeen(_ lie: Lie) throws {
    let written = try Written()
    try StoreFile.write(
      written.path, Sample.tokensKey, description: "", rows: 2, lie.write)
    guard case .damaged(let error) = try written.store.read(TokenTable.self, for: Sample.tokensKey)
    else {
      Issue.record("the part was used")
      return
    }
    #expect(error.message.contains(lie.testDescription))
    // Once it is rebuilt all is well.
    try written.store.write(Sample.tokens, for: Sample.tokensKey)
    #expect(
      try found(written.store.read(TokenTable.self, for: Sample.tokensKey)) == Sample.tokens)
  }

  @Test func damagedEmbeddingsAreMissingAndThenReplaced() throws {
    let folder = try TemporaryFolder()
    let directory = folder.path
    func open() throws -> EmbeddingStore {
      try DatasetStore(directory: directory).embeddings(
        for: Sample.embeddingsKey, dimension: Sample.dimension)
    }
    var store = try open()
    try Sample.append(0..<10, to: &store)
    let first = try #require(try names(in: directory).first)
    try Sample.append(10..<30, to: &store)
    let path = directory + "/" + first
    try Data(contentsOf: URL(filePath: path)).dropLast(9).write(to: URL(filePath: path))

    var again = try open()
    #expect(again.count == 20)
    #expect(again.damages.map(\.path) == [path])
    #expect(again.missing(among: Sample.digests(0..<30)) == Array(0..<10))
    try Sample.append(5..<10, to: &again)
    #expect(again.damages.isEmpty)
    #expect(try !names(in: directory).contains(first))
    let last = try open()
    #expect(last.damages.isEmpty)
    #expect(last.missing(among: Sample.digests(0..<30)) == Array(0..<5))
  }

  @Test func embeddingsOfAnotherWidthAreSeen() throws {
    let folder = try TemporaryFolder()
    let store = try DatasetStore(directory: folder.path)
    var embeddings = try store.embeddings(
      for: Sample.embeddingsKey, dimension: Sample.dimension)
    try Sample.append(0..<10, to: &embeddings)
    let wider = try store.embeddings(for: Sample.embeddingsKey, dimension: 7)
    #expect(wider.count == 0)
    #expect(wider.damages.count == 1)
    #expect(wider.damages[0].message.contains("[10, 6], expected [10, 16] and [10, 7]"))
  }
}
