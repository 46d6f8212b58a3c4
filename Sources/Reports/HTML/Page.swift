/// A whole HTML file, without anything outside it.
enum Page {
  /// The file's text.
  static func text(title: String, _ content: [Markup]) -> String {
    let page: Markup = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
      <title>\(title)</title>
      <style>
      \(Markup(stringLiteral: Style.sheet))
      </style>
      </head>
      <body>
      <main>
      \(content)
      <footer>Made by ktrain \(ToolVersion.current).</footer>
      </main>
      </body>
      </html>

      """
    return page.text
  }

  /// A part of a page with its heading; nil if there is nothing in it.
  static func section(_ title: String, _ parts: [Markup?]) -> Markup? {
    let parts = parts.compactMap { $0 }
    guard !parts.isEmpty else { return nil }
    return "<section><h2>\(title)</h2>\n\(parts)</section>\n"
  }

  /// Charts beside each other where there is room; nil if there are none.
  static func grid(_ charts: [Markup?]) -> Markup? {
    let charts = charts.compactMap { $0 }
    return charts.isEmpty ? nil : "<div class=\"grid2\">\(charts)</div>\n"
  }

  /// Something that is shown when it is asked for; nil if there is nothing.
  static func details(_ summary: String, _ content: Markup?) -> Markup? {
    content.map { "<details><summary>\(summary)</summary>\($0)</details>\n" }
  }

  /// Names and values in boxes; those without a value are left out.
  static func tiles(_ tiles: [(name: String, value: String?, remark: String?)]) -> Markup? {
    let boxes = tiles.compactMap { tile -> Markup? in
      guard let value = tile.value else { return nil }
      let remark: Markup? = tile.remark.map { "<small>\($0)</small>" }
      return "<div><dt>\(tile.name)</dt><dd>\(value)\(remark)</dd></div>"
    }
    return boxes.isEmpty ? nil : "<dl class=\"tiles\">\(boxes)</dl>\n"
  }

  /// What could not be read; nil if all could.
  static func remarks(_ remarks: [String]) -> Markup? {
    guard !remarks.isEmpty else { return nil }
    let items = remarks.map { "<li>\($0)</li>" as Markup }
    return "<ul class=\"remarks\">\(items)</ul>\n"
  }
}
