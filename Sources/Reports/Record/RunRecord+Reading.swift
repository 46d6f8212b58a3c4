internal import FoundationEssentials
internal import JSONValues

extension RunRecord {
  /// Reads a run's directory: what is there, in whatever state.
  ///
  /// The log is that of the newest checkpoint if there is no `log.jsonl`, so that the directories of
  /// transformers' trainer can be read, too. A last line that is cut off, as of a run that is going
  /// on, is left out without a word.
  ///
  /// - Parameter path: The directory.
  /// - Throws: ``ReportError`` if it is no directory or there is nothing of a run in it.
  package init(reading path: String) throws {
    var reader = Reader(directory: path)
    try reader.checkDirectory()
    let recipe = reader.value("recipe.json")
    let facts = reader.value("run.json")?.object
    var log = reader.lines("log.jsonl")
    var plannedSteps: Int?
    if log == nil, let (file, state) = reader.newestTrainerState() {
      log = (state["log_history"]?.array ?? []).compactMap(\.object)
      plannedSteps = state["max_steps"]?.integer
      reader.remarks.append("there is no log.jsonl: the log is that of \(file)")
    }
    if recipe == nil, log == nil, reader.remarks.isEmpty {
      throw ReportError(
        message: "holds no run: there is neither recipe.json nor log.jsonl nor "
          + "checkpoint-<step>/trainer_state.json; give the directory that fit writes",
        path: reader.absolutePath)
    }
    self.init(
      path: path, recipe: recipe, facts: RunFacts(facts ?? [:]), log: log ?? [],
      timings: reader.lines("timings.jsonl") ?? [], remarks: reader.remarks,
      plannedSteps: plannedSteps)
  }
}

/// The files of one directory, and what is wrong with them.
private struct Reader {
  let directory: String
  var remarks: [String] = []

  init(directory: String) { self.directory = directory }

  var absolutePath: String {
    directory.hasPrefix("/")
      ? directory : FileManager.default.currentDirectoryPath + "/" + directory
  }

  func checkDirectory() throws {
    var isDirectory = false
    guard FileManager.default.fileExists(atPath: directory, isDirectory: &isDirectory) else {
      throw ReportError(message: "there is no such directory", path: absolutePath)
    }
    guard isDirectory else {
      throw ReportError(
        message: "is a file; give the directory that fit writes", path: absolutePath)
    }
  }

  /// A file's bytes; nil if it is not there, with a remark if it is and cannot be read.
  private mutating func contents(_ name: String) -> [UInt8]? {
    let path = directory + "/" + name
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    if let data = FileManager.default.contents(atPath: path) { return Array(data) }
    remarks.append("\(name) cannot be read")
    return nil
  }

  mutating func value(_ name: String) -> JSONValue? {
    guard let bytes = contents(name) else { return nil }
    do {
      let value = try JSONValue(parsing: bytes)
      if value.object != nil { return value }
      remarks.append("\(name) is \(value.kind), not an object")
    } catch { remarks.append("\(name) is damaged: line \(error.line): \(error.message)") }
    return nil
  }

  /// The objects of a file of one on each line.
  mutating func lines(_ name: String) -> [JSONObject]? {
    guard let bytes = contents(name) else { return nil }
    var (objects, damaged) = ([JSONObject](), [Int]())
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() where !line.isEmpty {
      if let object = (try? JSONValue(parsing: line))?.object {
        objects.append(object)
      } else if index + 1 < lines.count {
        damaged.append(index + 1)
      }
    }
    if let first = damaged.first {
      let others = damaged.count > 1 ? " and \(damaged.count - 1) others are" : " is"
      remarks.append("\(name): line \(first)\(others) no JSON object and left out")
    }
    return objects
  }

  /// The state that the newest checkpoint was saved with, or the directory's own.
  mutating func newestTrainerState() -> (file: String, state: JSONValue)? {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    let steps = names.compactMap { name in
      name.hasPrefix("checkpoint-") ? Int(name.dropFirst("checkpoint-".count)) : nil
    }.sorted(by: >)
    for folder in steps.map({ "checkpoint-\($0)/" }) + [""] {
      let file = folder + "trainer_state.json"
      if let state = value(file) { return (file, state) }
    }
    return nil
  }
}
