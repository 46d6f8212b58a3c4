import ArgumentParser
import JSONValues
import Training

/// `ktrain cluster`.
struct ClusterCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cluster", abstract: "Groups the texts of a column by what they are about.",
    discussion: """
      Spherical k-means over a model's embeddings. Prints the clusters, the largest first, with the \
      texts nearest to their middles. Embeddings and clusters stay in the store, where a recipe whose \
      block "clusters" says the same finds them.

      Example:
        ktrain cluster MODEL train.jsonl --column positive --k 32
      """)

  @Argument(help: "The model's directory.")
  var model: String

  @Argument(help: "The data set: JSONL, JSON, CSV, TSV, HDF5 or a BEIR directory.")
  var dataset: String

  @Option(help: "The column whose texts are clustered.")
  var column: String

  @Option(name: .customLong("k"), help: "How many clusters.")
  var clusterCount: Int

  @Option(help: "Put in front of every text.")
  var prompt = Recipe.Clusters().prompt

  @Option(help: "Where the random starts come from.")
  var seed = Recipe.Clusters().seed

  @Option(
    help: ArgumentHelp(
      "The data set's columns in their order, as in a recipe; default: only the one to cluster.",
      valueName: "a,b"))
  var columns: String?

  @Option(help: "How many texts each cluster shows.")
  var nearest = 5

  @Flag(help: "Prints a JSON object instead of the table.")
  var json = false

  @OptionGroup var options: StoreOptions

  private var columnNames: [String]? {
    columns.map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
  }

  func validate() throws {
    if clusterCount < 1 { throw ValidationError("--k: expected 1 or more") }
    if seed < 0 { throw ValidationError("--seed: expected 0 or more") }
    if nearest < 0 { throw ValidationError("--nearest: expected 0 or more") }
    if let columnNames, !columnNames.contains(column) {
      throw ValidationError("--column: \(column) is not among --columns")
    }
  }

  func run() throws {
    try options.open()
    var settings = Recipe.Clusters()
    settings.column = column
    settings.encoder = model
    settings.k = clusterCount
    settings.prompt = prompt
    settings.seed = seed
    let run = try ClusterRun(
      settings, dataset: options.dataset(dataset, columns: columnNames), store: options.store)
    let display = TrainingDisplay()
    let overview = try run.run(nearest: nearest) { display.receive($0) }
    display.clear()
    print(json ? overview.json.text(indent: 2) : overview.table(width: StandardOutput.columnCount))
  }
}

extension ClusterOverview {
  /// A line for each text, and one that sums up.
  fileprivate func table(width: Int) -> String {
    let largest = String(rowCount).count
    let number = max(7, String(clusters.count - 1).count)
    var lines = [
      Format.right("cluster", number) + "  " + Format.right("rows", max(4, largest))
        + "  cosine  nearest texts"
    ]
    for cluster in clusters {
      let head =
        Format.right(String(cluster.number), number) + "  "
        + Format.right(String(cluster.size), max(4, largest)) + "  "
        + Format.fixed(cluster.meanSimilarity, 4)
      let blank = String(repeating: " ", count: head.count)
      if cluster.nearest.isEmpty { lines.append(head) }
      for (place, (text, similarity)) in cluster.nearest.enumerated() {
        let line =
          (place == 0 ? head : blank) + "  " + Format.fixed(Double(similarity), 2) + "  "
          + Format.oneLine(text, limit: width)
        lines.append(line.cut(toWidth: width))
      }
    }
    return lines.joined(separator: "\n") + "\n\(summary)"
  }

  private var summary: String {
    "\(Format.grouped(rowCount)) rows in \(clusters.count) clusters, mean cosine "
      + "\(Format.fixed(meanSimilarity, 4)) after \(iterations) iterations, largest "
      + "\(Format.grouped(largest)), smallest \(Format.grouped(smallest))"
  }

  private var largest: Int { clusters.first?.size ?? 0 }
  private var smallest: Int { clusters.last?.size ?? 0 }

  /// The same as the table, with whole texts.
  fileprivate var json: JSONValue {
    let clusters = clusters.map { cluster -> JSONValue in
      [
        "cluster": .integer(cluster.number), "rows": .integer(cluster.size),
        "mean_cosine": .number(cluster.meanSimilarity),
        "nearest": .array(
          cluster.nearest.map { text, similarity in
            ["cosine": .number(Double(similarity)), "text": .string(text)]
          }),
      ]
    }
    return [
      "rows": .integer(rowCount), "k": .integer(clusters.count),
      "mean_cosine": .number(meanSimilarity), "iterations": .integer(iterations),
      "largest": .integer(largest), "smallest": .integer(smallest), "clusters": .array(clusters),
    ]
  }
}
