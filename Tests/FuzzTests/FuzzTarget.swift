import Foundation
import TestSupport
import Testing

/// One parser under fire, and the good files that bad ones are made from.
///
/// A new parser is one more target in the list of its family, and a folder of small files.
struct FuzzTarget: Sendable, CustomTestStringConvertible {
  /// What is read, and the folder in `Fixtures`.
  let name: String
  /// The name under which the parser finds the input.
  let file: String
  /// Good files from elsewhere, beside those in the folder.
  var more: @Sendable () throws -> [[UInt8]] = { [] }
  /// What an input is put into before it is written, such as a header with its length.
  var envelope: @Sendable ([UInt8]) throws -> [UInt8] = { $0 }
  /// Puts what the parser wants beside the input into an empty directory.
  var prepare: @Sendable (_ directory: String) throws -> Void = { _ in }
  /// Reads the input; what it throws must be one of ``faults``.
  let parse: @Sendable (_ path: String) throws -> Void
  /// The errors with which a bad input may be refused.
  let faults: [any Error.Type]

  var testDescription: String { name }

  /// The good files: those in `Fixtures` by name, then the others.
  func corpus() throws -> [[UInt8]] {
    let folder = Fixture.path(name, of: "FuzzTests")
    let manager = FileManager.default
    let names =
      manager.fileExists(atPath: folder)
      ? try manager.contentsOfDirectory(atPath: folder).sorted() : []
    return try names.map { try [UInt8](Data(contentsOf: URL(filePath: folder + "/" + $0))) }
      + more()
  }

  /// Reads fixtures of other test targets.
  static func fixtures(_ names: String..., of target: String) -> @Sendable () throws -> [[UInt8]] {
    { try names.map { try Self.fixture($0, of: target) } }
  }

  static func fixture(_ name: String, of target: String) throws -> [UInt8] {
    try [UInt8](Data(contentsOf: URL(filePath: Fixture.path(name, of: target))))
  }
}

/// What a parser did that it must not do, although nothing broke.
struct Finding: Error {
  let message: String

  init(_ message: String) { self.message = message }
}
