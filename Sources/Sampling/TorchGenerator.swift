/// The generator behind torch's random numbers on the CPU: MT19937, seeded as
/// `torch.Generator().manual_seed` seeds it.
///
/// Reference: Matsumoto and Nishimura, "Mersenne Twister", ACM TOMACS 8(1), 1998; torch's
/// `MT19937RNGEngine.h` and `CPUGeneratorImpl.cpp`.
public struct TorchGenerator: Sendable {
  private static let count = 624
  private static let middle = 397

  private var state: [UInt32]
  /// The next word of `state` to hand out; `count` when all are used up.
  private var position = TorchGenerator.count

  /// Creates a generator.
  ///
  /// - Parameter seed: Of its bits only the low 32 count, as in torch.
  public init(seed: UInt64) {
    state = Array(repeating: 0, count: Self.count)
    state[0] = UInt32(truncatingIfNeeded: seed)
    for index in 1..<Self.count {
      let last = state[index - 1]
      state[index] = 1_812_433_253 &* (last ^ last >> 30) &+ UInt32(index)
    }
  }

  /// The state that Matsumoto and Nishimura's `init_by_array` makes of a key, as Python seeds it.
  ///
  /// - Parameter key: At least one word.
  init(key: [UInt32]) {
    self.init(seed: 19_650_218)
    var (index, place) = (1, 0)
    func scrambled(_ factor: UInt32, _ state: [UInt32]) -> UInt32 {
      state[index] ^ (state[index - 1] ^ state[index - 1] >> 30) &* factor
    }
    func advance(_ state: inout [UInt32]) {
      index += 1
      if index == Self.count {
        state[0] = state[Self.count - 1]
        index = 1
      }
    }
    for _ in 0..<max(Self.count, key.count) {
      state[index] = scrambled(1_664_525, state) &+ key[place] &+ UInt32(place)
      advance(&state)
      place = (place + 1) % key.count
    }
    for _ in 0..<Self.count - 1 {
      state[index] = scrambled(1_566_083_941, state) &- UInt32(index)
      advance(&state)
    }
    state[0] = 0x8000_0000
  }

  /// The next 32 random bits (torch's `random`).
  public mutating func random() -> UInt32 {
    if position == Self.count { renew() }
    var word = state[position]
    position += 1
    word ^= word >> 11
    word ^= word << 7 & 0x9d2c_5680
    word ^= word << 15 & 0xefc6_0000
    word ^= word >> 18
    return word
  }

  /// The next 64 random bits: two draws, the first one in the high half (torch's `random64`).
  public mutating func random64() -> UInt64 {
    let high = UInt64(random())
    return high << 32 | UInt64(random())
  }

  private mutating func renew() {
    state.withUnsafeMutableBufferPointer { state in
      for index in 0..<Self.count {
        let next = state[index + 1 < Self.count ? index + 1 : 0]
        let far = index + Self.middle
        let mixed = state[index] & 0x8000_0000 | next & 0x7fff_ffff
        state[index] =
          state[far < Self.count ? far : far - Self.count]
          ^ mixed >> 1 ^ (next & 1 == 0 ? 0 : 0x9908_b0df)
      }
    }
    position = 0
  }
}
