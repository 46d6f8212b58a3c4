import JSONValues

/// A sentencepiece.bpe.model of XLM-RoBERTa, turned into the tokenizer.json that transformers makes.
///
/// In spite of its name the file holds a Unigram vocabulary. It is a `ModelProto` of
/// <https://github.com/google/sentencepiece/blob/master/src/sentencepiece_model.proto>.
struct SentencePieceModel {
  /// What tokenizer.json would say, without the vocabulary.
  let skeleton: JSONValue
  let vocabulary: Unigram.Vocabulary

  private enum Kind: UInt64 {
    case normal = 1
    case unknown, control, userDefined, unused, byte
  }

  private struct Piece {
    var text: ArraySlice<UInt8> = []
    var score: Float = 0
    var kind = Kind.normal.rawValue
  }

  /// Reads the file's bytes.
  init(_ bytes: [UInt8], path: String) throws(TokenizerError) {
    var pieces: [Piece] = []
    var map: ArraySlice<UInt8> = []
    do throws(ProtobufReader.Fault) {
      var reader = ProtobufReader(bytes[...])
      while let field = try reader.next() {
        switch field.number {
        case 1: pieces.append(try Self.piece(try field.bytes()))
        case 2: try Self.checkTrainer(try field.bytes())
        case 3: map = try Self.characterMap(try field.bytes())
        default: break
        }
      }
    } catch {
      throw TokenizerError(
        code: error.isUnsupported ? .unsupported : .malformed, message: error.message, path: path,
        field: nil)
    }
    vocabulary = try Self.vocabulary(pieces, path: path)
    skeleton = [
      "version": "1.0",
      "added_tokens": Self.addedTokens(count: vocabulary.scores.count),
      "normalizer": map.isEmpty
        ? nil
        : ["type": "Precompiled", "precompiled_charsmap": .string(base64Encoded(map))],
      "pre_tokenizer": nil,
      "post_processor": [
        "type": "TemplateProcessing", "pair": [],
        "single": [
          ["SpecialToken": ["id": "<s>", "type_id": 0]], ["Sequence": ["id": "A", "type_id": 0]],
          ["SpecialToken": ["id": "</s>", "type_id": 0]],
        ],
        "special_tokens": [
          "<s>": ["id": "<s>", "ids": [0], "tokens": ["<s>"]],
          "</s>": ["id": "</s>", "ids": [2], "tokens": ["</s>"]],
        ],
      ],
      "model": ["type": "Unigram", "unk_id": 3],
    ]
  }

  /// `added_tokens` for a vocabulary of `count` tokens, the last of which is the mask.
  ///
  /// transformers lets the mask swallow the white space before it, if the directory says so; under
  /// XLM-RoBERTa's pre-tokenizer, which drops all white space, that makes no difference.
  private static func addedTokens(count: Int) -> JSONValue {
    let ids = [("<s>", 0), ("<pad>", 1), ("</s>", 2), ("<unk>", 3), ("<mask>", count - 1)]
    return .array(
      ids.map { content, id in
        [
          "id": .integer(id), "content": .string(content), "single_word": false,
          "lstrip": false, "rstrip": false, "normalized": false, "special": true,
        ]
      })
  }

  /// fairseq's order: its own special tokens, what follows the file's first three pieces, the mask.
  private static func vocabulary(
    _ pieces: [Piece], path: String
  ) throws(TokenizerError) -> Unigram.Vocabulary {
    func fault(_ message: String, _ code: TokenizerError.Code = .malformed) -> TokenizerError {
      TokenizerError(code: code, message: message, path: path, field: nil)
    }
    let kinds = pieces.prefix(3).map(\.kind).sorted()
    guard kinds == [Kind.unknown.rawValue, Kind.control.rawValue, Kind.control.rawValue] else {
      throw fault("its first three pieces are not <unk>, <s> and </s>", .unsupported)
    }
    var keys = ByteStrings()
    for token in ["<s>", "<pad>", "</s>", "<unk>"] { keys.append(token.utf8) }
    var scores = [Double](repeating: 0, count: 4)
    for (index, piece) in pieces.enumerated().dropFirst(3) {
      guard let text = String(validating: piece.text, as: UTF8.self) else {
        throw fault("piece \(index) is not UTF-8")
      }
      guard piece.kind == Kind.normal.rawValue || piece.kind == Kind.unused.rawValue else {
        throw fault("piece \(index), \"\(text)\", is of kind \(piece.kind)", .unsupported)
      }
      guard piece.score.isFinite else { throw fault("the score of piece \(index) is not finite") }
      keys.append(piece.text)
      scores.append(Double(piece.score))
    }
    keys.append("<mask>".utf8)
    scores.append(0)
    do throws(Trie.BuildingError) {
      return try Unigram.Vocabulary(keys, scores)
    } catch {
      throw fault(error.message)
    }
  }

  private static func piece(_ bytes: ArraySlice<UInt8>) throws(ProtobufReader.Fault) -> Piece {
    var piece = Piece()
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      switch field.number {
      case 1: piece.text = try field.bytes()
      case 2: piece.score = try field.float()
      case 3: piece.kind = try field.integer()
      default: break
      }
    }
    return piece
  }

  private static func checkTrainer(_ bytes: ArraySlice<UInt8>) throws(ProtobufReader.Fault) {
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      if field.number == 3, try field.integer() != 1 {
        throw ProtobufReader.Fault(
          message: "its model_type is \(try field.integer()); only 1, UNIGRAM, is supported",
          isUnsupported: true)
      }
      if field.number == 35, try field.integer() != 0 {
        throw ProtobufReader.Fault(
          message: "its byte_fallback is true; only false is supported", isUnsupported: true)
      }
    }
  }

  private static func characterMap(
    _ bytes: ArraySlice<UInt8>
  ) throws(ProtobufReader.Fault) -> ArraySlice<UInt8> {
    var map: ArraySlice<UInt8> = []
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      if field.number == 2 { map = try field.bytes() }
    }
    return map
  }
}
