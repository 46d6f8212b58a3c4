/// What a file should hold; other formats are refused by name, with the way to convert them.
package enum FileFormat {
  /// Lines of fields between tabs.
  case table
  /// Rows in any format that is read for them.
  case rows

  private var expected: String {
    switch self {
    case .table: "lines of fields between tabs"
    case .rows: "JSONL, a JSON array, CSV or TSV"
    }
  }

  /// How many bytes at a file's start tell its format.
  static let signatureLength = 16

  private static let signatures: [(bytes: [UInt8], name: String, remedy: String)] = [
    (Array("PAR1".utf8), "Parquet", parquet),
    (Array("ARROW1".utf8), "Arrow", "convert it to JSONL"),
    (Array("PK\u{3}\u{4}".utf8), "a zip archive", "unpack it"),
    ([0x28, 0xB5, 0x2F, 0xFD], "Zstandard", "unpack it with unzstd, or use gzip"),
    ([0xFD] + Array("7zXZ".utf8), "xz", "unpack it with unxz, or use gzip"),
    (Array("BZh".utf8), "bzip2", "unpack it with bunzip2, or use gzip"),
    ([0xFF, 0xFE], "UTF-16", utf16), ([0xFE, 0xFF], "UTF-16", utf16),
  ]

  private static let hdf5 = [0x89] + Array("HDF".utf8)
  private static let utf16 = "convert it: iconv -f UTF-16 -t UTF-8 IN > OUT.jsonl"
  private static let parquet = """
    convert it: python3 -c 'import sys, datasets; datasets.load_dataset("parquet", \
    data_files=sys.argv[1], split="train").to_json(sys.argv[2])' IN.parquet OUT.jsonl
    """

  /// Refuses files of which the first bytes say that they hold something else.
  func check(start bytes: some Collection<UInt8>, path: String) throws {
    if bytes.starts(with: Self.hdf5) {
      throw DatasetError(
        .unsupportedFormat,
        "HDF5 is read for rows of texts, and not compressed by gzip; expected \(expected) here",
        path: path)
    }
    for signature in Self.signatures where bytes.starts(with: signature.bytes) {
      throw DatasetError(
        .unsupportedFormat, "\(signature.name) is not read; \(signature.remedy)",
        path: path)
    }
  }
}
