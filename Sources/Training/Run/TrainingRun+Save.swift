internal import Encoders
internal import Reports
internal import Tensors

extension TrainingRun {
  /// Saves a checkpoint that the recipe asks for.
  func saveAsPlanned(
    _ log: TrainingLog, _ observer: (TrainingEvent) -> Void
  ) throws {
    // Before the best checkpoint changes: what it was is kept until the next one is there.
    try collectSave(waits: true, observer)
    state.best.noteCheckpoint(of: state.step)
    try save(log, observer)
  }

  func save(_ log: TrainingLog, _ observer: (TrainingEvent) -> Void) throws {
    try collectSave(waits: true, observer)
    let snapshot = writer.snapshot(
      state, plan: plan, log: log.entries, optimizer: optimizer, card: card(log, step: state.step))
    savedStep = state.step
    backgroundSave.start(snapshot)
  }

  /// Waits until weights and moments may be changed: a checkpoint has then written all of them but a
  /// tenth, or but half a GiB if there is room, which the change copies.
  ///
  /// Most steps take longer than a checkpoint, and then nothing is waited for nor copied.
  func waitForSave() {
    let tenth = 3 * 4 * summary.parameterCount / 10
    let room = min(512 << 20, summary.memoryLimit - TensorMemory.usedBytes)
    backgroundSave.wait(untilLeft: max(tenth, room))
  }

  /// Takes note of a checkpoint that was written in the meantime.
  func collectSave(waits: Bool, _ observer: (TrainingEvent) -> Void) throws {
    guard let path = try backgroundSave.collect(waits: waits) else { return }
    observer(.saved(path: path))
    try removeCheckpoints(isEnd: false)
  }

  var writer: CheckpointWriter {
    CheckpointWriter(
      recipe: recipe, encoder: encoder, directory: directory, identity: identity)
  }

  /// The card of the model that the encoder now is.
  func card(_ log: TrainingLog, step: Int) -> String {
    let record = RunRecord(
      path: arguments.outputDir, recipe: recipe.resolved(), facts: facts,
      log: log.entries.map(\.values), timings: log.timings.entries)
    return ModelCard(run: record, step: step, similarities: similarities()).text
  }

  /// How similar the texts of the card's example are; nil if there is none, or by a similarity that
  /// is not known here.
  private func similarities() -> [Double]? {
    guard let example = ModelCard.example(facts),
      ["cosine", "dot"].contains(encoder.layout.similarity)
    else { return nil }
    var vectors = [
      encoder.encode([example.query], prompt: example.queryPrompt),
      encoder.encode(example.documents, prompt: example.documentPrompt),
    ]
    if encoder.layout.similarity == "cosine" { vectors = vectors.map { $0.normalizedRows().rows } }
    return vectors[0].timesTransposed(vectors[1]).elements.map(Double.init)
  }
}
