import Testing
import Trajectories

@testable import Workbench

/// A run whose rollouts servers draw.
struct ServedTests {
  private static let titles = ["smol on llama-cpp-python, as text", "smol, as text", "as text"]

  private func title(columns: Int, _ engine: EngineState = .idle) -> Substring {
    var state = Scene.state()
    _ = update(&state, .resized(Size(columns: columns, rows: 24)))
    _ = update(&state, .served(Self.titles))
    _ = update(&state, .engine(engine))
    return view(state).text.prefix { $0 != "\n" }
  }

  @Test func `the title says what draws, in as many words as there is room for`() {
    #expect(title(columns: 160).contains("policy smol on llama-cpp-python, as text   idle"))
    #expect(title(columns: 80).contains("smol, as text   idle"))
    #expect(title(columns: 60).hasSuffix("as text   idle"))
    #expect(!title(columns: 60).contains("update"))
  }

  @Test func `a mark is exported, for nothing is trained here`() {
    var state = Scene.state()
    let id = state.history.trajectories[0].id
    let mark = RunEvent.marked(Mark(trajectory: id, step: 1, kind: .marked))
    _ = update(&state, .events([mark]))
    #expect(state.message?.text.contains("training resets there") == true)
    _ = update(&state, .served(Self.titles))
    _ = update(&state, .events([mark]))
    #expect(state.message?.text.contains("crux export takes it along") == true)
  }

  @Test func `a group is all that answer one problem`() {
    let state = Scene.state()
    let all = state.history.trajectories
    let name = all[0].problem.id
    for words in [name, name.uppercased(), String(name.split(separator: "/").last ?? "")] {
      let filter = ListFilter("group:\(words)")
      #expect(all.allSatisfy { filter.holds(for: $0, in: state) == ($0.problem.id == name) })
    }
    for words in ["", "x\(name)", "/"] {
      let filter = ListFilter("group:\(words)")
      #expect(!all.contains { filter.holds(for: $0, in: state) }, "\(words)")
    }
  }
}
