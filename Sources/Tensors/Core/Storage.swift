internal import CKernels
internal import Glibc
internal import Synchronization

/// Memory for the elements of one tensor, given back to a shared reserve when it is let go.
///
/// A training step asks for the same few hundred megabytes again and again. From the system they
/// would come as fresh pages, zeroed one by one, which was measured to cost a quarter of the step;
/// kept, they cost nothing.
final class Storage: @unchecked Sendable {
  let base: UnsafeMutableRawPointer
  private let capacity: Int
  private let isMapped: Bool

  /// Memory for at least `byteCount` bytes, aligned to 64, its contents undefined.
  init(byteCount: Int) {
    (base, capacity) = Reserve.take(atLeast: byteCount)
    isMapped = false
  }

  /// Memory for at least `byteCount` zeros, of which the system gives only the pages that are written.
  init(zeroedByteCount byteCount: Int) {
    capacity = max(byteCount, 1)
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    guard let base = mmap(nil, capacity, PROT_READ | PROT_WRITE, flags, -1, 0), base != MAP_FAILED
    else { fatalError("out of memory: no \(byteCount) bytes for a tensor; lower runtime.memory") }
    madvise(base, capacity, MADV_NOHUGEPAGE)  // a huge page would be written whole
    self.base = base
    isMapped = true
    Reserve.count(mapped: capacity)
  }

  /// Another one with the same bytes; of zeros that take no memory the copy takes none either.
  func copy(byteCount: Int) -> Storage {
    guard isMapped else {
      let copy = Storage(byteCount: byteCount)
      copy.base.copyMemory(from: base, byteCount: byteCount)
      return copy
    }
    let copy = Storage(zeroedByteCount: byteCount)
    copy.fill(from: UnsafeRawBufferPointer(start: base, count: byteCount))
    return copy
  }

  /// Writes bytes where all is zero still: pages of zeros are left out.
  func fill(from bytes: UnsafeRawBufferPointer, at offset: Int = 0) {
    for start in stride(from: 0, to: bytes.count, by: Self.page) {
      let part = UnsafeRawBufferPointer(
        rebasing: bytes[start..<min(start + Self.page, bytes.count)])
      if Self.isZero(part) { continue }
      (base + offset + start).copyMemory(from: part.baseAddress!, byteCount: part.count)
    }
  }

  private static let page = Int(sysconf(Int32(_SC_PAGESIZE)))

  /// Whether all bytes are zero: the first is, and each is the one after it.
  private static func isZero(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let start = bytes.baseAddress else { return true }
    return bytes[0] == 0 && memcmp(start, start + 1, bytes.count - 1) == 0
  }

  deinit {
    guard isMapped else { return Reserve.give(base, capacity) }
    munmap(base, capacity)
    Reserve.count(mapped: -capacity)
  }
}

/// Calls `body` with memory for some numbers, aligned to 64 bytes: the thread's own, or, if they are
/// many, from the reserve.
func withScratch<Result>(
  floats count: Int, _ body: (UnsafeMutablePointer<Float>) -> Result
) -> Result {
  let byteCount = count * MemoryLayout<Float>.stride
  if let own = kt_scratch_take(byteCount) {
    defer { kt_scratch_give() }
    return body(own.assumingMemoryBound(to: Float.self))
  }
  let storage = Storage(byteCount: byteCount)
  return withExtendedLifetime(storage) {
    body(storage.base.assumingMemoryBound(to: Float.self))
  }
}

/// Blocks of memory that are free at present, by size.
enum Reserve {
  private struct Blocks: @unchecked Sendable {
    var free: [Int: [UnsafeMutableRawPointer]] = [:]
    var freeBytes = 0
    var usedBytes = 0
    var mostUsedBytes = 0

    mutating func popFree(_ capacity: Int) -> UnsafeMutableRawPointer? {
      guard let block = free[capacity]?.popLast() else { return nil }
      if free[capacity]?.isEmpty == true { free[capacity] = nil }
      freeBytes -= capacity
      return block
    }
  }

  private static let blocks = Mutex(Blocks())
  private static let hugePage = 1 << 21

