import CCrypto
import Glibc

/// A SHA-256 digest (FIPS 180-4).
public struct FileDigest: Hashable, Sendable, CustomStringConvertible {
  /// The 32 bytes.
  public let bytes: [UInt8]

  /// The digest in 64 lower-case hexadecimal digits, as `sha256sum` prints it.
  public var description: String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// The digest of bytes in memory.
  public init(of bytes: some Sequence<UInt8>) {
    var hasher = SHA256Hasher()
    let hashed: Void? = bytes.withContiguousStorageIfAvailable { hasher.update(.init($0)) }
    if hashed == nil { Array(bytes).withUnsafeBytes { hasher.update($0) } }
    self = hasher.finalize()
  }

  /// The digest of a file, read in pieces.
  ///
  /// - Throws: ``CheckpointError`` if the file cannot be read.
  public init(contentsOf path: String) throws(CheckpointError) {
    let file = try FileDescriptor(path, O_RDONLY, "cannot be opened")
    var hasher = SHA256Hasher()
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
    defer { buffer.deallocate() }
    while case let count = try file.read(into: buffer), count > 0 {
      hasher.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
    self = hasher.finalize()
  }

  /// The digest that 64 hexadecimal digits write; nil for any other text.
  public init?(hexadecimal text: String) {
    let digits = text.utf8.map { Character(Unicode.Scalar($0)).hexDigitValue }
    guard digits.count == 64 else { return nil }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: 64, by: 2) {
      guard let high = digits[index], let low = digits[index + 1] else { return nil }
      bytes.append(UInt8(high << 4 | low))
    }
    self.bytes = bytes
  }

  fileprivate init(bytes: [UInt8]) { self.bytes = bytes }
}

/// A digest that grows, for closures, which cannot own a ``SHA256Hasher``.
final class RunningDigest: @unchecked Sendable {  // grows in one thread at a time
  private var hasher: SHA256Hasher? = SHA256Hasher()

  func update(_ bytes: UnsafeRawBufferPointer) { hasher?.update(bytes) }

  /// The digest of all; it can be had once.
  func finalize() -> FileDigest {
    guard let digest = hasher.take()?.finalize() else {
      preconditionFailure("RunningDigest: it was finalized before")
    }
    return digest
  }
}

/// SHA-256 over bytes that come in pieces.
public struct SHA256Hasher: ~Copyable {
  private let context: OpaquePointer

  /// Creates a hasher that has seen nothing.
  public init() {
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      preconditionFailure("libcrypto offers no SHA-256")
    }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  /// Takes in more bytes.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    let status = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    precondition(status == 1, "EVP_DigestUpdate failed on \(bytes.count) bytes")
  }

  /// The digest of all bytes taken in.
  public consuming func finalize() -> FileDigest {
    var bytes = [UInt8](repeating: 0, count: 32)
    let status = EVP_DigestFinal_ex(context, &bytes, nil)
    precondition(status == 1, "EVP_DigestFinal_ex failed")
    return FileDigest(bytes: bytes)
  }
}
