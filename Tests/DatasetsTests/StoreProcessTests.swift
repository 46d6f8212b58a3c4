import Datasets
import Foundation
import Testing

@Suite struct StoreProcessTests {
  /// The number of a process that has ended.
  private func deadProcess() throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", "exit 0"]
    try process.run()
    process.waitUntilExit()
    return process.processIdentifier
  }

  @Test func leftoversOfDeadProcessesAreRemoved() throws {
    let folder = try TemporaryFolder()
    let dead = try deadProcess()
    let kept = [
      ".tokens-0.h5.1.ktrain-1.new",  // the first process is always there
      ".tokens-0.h5.1.ktrain-\(getpid()).new",
      "tokens-0.h5.1.ktrain-\(dead).new", ".tokens-0.h5.1.ktrain-\(dead).txt", "notes.txt",
    ]
    for name in kept { try folder.write(name, "x") }
    try folder.write(".tokens-0.h5.1.ktrain-\(dead).new", "x")
    try folder.write(".embeddings-0-1.h5.37.ktrain-\(dead).new", "x")
    _ = try DatasetStore(directory: folder.path)
    #expect(try names(in: folder.path).sorted() == kept.sorted())
  }

  /// A child writes a part anew and is killed when half of it is on the disk.
  @Test func aKilledWriterLeavesThePartAsItWas() async throws {
    let folder = try TemporaryFolder()
    let store = try DatasetStore(directory: folder.path)
    try store.write(Sample.tokens, for: Sample.tokensKey)
    let path = store.path(of: Sample.tokensKey)
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      try StoreFile.write(path, Sample.tokensKey, description: "", rows: 5) { file in
        try (0..<100_000).map(Int32.init).withUnsafeBufferPointer {
          try file.write($0, shape: [100_000], as: "ids", description: "", unit: "")
        }
        kill(getpid(), SIGKILL)
      }
    }
    let leftover = try names(in: folder.path).filter { $0.hasPrefix(".") }
    #expect(leftover.count == 1)
    let again = try DatasetStore(directory: folder.path)
    #expect(try names(in: folder.path).count == 1)
    #expect(try found(again.read(TokenTable.self, for: Sample.tokensKey)) == Sample.tokens)
  }
}
