import FoundationEssentials
import Glibc
import JSONValues

/// Programs that are run for what they print.
enum Subprocess {
  /// Arguments as a shell reads them.
  static func quoted(_ arguments: [String]) -> String {
    arguments.map { "'" + $0.replacing("'", with: "'\\''") + "'" }.joined(separator: " ")
  }

  /// Runs a shell command and reads the last line that it prints as JSON.
  static func json(_ command: String) throws -> JSONValue {
    guard let pipe = popen(command, "r") else {
      throw InputError("cannot run \(command): \(String(cString: strerror(errno)))")
    }
    var output: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while case let count = fread(&buffer, 1, buffer.count, pipe), count > 0 {
      output += buffer[..<count]
    }
    let status = pclose(pipe)
    guard status == 0 else { throw InputError("status \(status) from \(command)") }
    let line = output.split(separator: 0x0A).last ?? []
    do { return try JSONValue(parsing: line) } catch {
      throw InputError("no JSON object from \(command): \(error)")
    }
  }
}

extension [JSONValue] {
  /// The median of a number that each object has, NaN if none has.
  func median(_ key: String) -> Double {
    let values = compactMap { $0[key]?.double }.sorted()
    return values.isEmpty ? .nan : values[values.count / 2]
  }
}
