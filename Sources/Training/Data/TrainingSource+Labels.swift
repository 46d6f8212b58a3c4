internal import Datasets
internal import Losses
internal import Sampling
internal import Tensors

extension TextDataset {
  /// Checks that there are the columns and the labels that a loss compares.
  ///
  /// - Parameters:
  ///   - loss: The loss.
  ///   - name: What the recipe calls it.
  ///   - place: The data set's place in the recipe.
  /// - Returns: What should be known of the labels; nil: nothing.
  /// - Throws: ``RunError`` if something is missing.
  func checkLabels(
    for loss: any EmbeddingLoss, named name: String, at place: String
  ) throws -> String? {
    let names = columns.map(\.name)
    let list = names.joined(separator: ", ")
    guard names.count >= loss.fewestColumns else {
      let wanted =
        loss.fewestColumns == 2 ? "an anchor and a positive column" : "a query and two documents"
      let found = names.count == 1 ? "there is one" : "there are \(names.count)"
      throw RunError(
        .data, "\(name) needs \(wanted); \(found): \(list)", place: place + ".columns")
    }
    guard loss.needsLabels else {
      return labels.map {
        "the column \"\($0.name)\" holds labels, which \(name) does not look at: every row is a pair "
          + "of anchor and positive to it"
      }
    }
    let counts = loss.labelCounts(columns: names.count)
    guard let labels else {
      throw RunError(
        .data,
        "\(name) needs labels, \(Self.numbers(counts)) for each row: the rows have no column "
          + "\"label\", \"labels\", \"score\" or \"scores\", or \"columns\" does not name it",
        place: place)
    }
    guard counts.contains(labels.perRow) else {
      throw RunError(
        .data,
        "\(name) needs \(Self.numbers(counts)) for each row of the columns \(list); the column "
          + "\"\(labels.name)\" holds \(labels.perRow)", place: place)
    }
    return (loss as? DistillKLDivLoss).flatMap { vanishing(under: $0) }
  }

  private static func numbers(_ counts: [Int]) -> String {
    let list = counts.map { $0 == 1 ? "1 number" : "\($0)" }.joined(separator: " or ")
    return counts.contains(1) ? list : list + " numbers"
  }

  /// What the peer warns of at its first batch, of all rows.
  private func vanishing(under loss: DistillKLDivLoss) -> String? {
    guard let labels else { return nil }
    let scores = Tensor(labels.values, shape: [labels.rowCount, labels.perRow])
    let (count, spread) = loss.vanishing(in: scores)
    guard count > 0 else { return nil }
    return
      "loss.teacher_temperature: \(count) of \(labels.values.count) scores are so far below the best "
      + "of their row that the student learns nothing of them; with \(spread / 100) or more it would"
  }
}

extension TrainingSource {
  /// The labels of some rows, `[rows, n]`; nil if the loss takes none.
  func labels(of rows: [Int32]) -> Tensor? {
    guard engine.loss.needsLabels, let labels = dataset.labels else { return nil }
    return Tensor(rows.flatMap { labels[Int($0)] }, shape: [rows.count, labels.perRow])
  }

  /// The loss of one batch: that of the recipe, or, with `n_dims_per_step`, what is drawn of it.
  ///
  /// The draw is a function of seed and batch, as all randomness is, so a run that is continued draws
  /// what it would have drawn. The peer draws from Python's generator, which `random.seed(seed)` starts
  /// and from which the examples of its model card come first; so its draws are others.
  ///
  /// - Parameters:
  ///   - number: Which batch of the run it is, from 0.
  ///   - seed: The run's.
  /// - Returns: The loss.
  func loss(ofBatch number: Int, seed: Int) -> any EmbeddingLoss {
    guard case .matryoshka(let block) = loss, let whole = engine.loss as? MatryoshkaLoss,
      (1..<whole.dimensions.count).contains(block.dimensionsPerStep)
    else { return engine.loss }
    var generator = PythonGenerator(seed: UInt64(seed) << 32 ^ UInt64(number))
    return whole.taking(generator.sample(block.dimensionsPerStep, of: whole.dimensions.count))
  }
}
