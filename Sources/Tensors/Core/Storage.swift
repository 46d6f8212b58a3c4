internal import Glibc
internal import Synchronization

/// Memory for the elements of one tensor, given back to a shared reserve when it is let go.
///
/// A training step asks for the same few hundred megabytes again and again. From the system they
/// would come as fresh pages, zeroed one by one; kept, they cost nothing.
final class Storage: @unchecked Sendable {
  let base: UnsafeMutableRawPointer
  private let capacity: Int

  /// Memory for at least `byteCount` bytes, aligned to 64, its contents undefined.
  init(byteCount: Int) {
    capacity = Reserve.capacity(for: byteCount)
    base = Reserve.take(capacity)
  }

  deinit { Reserve.give(base, capacity) }
}

/// Blocks of memory that are free at present, by size.
enum Reserve {
  private struct Blocks: @unchecked Sendable {
    var free: [Int: [UnsafeMutableRawPointer]] = [:]
    var freeBytes = 0
    var usedBytes = 0
  }

  private static let blocks = Mutex(Blocks())
  private static let hugePage = 1 << 21

  /// Rounds up to one of eight sizes an octave, so that a block serves again for a similar tensor.
  static func capacity(for byteCount: Int) -> Int {
    let wanted = max(byteCount, 256)
    let octave = Int.bitWidth - 1 - wanted.leadingZeroBitCount
    let step = 1 << max(octave - 3, 6)
    return (wanted + step - 1) / step * step
  }

  static func take(_ capacity: Int) -> UnsafeMutableRawPointer {
    let (found, isWasteful) = blocks.withLock { blocks -> (UnsafeMutableRawPointer?, Bool) in
      blocks.usedBytes += capacity
      let block = blocks.free[capacity]?.popLast()
      if block != nil { blocks.freeBytes -= capacity }
      return (block, blocks.freeBytes > blocks.usedBytes / 4 + (256 << 20))
    }
    if let found { return found }
    if isWasteful { releaseAll() }  // of sizes that nobody asks for any more
    var block: UnsafeMutableRawPointer?
    let isLarge = capacity >= 2 * hugePage
    let status = posix_memalign(&block, isLarge ? hugePage : 64, capacity)
    guard status == 0, let block else {
      fatalError("out of memory: no \(capacity) bytes for a tensor; lower runtime.memory")
    }
    if isLarge { madvise(block, capacity, MADV_HUGEPAGE) }
    return block
  }

  static func give(_ block: UnsafeMutableRawPointer, _ capacity: Int) {
    blocks.withLock { blocks in
      blocks.usedBytes -= capacity
      blocks.freeBytes += capacity
      blocks.free[capacity, default: []].append(block)
    }
  }

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
}

/// What the tensors of the process hold of its memory.
public enum TensorMemory {
  /// Bytes in tensors that are alive.
  public static var usedBytes: Int { Reserve.usedBytes }

  /// Bytes kept for tensors to come.
  public static var reservedBytes: Int { Reserve.freeBytes }

  /// Gives the memory kept for tensors to come back to the system.
  public static func releaseReserve() { Reserve.releaseAll() }
}
