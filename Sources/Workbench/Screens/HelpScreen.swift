/// A line of the Help screen.
struct HelpRow: Equatable, Sendable {
  /// What stands in it.
  var spans: [Span]
  /// What Enter on it runs; nil for a title.
  var command: Command?
}

extension WorkbenchState {
  /// The screen that help was asked on.
  private var helpedScreen: ScreenName {
    screen == .help ? past.last?.screen ?? .trajectories : screen
  }

  /// The lines of help: the keys of the screen one came from, then the others.
  var helpRows: [HelpRow] {
    let query = helpSearch.lowercased()
    let fitting = keymap.bindings.filter { binding in
      guard !query.isEmpty else { return true }
      let text = [binding.command.rawValue, binding.help, binding.keyNames.joined(separator: " ")]
      return text.joined(separator: " ").lowercased().contains(query)
    }
    let here = fitting.filter { $0.screens.contains(helpedScreen) }
    let elsewhere = fitting.filter { !$0.screens.contains(helpedScreen) }
    let mouse = "Mouse: wheel, click, double click to open; Shift-drag selects text."
    return grouped(here, suffix: "") + grouped(elsewhere, suffix: ", on other screens")
      + (query.isEmpty ? [HelpRow(spans: [Span(mouse, .dim)], command: nil)] : [])
  }

  private func grouped(_ bindings: [Keymap.Binding], suffix: String) -> [HelpRow] {
    Keymap.Section.allCases.flatMap { section -> [HelpRow] in
      let rows = bindings.filter { $0.section == section }
      guard !rows.isEmpty else { return [] }
      let title = HelpRow(spans: [Span(section.rawValue + suffix, .heading)], command: nil)
      return [title] + rows.flatMap { lines(of: $0) }
    }
  }

  /// A row of the table as lines: names have a column of their own where there is room.
  private func lines(of binding: Keymap.Binding) -> [HelpRow] {
    let room = size.columns - 2
    let usable = !(binding.changes && readOnly != nil)
    var lead = [Span(" " + padded(binding.keyNames.joined(separator: " "), to: 14), .hintKey)]
    if room >= 98 {
      let name = [":" + binding.command.rawValue, binding.argument].filter { !$0.isEmpty }
      lead.append(Span(padded(name.joined(separator: " "), to: 24) + " ", .dim))
    }
    let indent = lead.reduce(0) { $0 + cellWidth($1.text) }
    let text =
      binding.keys.isEmpty && room < 98
      ? ":\(binding.command.rawValue) \(binding.argument). \(binding.help)" : binding.help
    let sentences = wrapped(text, columns: max(1, room - indent))
    return sentences.enumerated().map { place, sentence in
      let blank = [Span(String(repeating: " ", count: indent))]
      return HelpRow(
        spans: (place == 0 ? lead : blank) + [Span(sentence, usable ? .text : .dim)],
        command: binding.command)
    }
  }

  func drawHelp(in area: Rect, on grid: inout Grid) {
    let rows = helpRows
    let from = helpSearch.isEmpty ? "" : ", those with “\(inert(helpSearch))”"
    let inner = grid.box(
      area, title: "Help for \(helpedScreen.title)\(from)", focused: true,
      glyphs: Glyphs.of(glyphs))
    if rows.isEmpty {
      grid.write("No key fits; Esc shows all of them.", row: 0, in: inner, role: .dim)
    }
    let first = top(of: .list)
    grid.writeHidden(
      above: first, of: rows.count, shown: inner.rows, frame: area, glyphs: Glyphs.of(glyphs))
    for (line, row) in rows.dropFirst(first).prefix(inner.rows).enumerated() {
      grid.write(row.spans, row: line, in: inner)
      guard first + line == helpRow else { continue }
      grid.select(row: line, in: inner)
      grid.cursor = Point(row: inner.row + line, column: inner.column)
    }
    grid.highlight(helpSearch, in: inner)
  }
}
