/// A data set that cannot be read: what is wrong with it, and where.
public struct DatasetError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What went wrong, for a caller that decides what to do next.
  public let code: Code
  /// What was found, what was expected, and how to put it right.
  public let message: String
  /// The absolute path of the file or directory at fault.
  public let path: String
  /// The line at fault, from 1, if it is one line's fault.
  public let line: Int?
  /// The column of the data set at fault, if it is one column's fault.
  public let column: String?

  init(_ code: Code, _ message: String, path: String, line: Int? = nil, column: String? = nil) {
    self.code = code
    self.message = message
    self.path = absolute(path)
    self.line = line
    self.column = column
  }

  /// Place and message on one line, as in `/data/train.jsonl:7: …`.
  public var description: String {
    line.map { "\(path):\($0): \(message)" } ?? "\(path): \(message)"
  }
}

extension DatasetError {
  /// The kinds of fault; a structure, so that a new one breaks no caller.
  public struct Code: Hashable, Sendable {
    private enum Kind: UInt8 {
      case unreadable, unsupportedFormat, corrupt, notUTF8, lineTooLong, malformedLine
      case empty, invalidRequest, missingColumn, unexpectedColumn, reservedColumn, notText
      case listLength, duplicateID, conflictingRelevance, unwritable, otherStore, notNumber
    }

    private let kind: Kind

    private init(kind: Kind) { self.kind = kind }

    /// The code that another process means by a number.
    init?(number: UInt8) {
      guard let kind = Kind(rawValue: number) else { return nil }
      self.kind = kind
    }

    /// A number for it, the same in all processes of one program.
    var number: UInt8 { kind.rawValue }

    /// The file does not exist or the system does not let it be read.
    public static let unreadable = Self(kind: .unreadable)
    /// The file is of a format that is not read here.
    public static let unsupportedFormat = Self(kind: .unsupportedFormat)
    /// The file is truncated or damaged, or does not hold what it should.
    public static let corrupt = Self(kind: .corrupt)
    /// A line is not UTF-8.
    public static let notUTF8 = Self(kind: .notUTF8)
    /// A line is longer than the limit.
    public static let lineTooLong = Self(kind: .lineTooLong)
    /// A line is not JSON, not an object, or not a row of the table that was expected.
    public static let malformedLine = Self(kind: .malformedLine)
    /// There are no rows.
    public static let empty = Self(kind: .empty)
    /// The columns or the limit that were asked for make no sense.
    public static let invalidRequest = Self(kind: .invalidRequest)
    /// A column is not in a row.
    public static let missingColumn = Self(kind: .missingColumn)
    /// A row has a column that the first row lacks.
    public static let unexpectedColumn = Self(kind: .unexpectedColumn)
    /// A column's name means something other than text to sentence-transformers.
    public static let reservedColumn = Self(kind: .reservedColumn)
    /// A value is neither a text nor, where negatives stand, a list of texts.
    public static let notText = Self(kind: .notText)
    /// A label is no finite number, nor a list of such.
    public static let notNumber = Self(kind: .notNumber)
    /// A list has another number of texts or numbers than in the first row.
    public static let listLength = Self(kind: .listLength)
    /// Two documents or two queries have the same id.
    public static let duplicateID = Self(kind: .duplicateID)
    /// Two judgements of one query and document differ.
    public static let conflictingRelevance = Self(kind: .conflictingRelevance)
    /// The system does not let a file be written, or HDF5 cannot hold what it should.
    public static let unwritable = Self(kind: .unwritable)
    /// A part of a store was made for other texts, another model or with other settings.
    public static let otherStore = Self(kind: .otherStore)
  }
}
