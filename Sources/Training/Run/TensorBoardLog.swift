internal import Encoders
internal import FoundationEssentials
internal import Glibc
internal import JSONValues
internal import Reports

/// The event files that TensorBoard shows, with the tags of transformers' `TensorBoardCallback`.
///
/// Each part of a run writes a file of its own. A run that goes on writes it beside those of before,
/// and begins by taking back what they have of the steps that are taken once more.
final class TensorBoardLog {
  private let file: AppendedFile

  /// Begins a file.
  ///
  /// - Parameters:
  ///   - recipe: Says where: in `logging_dir`, else where the environment variable
  ///     `TENSORBOARD_LOGGING_DIR` says, else in `runs/<time>_<host>` of `output_dir`.
  ///   - log: The entries of the run before it goes on.
  ///   - step: The first step whose entries are written again; nil if the run begins.
  /// - Throws: ``RunError`` if the file cannot be written.
  init(_ recipe: Recipe, log: [LogEntry], from step: Int?) throws {
    let now = Date.now.timeIntervalSince1970
    let directory = Self.directory(recipe.args, isResumed: step != nil, now: now)
    do {
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    } catch {
      throw RunError(
        .output, "cannot be created: choose another logging_dir", place: absolute(directory))
    }
    // TensorBoard reads files in the order of their names, which begin with the second.
    let last = Self.eventFiles(in: directory).compactMap { Self.time(of: $0) }.max() ?? 0
    let second = String(max(Int(now), last + 1))
    let padding = String(repeating: "0", count: max(0, 10 - second.count))
    file = try AppendedFile(
      path: "\(directory)/\(Self.prefix)\(padding)\(second).\(Self.host).\(getpid()).0")
    try file.append(TensorBoardEvent.head(time: now))
    if let step {
      try file.append(TensorBoardEvent.restart(time: now, step: step))
      for entry in log where entry.values["step"]?.integer ?? 0 >= step { try append(entry) }
    } else {
      let arguments = recipe.resolved().text(indent: 2).split(separator: "\n")
        .map { "    " + $0 }.joined(separator: "\n")  // a block of code in Markdown
      try file.append(TensorBoardEvent.text(time: now, tag: "args", arguments))
    }
  }

  /// Writes the numbers of an entry.
  func append(_ entry: LogEntry) throws {
    let now = Date.now.timeIntervalSince1970
    let step = entry.values["step"]?.integer ?? 0
    var bytes: [UInt8] = []
    for (key, value) in entry.values.members {
      guard let tag = TensorBoardEvent.tag(of: key), let number = value.double else { continue }
      bytes += TensorBoardEvent.scalar(time: now, step: step, tag: tag, number)
    }
    try file.append(bytes)
  }

  // MARK: Where

  private static let prefix = "events.out.tfevents."

  private static func directory(
    _ arguments: TrainingArguments, isResumed: Bool, now: Double
  ) -> String {
    let variable = getenv("TENSORBOARD_LOGGING_DIR").map { String(cString: $0) }
    if let chosen = arguments.loggingDir ?? variable, !chosen.isEmpty { return chosen }
    let parent = arguments.outputDir + "/runs"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
    let newest = names.compactMap { name -> (time: Int, name: String)? in
      eventFiles(in: "\(parent)/\(name)").compactMap { time(of: $0) }.max().map { ($0, name) }
    }.max { $0 < $1 }
    if isResumed, let newest { return "\(parent)/\(newest.name)" }
    return "\(parent)/\(dateText(now))_\(host)"
  }

  private static func eventFiles(in directory: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    return names.filter { $0.hasPrefix(prefix) }
  }

  /// The second in the name of an event file.
  private static func time(of name: String) -> Int? {
    name.dropFirst(prefix.count).split(separator: ".").first.flatMap { Int($0) }
  }

  /// A time as PyTorch's writer names directories: `Nov26_00-31-05`.
  private static func dateText(_ now: Double) -> String {
    var (seconds, parts) = (time_t(now), tm())
    localtime_r(&seconds, &parts)
    var text = [CChar](repeating: 0, count: 32)
    let length = strftime(&text, text.count, "%b%d_%H-%M-%S", &parts)
    return String(decoding: text[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static var host: String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
    let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return bytes.isEmpty ? "localhost" : String(decoding: bytes, as: UTF8.self)
  }
}
