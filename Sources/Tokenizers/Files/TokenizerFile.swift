import JSONValues

/// A tokenizer.json, or what a sentencepiece.bpe.model says in its terms.
struct TokenizerFile {
  let field: Field
  /// The vocabulary, if it has been taken out of `field`.
  let vocabulary: Unigram.Vocabulary?

  /// Reads the file, or its large part from `cache`.
  init(path: String, cache: VocabularyCache?) throws(TokenizerError) {
    let bytes = try readFile(path)
    let cache = bytes.count < VocabularyCache.smallestSource ? nil : cache
    if let entry = cache?.entry(for: bytes) {
      field = try Field(parsing: entry.skeleton, path: path)
      vocabulary = entry.vocabulary
      return
    }
    if path.hasSuffix(".model") {
      let model = try SentencePieceModel(bytes, path: path)
      field = Field(value: model.skeleton, name: "", path: path)
      vocabulary = model.vocabulary
    } else {
      let whole = try Field(parsing: bytes, path: path)
      vocabulary = cache == nil ? nil : try whole.unigramVocabulary()
      field = vocabulary == nil ? whole : whole.withoutVocabulary()
    }
    if let vocabulary, let cache {
      let skeleton = Array(field.value.text().utf8)
      cache.store(.init(skeleton: skeleton, vocabulary: vocabulary), for: bytes)
    }
  }
}

extension Field {
  /// The JSON value that a file's bytes hold.
  init(parsing bytes: [UInt8], path: String) throws(TokenizerError) {
    do throws(JSONError) {
      self.init(value: try JSONValue(parsing: bytes), name: "", path: path)
    } catch {
      throw TokenizerError(
        code: .malformed, message: "this is not JSON: \(error)", path: path, field: nil)
    }
  }

  /// The vocabulary of a whole file, if its model is ``Unigram``.
  fileprivate func unigramVocabulary() throws(TokenizerError) -> Unigram.Vocabulary? {
    guard let model = self["model"], model.value.object != nil, try model.modelType() == "Unigram"
    else { return nil }
    return try Unigram.Vocabulary(try model.member("vocab"))
  }

  fileprivate func withoutVocabulary() -> Field {
    guard var object = value.object, var model = object["model"]?.object else { return self }
    model["vocab"] = nil
    object["model"] = .object(model)
    return Field(value: .object(object), name: name, path: path)
  }
}
