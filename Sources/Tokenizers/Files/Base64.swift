/// The bytes that `text` stands for in base64 (RFC 4648, §4, with its padding); nil if it is not
/// base64.
func base64Decoded(_ text: String) -> [UInt8]? {
  let text = text.utf8.span
  guard text.count % 4 == 0 else { return nil }
  var padding = 0
  while padding < 2, padding < text.count, text[text.count - 1 - padding] == UInt8(ascii: "=") {
    padding += 1
  }
  var bytes: [UInt8] = []
  bytes.reserveCapacity(text.count / 4 * 3)
  var bits: UInt32 = 0
  for index in 0..<text.count {
    var value: UInt8 = 0
    if index < text.count - padding {
      guard let digit = base64Value(text[index]) else { return nil }
      value = digit
    }
    bits = bits << 6 | UInt32(value)
    if index % 4 == 3 {
      bytes.append(UInt8(truncatingIfNeeded: bits >> 16))
      bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
      bytes.append(UInt8(truncatingIfNeeded: bits))
    }
  }
  bytes.removeLast(padding)
  return bytes
}

/// `bytes` in base64.
func base64Encoded(_ bytes: some Collection<UInt8>) -> String {
  var text: [UInt8] = []
  text.reserveCapacity((bytes.count + 2) / 3 * 4)
  var bits: UInt32 = 0
  var count = 0
  for byte in bytes {
    bits = bits << 8 | UInt32(byte)
    count += 1
    if count % 3 == 0 {
      for shift: UInt32 in [18, 12, 6, 0] { text.append(base64Digits[Int(bits >> shift & 63)]) }
      bits = 0
    }
  }
  if count % 3 == 1 {
    for shift: UInt32 in [2] { text.append(base64Digits[Int(bits >> shift & 63)]) }
    text.append(base64Digits[Int(bits << 4 & 63)])
    text += [UInt8(ascii: "="), UInt8(ascii: "=")]
  } else if count % 3 == 2 {
    for shift: UInt32 in [10, 4] { text.append(base64Digits[Int(bits >> shift & 63)]) }
    text.append(base64Digits[Int(bits << 2 & 63)])
    text.append(UInt8(ascii: "="))
  }
  return String(decoding: text, as: UTF8.self)
}

private let base64Digits = Array(
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

private func base64Value(_ digit: UInt8) -> UInt8? {
  switch digit {
  case UInt8(ascii: "A")...UInt8(ascii: "Z"): return digit - UInt8(ascii: "A")
  case UInt8(ascii: "a")...UInt8(ascii: "z"): return digit - UInt8(ascii: "a") + 26
  case UInt8(ascii: "0")...UInt8(ascii: "9"): return digit - UInt8(ascii: "0") + 52
  case UInt8(ascii: "+"): return 62
  case UInt8(ascii: "/"): return 63
  default: return nil
  }
}
