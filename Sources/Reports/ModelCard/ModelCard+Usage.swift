internal import JSONValues

extension ModelCard {
  /// Texts of the training data by which the card shows how the model is used.
  package struct Example: Hashable, Sendable {
    /// A text of the first column, and what stands in front of it.
    package let query: String
    package let queryPrompt: String
    /// Texts of other columns, those of the query's row first, and what stands in front of them.
    package let documents: [String]
    package let documentPrompt: String
  }

  /// The example of a run; nil if its data has no short rows.
  package static func example(_ facts: RunFacts) -> Example? {
    let rows = facts.examples.filter { $0.count >= 2 }
    guard let first = rows.first else { return nil }
    let others = rows.dropFirst().map { $0[1] }
    return Example(
      query: first[0], queryPrompt: facts.model["query_prompt"]?.string ?? "",
      documents: Array((first.dropFirst() + others).prefix(3)),
      documentPrompt: facts.model["document_prompt"]?.string ?? "")
  }

  var usage: String {
    let example =
      Self.example(run.facts)
      ?? Example(
        query: "Which planet is known as the Red Planet?", queryPrompt: "",
        documents: [
          "Venus is often called Earth's twin because of its similar size and proximity.",
          "Mars, known for its reddish appearance, is often referred to as the Red Planet.",
          "Saturn, famous for its rings, is sometimes mistaken for the Red Planet.",
        ], documentPrompt: "")
    let dimension = run.facts.model["dimension"]?.text() ?? "?"
    var lines = [
      "## Usage", "", "### Direct Usage (Sentence Transformers)", "",
      "First install the Sentence Transformers library:", "", "```bash",
      "pip install -U sentence-transformers", "```",
      "Then you can load this model and run inference.", "```python",
      "from sentence_transformers import SentenceTransformer", "",
      "# Download from the 🤗 Hub, or give the directory of this file",
      "model = SentenceTransformer(\"sentence_transformers_model_id\")", "# Run inference",
      "queries = [", "    \(PythonText.literal(example.query)),", "]", "documents = [",
    ]
    lines += example.documents.map { "    \(PythonText.literal($0))," }
    lines += [
      "]", "query_embeddings = \(call("queries", example.queryPrompt))",
      "document_embeddings = \(call("documents", example.documentPrompt))",
      "print(query_embeddings.shape, document_embeddings.shape)",
      "# [1, \(dimension)] [\(example.documents.count), \(dimension)]", "",
      "# Get the similarity scores for the embeddings",
      "similarities = model.similarity(query_embeddings, document_embeddings)",
    ]
    if let similarities {
      let numbers = similarities.map { Figures.fixed($0, 4).replacing("−", with: "-") }
      lines += ["print(similarities)", "# tensor([[\(numbers.joined(separator: ", "))]])"]
    } else {
      lines += ["print(similarities.shape)", "# [1, \(example.documents.count)]"]
    }
    lines.append("```")
    if let prompts { lines += ["", prompts] }
    return lines.joined(separator: "\n")
  }

  /// A prompt is spelled out, since the model's own, if it has any, need not be that of training.
  private func call(_ name: String, _ prompt: String) -> String {
    let isNeeded = !prompt.isEmpty || run.facts.model["default_prompt_name"]?.string != nil
    return isNeeded
      ? "model.encode(\(name), prompt=\(PythonText.literal(prompt)))" : "model.encode(\(name))"
  }

  /// What stood in front of the texts of training; nil if nothing did.
  private var prompts: String? {
    guard let prompts = run.recipe?["args"]?["prompts"], prompts.object?.count ?? 0 > 0 else {
      return nil
    }
    return "In training, texts had these prompts in front of them, and the model expects them: "
      + "`\(Markdown.span(PythonText.literal(prompts)))`"
  }
}
