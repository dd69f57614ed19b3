import Testing
import Trajectories

@testable import Workbench

/// What the length limit cut off is never in the dim print.
@Suite struct CutOffScreenTests {
  private let wide = Size(columns: 120, rows: 40)

  /// The roles of a text on a screen, wherever it stands.
  private func roles(of text: String, in state: WorkbenchState) -> Set<Role> {
    let grid = view(state)
    var found: Set<Role> = []
    for row in 0..<grid.size.rows {
      let line = (0..<grid.size.columns).map { grid[row, $0].character }
      guard line.count >= text.count else { continue }
      for start in 0...line.count - text.count
      where line[start..<start + text.count].elementsEqual(text) {
        for column in start..<start + text.count { found.insert(grid[row, column].role) }
      }
    }
    return found
  }

  @Test func `the share of an update is a warning on the Training screen, where there is one`() {
    var state = SampleRun.state(.training, size: wide)
    var metrics = SampleRun.metrics(update: 35, marked: 0)
    metrics.truncatedShare = 0.25
    state.history.apply(.updated(metrics))
    #expect(roles(of: ".25 cut off by the limit", in: state) == [.warning])
    metrics.update = 36
    metrics.truncatedShare = 0
    state.history.apply(.updated(metrics))
    #expect(roles(of: "cut off by the limit", in: state).isEmpty)
  }

  @Test func `the rollouts of a value are a warning on the Inspect screen`() {
    var state = SampleRun.state(.inspect, size: wide)
    var valuation = SampleRun.valuation(version: 34, values: Array(repeating: 0.5, count: 9))
    valuation.values[4].truncated = 7
    valuation.values[5].truncated = 9
    valuation.values[5].rollouts = 0
    state.history.apply(.valued(valuation))
    #expect(roles(of: ", 7 cut off", in: state) == [.warning])
    #expect(roles(of: ", 9 cut off", in: state) == [.warning])
    #expect(roles(of: "no rollouts that count", in: state) == [.dim])
  }

  @Test func `an answer says so on the Trajectories screen`() {
    var state = SampleRun.state(.trajectories, size: wide)
    var answer = SampleRun.trajectory()
    answer.truncated = true
    answer.id = "update-1/17"
    state.history.apply(.sampled(answer))
    state.selection = answer.id
    #expect(roles(of: "cut off", in: state).isSubset(of: [.warning]))
    #expect(roles(of: "cut off by the length limit", in: state) == [.warning])
  }
}
