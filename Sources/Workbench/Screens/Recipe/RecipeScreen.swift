import Trajectories

extension ScreenName {
  /// All that was chosen about the run.
  public static let recipe = ScreenName("recipe", RecipeScreen.self)
}

extension Command {
  /// All that was chosen about the run.
  public static let recipe = Command(ScreenName.recipe.rawValue)
}

/// All that was chosen about the run, and what does not fit.
struct RecipeScreen: Screen {
  let state: WorkbenchState

  static let key: ScreenKey? = ScreenKey(
    keys: "6", help: "All that was chosen about the run", hint: "recipe")
  static let hasBorder = false

  static func list(_ state: WorkbenchState, columns: Int) -> ListExtent {
    ListExtent(count: RecipeScreen(state: state).lines(columns: columns).count)
  }

  static func hints(_ state: WorkbenchState) -> [Command] { [.back, .training] }

  func draw(in layout: Layout, on grid: inout Grid) {
    let area = layout.body.split(left: 1).right
    let lines = lines(columns: area.columns)
    let top = state.tops[PanePlace(screen: .recipe, pane: .list)] ?? 0
    let first = min(max(0, top), max(0, lines.count - area.rows))
    for (row, spans) in lines.dropFirst(first).prefix(area.rows).enumerated() {
      grid.write(spans, row: row, in: area)
    }
    grid.writeHidden(
      above: first, of: lines.count, shown: area.rows, in: area,
      glyphs: Glyphs.of(state.glyphs))
  }

  /// Every line of the screen: problems, then every key.
  func lines(columns: Int) -> [[Span]] {
    guard let recipe = state.study?.recipe ?? state.history.start?.recipe else {
      return [
        [], [Span("No run has started here, so no recipe is in force.", .heading)],
        [Span("`crux train RECIPE` starts one; samples/ holds recipes to begin with.")],
      ]
    }
    return problems(of: recipe, columns: columns)
      + recipe.choicesWithoutEffect().flatMap { warning($0, columns: columns) }
      + machine(columns: columns)
      + keys(of: recipe, columns: columns)
  }

  private func problems(of recipe: Recipe, columns: Int) -> [[Span]] {
    let found = recipe.problems()
    guard !found.isEmpty else { return [[Span("Nothing is wrong with this recipe.", .right)]] }
    return found.flatMap { warning($0, columns: columns) }
  }

  private func warning(_ sentence: String, columns: Int) -> [[Span]] {
    wrapped(inert(sentence), columns: columns - 2).enumerated().map { row, piece in
      [Span(row == 0 ? "! " : "  ", .error), Span(piece, .warning)]
    }
  }

  /// What the run began on, and what was warned of since.
  private func machine(columns: Int) -> [[Span]] {
    guard let start = state.history.start else { return [] }
    let count = start.parameters
    let weights = count > 0 ? compact(count) + " weights" : "weights elsewhere"
    let words = "\(weights), crux \(start.version), \(start.machine)"
    return wrapped(inert(words), columns: columns).map { [Span($0, .dim)] }
      + state.history.changes.map { change in
        let after = "from update \(change.update) on; \(change.before) before: "
        return [
          Span("\(change.key.rawValue) = \(change.value) ", .heading),
          Span(after + inert(change.reason), .dim),
        ]
      }
      + state.history.edits.map { edit in
        [
          Span(inert("\(edit.key) = \(edit.value) "), .heading),
          Span(inert("from update \(edit.update) on; \(edit.before) before: edited"), .dim),
        ]
      }
      + (state.history.warnings + [state.history.skipped.words].compactMap { $0 })
      .flatMap { warning($0, columns: columns) } + [[]]
  }

  /// Every key with its value and what it may hold: words first, then numbers with their unit; a star
  /// stands where it is not the method's default.
  private func keys(of recipe: Recipe, columns: Int) -> [[Span]] {
    let keys = Recipe.keys.filter { !$0.isNumber } + Recipe.keys.filter(\.isNumber)
    return keys.map { key in
      let value = key.value(in: recipe)
      return line(
        key.name, value.words, range: key.range, unit: key.unit,
        isDefault: value == key.standard(of: recipe.objective.method), columns: columns)
    }
  }

  private func line(
    _ key: String, _ value: String, range: String, unit: String, isDefault: Bool, columns: Int
  ) -> [Span] {
    let width = columns >= 72 ? 32 : 30
    let glyphs = Glyphs.of(state.glyphs)
    let start = [
      Span(isDefault ? "  " : "* ", .stepConfirmed),
      Span(padded(clip(key, to: width - 1, glyphs: glyphs), to: width)),
    ]
    let number = clip(inert(value), to: unit.isEmpty ? 14 : 9, glyphs: glyphs)
    let middle = [
      Span(padded(number, to: unit.isEmpty ? 15 : 10), .heading),
      Span(unit.isEmpty ? "" : padded(unit, to: 13)),
    ]
    let used = (start + middle).reduce(0) { $0 + cellWidth($1.text) }
    return start + middle + [Span(clip(range, to: columns - used, glyphs: glyphs), .dim)]
  }
}
