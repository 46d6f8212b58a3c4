/// The texts of one column, in the order of the file, one buffer of UTF-8 for all.
public struct TextColumn: Sendable {
  /// The column's name in the file: what prompts go by.
  public let name: String
  /// Which element of a list this column holds, from 0; nil if the file's column holds no lists.
  public let element: Int?
  private var bytes: [UInt8] = []
  /// Where each text ends in `bytes`.
  private var ends: [Int] = []

  init(name: String, element: Int? = nil) {
    self.name = name
    self.element = element
  }

  /// Creates a column of texts that are at hand.
  ///
  /// - Parameters:
  ///   - name: The column's name.
  ///   - texts: One text for each row.
  public init(name: String, texts: some Sequence<String>) {
    self.init(name: name)
    for text in texts { append(text) }
  }

  /// Calls `body` with the UTF-8 of a row's text, which is valid during the call.
  ///
  /// - Parameters:
  ///   - row: From 0.
  ///   - body: What to do with the bytes.
  /// - Returns: What `body` returns.
  public func withUTF8<Result>(
    at row: Int, _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
  ) rethrows -> Result {
    precondition(indices.contains(row), "row \(row) of a column of \(count) texts")
    let start = row == 0 ? 0 : ends[row - 1]
    return try bytes.withUnsafeBufferPointer {
      try body(UnsafeBufferPointer(rebasing: $0[start..<ends[row]]))
    }
  }

  mutating func append(_ text: String) {
    bytes.append(contentsOf: text.utf8)
    ends.append(bytes.count)
  }
}

extension TextColumn: RandomAccessCollection {
  /// The first row, 0.
  public var startIndex: Int { 0 }
  /// The number of rows.
  public var endIndex: Int { ends.count }

  /// The text of a row; a new string at each call.
  public subscript(row: Int) -> String {
    withUTF8(at: row) { String(decoding: $0, as: UTF8.self) }
  }
}
