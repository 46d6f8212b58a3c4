internal import Encoders
internal import Ranks
internal import Tensors

/// What rank 0 asks the others to do next.
///
/// Only rank 0 knows the run's directory: it decides, logs and saves. The others follow it, an order
/// at a time, so that nothing that only it does needs to be known to them.
enum RankOrder {
  /// Read the run and wait until all have.
  case begin
  /// Read what the steps read: it is in the store now.
  case prepare
  /// Take the next step.
  case step
  /// Encode a part of these texts.
  case encode(EncodingOrder)
  /// Leave.
  case end

  private static let wordCount = 6

  private var number: Int {
    switch self {
    case .begin: 0
    case .prepare: 1
    case .step: 2
    case .encode: 3
    case .end: 4
    }
  }

  /// Tells the other ranks; for rank 0.
  func tell(_ ranks: RankGroup) throws {
    var words = [Int](repeating: 0, count: Self.wordCount)
    words[0] = number
    if case .encode(let order) = self { words.replaceSubrange(1..., with: order.words) }
    try ranks.tell(words)
    if case .encode(var order) = self { try order.send(ranks) }
  }

  /// Waits for the next order; for the others.
  static func next(_ ranks: RankGroup) throws -> RankOrder {
    let words = try ranks.hear(wordCount)
    switch words[0] {
    case 0: return .begin
    case 1: return .prepare
    case 2: return .step
    case 3:
      var order = EncodingOrder(words: Array(words[1...]))
      try order.send(ranks)
      return .encode(order)
    default: return .end
    }
  }
}

/// Texts to be encoded, and by which model.
struct EncodingOrder {
  /// The model's directory; empty: the model that is trained.
  var directory: String { String(decoding: path, as: UTF8.self) }
  let tokensPerBatch: Int
  let precision: ElementType

  private var path: [UInt8]
  private var lengths: [Int32]
  private var promptLengths: [Int32]
  private var ids: [Int32]

  init(
    _ texts: [TokenizedText], directory: String, tokensPerBatch: Int, precision: ElementType
  ) {
    (self.tokensPerBatch, self.precision) = (tokensPerBatch, precision)
    path = Array(directory.utf8)
    lengths = texts.map { Int32($0.ids.count) }
    promptLengths = texts.map { Int32($0.promptLength) }
    ids = texts.flatMap(\.ids)
  }

  /// Room for an order of which only the sizes are known.
  fileprivate init(words: [Int]) {
    path = Array(repeating: 0, count: words[0])
    lengths = Array(repeating: 0, count: words[1])
    promptLengths = lengths
    ids = Array(repeating: 0, count: words[2])
    tokensPerBatch = words[3]
    precision = Self.precisions[words[4]]
  }

  private static let precisions: [ElementType] = [.fp32, .bf16, .fp16]

  fileprivate var words: [Int] {
    [
      path.count, lengths.count, ids.count, tokensPerBatch,
      Self.precisions.firstIndex(of: precision) ?? 0,
    ]
  }

  /// The texts.
  var texts: [TokenizedText] {
    var start = 0
    return zip(lengths, promptLengths).map { length, promptLength in
      defer { start += Int(length) }
      return TokenizedText(
        ids: Array(ids[start..<start + Int(length)]), promptLength: Int(promptLength))
    }
  }

  /// Makes rank 0's contents those of all.
  fileprivate mutating func send(_ ranks: RankGroup) throws {
    try path.withUnsafeMutableBytes { try ranks.broadcast($0) }
    try lengths.withUnsafeMutableBytes { try ranks.broadcast($0) }
    try promptLengths.withUnsafeMutableBytes { try ranks.broadcast($0) }
    try ids.withUnsafeMutableBytes { try ranks.broadcast($0) }
  }
}
