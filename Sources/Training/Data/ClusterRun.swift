internal import Datasets
internal import Encoders
internal import Retrieval

/// Clusters the texts of one column, as the recipe's block `clusters` does.
///
/// Embeddings and clusters are left in the store, where a recipe with the same block finds them.
public struct ClusterRun: Sendable {
  /// What is clustered and how.
  public let settings: Recipe.Clusters
  private let dataset: TextDataset
  private let column: TextColumn
  private let store: String

  /// Reads the texts.
  ///
  /// - Parameters:
  ///   - settings: What to cluster and how; `encoder` is a model's directory.
  ///   - dataset: The rows. Without `columns`, only the column to cluster is read.
  ///   - store: The directory that keeps embeddings and clusters.
  /// - Throws: `DatasetError`, or ``RunError`` if there is no such column.
  public init(_ settings: Recipe.Clusters, dataset: Recipe.Dataset, store: String) throws {
    let data = try dataset.read(columns: dataset.columns ?? [settings.column])
    column = try data.column(named: settings.column, in: dataset)
    (self.settings, self.dataset, self.store) = (settings, data, store)
  }

  /// Computes the embeddings that the store lacks and clusters them.
  ///
  /// - Parameters:
  ///   - count: How many texts each cluster shows, 0 or more.
  ///   - observer: Is told what is done.
  /// - Returns: The clusters; the same for the same texts and settings, whatever was in the store.
  /// - Throws: What reading the model, clustering and writing the store throw.
  public func run(
    nearest count: Int, observer: @escaping (TrainingEvent) -> Void = { _ in }
  ) throws -> ClusterOverview {
    let found = try DatasetClusters(
      settings, dataset: dataset, digests: ModelDigests(), in: DatasetStore(directory: store),
      wanted: .withDetails, report: observer)
    guard let clustering = found?.clustering else {
      preconditionFailure("clusters were asked for with details and came without")
    }
    return ClusterOverview(clustering, of: column, nearest: count)
  }
}

/// The clusters of a column's texts, as one looks at them.
public struct ClusterOverview: Sendable {
  /// One cluster.
  public struct Cluster: Sendable {
    /// Its number in the store, from 0.
    public let number: Int
    /// How many rows it has, at least 1.
    public let size: Int
    /// The mean cosine of its rows to its centroid.
    public let meanSimilarity: Double
    /// Its texts that are nearest to the centroid, each once, and their cosines, nearest first.
    public let nearest: [(text: String, similarity: Float)]
  }

  /// The clusters, the largest first, of equal ones the first.
  public let clusters: [Cluster]
  /// How many rows there are.
  public let rowCount: Int
  /// The mean cosine of all rows to their centroids.
  public let meanSimilarity: Double
  /// How often the centroids were moved.
  public let iterations: Int

  init(_ clustering: Clustering, of column: TextColumn, nearest count: Int) {
    var sums = [Double](repeating: 0, count: clustering.sizes.count)
    for (cluster, similarity) in zip(clustering.assignments, clustering.similarities) {
      sums[Int(cluster)] += Double(similarity)
    }
    let nearest = Self.nearestTexts(count, clustering, column)
    clusters = clustering.sizes.indices.map { number in
      Cluster(
        number: number, size: clustering.sizes[number],
        meanSimilarity: sums[number] / Double(clustering.sizes[number]), nearest: nearest[number])
    }.sorted { ($1.size, $0.number) < ($0.size, $1.number) }
    rowCount = clustering.assignments.count
    meanSimilarity = clustering.meanSimilarity
    iterations = clustering.iterations
  }

  /// The nearest texts of each cluster; rows with a text that was there already count for nothing,
  /// so more rows are looked at until there are enough texts.
  private static func nearestTexts(
    _ count: Int, _ clustering: Clustering, _ column: TextColumn
  ) -> [[(text: String, similarity: Float)]] {
    guard count > 0 else { return clustering.sizes.map { _ in [] } }
    var rows = count
    while true {
      let hits = clustering.nearestRows(rows)
      let texts = hits.map { hits -> [(text: String, similarity: Float)] in
        var (seen, texts): (Set<TextDigest>, [(text: String, similarity: Float)]) = ([], [])
        for hit in hits where texts.count < count {
          let text = column[hit.document]
          if seen.insert(TextDigest(of: text)).inserted { texts.append((text, hit.score)) }
        }
        return texts
      }
      let areEnough = zip(texts, hits).allSatisfy { $0.count == count || $1.count < rows }
      if areEnough { return texts }
      rows *= 2
    }
  }
}

extension TextDataset {
  /// The column of a name, the first of a list's.
  ///
  /// - Throws: ``RunError`` that names the columns there are.
  func column(named name: String, in source: Recipe.Dataset) throws -> TextColumn {
    if let column = columns.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) {
      return column
    }
    throw RunError(
      .data,
      "there is no column \"\(name)\"; there are "
        + columns.map(\.name).joined(separator: ", "), place: source.paths.first)
  }
}
