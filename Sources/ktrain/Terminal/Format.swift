import FoundationEssentials
import Reports

/// Numbers for people.
enum Format {
  /// A number with as many digits after the point.
  static func fixed(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite else { return String(value) }
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let scaled = (abs(value) * scale).rounded()
    guard scaled < 9e15 else { return String(value) }
    let whole = Int(scaled) / Int(scale)
    let sign = value < 0 && scaled > 0 ? "-" : ""
    if digits == 0 { return sign + String(whole) }
    let rest = String(Int(scaled) % Int(scale))
    return "\(sign)\(whole)." + String(repeating: "0", count: digits - rest.count) + rest
  }

  /// A number in the shortest form of about four digits, such as a learning rate.
  static func short(_ value: Double) -> String {
    guard value.isFinite else { return String(value) }
    if value == 0 { return "0" }
    if abs(value) >= 0.001 && abs(value) < 100_000 { return fixed(value, abs(value) < 10 ? 4 : 1) }
    var (mantissa, exponent) = (value, 0)
    while abs(mantissa) >= 9.9995 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
    while abs(mantissa) < 0.99995 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
    return "\(fixed(mantissa, 2))e\(exponent)"
  }

  /// A whole number with commas between thousands.
  static func grouped(_ value: Int) -> String { Figures.grouped(value) }

  /// A number of things: `1 step`, `2,000 steps`.
  static func count(_ value: Int, _ unit: String) -> String { Figures.count(value, unit) }

  /// Hours, minutes and seconds: `1:02:03`, `2:03`.
  static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "?" }
    return Figures.clock(Int(seconds.rounded()))
  }

  /// Bytes in the unit that fits: `1.4 GiB`, `310 MiB`.
  static func bytes(_ count: Int) -> String {
    let mebibytes = Double(count) / 1_048_576
    return mebibytes >= 1024 ? fixed(mebibytes / 1024, 2) + " GiB" : fixed(mebibytes, 0) + " MiB"
  }

  /// A difference with its sign.
  static func change(_ value: Double, _ digits: Int) -> String {
    (value < 0 ? "" : "+") + fixed(value, digits)
  }

  /// A share in whole percents: `45 %`; 100 only if it is all, 0 only if it is nothing.
  static func percent(_ share: Double) -> String {
    guard share > 0, share < 1 else { return share >= 1 ? "100 %" : "0 %" }
    return fixed(min(99, max(1, share * 100)), 0) + " %"
  }

  /// A text with spaces in front of it.
  static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.displayWidth)) + text
  }

  /// The start of a text on one line: a space for each run of spaces, line ends and controls.
  static func oneLine(_ text: String, limit: Int) -> String {
    var result = ""
    // No line of so many characters has more scalars, but for made-up ones.
    for scalar in text.unicodeScalars.prefix(16 * limit) {
      let isBlank = scalar.properties.isWhitespace || scalar.properties.generalCategory == .control
      if !isBlank {
        result.unicodeScalars.append(scalar)
      } else if result.unicodeScalars.last != " " {
        result.append(" ")
      }
    }
    return result
  }

  /// Columns side by side, the first to the left and the others to the right.
  static func table(_ rows: [[String]]) -> String {
    let widths = (0..<(rows.map(\.count).max() ?? 0)).map { column in
      rows.map { column < $0.count ? $0[column].displayWidth : 0 }.max() ?? 0
    }
    return rows.map { row in
      row.enumerated().map { column, cell in
        column == 0 ? cell.padded(toWidth: widths[0]) : right(cell, widths[column])
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }
}
