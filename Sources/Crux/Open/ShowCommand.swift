import ArgumentParser
import Foundation
import Learning
import Records
import Session
import Terminal
import Trajectories
import Workbench

/// Prints one frame of a screen as text.
struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Print one frame of a screen as text, without a terminal.")

  @Argument(help: "The screen: \(ScreenName.allCases.map(\.rawValue).joined(separator: ", ")).")
  var screen: String

  @Argument(
    help: "A run's folder, a dump, or a study; those that ship with crux where it is not given.")
  var path: String?

  @Flag(help: "One frame, then end; there is no other way yet, so it may be left out.")
  var once = false

  @Option(help: "Columns and rows, such as 120x40.")
  var size = "80x24"

  @Option(help: "Number of the trajectory, from 1.")
  var trajectory: Int?

  @Option(help: "Number of the step, from 1.")
  var step: Int?

  @Flag(help: "Draw with ASCII characters only.")
  var ascii = false

  @OptionGroup var widths: WidthOptions

  func run() throws {
    guard let name = ScreenName(rawValue: screen) else {
      let all = ScreenName.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("There is no screen “\(screen)”; the screens are \(all).")
    }
    RewardConsent.ask(.never("crux show only shows"))
    try CellWidths.$current.withValue(widths.known.widths) {
      var state = try name == .study ? studyState() : runState()
      state.screen = name
      show(view(state).text)
    }
  }

  private var glyphs: GlyphSet {
    ascii || CellWidths.current.ambiguous == 2 ? .ascii : .unicode
  }

  private func runState() throws -> WorkbenchState {
    if let path, let dump = try DumpSource(path: path).reader() {
      return try dumpState(DumpSession(dump, name: path, inbox: Inbox()))
    }
    let folder = try path.map { URL(fileURLWithPath: $0) } ?? Locations.shipped("samples/run")
    let run = try OpenedRun(folder, readOnly: true)
    var state = WorkbenchState(
      runName: run.name, policyName: run.policyName, size: try parsedSize(),
      glyphs: glyphs)
    let events = try run.store.events().map(\.event)
    _ = update(&state, .events(events))
    while state.isAtWork { _ = update(&state, .goOn) }
    try select(in: &state)
    return state
  }

  private func dumpState(_ session: DumpSession) throws -> WorkbenchState {
    session.start(patience: 1e9)
    var state = session.state(of: try parsedSize(), glyphs: glyphs)
    for action in session.inbox.drain() { _ = update(&state, action) }
    while state.isAtWork { _ = update(&state, .goOn) }
    try select(in: &state)
    return state
  }

  private func studyState() throws -> WorkbenchState {
    try refuse(
      ["--trajectory": trajectory != nil, "--step": step != nil], "a study keeps no answers.")
    let file = try path.map { URL(fileURLWithPath: $0) } ?? Locations.shipped("samples/study.toml")
    let study = try StudyFile.read(file)
    let run = try StudyRun(finishedOf: study, in: file)
    var state = WorkbenchState(
      study: study, name: file.lastPathComponent, size: try parsedSize(),
      glyphs: glyphs, readOnly: nil)
    _ = update(&state, .study(study.rows(known: run.outcome), finished: run.finished))
    return state
  }

  private func select(in state: inout WorkbenchState) throws {
    if let trajectory {
      guard state.history.trajectories.indices.contains(trajectory - 1) else {
        throw ValidationError(
          "There is no trajectory \(trajectory); there are \(state.history.trajectories.count).")
      }
      state.selection = state.history.trajectories[trajectory - 1].id
      state.step = state.selection.flatMap { state.history.proposal(for: $0)?.leader } ?? 0
    }
    guard let step else { return }
    let count = state.trajectory?.steps.count ?? 0
    guard (1...max(1, count)).contains(step) else {
      throw ValidationError("There is no step \(step); there are \(count).")
    }
    state.step = step - 1
  }

  private func parsedSize() throws -> Size {
    let parts = size.split(separator: "x").compactMap { Int($0) }
    guard parts.count == 2, parts.allSatisfy({ (1...1000).contains($0) }) else {
      throw ValidationError("“\(size)” is no size; write columns and rows, such as 120x40.")
    }
    return Size(columns: parts[0], rows: parts[1])
  }
}
