import Datasets
import Foundation
import Testing

/// A file of rows that is refused.
struct BadRows: Sendable, CustomTestStringConvertible {
  let rows: String
  var columns: [String]?
  let code: DatasetError.Code
  let line: Int?
  let parts: [String]

  init(
    _ rows: String, columns: [String]? = nil, _ code: DatasetError.Code, line: Int?,
    _ parts: String...
  ) {
    (self.rows, self.columns, self.code, self.line, self.parts) = (rows, columns, code, line, parts)
  }

  var testDescription: String { parts.joined(separator: ", ") }

  static let all = [
    BadRows("{\"a\": \"1\"}\n\n{\"a\": 1", .malformedLine, line: 3, "column 8", "expected ','"),
    BadRows("{\"a\": \"1\"}\n[1]\n", .malformedLine, line: 2, "an array; expected an object"),
    BadRows("{\"a\": \"1\", \"a\": \"2\"}", .malformedLine, line: 1, "\"a\" stands twice"),
    BadRows("{\n \"a\": \"1\"\n}", .malformedLine, line: 1, "column 2"),
    BadRows(
      "{\"a\": \"1\", \"b\": \"2\"}\n{\"a\": \"1\"}", .missingColumn, line: 2,
      "no column \"b\"; this row has \"a\""),
    BadRows(
      "{\"a\": \"1\", \"b\": \"2\"}", columns: ["a", "c"], .missingColumn, line: 1,
      "no column \"c\"; this row has \"a\", \"b\""),
    BadRows(
      "{\"a\": \"1\"}\n{\"a\": \"1\", \"b\": \"2\"}", .unexpectedColumn, line: 2, "\"b\"",
      "\"columns\""),
    BadRows("{\"a\": \"1\"}\n{\"a\": 2.5}", .notText, line: 2, "\"a\" holds a number (2.5)"),
    BadRows("{\"a\": true}", .notText, line: 1, "\"a\" holds a boolean (true)"),
    BadRows("{\"a\": null}", .notText, line: 1, "\"a\" holds null; expected a text"),
    BadRows("{\"a\": {\"b\": \"c\"}}", .notText, line: 1, "\"a\" holds an object"),
    BadRows("{\"a\": \"1\", \"b\": [\"2\"]}", .notText, line: 1, "\"b\"", "third column"),
    BadRows(
      "{\"a\": \"1\", \"b\": \"2\", \"c\": [\"3\", 4]}", .notText, line: 1,
      "\"c\" holds a list with an integer; expected a list of 2 texts"),
    BadRows(
      "{\"a\": \"1\", \"b\": \"2\", \"c\": [\"3\"]}\n{\"a\": \"1\", \"b\": \"2\", \"c\": \"3\"}",
      .notText, line: 2, "\"c\" holds a string; expected a list of 1 texts"),
    BadRows(
      "{\"a\": \"1\", \"b\": \"2\", \"c\": \"3\"}\n{\"a\": \"1\", \"b\": \"2\", \"c\": [\"3\"]}",
      .notText, line: 2, "\"c\" holds a list; expected a text"),
    BadRows(
      "{\"a\": \"1\", \"b\": \"2\", \"c\": [\"3\"]}\n"
        + "{\"a\": \"1\", \"b\": \"2\", \"c\": [\"3\", \"4\"]}",
      .listLength, line: 2, "\"c\" holds a list of 2 texts; expected 1"),
    BadRows("{\"a\": \"1\", \"b\": \"2\", \"c\": []}", .listLength, line: 1, "\"c\"", "empty list"),
    BadRows(
      "{\"a\": \"1\", \"score\": 0.5, \"label\": 2}", .reservedColumn, line: 1,
      "\"score\" and \"label\" both stand for labels", "\"columns\""),
    BadRows("{\"label\": 1}", .missingColumn, line: 1, "\"label\"", "expected texts"),
    BadRows(
      "{\"a\": \"1\", \"label\": \"so\"}", .notNumber, line: 1,
      "\"label\", which stands for labels, holds \"so\"; expected a number", "\"columns\""),
    BadRows(
      "{\"a\": \"1\", \"label\": 1}\n{\"a\": \"1\", \"label\": true}", .notNumber, line: 2,
      "holds a boolean; expected a number"),
    BadRows(
      "{\"a\": \"1\", \"label\": 1}\n{\"a\": \"1\", \"label\": [1]}", .notNumber, line: 2,
      "holds a list; expected a number"),
    BadRows(
      "{\"a\": \"1\", \"label\": [1, null]}", .notNumber, line: 1,
      "holds a list with null; expected a list of 2 numbers"),
    BadRows(
      "{\"a\": \"1\", \"label\": 1e39}", .notNumber, line: 1, "holds a number; expected a number"),
    BadRows(
      "{\"a\": \"1\", \"label\": [1, 2]}\n{\"a\": \"1\", \"label\": [1]}", .listLength, line: 2,
      "holds a list of 1 numbers; expected 2"),
    BadRows("{\"a\": \"1\", \"label\": []}", .listLength, line: 1, "empty list"),
    BadRows(
      "{\"a\": \"1\", \"label\": 1}\n{\"a\": \"1\"}", .missingColumn, line: 2,
      "no column \"label\"; this row has \"a\""),
    BadRows("{\"dataset_name\": \"1\", \"b\": \"2\"}", .reservedColumn, line: 1, "dataset_name"),
    BadRows("{}", .missingColumn, line: 1, "no members"),
    BadRows(
      "{\"a\": \"1\"}", columns: ["a", "label"], .missingColumn, line: 1, "no column \"label\""),
    BadRows(
      "{\"a\": \"1\"}", columns: ["a", "label", "scores"], .reservedColumn, line: nil,
      "\"label\" and \"scores\" both stand for labels"),
    BadRows(
      "{\"a\": \"1\"}", columns: ["a", "a"], .invalidRequest, line: nil, "\"a\" stands twice"),
    BadRows("{\"a\": \"1\"}", columns: [], .invalidRequest, line: nil, "no column"),
    BadRows("", .empty, line: nil, "no rows"),
    BadRows("\u{FEFF}\n \r\n", .empty, line: nil, "no rows"),
  ]
}

