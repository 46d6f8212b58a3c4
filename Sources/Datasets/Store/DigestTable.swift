/// Numbers for digests, in order of arrival, by open addressing.
struct DigestTable: Sendable {
  private(set) var digests: [TextDigest] = []
  /// The number of the digest in each slot, -1 for none.
  private var slots: [Int32] = Array(repeating: -1, count: 16)

  /// Appends digests; of equal ones the first is found.
  mutating func append(contentsOf added: some Collection<TextDigest>) {
    let first = digests.count
    digests.append(contentsOf: added)
    precondition(digests.count <= Int(Int32.max), "\(digests.count) texts in one store")
    // At most two thirds full.
    if digests.count + digests.count / 2 <= slots.count {
      insert(first..<digests.count)
    } else {
      var size = slots.count
      while size < 2 * digests.count { size *= 2 }
      slots = Array(repeating: -1, count: size)
      insert(0..<digests.count)
    }
  }

  func number(of digest: TextDigest) -> Int? {
    let number = slots[slot(of: digest)]
    return number < 0 ? nil : Int(number)
  }

  private mutating func insert(_ numbers: Range<Int>) {
    for number in numbers {
      let slot = slot(of: digests[number])
      if slots[slot] < 0 { slots[slot] = Int32(number) }
    }
  }

  /// Where a digest stands, or is to stand.
  private func slot(of digest: TextDigest) -> Int {
    var slot = digest.hash & (slots.count - 1)
    while case let number = Int(slots[slot]), number >= 0, digests[number] != digest {
      slot = (slot + 1) & (slots.count - 1)
    }
    return slot
  }
}
