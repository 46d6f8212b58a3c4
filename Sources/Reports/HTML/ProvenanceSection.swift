internal import JSONValues

/// Where it came from: the inputs' digests, the machine and the versions.
struct ProvenanceSection {
  let run: RunRecord

  var markup: Markup? {
    Page.section("Origin", [inputs, environment])
  }

  private var inputs: Markup? {
    guard !run.facts.inputs.isEmpty else { return nil }
    var table = Table(
      heads: ["Input", "Path", "SHA-256"], isStacked: true, caption: "Digests of data and models")
    for input in run.facts.inputs {
      let digest = input["sha256"]?.string ?? "–"
      table.rows.append([
        "\(input["of"]?.string ?? "–")", "\(input["path"]?.string ?? "–")",
        Table.Cell(markup: "<code>\(digest)</code>"),
      ])
    }
    return "<h3>Data and models</h3>\n\(table.markup)"
  }

  private var environment: Markup? {
    let names = [
      ("cpu", "Processor"), ("cores", "Cores"), ("threads", "Threads"), ("kernels", "Kernels"),
      ("precision", "Precision"), ("memory_bytes", "Memory"),
      ("memory_limit_bytes", "For tensors"), ("os", "System"), ("hindrance", "Slower because"),
    ]
    var rows: [[Table.Cell]] = names.compactMap { key, name in
      guard let value = run.facts.environment[key], !value.isNull else { return nil }
      let text =
        key.hasSuffix("_bytes")
        ? Figures.bytes(value.double ?? 0) : value.string ?? value.text()
      return ["\(name)", "\(text)"]
    }
    if let version = run.facts.version { rows.append(["ktrain", "\(version)"]) }
    if let started = run.facts.value["started"]?.string { rows.append(["Started", "\(started)"]) }
    rows.append(["Directory", "\(run.path)"])
    var table = Table(heads: ["What", "Which"], isStacked: true, caption: "The machine")
    table.rows = rows
    return "<h3>Machine</h3>\n\(table.markup)"
  }
}
