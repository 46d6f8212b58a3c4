extension TorchGenerator {
  /// From how many elements on torch draws 64 bits at a time, and by another algorithm:
  /// `UINT32_MAX / 20`.
  static let largePermutation = 214_748_364

  /// The integers `0..<count` in random order, equal to `torch.randperm(count, generator:)`.
  ///
  /// The order does not depend on torch's `dtype`.
  ///
  /// - Parameter count: How many; at most `Int32.max`, since rows are numbered by `Int32`.
  /// - Returns: Each of the integers once.
  public mutating func permutation(of count: Int) -> [Int32] {
    precondition(
      (0...Int(Int32.max)).contains(count),
      "permutation of \(count) elements: expected 0...\(Int32.max)")
    return count < Self.largePermutation ? shuffled(count) : insideOut(count)
  }

  /// Fisher and Yates from the front, with 32 random bits for each place.
  private mutating func shuffled(_ count: Int) -> [Int32] {
    var order = (0..<Int32(count)).map { $0 }
    order.withUnsafeMutableBufferPointer { order in
      for place in 0..<max(count - 1, 0) {
        order.swapAt(place, place + Int(random() % UInt32(count - place)))
      }
    }
    return order
  }

  /// Fisher and Yates "inside out", with 64 random bits for each place.
  package mutating func insideOut(_ count: Int) -> [Int32] {
    [Int32](unsafeUninitializedCapacity: count) { order, initialized in
      for place in 0..<count {
        let other = Int(random64() % UInt64(place + 1))
        // The place itself may be drawn, so it must hold something first.
        order.initializeElement(at: place, to: Int32(place))
        order[place] = order[other]
        order[other] = Int32(place)
      }
      initialized = count
    }
  }
}
