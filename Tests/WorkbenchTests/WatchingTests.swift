import Testing
import Trajectories

@testable import Workbench

@Suite struct WatchingTests {
  private func state(trainedBy process: Int?) -> WorkbenchState {
    var state = SampleRun.state(.training, size: Size(columns: 120, rows: 40))
    _ = update(&state, .trainedElsewhere(process))
    return state
  }

  @Test func `a training of another process is named in the title and above the curves`() {
    let text = view(state(trainedBy: 77)).text
    #expect(text.contains("WATCHING"))
    #expect(text.contains("RUN by process 77"))
    #expect(view(state(trainedBy: 0)).text.contains("RUN elsewhere"))
    #expect(!view(state(trainedBy: nil)).text.contains("WATCHING"))
  }

  @Test(arguments: ["t", "p", "."])
  func `it is not steered from here`(key: Character) {
    var state = state(trainedBy: 77)
    #expect(update(&state, .key(.character(key))) == [])
    #expect(
      state.message?.text == "Process 77 trains this run; it is watched here, and stopped there.")
  }

  @Test func `training may be asked for while the engine works for the reader`() {
    var state = state(trainedBy: nil)
    _ = update(&state, .engine(.working))
    #expect(update(&state, .key(.character("t"))) == [.train(.start)])
    #expect(update(&state, .key(.character("p"))) == [])
  }

  @Test func `a narrow title keeps the update and drops the policy's name`() {
    var state = state(trainedBy: 77)
    state.size = Size(columns: 60, rows: 16)
    let title = view(state).text.prefix { $0 != "\n" }
    #expect(title.contains("update \(state.history.policyVersion)"))
    #expect(!title.contains("policy"))
    #expect(title.hasSuffix("WATCHING"))
  }
}
