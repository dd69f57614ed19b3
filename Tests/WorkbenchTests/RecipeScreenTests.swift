import Testing
import Trajectories

@testable import Workbench

@Suite struct RecipeScreenTests {
  private func drawn(_ state: WorkbenchState) -> Grid {
    var grid = Grid(size: state.size)
    RecipeScreen(state: state).draw(in: Layout(of: state), on: &grid)
    return grid
  }

  private func state(_ recipe: Recipe, size: Size, glyphs: GlyphSet = .unicode) -> WorkbenchState {
    var state = WorkbenchState(runName: "new", policyName: "tiny", size: size, glyphs: glyphs)
    state.screen = .recipe
    state.history = RunHistory([
      .started(
        RunStart(
          recipe: recipe, machine: "Some Processor, Haswell, avx2", parameters: 105_984,
          version: "0.1.0"))
    ])
    return state
  }

  @Test(arguments: 0..<6)
  func `the recipe looks as kept`(variant: Int) {
    let (size, glyphs) = Snapshot.variants[variant]
    var recipe = Recipe()
    recipe.updates = 200
    recipe.task.hard = 12
    recipe.model = "~/models/tiny"
    Snapshot.check(drawn(state(recipe, size: size, glyphs: glyphs)), "recipe", glyphs: glyphs)
  }

  @Test func `every key is listed, numbers with range and unit`() {
    let text = drawn(state(Recipe(), size: Size(columns: 120, rows: 200))).text
    for key in Recipe.keys {
      #expect(text.contains(key.name) && text.contains(key.unit), "\(key.name)")
    }
    #expect(text.contains("Nothing is wrong with this recipe."))
  }

  @Test func `what differs from the default has a star`() {
    var recipe = Recipe()
    recipe.optimizer.learningRate = 1e-3
    let lines = drawn(state(recipe, size: Size(columns: 120, rows: 200))).text
      .split(separator: "\n")
    #expect(lines.filter { $0.hasPrefix(" * ") }.count == 1)
    #expect(lines.contains { $0.hasPrefix(" * optimizer.learning_rate") && $0.contains("0.001") })
  }

  @Test func `no method's own defaults have a star, nor have no effect`() {
    for method in Method.allCases {
      let state = state(.standard(for: method), size: Size(columns: 120, rows: 200))
      let lines = drawn(state).text.split(separator: "\n")
      #expect(!lines.contains { $0.hasPrefix(" * ") || $0.contains("no effect") }, "\(method)")
    }
  }

  @Test func `what was chosen and is not read is told`() {
    var recipe = Recipe()
    recipe.objective.beta = 0.5
    let text = drawn(state(recipe, size: Size(columns: 120, rows: 40))).text
    #expect(text.contains("! objective.beta is 0.5, which has no effect here: it is read where"))
  }

  @Test func `problems stand on top`() {
    var recipe = Recipe()
    recipe.task.modulus = 30
    let state = state(recipe, size: Size(columns: 60, rows: 16))
    let first = drawn(state).text.split(separator: "\n").first
    #expect(first?.hasPrefix(" ! task.modulus is 30") == true)
  }

  @Test func `what the run was warned of stands below its machine`() {
    var state = state(Recipe(), size: Size(columns: 80, rows: 24))
    state.history.apply(.warned(message: "Something is slower here."))
    let lines = drawn(state).text.split(separator: "\n")
    let machine = lines.firstIndex { $0.contains("Some Processor") }
    #expect(machine.map { lines[$0 + 1].contains("! Something is slower here.") } == true)
  }

  @Test func `it scrolls and any size is sound`() {
    for columns in [0, 1, 5, 60, 80, 200] {
      for rows in [0, 1, 3, 16, 40] {
        for top in [0, 3, 1000, -4] {
          var state = state(Recipe(), size: Size(columns: columns, rows: rows), glyphs: .ascii)
          state.tops[PanePlace(screen: .recipe, pane: .list)] = top
          Snapshot.expectSound(drawn(state), ascii: true, "recipe \(columns)x\(rows)")
        }
      }
    }
  }

  @Test func `without a run it says so`() {
    var state = WorkbenchState(
      runName: "x", policyName: "tiny", size: Size(columns: 80, rows: 24))
    state.screen = .recipe
    #expect(drawn(state).text.contains("No run has started here"))
  }
}
