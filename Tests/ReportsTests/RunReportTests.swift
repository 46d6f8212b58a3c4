import Foundation
import FoundationXML
import Reports
import TestSupport
import Testing

/// Reports of whole, partial, broken and hostile directories.
@Suite struct RunReportTests {
  private func report(_ folders: RunFolder...) throws -> (html: String, remarks: [String]) {
    let target = try Fixture.temporary("report.html")
    let written = try RunReport.write(of: folders.map(\.path), to: target)
    #expect(written.path == target)
    let html = try String(contentsOfFile: target, encoding: .utf8)
    try expectWellFormed(html)
    return (html, written.remarks)
  }

  /// Everything closes, nothing comes from elsewhere and nothing runs.
  private func expectWellFormed(
    _ html: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let parser = XMLParser(data: Data(html.utf8))
    #expect(
      parser.parse(), "line \(parser.lineNumber): \(parser.parserError.debugDescription)",
      sourceLocation: sourceLocation)
    for part in ["<script", "<link", "<img", "@import", "src=", "href=", "http://", "https://"] {
      #expect(!html.contains(part), "\(part)", sourceLocation: sourceLocation)
    }
  }

  @Test func everythingThatIsKnownIsShown() throws {
    let folder = try RunFolder()
    try folder.writeWholeRun()
    let (html, remarks) = try report(folder)
    #expect(remarks.isEmpty)
    for text in [
      "<h1>tiny</h1>", ">finished<", "1,234,567 weights", "900 rows",
      // What it found: the last value, the best one and where, per evaluator.
      "<h3>dev</h3>", "<h3>dev_long</h3>", "best 0.7500 at step 40",
      "<dt>dev_cosine_ndcg@10</dt><dd>0.5000<small>0.5000 at first</small></dd>",
      "<td class=\"best\">0.7500</td><td>40</td><td>0.5000</td><td>+0.0000</td>",
      // Speed: 60 · 500 tokens in 60 · 2 s, phases summed up.
      "mean 250", "peak 1.00 GiB", "<dd>2:30</dd>", "<span>backward</span><b>1:00</b>",
      // The rest of the run's 150 s that no phase took.
      "<span>checkpoints and the rest</span><b>0:30</b>",
      // Data and recipe.
      "2 to 3 tokens: 600 texts", "mean 7.3", "1.0 %", "3 clusters, 100 to 500 rows",
      "<tr class=\"chosen\"><th scope=\"row\"><code>args.learning_rate</code></th><td>0.001</td>",
      "<tr><th scope=\"row\"><code>args.seed</code></th><td>42</td>", "abc123", "A Processor",
    ] { #expect(html.contains(text), "\(text)") }
    // Titles of all drawings, for those who do not see them.
    #expect(html.contains("aria-label=\"Loss. 1.0000 at step 1, 0.0167 at step 60\""))
    #expect(html.contains("<title>step 40\n0.7500</title>"))
  }

  /// A name may be anything: it is shown, and does nothing.
  @Test func textOfTheUsersIsEscaped() throws {
    let folder = try RunFolder()
    let evil = #"</title><script>alert('x')</script> \" & \u0000\u001b \ud83d\ude00"#
    try folder.writeWholeRun(name: evil)
    let (html, _) = try report(folder)
    let shown = "&lt;/title&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &quot; &amp;"
    #expect(html.contains(shown))
    #expect(html.contains("😀"))
  }

  @Test func severalRunsAreCompared() throws {
    let (one, other, third) = (try RunFolder(), try RunFolder(), try RunFolder())
    try one.writeWholeRun(name: "slow")
    try other.writeWholeRun(name: "fast", learningRate: "0.002")
    try third.writeWholeRun(name: "fast", learningRate: "0.002")
    let (html, _) = try report(one, other, third)
    for text in [
      "<h1>3 runs</h1>", "class=\"swatch c2\"", "<title>step 40\nslow: 0.7500\n",
      "<code>args.learning_rate</code></th><td>0.001</td><td>0.002</td><td>0.002</td>",
    ] { #expect(html.contains(text), "\(text)") }
    #expect(!html.contains("<code>args.seed</code>"))
    // Two of the same name in directories of the same name are told apart by their paths.
    #expect(html.contains(other.path) && html.contains(third.path))
  }

  @Test func aRunThatGoesOnIsShownUntilNow() throws {
    let folder = try RunFolder()
    try folder.writeWholeRun()
    var log = try String(contentsOfFile: folder.path + "/log.jsonl", encoding: .utf8)
      .split(separator: "\n").prefix(30).joined(separator: "\n")
    log += "\n{\"step\": 31, \"lo"  // being written
    try folder.write(log, to: "log.jsonl")
    try folder.write("", to: "timings.jsonl")
    try FileManager.default.removeItem(atPath: folder.path + "/run.json")
    let (html, remarks) = try report(folder)
    #expect(remarks.isEmpty)
    #expect(html.contains(">not finished<") && !html.contains("Time and memory"))
    #expect(html.contains("0.0345 at step 29"))
  }

  @Test func whatIsDamagedIsNamed() throws {
    let folder = try RunFolder()
    try folder.writeWholeRun()
    try folder.write("{\"args\": {", to: "recipe.json")
    try folder.write("[1]", to: "run.json")
    let log = try String(contentsOfFile: folder.path + "/log.jsonl", encoding: .utf8)
    try folder.write("{\"step\": 1\n\u{0}\n3\n" + log, to: "log.jsonl")
    let (html, remarks) = try report(folder)
    let found = remarks.map { $0.replacing(folder.path + ": ", with: "") }
    #expect(found.count == 3)
    #expect(found[0].hasPrefix("recipe.json is damaged: line 1: "), "\(found)")
    #expect(found[1] == "run.json is an array, not an object")
    #expect(found[2] == "log.jsonl: line 1 and 2 others are no JSON object and left out")
    for remark in found {
      let shown = remark.replacing("\"", with: "&quot;").replacing("'", with: "&#39;")
      #expect(html.contains("<li>\(shown)</li>"), "\(remark)")
    }
  }

  /// transformers' own trainer leaves nothing but checkpoints.
  @Test func thePeersDirectoryCanBeRead() throws {
    let folder = try RunFolder()
    let state = Fixture.path("curve-tiny-bert.trainer_state.json", of: "TrainingTests")
    try folder.write("{}", to: "checkpoint-9/trainer_state.json")
    try folder.write(
      try String(contentsOfFile: state, encoding: .utf8), to: "checkpoint-50/trainer_state.json")
    let (html, remarks) = try report(folder)
    #expect(remarks.count == 1 && remarks[0].contains("checkpoint-50/trainer_state.json"))
    #expect(html.contains("<h1>my-run</h1>") && html.contains("tiny_cosine_ndcg@10"))
    #expect(html.contains("not finished: step 50 of 50"))
  }

  @Test func whatIsNoRunIsOneLine() throws {
    let folder = try RunFolder()
    let complaint = #expect(throws: ReportError.self) { try RunReport.write(of: [folder.path]) }
    #expect(
      complaint?.description
        == "\(folder.path): holds no run: there is neither recipe.json nor log.jsonl nor "
        + "checkpoint-<step>/trainer_state.json; give the directory that fit writes")
    let missing = folder.path + "/x"
    #expect(
      #expect(throws: ReportError.self) { try RunReport.write(of: [missing]) }?.description
        == "\(missing): there is no such directory")
    try folder.write("x", to: "file")
    #expect(
      #expect(throws: ReportError.self) { try RunReport.write(of: [folder.path + "/file"]) }?
        .message == "is a file; give the directory that fit writes")
  }

  /// Numbers that no axis has room for.
  @Test(arguments: [
    "0.0, 0.0", "1e300, -1e300", "1e-300, 2e-300", "5, 5, 5", "-3, -2.9999999999", "null, 1",
  ])
  func extremeNumbers(_ losses: String) throws {
    let folder = try RunFolder()
    let lines = losses.split(separator: ", ").enumerated().map { index, loss in
      #"{"step": \#(index * 1_000_000_000), "epoch": 1, "loss": \#(loss)}"#
    }
    try folder.write(lines.joined(separator: "\n") + "\n", to: "log.jsonl")
    let (html, _) = try report(folder)
    #expect(!html.contains("nan") && !html.contains("inf\""))
  }
}
