import Datasets
import Foundation
import Testing

/// Parts with made-up contents, and their keys.
enum Sample {
  static let tokensKey = StoreKey(
    .tokens,
    ["source": "0123", "tokenizer_sha256": "abcd", "prompt": "query: ", "max_seq_length": 128])
  static let clustersKey = StoreKey(.clusters, ["source": "0123", "k": 3, "seed": 42])
  static let embeddingsKey = StoreKey(.embeddings, ["model_sha256": "ef01", "guide_input": "raw"])
  static let dimension = 6

  static let tokens = TokenTable(
    ids: (0..<300).map { $0 * 7919 % 30_000 }, offsets: [0, 0, 5, 120, 120, 300])
  static let clusters = ClusterTable(
    assignments: [0, 2, 1, 1, 0], centroids: (0..<12).map { Float($0) / 7 }, dimension: 4)

  static func digests(_ range: Range<Int>) -> [TextDigest] {
    range.map { TextDigest(of: "text \($0)") }
  }

  /// The embedding of text `number`.
  static func embedding(_ number: Int) -> [Float] {
    (0..<dimension).map { Float(number) + Float($0) / 8 }
  }

  static func append(_ range: Range<Int>, to store: inout EmbeddingStore) throws {
    try range.flatMap(embedding).withUnsafeBufferPointer {
      try store.append(digests(range), $0)
    }
  }
}

/// The part, if it was found.
func found<Part>(_ stored: StoredPart<Part>) -> Part? {
  if case .found(let part) = stored { part } else { nil }
}

@Suite struct DatasetStoreTests {
  @Test func partsComeBack() throws {
    let folder = try TemporaryFolder()
    let store = try DatasetStore(directory: folder.path + "/new/store")
    guard case .absent = try store.read(TokenTable.self, for: Sample.tokensKey) else {
      Issue.record("a part that was never written is there")
      return
    }
    try store.write(Sample.tokens, for: Sample.tokensKey)
    try store.write(Sample.clusters, for: Sample.clustersKey)
    let again = try DatasetStore(directory: folder.path + "/new/store")
    #expect(try found(again.read(TokenTable.self, for: Sample.tokensKey)) == Sample.tokens)
    #expect(try found(again.read(ClusterTable.self, for: Sample.clustersKey)) == Sample.clusters)
    #expect(Array(Sample.tokens[2]) == Array(Sample.tokens.ids[5..<120]))
    #expect(try names(in: store.directory).count == 2)
  }

  @Test func partsWithoutRowsComeBack() throws {
    let folder = try TemporaryFolder()
    let store = try DatasetStore(directory: folder.path)
    let tokens = TokenTable(ids: [], offsets: [0])
    try store.write(tokens, for: Sample.tokensKey)
    #expect(try found(store.read(TokenTable.self, for: Sample.tokensKey)) == tokens)
  }

  @Test func embeddingsAreFoundByDigest() throws {
    let folder = try TemporaryFolder()
    let directory = folder.path
    var store = try DatasetStore(directory: directory).embeddings(
      for: Sample.embeddingsKey, dimension: Sample.dimension)
    #expect(store.missing(among: Sample.digests(0..<4) + Sample.digests(2..<5)) == [0, 1, 2, 3, 6])
    try Sample.append(0..<700, to: &store)
    try Sample.append(700..<701, to: &store)
    try Sample.append(800..<1000, to: &store)
    for store in [
      store,
      try DatasetStore(directory: directory).embeddings(
        for: Sample.embeddingsKey, dimension: Sample.dimension),
    ] {
      #expect(store.count == 901)
      #expect(store.damages.isEmpty)
      #expect(store.missing(among: Sample.digests(0..<1000)) == Array(701..<800))
      for (number, digest) in Sample.digests(0..<1000).enumerated() {
        guard let row = store.row(of: digest) else { continue }
        var copy = [Float](repeating: .nan, count: Sample.dimension)
        copy.withUnsafeMutableBufferPointer { store.copyRow(row, to: $0) }
        #expect(copy == Sample.embedding(number))
      }
    }
  }

