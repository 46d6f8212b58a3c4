/// One part of every row's candidates: all rows of one column, compared with one of the row's own
/// embeddings.
///
/// Row i of the batch has the scores factor · ⟨x_i, y_j⟩, where x_i is row i of the column `rows`
/// and y_j row j of the column `candidates`, j = 1…B. So a section is a `[B, B]` matrix, and the
/// candidates that belong to the row itself are its diagonal.
struct ScoreSection: Hashable, Sendable {
  /// The column that is compared.
  let rows: Int
  /// The column that it is compared with.
  let candidates: Int
  /// What the similarity to another row's candidate is multiplied with.
  var factor: Float
  /// What the similarity to the row's own candidate is multiplied with; nil: it is no candidate.
  var ownFactor: Float?
}
