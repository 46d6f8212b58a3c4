import CCrypto

/// SHA-256 (FIPS 180-4) over bytes that come in pieces; ready for the next digest after one.
final class SHA256 {
  private let context: OpaquePointer

  init() {
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      preconditionFailure("libcrypto offers no SHA-256")
    }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  func update(_ bytes: UnsafeRawBufferPointer) {
    let status = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    precondition(status == 1, "EVP_DigestUpdate failed on \(bytes.count) bytes")
  }

  /// The 32 bytes of the digest of all that was taken in; afterwards nothing has been taken in.
  func finish<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    withUnsafeTemporaryAllocation(byteCount: 32, alignment: 16) { digest in
      let bytes = digest.bindMemory(to: UInt8.self)
      // The same function again needs no second search for it.
      let status = EVP_DigestFinal_ex(context, bytes.baseAddress, nil)
      precondition(
        status == 1 && EVP_DigestInit_ex(context, nil, nil) == 1, "EVP_DigestFinal_ex failed")
      return body(UnsafeRawBufferPointer(digest))
    }
  }

  /// The digest in 64 lower-case hexadecimal digits, as `sha256sum` prints it.
  func finishHexadecimal() -> String { finish { hexadecimal($0) } }

  static func digits(of text: String) -> String {
    var text = text
    let hash = SHA256()
    text.withUTF8 { hash.update(UnsafeRawBufferPointer($0)) }
    return hash.finishHexadecimal()
  }
}

/// Bytes in lower-case hexadecimal digits.
func hexadecimal(_ bytes: UnsafeRawBufferPointer) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
