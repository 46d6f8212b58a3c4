internal import JSONValues

/// The text of a model's `README.md`, in the form of sentence-transformers 6.2: metadata that the
/// hub reads, and all that is known of the model and of how it was made.
///
/// It is made of what the run has written (recipe, facts, log); texts of the user's are escaped, and
/// long ones cut. `ktrain recipe import` reads the recipe out of it again.
package struct ModelCard: Sendable {
  let run: RunRecord
  /// After how many steps the model is this one.
  let step: Int
  /// The similarities of the example's query to its documents; nil if they were not computed.
  let similarities: [Double]?

  /// Creates a card.
  ///
  /// - Parameters:
  ///   - run: The run so far; of its log the entries up to `step` tell how good the model is.
  ///   - step: After how many steps the model is this one.
  ///   - similarities: The similarities of the ``example``'s query to its documents.
  package init(run: RunRecord, step: Int, similarities: [Double]? = nil) {
    (self.run, self.step, self.similarities) = (run, step, similarities)
  }

  /// The card.
  package var text: String {
    let parts: [String?] = [
      head, description, usage, evaluation, training, citations,
    ]
    return parts.compactMap { $0 }.joined(separator: "\n\n") + "\n"
  }

  // MARK: What is said of the model

  /// What the recipe says of the model beyond the run: `language`, `license`, `base_model`, ….
  var given: JSONValue { run.recipe?["model_card_data"] ?? [:] }

  /// The model that training started from, as the hub knows it; nil if that is not known.
  var hubName: String? {
    given["base_model"]?.string ?? run.facts.model["hub"]?["id"]?.string
  }

  /// What the model that training started from is called here.
  var base: String? {
    hubName ?? run.facts.model["path"]?.string ?? run.recipe?["model"]?["path"]?.string
  }

  var title: String {
    given["model_name"]?.string ?? run.recipe?["name"]?.string
      ?? hubName.map { "SentenceTransformer based on \($0)" } ?? "SentenceTransformer"
  }

  /// What was measured of this very model.
  var evaluations: [EvaluatorRecord] {
    run.evaluations { $0["step"]?.integer == step }
  }

  /// The losses' blocks in the recipe by data set; the only one has no name.
  var lossBlocks: [(name: String?, block: JSONObject)] {
    guard let loss = run.recipe?["loss"]?.object else { return [] }
    if loss["name"]?.string != nil { return [(nil, loss)] }
    return loss.members.compactMap { name, block in block.object.map { (name, $0) } }
  }

  private var description: String {
    let model = run.facts.model
    let dimension = model["dimension"]?.text() ?? "?"
    let origin = base.map { " finetuned from \(link($0))" } ?? " trained"
    var lines = [
      "# \(Markdown.inline(title))", "",
      "This is a [sentence-transformers](https://www.SBERT.net) model\(origin). It maps inputs to a "
        + "\(dimension)-dimensional dense vector space and can be used for semantic textual "
        + "similarity, semantic search, paraphrase mining, classification, clustering, and more.",
      "", "## Model Details", "", "### Model Description",
      "- **Model Type:** Sentence Transformer",
    ]
    if let base {
      let revision = model["hub"]?["revision"]?.string.map { " <!-- at revision \($0) -->" }
      lines.append("- **Base model:** \(link(base))\(hubName == base ? revision ?? "" : "")")
    }
    lines += [
      "- **Maximum Sequence Length:** \(model["max_seq_length"]?.text() ?? "?") tokens",
      "- **Output Dimensionality:** \(dimension) dimensions",
      "- **Similarity Function:** \(similarityName)", "- **Supported Modality:** Text",
    ]
    let ids = list("datasets")
    if !ids.isEmpty {
      lines.append("- **Training Dataset\(ids.count > 1 ? "s" : ""):**")
      lines += ids.map { "    - [\($0)](https://huggingface.co/datasets/\($0))" }
    }
    let languages = list("language").map { Markdown.inline($0) }.joined(separator: ", ")
    if !languages.isEmpty { lines.append("- **Language:** \(languages)") }
    if let license = given["license"]?.string {
      lines.append("- **License:** \(Markdown.inline(license))")
    }
    lines += [
      "", "### Model Sources", "",
      "- **Documentation:** [Sentence Transformers Documentation](https://sbert.net)",
      "- **Repository:** [Sentence Transformers on GitHub](https://github.com/huggingface/sentence-transformers)",
      "- **Hugging Face:** [Sentence Transformers on Hugging Face](https://huggingface.co/models?library=sentence-transformers)",
      "", "### Full Model Architecture", "", "```", architecture, "```",
    ]
    return lines.joined(separator: "\n")
  }

  /// A list that the recipe gives.
  func list(_ key: String) -> [String] {
    given[key]?.array?.compactMap(\.string) ?? given[key]?.string.map { [$0] } ?? []
  }

  private func link(_ base: String) -> String {
    hubName == base ? "[\(base)](https://huggingface.co/\(base))" : "`\(Markdown.span(base))`"
  }

  private var similarityName: String {
    switch run.facts.model["similarity"]?.string ?? "cosine" {
    case "cosine": "Cosine Similarity"
    case "dot": "Dot Product"
    case "euclidean": "Euclidean Distance"
    case "manhattan": "Manhattan Distance"
    case let other: other
    }
  }

  /// As `print(model)` of sentence-transformers 6.2 has it.
  private var architecture: String {
    let model = run.facts.model
    let pooling = model["pooling"]?.string ?? "mean"
    let prompt = model["include_prompt"]?.bool == false ? "False" : "True"
    let dimension = model["dimension"]?.text() ?? "?"
    var lines = [
      "SentenceTransformer(",
      "  (0): Transformer({'transformer_task': 'feature-extraction', 'modality_config': {'text': "
        + "{'method': 'forward', 'method_output_name': 'last_hidden_state'}}, "
        + "'module_output_name': 'token_embeddings', 'architecture': "
        + "'\(model["architecture"]?.string ?? "?")'})",
      "  (1): Pooling({'embedding_dimension': \(dimension), 'pooling_mode': '\(pooling)', "
        + "'include_prompt': \(prompt)})",
    ]
    if model["normalize"]?.bool == true {
      lines.append(
        "  (2): Normalize({'module_input_name': 'sentence_embedding', 'module_output_name': "
          + "'sentence_embedding'})")
    }
    return (lines + [")"]).joined(separator: "\n")
  }

  private var citations: String {
    let blocks = lossBlocks.flatMap { item -> [JSONObject] in
      [item.block] + (item.block["loss"]?.object.map { [$0] } ?? [])
    }
    let entries = Citations.list(of: blocks).map { name, text in
      "#### \(name)\n```bibtex\n\(text)\n```"
    }
    return "## Citation\n\n### BibTeX\n\n" + entries.joined(separator: "\n\n")
  }
}
