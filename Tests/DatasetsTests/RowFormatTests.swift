import Datasets
import Foundation
import JSONValues
import Testing

/// Rows in every format, as Python's csv, json and gzip write them; `make_rows.py` says how.
@Suite struct RowFormatTests {
  static let files = [
    "blank-lines.CSV.gz", "dense.json.gz", "mac.csv", "pretty.json", "spaced.jsonl", "tabs.tab.gz",
    "tabs.tsv", "unix.csv", "windows.csv",
  ]

  private func rows() throws -> (names: [String], columns: [[String]]) {
    let json = try JSONValue(parsing: Data(contentsOf: URL(fileURLWithPath: fixture("rows.json"))))
    #expect(json["files"]?.array?.compactMap(\.string) == Self.files)
    let rows = try #require(json["rows"]?.array).map { row in
      try #require(row.array).map { value in
        if let text = value.string { return text }
        return String(
          repeating: try #require(value["repeat"]?.string),
          count: try #require(value["times"]?.integer))
      }
    }
    let names = try #require(json["names"]?.array).compactMap(\.string)
    return (names, names.indices.map { column in rows.map { $0[column] } })
  }

  @Test(arguments: files) func rowsArePythons(_ name: String) throws {
    let (names, columns) = try rows()
    let data = try TextDataset(contentsOf: [fixture("rows/\(name)")])
    #expect(data.columns.map(\.name) == names)
    for (column, texts) in zip(data.columns, columns) {
      // Files that are not compressed leave the long row out.
      let wanted = name.hasSuffix(".gz") ? texts : texts.prefix(6) + texts.suffix(1)
      #expect(haveEqualBytes(Array(column), wanted), "\(column.name)")
    }
  }

  @Test func filesOfAllFormatsFollowOneAnother() throws {
    let names = try rows().names
    let data = try TextDataset(
      contentsOf: Self.files.map { fixture("rows/\($0)") }, columns: [names[2], names[0]], limit: 45
    )
    #expect(data.columns.map(\.name) == [names[2], names[0]])
    #expect(data.rowCount == 45)
    #expect(data.columns[1][0] == "plain" && data.columns[1][8] == "plain")
  }

  /// A quote, a line end or a bracket may stand at any place of a reader's buffer.
  @Test(arguments: [(1 << 18) - 12..<(1 << 18) + 4, (1 << 19) - 12..<(1 << 19) + 4])
  func boundariesOfBuffersDoNotShow(_ lengths: Range<Int>) throws {
    let folder = try TemporaryFolder()
    for length in lengths {
      let text = String(repeating: "x", count: length)
      let rows = [[text, "\"a\"\r\n"], ["", "b"]]
      let table = "a,b\r\n\(text),\"\"\"a\"\"\r\n\"\r\n,b\r\n"
      let array = "[{\"a\": \"\(text)\", \"b\": \"\\\"a\\\"\\r\\n\"}\n,{\"a\": \"\",\"b\": \"b\"}]"
      for path in [try folder.write("t.csv", table), try folder.write("t.json", array)] {
        let data = try TextDataset(contentsOf: [path])
        #expect(data.columns.map { Array($0) } == [rows.map { $0[0] }, rows.map { $0[1] }])
      }
    }
  }

  @Test(
    arguments: [
      ("a,b\nx,\"y\nz\"\n1\n", .malformedLine, 4, ["1 fields", "2: \"a\", \"b\""]),
      ("a,b\nx,y\n\nx,y,z\n", .malformedLine, 4, ["3 fields"]),
      ("a,b\nx,\"y\n", .malformedLine, 2, ["a quote is opened", "not closed"]),
      ("a,b\nx,\"y\" z\n", .malformedLine, 2, ["after a closing quote", "written twice"]),
      ("a,a\nx,y\n", .malformedLine, 1, ["\"a\" stands twice"]),
      (",a\n1,x\n", .malformedLine, 1, ["column 1 has no name"]),
      ("a,score\nx,1\ny,one\n", .notNumber, 3, ["\"score\"", "\"one\"", "expected a number"]),
      ("a,b\n", .empty, nil, ["no rows"]),
      ("", .empty, nil, ["no rows"]),
    ] as [(String, DatasetError.Code, Int?, [String])])
  func tablesAreRefusedByLine(
    _ text: String, _ code: DatasetError.Code, _ line: Int?, _ parts: [String]
  ) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("rows.csv", text)
    expectError(code, line: line, saying: [path] + parts) {
      _ = try TextDataset(contentsOf: [path])
    }
  }

  @Test(
    arguments: [
      ("[\n{\"a\": \"x\"},\n{\"a\": \n\"y}\n]", .malformedLine, 3, ["not closed"]),
      ("[{\"a\": \"x\"},\n{\"a\":\n 1x}]", .malformedLine, 3, ["not JSON"]),
      ("[{\"a\": \"x\"}\n{\"a\": \"y\"}]", .malformedLine, 2, ["not JSON"]),
      ("[{\"a\": \"x\"}, 7]", .malformedLine, 1, ["an integer", "expected objects"]),
      ("[{\"a\": \"x\"},\n\n]", .malformedLine, 3, ["not JSON"]),
      ("[{\"a\": \"x\"}]\n\n[]", .malformedLine, 3, ["after the array's end"]),
      ("[{\"a\": \"x\"},\n{\"a\": 2}]", .notText, 2, ["\"a\" holds an integer (2)"]),
      ("[]", .empty, nil, ["no rows"]),
      ("[", .malformedLine, 1, ["not closed"]),
      ("[{\"a\": \"x\"}", .malformedLine, 1, ["not closed"]),
    ] as [(String, DatasetError.Code, Int?, [String])])
  func arraysAreRefusedByLine(
    _ text: String, _ code: DatasetError.Code, _ line: Int?, _ parts: [String]
  ) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("rows.json", text)
    expectError(code, line: line, saying: [path] + parts) {
      _ = try TextDataset(contentsOf: [path])
    }
  }

  @Test func bytesThatAreNotUTF8AreRefusedByLine() throws {
    let folder = try TemporaryFolder()
    let table = try folder.write("rows.csv", Array("a\nx\n".utf8) + [0xE9, 0x0A])
    expectError(.notUTF8, line: 3, saying: ["iconv"]) {
      _ = try TextDataset(contentsOf: [table])
    }
    let array = try folder.write(
      "rows.json", Array("[\n{\"a\": \"".utf8) + [0xE9] + Array("\"}]".utf8))
    expectError(.notUTF8, line: 2, saying: ["iconv"]) {
      _ = try TextDataset(contentsOf: [array])
    }
  }
}
