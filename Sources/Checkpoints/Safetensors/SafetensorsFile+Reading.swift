import Dispatch
import Glibc
import Synchronization

extension SafetensorsFile {
  /// Where the bytes of a tensor go that is read.
  public enum Destination {
    /// Into memory of as many bytes as the tensor has.
    case memory(UnsafeMutableRawBufferPointer)
    /// To a function, piece after piece: it gets where in the tensor a piece begins, a multiple of
    /// 4096, and must not keep the bytes.
    case pieces((_ offset: Int, _ bytes: UnsafeRawBufferPointer) -> Void)
  }

  /// A tensor that is read, and where it goes.
  public typealias Target = (tensor: TensorView, destination: Destination)

  /// Reads tensors, on all processors.
  ///
  /// - Parameter targets: Tensors of this file, none twice.
  /// - Throws: ``CheckpointError`` if the file cannot be read, or has become shorter.
  public func read(_ targets: [Target]) throws(CheckpointError) { try read(targets, nil) }

  /// Reads tensors, and takes the digest of the whole file on the way.
  ///
  /// The digest is of the bytes that have arrived, wherever they went, and of all others. A part of
  /// the file is hashed while the next one is read. Whoever knows what the digest should be must not
  /// use what has arrived before it is compared.
  ///
  /// - Parameter targets: Tensors of this file, none twice.
  /// - Returns: The digest of the file.
  /// - Throws: ``CheckpointError`` if the file cannot be read, or has become shorter.
  public func digest(reading targets: [Target]) throws(CheckpointError) -> FileDigest {
    let digest = RunningDigest()
    try read(targets, digest)
    return digest.finalize()
  }

  private func read(
    _ targets: [Target], _ digest: RunningDigest?
  ) throws(CheckpointError) {
    let file = try FileDescriptor(path, O_RDONLY, "cannot be opened")
    let scratch = UnsafeMutableRawBufferPointer.allocate(
      byteCount: 2 * ReadingPlan.batchSize, alignment: ReadingPlan.page)
    defer { scratch.deallocate() }
    let plan = ReadingPlan(
      targets.map { ($0.tensor.range, $0.destination) },
      wholeSize: digest == nil ? nil : size, scratch: scratch)
    let failure = Mutex<CheckpointError?>(nil)
    for number in 0...plan.batches.count {
      let arrived = number > 0 ? plan.batches[number - 1] : []
      let coming = number < plan.batches.count ? plan.batches[number] : []
      // The hash takes longest, and its pieces must follow one another: so it begins first.
      DispatchQueue.concurrentPerform(iterations: coming.count + 2) { task in
        if task == 0 {
          if let digest { for part in arrived { digest.update(part.bytes) } }
        } else if task <= coming.count {
          let part = coming[task - 1]
          do throws(CheckpointError) { try file.read(into: part.target, at: part.offset) } catch {
            failure.withLock { $0 = $0 ?? error }
          }
        } else {
          for part in arrived { part.handOver?(part.bytes) }
        }
      }
      if let failure = failure.withLock({ $0 }) { throw failure }
    }
  }
}

/// Which bytes of a file are read into which memory, a batch at a time.
private struct ReadingPlan {
  /// Some bytes that are read by one call.
  struct Part: @unchecked Sendable {  // its memory is one task's at a time
    let offset: Int  // in the file
    let target: UnsafeMutableRawBufferPointer
    /// Called once they are there.
    let handOver: ((UnsafeRawBufferPointer) -> Void)?

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(target) }
  }

  /// The parts in the order of the file.
  private(set) var batches: [[Part]] = []
  /// For what has no memory of its own: one half is read into while the other is hashed.
  private let scratch: UnsafeMutableRawBufferPointer
  private var filled = Self.batchSize

  static let batchSize = 32 << 20
  private static let partSize = 4 << 20
  static let page = 4096

  /// Plans to read some bytes, and all others of the file, too, if its size is given.
  init(
    _ targets: [(range: Range<Int>, destination: SafetensorsFile.Destination)], wholeSize: Int?,
    scratch: UnsafeMutableRawBufferPointer
  ) {
    self.scratch = scratch
    var end = 0
    for (range, destination) in targets.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
      precondition(range.lowerBound >= end, "SafetensorsFile: a tensor is to be read twice")
      if wholeSize != nil { add(end..<range.lowerBound, nil) }
      add(range, destination)
      end = range.upperBound
    }
    if let wholeSize { add(end..<wholeSize, nil) }
  }

  private mutating func add(_ range: Range<Int>, _ destination: SafetensorsFile.Destination?) {
    var start = 0
    while start < range.count {
      if filled == Self.batchSize {
        batches.append([])
        filled = 0
      }
      let count = min(range.count - start, Self.partSize, Self.batchSize - filled)
      let place = batches.count % 2 * Self.batchSize + filled
      var target = UnsafeMutableRawBufferPointer(rebasing: scratch[place..<place + count])
      var handOver: ((UnsafeRawBufferPointer) -> Void)?
      switch destination {
      case .memory(let memory):
        precondition(memory.count == range.count, "SafetensorsFile: memory of another size")
        target = UnsafeMutableRawBufferPointer(rebasing: memory[start..<start + count])
      case .pieces(let body): handOver = { [start] in body(start, $0) }
      case nil: break
      }
      batches[batches.count - 1].append(
        Part(offset: range.lowerBound + start, target: target, handOver: handOver))
      start += count
      // So that whatever is not the last part of its tensor has a multiple of a page.
      filled += (count + Self.page - 1) / Self.page * Self.page
    }
  }
}
