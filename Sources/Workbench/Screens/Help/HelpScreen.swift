import Trajectories

extension ScreenName {
  /// The keys.
  public static let help = ScreenName("help", HelpScreen.self)
}

extension Command {
  /// The keys.
  public static let help = Command(ScreenName.help.rawValue)
}

/// Where a person is on the Help screen.
public struct HelpView: Equatable, Sendable {
  /// The row under the cursor.
  public var row = 0
  /// What the rows are narrowed to.
  public var search = ""
}

/// A line of the Help screen.
struct HelpRow: Equatable, Sendable {
  /// What stands in it.
  var spans: [Span]
  /// What Enter on it runs; nil for a title.
  var command: Command?
}

/// The keys, those of the screen one came from first; Enter on a line runs it.
struct HelpScreen: Screen {
  let state: WorkbenchState

  static let key: ScreenKey? = ScreenKey(
    keys: "? F1", help: "These keys; Enter on a line runs it", hint: "help")

  static func list(_ state: WorkbenchState, columns: Int) -> ListExtent {
    ListExtent(count: HelpScreen(state: state).rows.count, cursor: state.help.row)
  }

  static func hints(_ state: WorkbenchState) -> [Command] { [.open, .search, .back] }

  // MARK: keys

  static func arrive(_ state: inout WorkbenchState) { state.help = HelpView() }

  static func bringIntoRange(_ state: inout WorkbenchState) {
    if state.screen == .help { moveRows(&state, by: 0) }
  }

  static func moveRows(_ state: inout WorkbenchState, by rows: Int) {
    let count = HelpScreen(state: state).rows.count
    state.help.row = state.help.row.moved(by: rows, within: count)
  }

  static func choose(row: Int, column: Int, _ state: inout WorkbenchState) -> Bool {
    guard HelpScreen(state: state).rows.indices.contains(row) else { return false }
    state.help.row = row
    return true
  }

  static func open(_ state: inout WorkbenchState) -> [Request] {
    let rows = HelpScreen(state: state).rows
    guard rows.indices.contains(state.help.row), let command = rows[state.help.row].command,
      command != .help
    else { return [] }
    state.goBack()
    state.help.search = ""
    if state.screen == .help { state.goBack() }
    return state.runByName(command)
  }

  static func widen(_ state: inout WorkbenchState) -> Bool {
    guard !state.help.search.isEmpty else { return false }
    state.help.search = ""
    return true
  }

  /// A search narrows the keys.
  static func run(
    _ command: Command, _ argument: String, _ state: inout WorkbenchState
  ) -> [Request]? {
    guard command == .search, state.screen == .help else { return nil }
    state.mode = .prompt(Prompt(kind: .help, text: state.help.search))
    return []
  }

  /// Narrows the keys to those with a text.
  static func narrow(to text: String, _ state: inout WorkbenchState) {
    state.help = HelpView(search: text)
  }

  // MARK: rows

  /// The screen that help was asked on.
  private var helpedScreen: ScreenName {
    state.screen == .help ? state.past.last?.screen ?? .trajectories : state.screen
  }

  /// The lines of help: the keys of the screen one came from, then the others.
  var rows: [HelpRow] {
    let query = state.help.search.lowercased()
    let fitting = state.keymap.bindings.filter { binding in
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
    let room = state.size.columns - 2
    let usable = !(binding.changes && state.readOnly != nil)
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

  // MARK: drawing

  func draw(in layout: Layout, on grid: inout Grid) {
    let area = layout.body
    let glyphs = Glyphs.of(state.glyphs)
    let rows = rows
    let from = state.help.search.isEmpty ? "" : ", those with “\(inert(state.help.search))”"
    let inner = grid.box(
      area, title: "Help for \(helpedScreen.title)\(from)", focused: true, glyphs: glyphs)
    if rows.isEmpty {
      grid.write("No key fits; Esc shows all of them.", row: 0, in: inner, role: .dim)
    }
    let first = state.top(of: .list)
    grid.writeHidden(
      above: first, of: rows.count, shown: inner.rows, frame: area, glyphs: glyphs)
    for (line, row) in rows.dropFirst(first).prefix(inner.rows).enumerated() {
      grid.write(row.spans, row: line, in: inner)
      guard first + line == state.help.row else { continue }
      grid.select(row: line, in: inner)
      grid.cursor = Point(row: inner.row + line, column: inner.column)
    }
    grid.highlight(state.help.search, in: inner)
  }
}
