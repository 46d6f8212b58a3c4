import Testing

/// What a user gets wrong on the command line of `cluster`, `mine` and `encode`.
@Suite struct BadArgumentTests {
  let files: RunFiles

  init() throws { files = try RunFiles() }

  static let faults: [(arguments: [String], message: String)] = [
    (["cluster", "MODEL", "DATA", "--column", "none", "--k", "2"], "no column \"none\""),
    (["cluster", "MODEL", "DATA", "--column", "anchor", "--k", "13"], "12 distinct texts"),
    (["cluster", "MODEL/no", "DATA", "--column", "anchor", "--k", "2"], "MODEL/no"),
    (["cluster", "MODEL", "DATA/no", "--column", "anchor", "--k", "2"], "DATA/no"),
    (["mine", "MODEL", "DATA", "--anchor-column", "none"], "no column \"none\""),
    (
      ["mine", "MODEL", "DATA", "--anchor-column", "none", "--positive-column", "positive"],
      "no column \"none\""
    ),
    (["mine", "MODEL", "DATA", "--anchor-column", "positive"], "expected two columns"),
    (["mine", "MODEL/no", "DATA"], "MODEL/no"),
    (["mine", "MODEL", "DATA", "--corpus", "DATA/no"], "DATA/no"),
    (["mine", "MODEL", "DATA", "--corpus", "DATA", "--corpus-field", "no"], "no field \"no\""),
    (["mine", "MODEL", "DATA", "--range-min", "2", "--range-max", "2"], "range_min is 2"),
    (["mine", "MODEL", "DATA", "--output", "DATA/no/x.jsonl"], "DATA/no/x.jsonl"),
    (["encode", "MODEL", "DATA", "--truncate-dim", "1000"], "truncate_dim is 1000"),
    (["encode", "MODEL", "DATA", "--output", "x.csv"], ".npy, .h5 or .jsonl"),
  ]

  @Test(arguments: faults)
  func aFaultIsOneLine(arguments: [String], message: String) throws {
    let outcome = try CommandLineTool.run(filled(arguments))
    let faults = outcome.error.split(separator: "\n").filter { !$0.hasPrefix("ready ") }
    #expect(outcome.status == 1 && outcome.output.isEmpty, "\(outcome.error)")
    #expect(faults.count == 1 && outcome.error.contains("ktrain: error: "), "\(outcome.error)")
    #expect(outcome.error.contains(try filled([message])[0]), "\(outcome.error)")
  }

  @Test(arguments: [
    ["cluster", "MODEL", "DATA", "--k", "2"], ["cluster", "MODEL", "DATA", "--column", "anchor"],
    ["cluster", "MODEL", "DATA", "--column", "anchor", "--k", "0"],
    ["cluster", "MODEL", "DATA", "--column", "anchor", "--k", "2", "--columns", "positive"],
    ["mine", "MODEL", "DATA", "--num-negatives", "0"],
    ["mine", "MODEL", "DATA", "--output-format", "pairs"],
    ["mine", "MODEL", "DATA", "--output", "mined.csv"],
    ["mine", "MODEL", "DATA", "--corpus-field", "text"],
    ["mine", "MODEL", "DATA", "--threads=-1"], ["mine", "MODEL", "DATA", "--limit", "0"],
    ["encode", "MODEL", "DATA", "--threads", "5000"],
    ["mine", "MODEL", "DATA", "--threads", "5000"],
  ])
  func wrongUsageIsStatus2(arguments: [String]) throws {
    let outcome = try CommandLineTool.run(filled(arguments))
    #expect(outcome.status == 2 && outcome.output.isEmpty, "\(outcome.error)")
    #expect(outcome.error.contains("Error: "))
  }

  /// The paths that MODEL and DATA stand for.
  private func filled(_ arguments: [String]) throws -> [String] {
    arguments.map {
      $0.replacing("MODEL", with: files.model).replacing("DATA", with: files.data)
    } + (arguments.count > 1 && arguments[0] != "encode" ? ["--store", files.store] : [])
  }
}