  @Test func otherKeysAreOtherParts() throws {
    let folder = try TemporaryFolder()
    let store = try DatasetStore(directory: folder.path)
    try store.write(Sample.tokens, for: Sample.tokensKey)
    let other = StoreKey(
      .tokens,
      ["source": "0123", "tokenizer_sha256": "abcd", "prompt": "", "max_seq_length": 128])
    guard case .absent = try store.read(TokenTable.self, for: other) else {
      Issue.record("a part is found under another key")
      return
    }
  }

  @Test(arguments: [
    (
      StoreKey(
        .tokens,
        ["source": "0123", "tokenizer_sha256": "ffff", "prompt": "query: ", "max_seq_length": 128]),
      #"tokenizer_sha256: the store was made with "abcd", this run has "ffff""#
    ),
    (
      StoreKey(
        .tokens,
        ["source": "0123", "tokenizer_sha256": "abcd", "prompt": "query: ", "max_seq_length": 64]),
      "max_seq_length: the store was made with 128, this run has 64"
    ),
    (
      StoreKey(.tokens, ["source": "0123", "tokenizer_sha256": "abcd", "max_seq_length": 128]),
      #"prompt: the store was made with "query: ", this run has none"#
    ),
    (
      StoreKey(
        .tokens,
        [
          "source": "0123", "tokenizer_sha256": "abcd", "prompt": "query: ", "max_seq_length": 128,
          "lower_case": 1,
        ]), "lower_case: the store was made without it, this run has 1"
    ),
  ])
  func filesOfAnotherKeyAreRefusedByField(_ key: StoreKey, _ message: String) throws {
    let folder = try TemporaryFolder()
    let store = try DatasetStore(directory: folder.path)
    try store.write(Sample.tokens, for: Sample.tokensKey)
    let path = store.path(of: Sample.tokensKey)
    let again = try DatasetStore.read(TokenTable.self, at: path, for: Sample.tokensKey)
    #expect(again == Sample.tokens)
    expectError(.otherStore, saying: [path, message]) {
      _ = try DatasetStore.read(TokenTable.self, at: path, for: key)
    }
    // Copied by hand to where the other key's part would be.
    try FileManager.default.copyItem(atPath: path, toPath: store.path(of: key))
    expectError(.otherStore, saying: [message]) { _ = try store.read(TokenTable.self, for: key) }
  }

  @Test func filesOfAnotherKindAreRefused() throws {
    let folder = try TemporaryFolder()
    let store = try DatasetStore(directory: folder.path)
    try store.write(Sample.clusters, for: Sample.clustersKey)
    expectError(.otherStore, saying: ["kind: the store holds clusters, expected tokens"]) {
      let path = store.path(of: Sample.clustersKey)
      _ = try DatasetStore.read(TokenTable.self, at: path, for: Sample.tokensKey)
    }
  }

  @Test func writersAtOnceLeaveAWholePart() async throws {
    let folder = try TemporaryFolder()
    let store = try DatasetStore(directory: folder.path)
    try store.write(Sample.tokens, for: Sample.tokensKey)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for worker in 0..<4 {
        group.addTask {
          for _ in 0..<10 {
            if worker > 0 { try store.write(Sample.tokens, for: Sample.tokensKey) }
            let part = try found(store.read(TokenTable.self, for: Sample.tokensKey))
            #expect(part == Sample.tokens)
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try names(in: folder.path).count == 1)
  }

  @Test func textsThatHDF5CannotHoldAreRefused() throws {
    let folder = try TemporaryFolder()
    let store = try DatasetStore(directory: folder.path)
    let key = StoreKey(.clusters, ["prompt": "a\0b"])
    expectError(.unwritable, saying: ["prompt", "NUL"]) {
      try store.write(Sample.clusters, for: key)
    }
    #expect(try names(in: folder.path).isEmpty)
  }

  @Test func foldersThatCannotBeReadAreNamed() throws {
    let folder = try TemporaryFolder()
    try folder.write("file", "")
    expectError(.unreadable, saying: ["file/store", "Not a directory"]) {
      _ = try DatasetStore(directory: folder.path + "/file/store")
    }
  }
}

/// The names in a folder, hidden ones too.
func names(in directory: String) throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: directory)
}
