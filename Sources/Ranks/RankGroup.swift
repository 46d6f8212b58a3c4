internal import CKernels
internal import Glibc
internal import Synchronization

/// The processes of one run, each of which has a rank from 0.
///
/// They were started by `mpirun` or by a scheduler that speaks OpenMPI's PMIx, and are in the same
/// place of the same run: each function here is called by all of them, with parameters of the same
/// meaning. One thread at a time may call.
public final class RankGroup: Sendable {
  /// This process's.
  public let rank: Int
  /// How many there are.
  public let count: Int
  /// The name of each rank's machine.
  public let hosts: [String]
  /// How many ranks may use the processors that this one may use.
  public let sharing: Int

  let library: MPILibrary
  private let patience = Atomic<Int>(1800)
  private let sent = Atomic<Int>(0)

  /// How many processes this one was started with, itself included; nil if by no MPI.
  public static var startedCount: Int? { Launcher.announcedCount }

  /// Joins the processes that this one was started with.
  ///
  /// - Returns: The group; nil if this process was started alone.
  /// - Throws: ``RankError`` if it was not, and MPI cannot be used.
  public static func join() throws -> RankGroup? {
    guard let announced = Launcher.announcedCount else { return nil }
    let library = try MPILibrary()
    let (rank, count) = try library.start()
    guard count > 1 else {
      _ = library.finalize()
      if announced > 1 {
        throw RankError(
          "\(announced) processes were started, but each is alone for OpenMPI: start them with its "
            + "own mpirun, or with srun --mpi=pmix")
      }
      return nil
    }
    return try RankGroup(library, rank, count)
  }

  private init(_ library: MPILibrary, _ rank: Int, _ count: Int) throws {
    (self.library, self.rank, self.count) = (library, rank, count)
    var own = Machine.here(named: library.host)
    let size = own.count
    var all = [UInt8](repeating: 0, count: size * count)
    let sizes = [Int32](repeating: Int32(size), count: count)
    try own.withUnsafeMutableBytes { own in
      try all.withUnsafeMutableBytes { all in
        try Layout.of(sizes) { layout in
          var requests: [MPILibrary.Handle?] = [nil]
          let code = library.allGather(
            own.baseAddress!, Int32(size), library.byte, all.baseAddress!, layout.counts,
            layout.offsets, library.byte, library.world, &requests[0])
          try library.check(code, "tell the names of the machines")
          _ = try Self.wait(library, for: &requests, seconds: nil)
        }
      }
    }
    let machines = (0..<count).map { Array(all[size * $0..<size * ($0 + 1)]) }
    hosts = machines.map(Machine.name)
    sharing = machines.count { $0 == own }
  }

  /// How many ranks run on this machine.
  public var localCount: Int { hosts.count { $0 == hosts[rank] } }

  /// How many seconds the others wait for a rank; 1,800 before it is set.
  public func setPatience(seconds: Int) { patience.store(seconds, ordering: .relaxed) }

  /// How many bytes this rank has sent, as the algorithms count them: to each other rank what that
  /// one is to get.
  public var sentBytes: Int { sent.load(ordering: .relaxed) }

  func count(sent bytes: Int) { sent.add(bytes, ordering: .relaxed) }

  /// Ends the group; nothing of it may be called afterwards.
  public func leave() { _ = library.finalize() }

  /// Ends all processes.
  ///
  /// - Parameter status: This one's exit status.
  public func abort(status: Int) -> Never {
    _ = library.abort(library.world, Int32(status))
    exit(Int32(status))
  }

  /// How a rank is called in messages.
  public func name(of rank: Int) -> String { "rank \(rank) on \(hosts[rank])" }
}

extension RankGroup {
  /// Waits until all ranks are here.
  ///
  /// Waiting costs next to no processor time, since ranks may share processors.
  ///
  /// - Parameter flag: What this rank has to say.
  /// - Returns: The greatest of what all ranks said.
  /// - Throws: ``RankError`` with the ranks that did not come in time.
  @discardableResult
  public func meet(_ flag: Int = 0) throws -> Int {
    let seconds = patience.load(ordering: .relaxed)
    if rank == 0 {
      var flags = [Int](repeating: flag, count: count)
      try flags.withUnsafeMutableBufferPointer { flags in
        let base = flags.baseAddress!
        var requests = try (1..<count).map { other in
          try receive(base + other, from: other, tag: .meeting)
        }
        let late = try wait(for: &requests, seconds: seconds)
        guard late.isEmpty else {
          let names = late.map { name(of: $0 + 1) }.joined(separator: ", ")
          throw RankError(
            "\(names) did not come within \(seconds) s: look at its machine, or raise "
              + "args.ddp_timeout; the run goes on from its last checkpoint")
        }
      }
      let greatest = flags.max() ?? flag
      try tell([greatest], tag: .meeting)
      return greatest
    }
    var (own, answer) = (flag, 0)
    try withUnsafeMutablePointer(to: &own) { own in
      try withUnsafeMutablePointer(to: &answer) { answer in
        var requests = [
          try send(own, to: 0, tag: .meeting), try receive(answer, from: 0, tag: .meeting),
        ]
        // Rank 0 knows better who is late, so it speaks first.
        guard try wait(for: &requests, seconds: seconds + 30).isEmpty else {
          throw RankError(
            "\(name(of: 0)) did not answer within \(seconds + 30) s: look at its machine, or raise "
              + "args.ddp_timeout; the run goes on from its last checkpoint")
        }
      }
    }
    return answer
  }

