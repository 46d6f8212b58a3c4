internal import FoundationEssentials
internal import JSONValues
internal import Tensors

/// The machine, and what computes on it.
enum Environment {
  /// As it stands in `run.json`; what the system does not tell is left out.
  static func facts(_ summary: RunSummary) -> JSONObject {
    var object = JSONObject()
    func set(_ key: String, _ text: String?) { object[key] = text.map { .string($0) } }
    set("cpu", value(of: "model name", separator: ":", in: "/proc/cpuinfo"))
    object["cores"] = .integer(ProcessInfo.processInfo.activeProcessorCount)
    object["threads"] = .integer(summary.threads)
    if summary.ranks.count > 1 {
      object["ranks"] = .integer(summary.ranks.count)
      object["machines"] = .integer(summary.ranks.machines)
    }
    set("kernels", summary.kernels)
    set("precision", summary.precision.rawValue)
    set("hindrance", summary.hindrance)
    let kibibytes = value(of: "MemTotal", separator: ":", in: "/proc/meminfo")
      .flatMap { $0.split(separator: " ").first.flatMap { Int($0) } }
    object["memory_bytes"] = kibibytes.map { .integer($0 << 10) }
    object["memory_limit_bytes"] = .integer(summary.memoryLimit)
    let system = value(of: "PRETTY_NAME", separator: "=", in: "/etc/os-release")
    set("os", system.map { String($0.filter { $0 != "\"" }) })
    return object
  }

  /// The first value of a name in a file of lines `name: value`.
  private static func value(of name: String, separator: Character, in path: String) -> String? {
    // Such a file has no size, so it is read as bytes that come.
    guard let bytes = try? contents(of: path) else { return nil }
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
      let parts = line.split(separator: separator, maxSplits: 1)
      if parts.count == 2, parts[0].trimmed == name { return parts[1].trimmed }
    }
    return nil
  }
}
