/// A table: the first column to the left, numbers to the right.
struct Table: Sendable {
  /// One cell.
  struct Cell: ExpressibleByStringInterpolation, Sendable {
    let content: Markup
    var isMarked = false

    /// A cell of HTML.
    init(markup: Markup) { content = markup }
    /// A cell of text that may be marked as the best.
    init(_ text: String, isMarked: Bool) {
      (content, self.isMarked) = ("\(text)", isMarked)
    }
    /// A cell of text.
    init(stringLiteral value: String) { content = "\(value)" }
  }

  let heads: [String]
  var rows: [[Cell]] = []
  /// Whether all columns hold text.
  var isText = false
  /// Whether the cells of a row stand below each other where there is little room.
  var isStacked = false
  /// What the table shows, for those who do not see it.
  let caption: String

  var markup: Markup {
    let head = heads.map { "<th scope=\"col\">\($0)</th>" as Markup }
    let body = rows.map { row -> Markup in
      let cells = row.enumerated().map { index, cell -> Markup in
        if index == 0 { return "<th scope=\"row\">\(cell.content)</th>" }
        return cell.isMarked
          ? "<td class=\"best\">\(cell.content)</td>" : "<td>\(cell.content)</td>"
      }
      return "<tr>\(cells)</tr>"
    }
    let style: Markup? =
      isStacked
      ? " class=\"text stacked\"" : isText ? " class=\"text\"" : nil
    return """
      <div class="scroll" tabindex="0" role="region" aria-label="\(caption)">\
      <table\(style)><caption>\(caption)</caption>\
      <thead><tr>\(head)</tr></thead><tbody>\(body)</tbody></table></div>
      """
  }
}
