/// The 64-bit xxHash of `bytes` with seed 0: fast, and good enough to tell files apart that nobody
/// made to look alike.
///
/// Reference: <https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md>.
package func xxHash64(_ bytes: RawSpan) -> UInt64 {
  var position = 0
  var hash: UInt64
  if bytes.byteCount >= 32 {
    var lanes: (UInt64, UInt64, UInt64, UInt64) = (prime1 &+ prime2, prime2, 0, 0 &- prime1)
    while position + 32 <= bytes.byteCount {
      lanes.0 = round(lanes.0, word(bytes, position))
      lanes.1 = round(lanes.1, word(bytes, position + 8))
      lanes.2 = round(lanes.2, word(bytes, position + 16))
      lanes.3 = round(lanes.3, word(bytes, position + 24))
      position += 32
    }
    hash = rotated(lanes.0, 1) &+ rotated(lanes.1, 7)
    hash = hash &+ rotated(lanes.2, 12) &+ rotated(lanes.3, 18)
    hash = merged(hash, lanes.0)
    hash = merged(hash, lanes.1)
    hash = merged(hash, lanes.2)
    hash = merged(hash, lanes.3)
  } else {
    hash = prime5
  }
  hash &+= UInt64(bytes.byteCount)
  while position + 8 <= bytes.byteCount {
    hash = rotated(hash ^ round(0, word(bytes, position)), 27) &* prime1 &+ prime4
    position += 8
  }
  if position + 4 <= bytes.byteCount {
    let half = bytes.unsafeLoadUnaligned(fromByteOffset: position, as: UInt32.self)
    hash = rotated(hash ^ UInt64(UInt32(littleEndian: half)) &* prime1, 23) &* prime2 &+ prime3
    position += 4
  }
  while position < bytes.byteCount {
    let byte = bytes.unsafeLoad(fromByteOffset: position, as: UInt8.self)
    hash = rotated(hash ^ UInt64(byte) &* prime5, 11) &* prime1
    position += 1
  }
  hash = (hash ^ hash >> 33) &* prime2
  hash = (hash ^ hash >> 29) &* prime3
  return hash ^ hash >> 32
}

private let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
private let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
private let prime3: UInt64 = 0x1656_67B1_9E37_79F9
private let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
private let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

@inline(__always)
private func rotated(_ value: UInt64, _ bits: UInt64) -> UInt64 {
  value << bits | value >> (64 - bits)
}

@inline(__always)
private func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
  rotated(lane &+ word &* prime2, 31) &* prime1
}

@inline(__always)
private func merged(_ hash: UInt64, _ lane: UInt64) -> UInt64 {
  (hash ^ round(0, lane)) &* prime1 &+ prime4
}

/// The word at `position`, which with its eight bytes lies within `bytes`.
@inline(__always)
private func word(_ bytes: RawSpan, _ position: Int) -> UInt64 {
  UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self))
}
