internal import CKernels

/// The threads that all kernels of the process share.
///
/// What is summed is cut where shapes say, never the number of threads, so no result depends on it;
/// a product, whose sums are along its depth, may have its rows and columns cut finer for more threads.
public enum WorkerPool {
  /// How many threads a region uses, the caller's included.
  public static var threadCount: Int { Int(kt_pool_threads()) }

  /// How many threads a pool may have.
  public static let mostThreads = 4096

  /// Sets how many threads later regions use; 0 means all processors that the process may use.
  public static func setThreadCount(_ count: Int) {
    precondition(count >= 0 && count <= mostThreads, "WorkerPool: \(count) threads")
    kt_pool_set_threads(Int32(count))
  }

  /// Sets how many threads later regions use where several processes share the processors.
  ///
  /// - Parameters:
  ///   - count: How many; 0 means this process's part of all that it may use.
  ///   - processes: How many processes may use these processors.
  public static func setThreadCount(_ count: Int, sharing processes: Int) {
    setThreadCount(count)
    if count == 0, processes > 1 { setThreadCount(max(1, threadCount / processes)) }
  }

  /// Calls `body` once for every index in `0..<count`, on all threads of the pool, and returns when
  /// all calls have.
  ///
  /// A call from inside a region runs on its own thread.
  ///
  /// - Parameters:
  ///   - count: How many pieces there are; none is fine.
  ///   - body: Does one piece. It must not touch what another piece writes.
  public static func forEach(_ count: Int, _ body: (Int) -> Void) {
    withoutActuallyEscaping(body) { body in
      var box = body
      withUnsafeMutablePointer(to: &box) { pointer in
        kt_pool_run(count, pointer) { context, index in
          context!.assumingMemoryBound(to: ((Int) -> Void).self).pointee(index)
        }
      }
    }
  }

  /// Cuts `0..<count` into blocks of `size` (the last may be shorter) and calls `body` for each.
  ///
  /// - Parameters:
  ///   - count: How many elements there are.
  ///   - size: How many elements a block has.
  ///   - body: Does one block, given its range.
  public static func forEachBlock(of count: Int, size: Int, _ body: (Range<Int>) -> Void) {
    forEach((count + size - 1) / size) { index in
      body(index * size..<min(count, (index + 1) * size))
    }
  }
}