  /// Tells all other ranks something; for rank 0.
  ///
  /// - Parameter words: As many as ``hear(_:)`` asks for.
  /// - Throws: ``RankError``.
  public func tell(_ words: [Int]) throws { try tell(words, tag: .order) }

  /// Waits, as long as it takes, for what rank 0 tells.
  ///
  /// - Parameter count: How many words.
  /// - Returns: The words.
  /// - Throws: ``RankError``.
  public func hear(_ count: Int) throws -> [Int] {
    var words = [Int](repeating: 0, count: count)
    try words.withUnsafeMutableBufferPointer { words in
      var requests = [try receive(words.baseAddress!, count, from: 0, tag: .order)]
      _ = try wait(for: &requests, seconds: nil)
    }
    return words
  }

  private enum Tag: Int32 { case meeting, order }

  private func tell(_ words: [Int], tag: Tag) throws {
    var words = words
    try words.withUnsafeMutableBufferPointer { words in
      var requests = try (1..<count).map {
        try send(words.baseAddress!, words.count, to: $0, tag: tag)
      }
      _ = try wait(for: &requests, seconds: nil)
    }
  }

  private func send(
    _ words: UnsafeMutablePointer<Int>, _ count: Int = 1, to other: Int, tag: Tag
  ) throws -> MPILibrary.Handle? {
    try post(library.send, words, count, other, tag, "send to")
  }

  private func receive(
    _ words: UnsafeMutablePointer<Int>, _ count: Int = 1, from other: Int, tag: Tag
  ) throws -> MPILibrary.Handle? {
    try post(library.receive, words, count, other, tag, "receive from")
  }

  private func post(
    _ function: MPILibrary.Message, _ words: UnsafeMutablePointer<Int>, _ count: Int, _ other: Int,
    _ tag: Tag, _ action: String
  ) throws -> MPILibrary.Handle? {
    var request: MPILibrary.Handle?
    let code = function(
      words, Int32(8 * count), library.byte, Int32(other), tag.rawValue, library.world, &request)
    try library.check(code, "\(action) \(name(of: other))")
    return request
  }

  /// Does something in which all ranks have a part.
  ///
  /// - Parameters:
  ///   - action: What it is called.
  ///   - start: Starts it; returns the library's code.
  /// - Throws: ``RankError`` if it fails or is not over in time.
  func together(
    _ action: String, _ start: (UnsafeMutablePointer<MPILibrary.Handle?>) -> Int32
  ) throws {
    let seconds = patience.load(ordering: .relaxed)
    var requests: [MPILibrary.Handle?] = [nil]
    try library.check(start(&requests[0]), action)
    guard try !Self.wait(library, for: &requests, seconds: seconds).isEmpty else { return }
    let others = (0..<count).filter { $0 != rank }
    let names = others.count == 1 ? name(of: others[0]) : "one of the other \(others.count) ranks"
    throw RankError(
      "\(names) did not come to \(action) within \(seconds) s: look at its machine, or raise "
        + "args.ddp_timeout; the run goes on from its last checkpoint")
  }

  private func wait(for requests: inout [MPILibrary.Handle?], seconds: Int?) throws -> [Int] {
    try Self.wait(library, for: &requests, seconds: seconds)
  }

  /// Waits for messages.
  ///
  /// - Returns: The places of those that did not come in time.
  private static func wait(
    _ library: MPILibrary, for requests: inout [MPILibrary.Handle?], seconds: Int?
  ) throws -> [Int] {
    let start = ContinuousClock.now
    var open = Array(requests.indices)
    var turns = 0
    while true {
      open = try open.filter { place in
        var isDone: Int32 = 0
        try library.check(library.test(&requests[place], &isDone, nil), "wait")
        return isDone == 0
      }
      if open.isEmpty { return [] }
      if let seconds, .now - start > .seconds(seconds) { return open }
      turns += 1
      // The library moves bytes while it is asked only; but ranks may share processors.
      if turns < 1000 { sched_yield() } else { usleep(turns < 5000 ? 50 : 500) }
    }
  }
}

/// How many elements each rank has, and where they start, one rank's after another's: at addresses
/// that stay while the library is at work.
struct Layout {
  let counts: UnsafePointer<Int32>
  let offsets: UnsafePointer<Int32>

  static func of(_ counts: [Int32], _ body: (Layout) throws -> Void) rethrows {
    var start: Int32 = 0
    let offsets = counts.map { count in
      defer { start += count }
      return start
    }
    try counts.withUnsafeBufferPointer { counts in
      try offsets.withUnsafeBufferPointer { offsets in
        try body(Layout(counts: counts.baseAddress!, offsets: offsets.baseAddress!))
      }
    }
  }
}

/// What tells ranks that have the same processors from others: the machine's name and which of its
/// processors a process may use, as bytes.
private enum Machine {
  private static let nameLength = 64

  static func here(named name: String) -> [UInt8] {
    var processors = [UInt8](repeating: 0, count: 128)
    kt_pool_processors(&processors, Int32(processors.count))
    let name = Array(name.utf8.prefix(nameLength))
    return name + Array(repeating: 0, count: nameLength - name.count) + processors
  }

  static func name(of machine: [UInt8]) -> String {
    String(decoding: machine.prefix(nameLength).prefix { $0 != 0 }, as: UTF8.self)
  }
}
