public import Foundation
public import JSONValues

/// A file made by a script that stands beside it.
public enum Fixture {
  /// The path of a fixture.
  ///
  /// - Parameters:
  ///   - name: The file or directory in `Fixtures`.
  ///   - bundle: The test target's `Bundle.module`.
  /// - Returns: An absolute path.
  public static func path(_ name: String, in bundle: Bundle) -> String {
    bundle.bundlePath + "/Fixtures/" + name
  }

  /// The path of a fixture of another test target.
  ///
  /// - Parameters:
  ///   - name: The file or directory in that target's `Fixtures`.
  ///   - target: The test target's folder.
  /// - Returns: An absolute path.
  public static func path(_ name: String, of target: String) -> String {
    let support = URL(filePath: #filePath).deletingLastPathComponent()
    return support.deletingLastPathComponent().path + "/\(target)/Fixtures/" + name
  }

  /// Reads a JSON fixture of another test target.
  ///
  /// - Parameters:
  ///   - name: The file in that target's `Fixtures`.
  ///   - target: The test target's folder.
  /// - Returns: The value.
  /// - Throws: If there is no such file or it is not JSON.
  public static func json(_ name: String, of target: String) throws -> JSONValue {
    try JSONValue(parsing: Data(contentsOf: URL(filePath: path(name, of: target))))
  }

  /// A path in a fresh temporary directory.
  ///
  /// - Parameter name: The last part of the path.
  /// - Returns: A path at which there is nothing.
  /// - Throws: If no directory can be made.
  public static func temporary(_ name: String) throws -> String {
    let directory = NSTemporaryDirectory() + "ktrain-" + UUID().uuidString
    try FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: true)
    return directory + "/" + name
  }

  /// Reads a JSON fixture.
  ///
  /// - Parameters:
  ///   - name: The file in `Fixtures`.
  ///   - bundle: The test target's `Bundle.module`.
  /// - Returns: The value.
  /// - Throws: If there is no such file or it is not JSON.
  public static func json(_ name: String, in bundle: Bundle) throws -> JSONValue {
    try JSONValue(parsing: Data(contentsOf: URL(filePath: path(name, in: bundle))))
  }
}

extension JSONValue {
  /// The numbers of nested arrays, in order.
  public var numbers: [Double] {
    switch self {
    case .array(let elements): return elements.flatMap(\.numbers)
    default: return double.map { [$0] } ?? []
    }
  }
}
