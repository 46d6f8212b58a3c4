import Foundation
import JSONValues
import TestSupport
import Testing

/// Event files that `fit` writes; what is in them is read here by their format alone.
@Suite struct TensorBoardTests {
  private func files() throws -> RunFiles {
    var files = try RunFiles()
    files.setArgument("max_steps", 6)
    files.setArgument("save_steps", 2)
    files.setArgument("report_to", ["tensorboard"])
    return files
  }

  @Test func theLogIsInThem() throws {
    let files = try files()
    let outcome = try files.fit()
    #expect(outcome.status == 0, "\(outcome.error)")
    let folders = try manager.contentsOfDirectory(atPath: files.output + "/runs")
    #expect(folders.count == 1)
    let name = #/[A-Z][a-z]{2}\d\d_\d\d-\d\d-\d\d_.+/#
    #expect(try #require(folders.first).wholeMatch(of: name) != nil)
    let events = try #require(try Self.events(in: files.output + "/runs/" + folders[0]).first)
    let log = try String(contentsOfFile: files.output + "/log.jsonl", encoding: .utf8)
      .split(separator: "\n").map { try #require(try JSONValue(parsing: String($0)).object) }
    var expected: [Event] = []
    for entry in log {
      for (key, value) in entry.members where key != "step" {
        expected.append(
          Event(
            step: entry["step"]?.integer ?? 0, tag: "train/" + key,
            value: Float(value.double ?? .nan)))
      }
    }
    #expect(events.filter { $0.value != nil } == expected)
    #expect(events[0].isHead && events.contains { $0.tag == "args/text_summary" })
  }

  /// A run that goes on takes back what was written of the steps that it takes once more.
  @Test func aRunThatGoesOnBeginsWithARestart() throws {
    var files = try files()
    let folder = files.directory + "/board"
    files.setArgument("logging_dir", .string(folder))
    #expect(try files.fit().status == 0)
    for name in ["final", "checkpoint-6"] {
      try manager.removeItem(atPath: files.output + "/" + name)
    }
    #expect(try files.fit().status == 0)
    let parts = try Self.events(in: folder)
    #expect(parts.count == 2 && !manager.fileExists(atPath: files.output + "/runs"))
    #expect(parts[1][0].isHead && parts[1][1] == Event(step: 5, isRestart: true))
    #expect(parts[1].dropFirst(2).allSatisfy { $0.step >= 5 })
    // The same run once more: what is not taken back and what follows is the whole.
    let kept = parts[0].filter { $0.value != nil && $0.step < 5 }
    let whole = kept + parts[1].filter { $0.value != nil }
    #expect(
      whole.filter { $0.tag == "train/loss" } == parts[0].filter { $0.tag == "train/loss" })
  }

  /// What may be asked for, and what may not.
  @Test(
    arguments: [
      (#""all""#, nil), (#"["tensorboard"]"#, nil), (#""none""#, nil), ("[]", nil),
      (#""wandb""#, #"expected "none", "all", "tensorboard" or a list of names, found "wandb""#),
      (#"["tensorboard", "mlflow"]"#, #"found "mlflow""#),
    ] as [(String, String?)])
  func reporters(_ value: String, error: String?) throws {
    let files = try RunFiles()
    var arguments = try files.fitting(["--set", "args.report_to=\(value)"])
    arguments.replaceSubrange(0..<1, with: ["recipe", "check"])
    let outcome = try CommandLineTool.run(arguments)
    #expect(outcome.status == (error == nil ? 0 : 1), "\(outcome.error)")
    if let error { #expect(outcome.error.contains(error), "\(outcome.error)") }
  }

  // MARK: Reading

  private struct Event: Equatable {
    var step = 0
    var tag = ""
    var value: Float?
    var isHead = false
    var isRestart = false
  }

  /// The events of a directory's files, in the order of the files' names.
  private static func events(in directory: String) throws -> [[Event]] {
    try manager.contentsOfDirectory(atPath: directory).sorted().map { name in
      #expect(name.wholeMatch(of: #/events\.out\.tfevents\.\d{10}\..+\.\d+\.0/#) != nil, "\(name)")
      let data = [UInt8](try Data(contentsOf: URL(filePath: "\(directory)/\(name)")))
      var (events, place) = ([Event](), 0)
      while place < data.count {
        let length = (0..<8).reversed().reduce(0) { $0 << 8 | Int(data[place + $1]) }
        events.append(event(data[(place + 12)..<(place + 12 + length)]))
        place += 16 + length
      }
      return events
    }
  }

  private static func event(_ bytes: ArraySlice<UInt8>) -> Event {
    var event = Event()
    for (field, value, content) in fields(bytes) {
      switch field {
      case 2: event.step = value
      case 3: event.isHead = content.elementsEqual("brain.Event:2".utf8)
      case 7: event.isRestart = fields(content).contains { $0.0 == 1 && $0.1 == 1 }
      case 5:
        for (field, value, text) in fields(content).flatMap({ fields($0.2) }) {
          if field == 1 { event.tag = String(decoding: text, as: UTF8.self) }
          if field == 2 { event.value = Float(bitPattern: UInt32(value)) }
        }
      default: break
      }
    }
    return event
  }

  /// The fields of a message: number, value if it is a number, bytes if it is none.
  private static func fields(
    _ bytes: ArraySlice<UInt8>
  ) -> [(Int, Int, ArraySlice<UInt8>)] {
    var (found, rest) = ([(Int, Int, ArraySlice<UInt8>)](), bytes)
    func varint() -> Int {
      var (value, shift) = (0, 0)
      while let byte = rest.popFirst() {
        value |= Int(byte & 0x7F) << shift
        shift += 7
        if byte < 0x80 { break }
      }
      return value
    }
    while !rest.isEmpty {
      let key = varint()
      switch key & 7 {
      case 0: found.append((key >> 3, varint(), []))
      case 2:
        let length = varint()
        found.append((key >> 3, 0, rest.prefix(length)))
        rest = rest.dropFirst(length)
      default:
        let size = key & 7 == 1 ? 8 : 4
        let value = rest.prefix(size).reversed().reduce(UInt(0)) { $0 << 8 | UInt($1) }
        found.append((key >> 3, Int(bitPattern: value), []))
        rest = rest.dropFirst(size)
      }
    }
    return found
  }
}

private var manager: FileManager { .default }
