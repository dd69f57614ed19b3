import Foundation
import Glibc
import Records
import Terminal
import Trajectories
import Workbench

/// The workbench in front of a desk: keys and events in, frames out, until the reader leaves.
final class WorkbenchRun {
  private let screen: Screen
  private let desk: any Desk
  private let themes: Themes
  private var state: WorkbenchState
  private var theme: Theme
  private var leaving = false
  private var clock = LabelClock()
  /// The signal that ended the workbench; nil where the reader did.
  private(set) var endSignal: EndSignal?
  private var pace = FramePace()
  /// Keys, mouse events and pastes that were taken so far.
  private var answered = 0
  /// Told of every frame: what it shows, and how many inputs it is the answer to.
  var onFrame: ((WorkbenchState, Int) -> Void)?

  /// How often the desk is asked for what other processes did, milliseconds.
  private static let patience = 200

  /// A workbench whose desk has been started.
  init(screen: Screen, desk: any Desk, themes: Themes, options: WorkbenchOptions) throws {
    self.screen = screen
    self.themes = themes
    self.desk = desk
    // Lines and marks of boxes are of ambiguous width: where that is two cells, ASCII draws them.
    let glyphs = screen.widths.ambiguous == 2 ? .ascii : options.glyphs
    state = desk.state(of: screen.size, glyphs: glyphs)
    theme = try themes.theme(named: options.theme)
    state.theme = theme.name
  }

  /// Shows the workbench until the reader leaves or the terminal goes.
  func loop() throws {
    apply([.themes(themes.names)])
    apply(themes.warnings(of: theme.name).map { .message($0, .warning) })
    hear()
    while !leaving {
      if pace.isDue(at: now) {
        screen.present(view(state), theme: theme)
        onFrame?(state, answered)
      }
      let patience = state.isAtWork ? 0 : pace.wait(at: now, most: Self.patience)
      for event in screen.events(within: patience) { handle(event) }
      hear()
      if state.isAtWork { apply([.goOn]) }
    }
  }

  /// Takes what other threads and processes said: what is recorded before what was said after it.
  private func hear() {
    let said = desk.inbox.drain()
    // Events that a reader sent are older than any that are read now.
    let isReading = said.contains { if case .events = $0 { true } else { false } }
    if !isReading { apply(desk.news()) }
    apply(said)
  }

  private var now: Double { ProcessInfo.processInfo.systemUptime }

  private func handle(_ event: Event) {
    switch event {
    case .input(let inputs):
      for input in inputs { apply([action(of: input)]) }
      answered += inputs.count
      pace.change(awaited: true)
    case .resized(let size):
      apply([.resized(size)])
      pace.change(awaited: true)
    case .signalled(let signal):
      leaving = true
      endSignal = signal
    case .notStopped: tellNotStopped()
    case .woken, .tick: break
    }
  }

  private func action(of input: Input) -> Action {
    switch input {
    case .key(let key): .key(key)
    case .mouse(let event): .mouse(event)
    case .pasted(let text): .pasted(text)
    }
  }

  private func apply(_ actions: [Action]) {
    if !actions.isEmpty { pace.change(awaited: false) }
    // The first frame of a whole run waits for nothing.
    if pace.isReading, state.reading == nil { pace.change(awaited: true) }
    pace.isReading = state.reading != nil
    for action in actions {
      for request in update(&state, action) { perform(request) }
      let choosing = state.screen == .inspect ? state.selection : nil
      clock.show(
        choosing.flatMap { state.isVeiled($0) ? $0 : nil }, at: now)
    }
  }

  private func perform(_ request: Request) {
    switch request {
    case .quit: leaving = true
    case .label(var label):
      label.seconds = clock.seconds(of: label.trajectory, at: now)
      apply(desk.perform(.label(label), state: state))
    case .suspend:
      if !screen.suspend() { tellNotStopped() }
    case .redraw: screen.repaint()
    case .theme(let name): change(to: name)
    case .copy(let text): apply([screen.copied(text)])
    case .trust(let command): apply([trust(command)])
    case .saveDisplay(let path): apply([save(to: path)])
    default: apply(desk.perform(request, state: state))
    }
    // What was asked for is seen at once.
    apply(desk.news())
  }

  private func tellNotStopped() {
    apply([
      .message("Not suspended: there is no shell above that could continue Crux.", .warning)
    ])
  }

  private func change(to name: String) {
    do {
      theme = try themes.theme(named: name)
      state.theme = name
      apply(themes.warnings(of: name).map { .message($0, .warning) })
    } catch { apply([.message("\(error)", .error)]) }
  }

  private func trust(_ command: String) -> Action {
    do {
      try RewardConsent.remember(command)
      return .message("The reward command may run; do again what needed it.", .information)
    } catch { return .message("It may run until Crux is left. \(error)", .warning) }
  }

  /// Writes the screen as text.
  private func save(to path: String) -> Action {
    do {
      try (view(state).text + "\n").write(toFile: path, atomically: true, encoding: .utf8)
      return .message("The screen was written to \(path).", .information)
    } catch {
      return .message("\(path) cannot be written: \(error.localizedDescription)", .error)
    }
  }
}
