import Datasets
import Testing

@Suite struct ScoredPairsTests {
  @Test(arguments: [
    ("p.csv", "s1,s2,score,more\r\na,\"b, c\",0.5,x\r\nd,e, 4 ,y\r\n"),
    ("p.tsv", "s1\ts2\tscore\na\tb, c\t5e-1\nd\te\t4\n"),
    (
      "p.jsonl",
      "{\"s1\": \"a\", \"s2\": \"b, c\", \"score\": 0.5}\n{\"s1\": \"d\", \"s2\": \"e\", \"score\": 4}"
    ),
    (
      "p.json",
      "[{\"s1\": \"a\", \"s2\": \"b, c\", \"score\": 0.5}, {\"score\": 4, \"s1\": \"d\", \"s2\": \"e\"}]"
    ),
  ])
  func readsEveryFormat(_ name: String, _ text: String) throws {
    let folder = try TemporaryFolder()
    let pairs = try ScoredPairs(contentsOf: [folder.write(name, text)])
    #expect(Array(pairs.first) == ["a", "d"])
    #expect(Array(pairs.second) == ["b, c", "e"])
    #expect(pairs.scores == [0.5, 4])
  }

  @Test func columnsAndLimitAreThoseThatAreNamed() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("p.csv", "score,b,a\n1,x,y\n2,z,w\nbad,,\n")
    let pairs = try ScoredPairs(contentsOf: [path], columns: ["a", "b", "score"], limit: 2)
    #expect(Array(pairs.first) == ["y", "w"] && pairs.scores == [1, 2])
    #expect(pairs.first.name == "a" && pairs.second.name == "b")
  }

  @Test(
    arguments: [
      ("a,b,c\nx,y,z\n", .malformedLine, 2, ["\"c\" holds \"z\"", "expected a number"]),
      ("a,b,c\nx,y,nan\n", .malformedLine, 2, ["\"c\" holds \"nan\""]),
      ("a,b\nx,y\n", .missingColumn, 2, ["2 columns", "one of scores"]),
      ("a,b,c\nx,y,1\n", .empty, nil, ["there are 1 rows"]),
    ] as [(String, DatasetError.Code, Int?, [String])])
  func namesLineAndFault(
    _ text: String, _ code: DatasetError.Code, _ line: Int?, _ parts: [String]
  ) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("p.csv", text)
    expectError(code, line: line, saying: [path] + parts) {
      _ = try ScoredPairs(contentsOf: [path])
    }
  }

  @Test func whatCannotHoldScoresIsRefused() {
    expectError(.unsupportedFormat, saying: ["HDF5 is not read for scores"]) {
      _ = try ScoredPairs(contentsOf: [fixture("hdf5/labels.h5")])
    }
    expectError(.invalidRequest, saying: ["expected three"]) {
      _ = try ScoredPairs(contentsOf: [fixture("windows.jsonl")], columns: ["a"])
    }
  }
}
