/// The random numbers of Python's `random` module after `random.seed(seed)`.
///
/// Reference: CPython 3.11, Modules/_randommodule.c and Lib/random.py.
public struct PythonGenerator: Sendable {
  private var words: TorchGenerator

  /// Creates a generator.
  ///
  /// - Parameter seed: All 64 bits count.
  public init(seed: UInt64) {
    let (low, high) = (UInt32(truncatingIfNeeded: seed), UInt32(seed >> 32))
    words = TorchGenerator(key: high == 0 ? [low] : [low, high])
  }

  /// Different integers of `0..<population`, equal to `random.sample(range(population), count)`.
  ///
  /// - Parameters:
  ///   - count: How many, at most `population`.
  ///   - population: At most `Int32.max`.
  /// - Returns: The integers in the order in which they were drawn.
  public mutating func sample(_ count: Int, of population: Int) -> [Int] {
    precondition(
      (0...Int(Int32.max)).contains(population) && (0...population).contains(count),
      "a sample of \(count) of \(population)")
    // Python draws from a list of all while that is smaller than a set of the drawn ones.
    var setSize = 21
    if count > 5 {
      var power = 4
      while power < count * 3 { power *= 4 }
      setSize += power
    }
    if population <= setSize {
      var pool = Array(0..<population)
      return (0..<count).map { taken in
        let place = below(population - taken)
        defer { pool[place] = pool[population - taken - 1] }
        return pool[place]
      }
    }
    var drawn: Set<Int> = []
    return (0..<count).map { _ in
      var place = below(population)
      while !drawn.insert(place).inserted { place = below(population) }
      return place
    }
  }

  /// An integer of `0..<bound` (Python's `_randbelow`).
  private mutating func below(_ bound: Int) -> Int {
    let bits = Int.bitWidth - bound.leadingZeroBitCount
    while true {
      let drawn = Int(words.random() >> (32 - bits))
      if drawn < bound { return drawn }
    }
  }
}
