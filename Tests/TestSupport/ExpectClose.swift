public import Testing

/// Expects `actual` to equal `expected` element by element, to within `absolute + relative *
/// |expected|`.
///
/// A different count fails, and so does a NaN on one side only. The failure names the worst
/// element, not the whole array.
public func expectClose(
  _ actual: [Float], _ expected: [Double], relative: Double, absolute: Double,
  _ what: String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
  expectClose(
    actual.map(Double.init), expected, relative: relative, absolute: absolute, what,
    sourceLocation: sourceLocation)
}

/// Expects `actual` to equal `expected` element by element, to within
/// `absolute + relative * |expected|`; see the form for `Float`.
public func expectClose(
  _ actual: [Double], _ expected: [Double], relative: Double, absolute: Double,
  _ what: String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
  guard actual.count == expected.count else {
    Issue.record(
      "\(what): \(actual.count) elements, expected \(expected.count)",
      sourceLocation: sourceLocation)
    return
  }
  var worst = (excess: 0.0, index: -1)
  for index in actual.indices {
    let (found, wanted) = (actual[index], expected[index])
    if found == wanted || (found.isNaN && wanted.isNaN) { continue }
    let excess = abs(found - wanted) / (absolute + relative * abs(wanted))
    if excess.isNaN || (excess > 1 && excess > worst.excess) { worst = (excess, index) }
    if excess.isNaN { break }
  }
  if worst.index >= 0 {
    Issue.record(
      "\(what): element \(worst.index) is \(actual[worst.index]), expected \(expected[worst.index]), \(worst.excess) times the tolerance",
      sourceLocation: sourceLocation)
  }
}
