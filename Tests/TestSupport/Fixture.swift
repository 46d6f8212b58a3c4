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

  /// Reads a JSON fixture.
  ///
  /// - Parameters:
  ///   - name: The file in `Fixtures`.
  ///   - bundle: The test target's `Bundle.module`.
  /// - Returns: The value.
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