@Suite struct TextDatasetErrorTests {
  @Test(arguments: BadRows.all)
  func namesFileLineAndRemedy(_ bad: BadRows) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("rows.jsonl", bad.rows)
    let place = bad.line.map { "\(path):\($0): " } ?? "\(path): "
    expectError(bad.code, line: bad.line, saying: [place] + bad.parts) {
      _ = try TextDataset(contentsOf: [path], columns: bad.columns)
    }
  }

  @Test(arguments: [
    ("truncated.jsonl.gz", "end too soon"), ("without-trailer.jsonl.gz", "end too soon"),
    ("checksum.jsonl.gz", "incorrect data check"), ("garbage.jsonl.gz", "incorrect header check"),
  ])
  func damagedGzipIsRefused(_ name: String, _ part: String) {
    expectError(.corrupt, saying: [name, part]) {
      _ = try TextDataset(contentsOf: [fixture(name)])
    }
  }

  @Test(arguments: [
    ("rows.csv", Array("PAR1....".utf8), ["Parquet", "datasets"]),
    ("rows.parquet", Array("PAR1....".utf8), ["Parquet", "datasets"]),
    ("rows.jsonl", [0xFF, 0xFE, 0x7B, 0], ["UTF-16", "iconv"]),
    ("rows.jsonl", [0x28, 0xB5, 0x2F, 0xFD, 0], ["Zstandard", "gzip"]),
    ("rows.jsonl.gz", Array("{\"a\": \"1\"}".utf8), [".gz", "not gzip"]),
  ])
  func otherFormatsAreNamed(_ name: String, _ bytes: [UInt8], _ parts: [String]) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(name, bytes)
    expectError(.unsupportedFormat, saying: parts) { _ = try TextDataset(contentsOf: [path]) }
  }

  @Test func bytesThatAreNotUTF8AreRefused() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      "rows.jsonl", Array("{\"a\": \"1\"}\n{\"a\": \"caf".utf8) + [0xE9] + Array("\"}\n".utf8))
    expectError(.notUTF8, line: 2, saying: ["not UTF-8", "iconv"]) {
      _ = try TextDataset(contentsOf: [path])
    }
  }

  @Test func filesThatCannotBeReadAreNamedFromTheRoot() throws {
    let folder = try TemporaryFolder()
    expectError(.unreadable, saying: ["/none.jsonl: ", "No such file"]) {
      _ = try TextDataset(contentsOf: [folder.path + "/none.jsonl"])
    }
    expectError(
      .unreadable, saying: [FileManager.default.currentDirectoryPath + "/no/such.jsonl"]
    ) {
      _ = try TextDataset(contentsOf: ["no/such.jsonl"])
    }
    expectError(.unreadable, saying: ["directory"]) {
      _ = try TextDataset(contentsOf: [folder.path])
    }
    expectError(.invalidRequest, saying: ["no file"]) { _ = try TextDataset(contentsOf: []) }
    expectError(.invalidRequest, saying: ["limit of 0"]) {
      _ = try TextDataset(contentsOf: [fixture("windows.jsonl")], limit: 0)
    }
  }

  @Test func oneOfSeveralFilesIsEmpty() throws {
    let folder = try TemporaryFolder()
    let one = try folder.write("one.jsonl", "{\"a\": \"1\"}")
    let two = try folder.write("two.jsonl", "\n")
    expectError(.empty, saying: [two]) { _ = try TextDataset(contentsOf: [one, two]) }
  }

  @Test(arguments: [(100, false), (101, true)])
  func linesBeyondTheLimitAreRefused(_ length: Int, _ isTooLong: Bool) throws {
    let folder = try TemporaryFolder()
    let line = String(repeating: "x", count: length)
    for text in ["ab\n\(line)\n", "ab\n\(line)"] {
      let reader = try LineReader(
        path: try folder.write("lines", text), format: .rows, longestLine: 100)
      var lengths: [Int] = []
      let read = {
        try reader.forEach { bytes, _ in
          lengths.append(bytes.count)
          return true
        }
      }
      if isTooLong {
        expectError(.lineTooLong, line: 2, saying: ["limit of 100 bytes"], read)
      } else {
        try read()
        #expect(lengths == [2, 100])
      }
    }
  }
}
