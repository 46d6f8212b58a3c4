/// How much of the work on a batch is done, counted in tokens: encoding one is 1, going back 2.
///
/// How many mini-batches are encoded twice is known as soon as the first of them is, since none of those
/// after it is kept.
struct BatchWork {
  /// The tokens of each mini-batch.
  private let tokens: [Int]
  private let all: Int
  private var isKept: [Bool] = []
  private var (keptTokens, done) = (0, 0)

  init(_ tokens: [Int]) {
    self.tokens = tokens
    all = tokens.reduce(0, +)
  }

  /// A mini-batch was encoded.
  ///
  /// - Parameters:
  ///   - index: Which; they come in order.
  ///   - isKept: Whether its tape is kept.
  mutating func encoded(_ index: Int, isKept: Bool) {
    self.isKept.append(isKept)
    if isKept { keptTokens += tokens[index] }
    done += tokens[index]
  }

  /// A mini-batch was gone back through, after it was encoded again if it had to be.
  mutating func wentBack(_ index: Int) {
    done += (isKept[index] ? 2 : 3) * tokens[index]
  }

  /// From 0 to 1.
  var share: Double {
    let again = isKept.last == false ? all - keptTokens : 0
    return Double(done) / Double(max(1, 3 * all + again))
  }
}
