import ArgumentParser
import Glibc
import Tokenizers

/// `ktrain tokenize`.
struct TokenizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenize", abstract: "Prints the token ids of texts, a JSON array for each.",
    discussion: """
      Examples:
        ktrain tokenize MODEL texts.txt
        ktrain tokenize tokenizer.json corpus.jsonl --jsonl --max-seq-length 256
      """)

  @Argument(help: "A model's directory or a tokenizer.json.")
  var model: String

  @Argument(help: "The texts, one on each line; - or nothing: standard input.")
  var file = "-"

  @Flag(help: "Lines are JSON objects with the text in a field.")
  var jsonl = false

  @Option(help: "The field of the text, with --jsonl.")
  var field = "text"

  @Option(
    name: [.customLong("max-seq-length"), .customLong("max-length")],
    help: "Texts are cut to so many tokens, special tokens included; default: whole.")
  var maxLength: Int?

  func validate() throws {
    if let maxLength, maxLength < 1 {
      throw ValidationError("--max-seq-length: expected 1 or more")
    }
  }

  func run() throws {
    let tokenizer = try Tokenizer(contentsOf: model)
    if let maxLength, maxLength <= tokenizer.specialTokenCount {
      throw InputError(
        "--max-seq-length \(maxLength): \(tokenizer.specialTokenCount) special tokens leave no room "
          + "for a text")
    }
    let input = try TextInput(path: file, fields: jsonl ? [field] : [])
    while let text = try input.next() {
      let ids = tokenizer.encode(text, maxLength: maxLength)
      print("[" + ids.map(String.init).joined(separator: ", ") + "]")
    }
  }
}
