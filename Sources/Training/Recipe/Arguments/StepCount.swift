import JSONValues

/// A number of optimizer steps, or a share of all of them, as transformers reads it: a value below
/// 1 is a share.
public enum StepCount: Hashable, Sendable {
  /// So many steps.
  case steps(Int)
  /// A share of all steps, in [0, 1).
  case ratio(Double)

  /// Reads a count or share; nil if the number is negative, or above 1 and not whole.
  init?(_ number: Double) {
    switch number {
    case 0: self = .steps(0)
    case 0..<1: self = .ratio(number)
    default:
      guard number >= 1, let count = Int(exactly: number), count <= ValueKind<Int>.largestCount
      else { return nil }
      self = .steps(count)
    }
  }

  /// How many steps it is in a run of `maxSteps` steps: a share is rounded up.
  public func count(of maxSteps: Int) -> Int {
    switch self {
    case .steps(let count): count
    case .ratio(let share): Int((Double(maxSteps) * share).rounded(.up))
    }
  }
}

extension ValueKind<StepCount> {
  /// A whole number of steps, or a share below 1; 0 only if so asked.
  static func stepCount(allowingZero: Bool = false) -> Self {
    let sign = allowingZero ? "≥" : ">"
    let expected = "a whole number of steps, or a share of all steps \(sign) 0 and < 1"
    let share: JSONValue = [
      "type": "number", allowingZero ? "minimum" : "exclusiveMinimum": 0, "exclusiveMaximum": 1,
    ]
    return ValueKind(
      expected: expected,
      schema: ["anyOf": [share, ["type": "integer", "minimum": 1]]],
      decode: { value, path in
        guard let number = value.double else { throw path.wrongType(value, expected: expected) }
        guard let count = StepCount(number), allowingZero || number > 0 else {
          throw path.invalidValue(value, expected: expected)
        }
        return count
      },
      encode: { count in
        switch count {
        case .steps(let count): .integer(count)
        case .ratio(let share): .number(share)
        }
      })
  }
}