  /// Rounds up to one of eight sizes an octave, so that a block serves again for a similar tensor.
  private static func capacity(for byteCount: Int) -> Int {
    let wanted = max(byteCount, 256)
    let step = self.step(for: wanted)
    return (wanted + step - 1) / step * step
  }

  private static func step(for byteCount: Int) -> Int {
    let octave = Int.bitWidth - 1 - byteCount.leadingZeroBitCount
    return 1 << max(octave - 3, 6)
  }

  /// A block of at least the size wanted, at most about a quarter larger.
  static func take(atLeast byteCount: Int) -> (base: UnsafeMutableRawPointer, capacity: Int) {
    let capacity = capacity(for: byteCount)
    let (found, surplus) = blocks.withLock { blocks in
      var found: (UnsafeMutableRawPointer, Int)?
      for size in stride(from: capacity, through: capacity * 5 / 4, by: step(for: capacity)) {
        if let block = blocks.popFree(size) {
          found = (block, size)
          break
        }
      }
      blocks.usedBytes += found?.1 ?? capacity
      blocks.mostUsedBytes = max(blocks.mostUsedBytes, blocks.usedBytes)
      return (found, found == nil ? removeSurplus(&blocks) : [])
    }
    for block in surplus { free(block) }
    if let found { return found }
    var block: UnsafeMutableRawPointer?
    let isLarge = capacity >= 2 * hugePage
    let status = posix_memalign(&block, isLarge ? hugePage : 64, capacity)
    guard status == 0, let block else {
      fatalError("out of memory: no \(capacity) bytes for a tensor; lower runtime.memory")
    }
    if isLarge { madvise(block, capacity, MADV_HUGEPAGE) }
    return (block, capacity)
  }

  /// Counts memory that came from the system beside the reserve.
  static func count(mapped byteCount: Int) {
    blocks.withLock { blocks in
      blocks.usedBytes += byteCount
      blocks.mostUsedBytes = max(blocks.mostUsedBytes, blocks.usedBytes)
    }
  }

  static func give(_ block: UnsafeMutableRawPointer, _ capacity: Int) {
    blocks.withLock { blocks in
      blocks.usedBytes -= capacity
      blocks.freeBytes += capacity
      blocks.free[capacity, default: []].append(block)
    }
  }

  /// Takes out free blocks, the largest first, for which there is no room beside what is used and
  /// about to be: all together stay within a thirtieth of the most that was ever used.
  private static func removeSurplus(_ blocks: inout Blocks) -> [UnsafeMutableRawPointer] {
    let limit = blocks.mostUsedBytes + largestReserve(beside: blocks.mostUsedBytes)
    var surplus: [UnsafeMutableRawPointer] = []
    while blocks.usedBytes + blocks.freeBytes > limit, let largest = blocks.free.keys.max(),
      let block = blocks.popFree(largest)
    {
      surplus.append(block)
    }
    return surplus
  }

  /// How much may be kept beside the most that was ever used.
  static func largestReserve(beside used: Int) -> Int { used / 30 + (32 << 20) }

  static func releaseAll() {
    let all = blocks.withLock { blocks in
      defer {
        blocks.free = [:]
        blocks.freeBytes = 0
      }
      return Array(blocks.free.values.joined())
    }
    for block in all { free(block) }
  }

  static var usedBytes: Int { blocks.withLock { $0.usedBytes } }
  static var freeBytes: Int { blocks.withLock { $0.freeBytes } }
  static var mostUsedBytes: Int { blocks.withLock { $0.mostUsedBytes } }
}

/// What the tensors of the process hold of its memory.
public enum TensorMemory {
  /// Bytes in tensors that are alive.
  public static var usedBytes: Int { Reserve.usedBytes }

  /// The most bytes that were in tensors at one time.
  public static var peakBytes: Int { Reserve.mostUsedBytes }

  /// Bytes kept for tensors to come.
  public static var reservedBytes: Int { Reserve.freeBytes }

  /// The most that is kept for tensors to come beside so many bytes in tensors.
  package static func largestReserve(beside used: Int) -> Int {
    Reserve.largestReserve(beside: used)
  }

  /// Gives the memory kept for tensors to come back to the system.
  public static func releaseReserve() { Reserve.releaseAll() }
}
