internal import Datasets
internal import Encoders
internal import Retrieval
internal import Sampling
internal import Tensors

/// The clusters of a column's texts.
struct DatasetClusters {
  /// When clusters are computed.
  enum Need {
    /// Never: nil if they are not in the store.
    case ifStored
    /// If they are not in the store.
    case always
    /// In any case, for ``clustering``.
    case withDetails
  }

  let table: ClusterTable
  /// What was found if it was not in the store.
  let clustering: Clustering?

  /// Takes the clusters from the store, or makes them and leaves them there.
  ///
  /// - Parameters:
  ///   - settings: What to cluster and how.
  ///   - dataset: The rows.
  ///   - digests: The digests of the models.
  ///   - store: Where clusters and embeddings are kept.
  ///   - need: When they are computed.
  ///   - report: Is told what is done.
  /// - Throws: `RunError` if there is no such column or it has fewer distinct texts than clusters;
  ///   what reading the model, clustering and writing the store throw.
  init?(
    _ settings: Recipe.Clusters, dataset: TextDataset, digests: ModelDigests,
    in store: DatasetStore, wanted need: Need, report: @escaping (TrainingEvent) -> Void
  ) throws {
    guard let column = dataset.columns.first(where: { $0.name == settings.column }) else {
      throw RunError(
        .data,
        "there is no column \"\(settings.column)\"; there are "
          + dataset.columns.map(\.name).joined(separator: ", "), place: "clusters.column")
    }
    let model = try ModelDescription(directory: settings.encoder)
    let key = StoreKey(
      .clusters,
      [
        "source": .text(column.sha256()),
        "model_sha256": .text(try digests.ofModel(in: settings.encoder)),
        "max_seq_length": .integer(model.maxSequenceLength), "prompt": .text(settings.prompt),
        "k": .integer(settings.k), "seed": .integer(settings.seed),
      ])
    if need != .withDetails {
      switch try store.read(ClusterTable.self, for: key) {
      case .found(let table) where table.rowCount == column.count:
        report(.prepared(name: "clusters", computed: 0, stored: table.clusterCount))
        (self.table, clustering) = (table, nil)
        return
      case .damaged(let error): report(.notice("\(error.description); it is made anew"))
      case .found, .absent: break
      }
    }
    let distinct = Set(column.textDigests()).count
    guard settings.k <= distinct else {
      throw RunError(
        .data,
        "k is \(settings.k), but there are \(distinct) distinct texts in "
          + "\(settings.column): lower k or add data", place: "clusters.k")
    }
    if need == .ifStored { return nil }
    let vectors = try Self.embeddings(
      of: column, model, settings.prompt, digests: digests, in: store, report: report)
    let kMeans = try SphericalKMeans(clusterCount: settings.k, seed: UInt64(settings.seed))
    report(.preparing(name: "k-means", done: 0, of: kMeans.maxIterations))
    let clustering = try kMeans.fit(vectors) { iteration, _ in
      report(.preparing(name: "k-means", done: iteration, of: kMeans.maxIterations))
    }
    table = ClusterTable(
      assignments: clustering.assignments, centroids: clustering.centroids.elements,
      dimension: model.dimension)
    try store.write(table, for: key)
    report(.prepared(name: "clusters", computed: table.clusterCount, stored: 0))
    self.clustering = clustering
  }

  /// The embeddings of a column's texts, `[rows, dimension]`.
  static func embeddings(
    of column: TextColumn, _ model: ModelDescription, _ prompt: String, digests: ModelDigests,
    in store: DatasetStore, report: @escaping (TrainingEvent) -> Void
  ) throws -> Tensor {
    var embeddings = try StoredEmbeddings(
      model, modelDigest: digests.ofModel(in: model.directory), input: .text, prompt: prompt,
      in: store, report: report)
    let rows = try embeddings.rows(
      of: column.textDigests(), for: "embeddings of \(column.name)"
    ) { places in
      model.tokenize(places.map { column[$0] }, prompt: prompt)
    }
    return embeddings.gather(rows)
  }

  /// Batches from one cluster each.
  ///
  /// - Parameters:
  ///   - textIDs: Which texts are the same; no column lets texts occur twice in a batch.
  ///   - arguments: Batch size, what becomes of the last batch, and the seed.
  /// - Returns: The sampler.
  func sampler(textIDs: [[Int32]], _ arguments: TrainingArguments) -> ClusteredBatchSampler {
    let centroids = Tensor(table.centroids, shape: [table.clusterCount, table.dimension])
    return ClusteredBatchSampler(
      assignments: table.assignments,
      centroidSimilarities: centroids.timesTransposed(centroids).elements, textIDs: textIDs,
      batchSize: arguments.trainBatchSize, dropLast: arguments.dataloaderDropLast,
      seed: UInt64(arguments.seed))
  }
}
