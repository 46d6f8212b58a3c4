internal import CKernels
public import Tensors

extension RankGroup {
  /// The most elements that one exchange moves between two ranks: counts are 32 bits wide there.
  private static let mostElements = 1 << 28

  /// Puts together what each rank has a part of.
  ///
  /// - Parameters:
  ///   - own: This rank's elements.
  ///   - counts: How many each rank has.
  ///   - target: Gets all of them, rank 0's first.
  /// - Throws: ``RankError``.
  public func gather(
    _ own: UnsafePointer<Float>, counts: [Int], to target: UnsafeMutablePointer<Float>
  ) throws {
    precondition(counts.count == count && counts.reduce(0, +) < Int(Int32.max))
    let sizes = counts.map(Int32.init)
    try Layout.of(sizes) { layout in
      try together("gather") {
        library.allGather(
          UnsafeMutableRawPointer(mutating: own), sizes[rank], library.float, target,
          layout.counts, layout.offsets, library.float, library.world, $0)
      }
    }
    count(sent: 4 * counts[rank] * (count - 1))
  }

  /// The numbers of all ranks.
  public func gather(_ number: Double) throws -> [Double] {
    var own = number
    var all = [Double](repeating: 0, count: count)
    let sizes = [Int32](repeating: 8, count: count)
    try withUnsafeMutablePointer(to: &own) { own in
      try all.withUnsafeMutableBytes { all in
        try Layout.of(sizes) { layout in
          try together("gather") {
            library.allGather(
              own, 8, library.byte, all.baseAddress!, layout.counts, layout.offsets, library.byte,
              library.world, $0)
          }
        }
      }
    }
    return all
  }

  /// Sends each rank its part and adds up what all ranks sent for this one, in the order of ranks:
  /// so that the sum does not depend on which algorithm the library takes.
  ///
  /// - Parameters:
  ///   - parts: What is for rank 0, for rank 1, …, one after another.
  ///   - counts: How many elements each of them has.
  /// - Returns: The sum of this rank's parts, `counts[rank]` elements.
  /// - Throws: ``RankError``.
  public func sumParts(_ parts: UnsafePointer<Float>, counts: [Int]) throws -> Tensor {
    precondition(counts.count == count && counts.reduce(0, +) < Int(Int32.max))
    let own = counts[rank]
    precondition(own * count < Int(Int32.max))
    let sizes = counts.map(Int32.init)
    let incoming = [Int32](repeating: Int32(own), count: count)
    var received = Tensor([count, own]) { _ in }
    let base = received.mutablePointer()
    try Layout.of(sizes) { sent in
      try Layout.of(incoming) { received in
        try together("exchange") {
          library.allToAll(
            UnsafeMutableRawPointer(mutating: parts), sent.counts, sent.offsets, library.float,
            base, received.counts, received.offsets, library.float, library.world, $0)
        }
      }
    }
    count(sent: 4 * (counts.reduce(0, +) - own))
    // By this thread alone: others may be computing.
    for other in 1..<count { kt_add(own, base + other * own, base) }
    return Tensor([own]) { $0.update(from: base, count: own) }
  }

  /// Replaces elements by their sums over all ranks, the same bits on each of them.
  ///
  /// Each rank sums one part, in the order of ranks, and sends the sums to all: 2 (n - 1) / n of the
  /// elements leave each rank, as few as can be.
  ///
  /// - Parameters:
  ///   - elements: The elements.
  ///   - length: How many there are, the same on each rank.
  /// - Throws: ``RankError``.
  public func sum(_ elements: UnsafeMutablePointer<Float>, count length: Int) throws {
    for start in stride(from: 0, to: length, by: Self.mostElements) {
      let size = min(Self.mostElements, length - start)
      let counts = (0..<count).map { size * ($0 + 1) / count - size * $0 / count }
      let own = try sumParts(elements + start, counts: counts)
      try gather(own.pointer, counts: counts, to: elements + start)
    }
  }

  /// Makes bytes of rank 0 those of all.
  ///
  /// - Parameter bytes: As many on each rank.
  /// - Throws: ``RankError``.
  public func broadcast(_ bytes: UnsafeMutableRawBufferPointer) throws {
    let most = 1 << 30
    for start in stride(from: 0, to: bytes.count, by: most) {
      let size = min(most, bytes.count - start)
      try together("broadcast") {
        library.broadcast(
          bytes.baseAddress! + start, Int32(size), library.byte, 0, library.world, $0)
      }
      if rank == 0 { count(sent: size * (count - 1)) }
    }
  }
}
