internal import FoundationEssentials

/// How much memory the tensors of a run may take.
enum MemoryLimit {
  /// The limit in bytes: what the recipe says, else 80 % of what the machine has free.
  ///
  /// - Parameters:
  ///   - wanted: What the recipe says.
  ///   - processes: How many processes of the run share what the machine has.
  /// - Returns: The limit of this process.
  /// - Throws: ``RunError`` if the recipe does not say and the machine cannot be asked.
  static func bytes(_ wanted: Int?, sharing processes: Int = 1) throws -> Int {
    if let wanted { return wanted }
    guard let available = ProcessMemory.availableBytes else {
      throw RunError(
        .data, "cannot be read to see how much memory is free: set runtime.memory",
        place: "/proc/meminfo")
    }
    return available / 10 * 8 / processes
  }
}

/// What the process takes of the machine's memory.
public enum ProcessMemory {
  /// The most bytes that were resident at any time; nil where the system does not say.
  public static var peakBytes: Int? { field("VmHWM:") }

  /// The bytes that are resident now; nil where the system does not say.
  public static var residentBytes: Int? { field("VmRSS:") }

  /// The bytes that the process may still take: what the machine has free for programs, or less if
  /// a control group does not let it have as much; nil where the system does not say.
  static var availableBytes: Int? {
    guard let free = field("MemAvailable:", of: "/proc/meminfo") else { return nil }
    return min(free, ControlGroupMemory().availableBytes ?? free)
  }

  private static func field(_ name: String, of file: String = "/proc/self/status") -> Int? {
    guard let data = FileManager.default.contents(atPath: file) else { return nil }
    let line = String(decoding: data, as: UTF8.self).split(separator: "\n")
      .first { $0.hasPrefix(name) }
    let digits = line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first
    return digits.flatMap { Int($0) }.map { $0 * 1024 }
  }
}
