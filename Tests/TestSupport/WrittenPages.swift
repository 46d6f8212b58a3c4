import Glibc

/// How many pages of some memory have been written, and so take memory; a page of zeros that was only
/// read is everyone's.
///
/// - Parameters:
///   - start: Where the memory begins, which nobody else writes now.
///   - byteCount: How much it is; every page of it counts that has a byte of it.
/// - Returns: nil if the system does not say.
public func writtenPages(_ start: UnsafeRawPointer, byteCount: Int) -> Int? {
  let page = Int(sysconf(Int32(_SC_PAGESIZE)))
  let first = Int(bitPattern: start) / page
  let last = (Int(bitPattern: start) + byteCount - 1) / page
  var entries = [UInt64](repeating: 0, count: last - first + 1)
  let size = entries.count * MemoryLayout<UInt64>.size
  let file = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC)
  guard file >= 0 else { return nil }
  defer { close(file) }
  var most = 0
  // While a child that was forked is alive, a page is not this process's alone: another look tells.
  for _ in 0..<50 {
    guard pread(file, &entries, size, off_t(first * MemoryLayout<UInt64>.size)) == size else {
      return nil
    }
    let isOwn: UInt64 = 1 << 63 | 1 << 56  // it is there, and mapped once
    most = max(most, entries.count { $0 & isOwn == isOwn })
    usleep(1000)
  }
  return most
}
