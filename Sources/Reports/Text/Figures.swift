/// Numbers for people.
package enum Figures {
  /// A number with as many digits after the point.
  package static func fixed(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite else { return "–" }
    guard digits <= 12 else { return short(value) }
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let scaled = (abs(value) * scale).rounded()
    guard scaled < 9e15 else { return String(value) }
    let whole = Int(scaled) / Int(scale)
    let sign = value < 0 && scaled > 0 ? "−" : ""
    if digits == 0 { return sign + grouped(whole) }
    let rest = String(Int(scaled) % Int(scale))
    return "\(sign)\(grouped(whole))." + String(repeating: "0", count: digits - rest.count) + rest
  }

  /// A number of about four digits: `0.1797`, `12.35`, `4,578`, `2.5e-5`.
  package static func short(_ value: Double) -> String {
    guard value.isFinite else { return "–" }
    let size = abs(value)
    if size == 0 { return "0" }
    if size >= 1e7 || size < 0.001 { return scientific(value) }
    return fixed(value, size < 10 ? 4 : size < 100 ? 2 : size < 1000 ? 1 : 0)
  }

  private static func scientific(_ value: Double) -> String {
    var (mantissa, exponent) = (value, 0)
    while abs(mantissa) >= 9.995 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
    while abs(mantissa) < 0.9995 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
    var digits = fixed(mantissa, 2)
    while digits.hasSuffix("0") { digits.removeLast() }
    if digits.hasSuffix(".") { digits.removeLast() }
    return "\(digits)e\(exponent)"
  }

  /// A number with its sign, as a change has it.
  package static func signed(_ value: Double, _ digits: Int) -> String {
    (value < 0 ? "" : "+") + fixed(value, digits)
  }

  /// A whole number with commas between thousands.
  package static func grouped(_ value: Int) -> String {
    let digits = String(value)
    var result = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0, result.last != "-" { result.append(",") }
      result.append(digit)
    }
    return result
  }

  /// Hours, minutes and seconds: `1:02:03`, `2:03`; below ten seconds `4.2 s`.
  package static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "–" }
    if seconds < 10 { return fixed(seconds, seconds < 1 ? 2 : 1) + " s" }
    return clock(Int(seconds.rounded()))
  }

  /// Seconds as a clock shows them: `1:02:03`, `2:03`.
  package static func clock(_ seconds: Int) -> String {
    let padded = { (value: Int) in (value < 10 ? "0" : "") + String(value) }
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
    return (hours > 0 ? "\(hours):\(padded(minutes))" : String(minutes))
      + ":\(padded(seconds % 60))"
  }

  /// Bytes in the unit that fits: `1.4 GiB`, `310 MiB`.
  package static func bytes(_ count: Double) -> String {
    let mebibytes = count / 1_048_576
    return mebibytes >= 1024 ? fixed(mebibytes / 1024, 2) + " GiB" : fixed(mebibytes, 0) + " MiB"
  }

  /// A share as a percentage.
  package static func percent(_ share: Double) -> String {
    fixed(share * 100, share < 0.0995 && share > 0 ? 1 : 0) + " %"
  }

  /// `1 step`, `2 steps`.
  package static func count(_ number: Int, _ noun: String) -> String {
    "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")"
  }
}

extension StringProtocol {
  /// The text of at most so many characters, with … where something was cut off.
  package func cut(to length: Int) -> String {
    guard let end = index(startIndex, offsetBy: length, limitedBy: endIndex), end < endIndex
    else { return String(self) }
    return self[..<index(before: end)] + "…"
  }
}
