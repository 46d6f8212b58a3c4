/// Rows of texts in named columns: pairs, triplets, or pairs with several negatives.
///
/// What a column is for is said by its place and not by its name, as in sentence-transformers:
/// anchor, positive, negatives. Only a column of one of the names in ``LabelColumn/names`` is none of
/// these: it holds numbers for losses that follow a teacher.
public struct TextDataset: Sendable {
  /// The columns in their order, all with the same number of rows.
  public let columns: [TextColumn]
  /// The labels of the rows; nil if there are none.
  public let labels: LabelColumn?
  private var notes: [String] = []
  private var isOfIDs = false

  /// Creates a data set of texts that are at hand.
  ///
  /// - Parameters:
  ///   - columns: At least one; the same number of rows in each.
  ///   - labels: As many rows of labels; nil for none.
  public init(columns: [TextColumn], labels: LabelColumn? = nil) {
    precondition(!columns.isEmpty, "a data set without columns")
    precondition(
      columns.allSatisfy { $0.count == columns[0].count },
      "the columns have \(columns.map(\.count)) rows, expected the same for all")
    precondition(
      labels.map { $0.rowCount == columns[0].count } ?? true,
      "\(labels?.rowCount ?? 0) rows of labels for \(columns[0].count) rows")
    (self.columns, self.labels) = (columns, labels)
  }

  /// Reads files of rows: JSONL, one object of texts to a line; a JSON array of objects; CSV and TSV
  /// with the columns' names in the first line; HDF5, one dataset to a column; or a BEIR directory.
  ///
  /// An HDF5 file, known by its name (`.h5`, `.hdf5`) or its first bytes, has datasets of texts of
  /// variable or fixed length, as h5py writes them, in its root group or in the only group there; one
  /// with two dimensions holds the lists of a column of negatives. Without `columns`, their order is
  /// that of the root group's attribute `columns`, a list of names; else that of their creation; else
  /// that of their names.
  ///
  /// CSV and TSV are known by their names (`.csv`, `.tsv`), a JSON array by its first byte. All but
  /// HDF5 may be compressed by gzip, whatever the name. Blank lines are skipped, and a row may be up
  /// to 64 MiB long. Members of an object may stand in any order. From the third column on a
  /// member may be a list of texts, the hard negatives of its row; it becomes as many columns, so
  /// each row needs the same number.
  ///
  /// A column called `label`, `labels`, `score` or `scores` holds the labels: a number for each row,
  /// or a list of as many in every row. CSV and TSV have lists as JSON has them, `[0.9, 0.2]`; in HDF5
  /// it is a dataset of numbers of one or two dimensions.
  ///
  /// A directory has `corpus.jsonl`, `queries.jsonl` and `qrels/<split>.tsv`, as ``BEIRDataset``
  /// reads them; its rows are the pairs of a query, `anchor`, and each document with a score above
  /// 0, `positive`. Negatives are not made up.
  ///
  /// - Parameters:
  ///   - paths: The files, whose rows follow one another; all formats may occur.
  ///   - columns: The members to read, in the order of the data set's columns; others are ignored.
  ///     Labels are read if they are among them, wherever they stand.
  ///     Nil means all members of the first object, in its order; every row must have just these.
  ///   - limit: How many rows to read at most, over all files; nil means all. What comes after is
  ///     not looked at.
  ///   - split: Which judgements of a directory are read; nil means `train`.
  ///   - ids: Where the texts are, if rows hold ids, strings or integers, and no texts.
  /// - Throws: ``DatasetError`` at the first fault: a file that cannot be read, a line that is no
  ///   object of texts (numbers are refused, as sentence-transformers refuses them), a file without
  ///   rows, a column that is missing, a label that is no number, an id that is unknown.
  public init(
    contentsOf paths: [String], columns: [String]? = nil, limit: Int? = nil, split: String? = nil,
    ids: IDTexts? = nil
  ) throws {
    var reader = TextDatasetReader(requested: columns, split: split, holdsIDs: ids != nil)
    try reader.read(paths, limit: limit)
    self.init(
      columns: try ids?.texts(for: reader.columns, path: paths[0]) ?? reader.columns,
      labels: reader.labels)
    notes = reader.notes
    isOfIDs = ids != nil
  }

  /// The files behind a path: those of a BEIR directory, or the path itself.
  ///
  /// - Parameters:
  ///   - path: A file or a directory.
  ///   - split: As in ``init(contentsOf:columns:limit:split:ids:)``.
  /// - Returns: At least one path.
  public static func files(at path: String, split: String? = nil) -> [String] {
    guard BEIRFiles.isDirectory(path) else { return [path] }
    let files = BEIRFiles(directory: path, split: split ?? "train")
    return [files.queries, files.corpus, files.judgements]
  }

  /// How many rows there are.
  public var rowCount: Int { columns[0].count }
}

extension TextDataset {
  /// What sentence-transformers would warn of, one sentence each.
  ///
  /// Columns that look like ids, and the first column that stands where its name is not expected;
  /// and what was left out of a BEIR directory.
  public var warnings: [String] {
    var names: [String] = []
    for column in columns where !names.contains(column.name) { names.append(column.name) }
    var warnings = notes
    warnings += names.filter { name in
      !isOfIDs && (name == "id" || ["_id", "_ids", "_idx"].contains { name.hasSuffix($0) })
    }.map { name in
      "the column \"\(name)\" looks like an id, but is trained on as text; "
        + "leave it out of \"columns\" if it is one"
    }
    if let (name, place) = Self.misplaced(in: names), let found = names.firstIndex(of: name) {
      warnings.append(
        "the column \"\(name)\" is number \(found + 1), where number \(place + 1) is usual; "
          + "the order of \"columns\" decides what is anchor, positive and negative")
    }
    return warnings
  }

  /// A column that stands elsewhere than its name lets expect, and the place where it is usual.
  static func misplaced(in names: [String]) -> (name: String, place: Int)? {
    usualPlaces.first { name, place in names.firstIndex(of: name).map { $0 != place } ?? false }
  }

  private static let usualPlaces = [
    ("anchor", 0), ("positive", 1), ("negative", 2), ("question", 0), ("answer", 1), ("query", 0),
    ("response", 1), ("hypothesis", 0), ("entailment", 1), ("contradiction", 2),
  ]
}
