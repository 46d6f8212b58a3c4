import ArgumentParser
import Encoders

/// What stands in front of texts.
struct PromptOptions: ParsableArguments {
  @Option(help: "Put in front of every text; default: the model's default prompt, if it has one.")
  var prompt: String?

  @Option(help: "The model's prompt of this name is put in front of every text.")
  var promptName: String?

  func validate() throws {
    if prompt != nil && promptName != nil {
      throw ValidationError("--prompt and --prompt-name exclude each other; keep one")
    }
  }

  /// The prompt, as sentence-transformers' `encode` chooses it.
  ///
  /// - Throws: ``InputError`` if the model has none of the name.
  func text(for layout: ModelLayout) throws -> String {
    if let prompt { return prompt }
    guard let name = promptName ?? layout.defaultPromptName else { return "" }
    if let text = layout.prompts[name] { return text }
    let known = layout.prompts.keys.sorted().joined(separator: ", ")
    throw InputError(
      "the model has no prompt \"\(name)\"; it has: \(known.isEmpty ? "none" : known)")
  }
}
