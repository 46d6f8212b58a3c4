import JSONValues
import Testing

@Suite struct JSONParserTests {
  @Test(
    arguments: [
      ("null", .null), (" true ", true), ("-0", 0), ("12", 12), ("-1.5e3", -1500.0),
      ("9223372036854775807", .integer(.max)), ("9223372036854775808", 9223372036854775808.0),
      (#""a\u00e9\n\ud83d\ude00/\/""#, "aé\n😀//"), ("[]", []), ("[1, [2]]", [1, [2]]),
      ("{}", [:]), (#"{"b": 1, "a": {"c": null}}"#, ["b": 1, "a": ["c": nil]]),
      ("\u{FEFF}1", 1),
    ] as [(String, JSONValue)])
  func reads(text: String, expected: JSONValue) throws {
    #expect(try JSONValue(parsing: text) == expected)
  }

  @Test func membersKeepTheirOrder() throws {
    let names = (0..<40).map { "k\(($0 * 7) % 40)" }
    let text = "{" + names.map { "\"\($0)\": 1" }.joined(separator: ",") + "}"
    let object = try #require(JSONValue(parsing: text).object)
    #expect(object.keys == names)
    #expect(object["k13"] == 1)
    #expect(object["k40"] == nil)
  }

  @Test(arguments: [
    ("", 1, 1, "expected a value; found the end of the text"),
    ("{\"a\": 1\n \"b\": 2}", 2, 2, "expected ',' or '}'; found '\"'"),
    ("[1, 2", 1, 6, "expected ',' or ']'"), ("[1,]", 1, 4, "expected a value; found ']'"),
    ("01", 1, 2, "a number starts with a needless 0"), ("1.", 1, 3, "expected a digit"),
    ("NaN", 1, 1, "expected a value"), ("1 2", 1, 3, "expected the end of the text"),
    ("1e999", 1, 1, "the number 1e999 is too large"),
    (#"{"a": 1, "a": 2}"#, 1, 17, "the name \"a\" stands twice"),
    ("\"a", 1, 3, "has no end"), ("\"\u{1}\"", 1, 2, "a control character"),
    (#""\ud800""#, 1, 8, "half of a surrogate pair"), (#""\x""#, 1, 4, "is no escape"),
    (#""\u12g4""#, 1, 4, "expected four hexadecimal digits"),
    (String(repeating: "[", count: 300), 1, 257, "nesting is deeper than 256 levels"),
  ])
  func faultsHaveTheirPlace(text: String, line: Int, column: Int, message: String) throws {
    let error = #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
    #expect(error?.line == line && error?.column == column, "\(error as Any)")
    #expect(error?.message.contains(message) == true, "\(error as Any)")
  }

  @Test func bytesThatAreNotUTF8AreRefused() {
    #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22, 0xFF, 0x22] as [UInt8]) }
  }

  /// Two spellings of one accented letter are two names.
  @Test func namesAreComparedByTheirBytes() throws {
    let object = try #require(JSONValue(parsing: "{\"\u{E9}\": 1, \"e\u{301}\": 2}").object)
    #expect(object.count == 2)
  }

  @Test(arguments: [
    JSONValue.null, ["a": [1, 2.5, -0.1, 1e300, 3e-300, 3.0], "b": ["\u{0}\"\\\n\u{7F}é"]], [], [:],
  ])
  func whatIsWrittenReadsBack(value: JSONValue) throws {
    #expect(try JSONValue(parsing: value.text()) == value)
    #expect(try JSONValue(parsing: value.text(indent: 2)) == value)
  }

  @Test func textIsAsPythonWritesIt() {
    let value: JSONValue = ["a": [1, 2.0], "b": [:]]
    #expect(value.text() == #"{"a": [1, 2.0], "b": {}}"#)
    #expect(value.text(indent: 2) == "{\n  \"a\": [\n    1,\n    2.0\n  ],\n  \"b\": {}\n}")
  }
}
