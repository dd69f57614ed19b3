import Foundation
import Glibc
import Records
import Terminal
import Trajectories
import Workbench

/// The workbench in front of one run: keys and events in, frames out, until the reader leaves.
final class WorkbenchRun {
  private let screen: Screen
  private let engine: EngineRoom
  private let themes: Themes
  private let performer: Performer
  private var state: WorkbenchState
  private var theme: Theme
  private var known: Int64 = 0
  private var lastLook = Date.distantPast
  private var leaving = false
  private var clock = LabelClock()
  /// Whether a signal, not the reader, ended the workbench.
  private(set) var wasSignalled = false

  /// How often the store is asked for events of other processes, milliseconds.
  private static let patience = 200

  /// A workbench whose engine has been started.
  init(
    screen: Screen, opening: Opening, engine: EngineRoom, themes: Themes, options: WorkbenchOptions,
    blind: BlindMode
  ) throws {
    self.screen = screen
    self.themes = themes
    self.engine = engine
    state = WorkbenchState(
      runName: opening.name, policyName: opening.policyName, size: screen.size,
      glyphs: options.glyphs, readOnly: opening.readOnly)
    state.blind = blind
    theme = try themes.theme(named: options.theme)
    state.theme = theme.name
    performer = Performer(engine: engine, inbox: engine.inbox)
  }

  /// Shows the workbench until the reader leaves or the terminal goes.
  func loop() throws {
    apply([.themes(themes.names)])
    apply(themes.warnings(of: theme.name).map { .message($0, .warning) })
    apply(performer.inbox.drain())
    while !leaving {
      readStore()
      lookForOthers()
      screen.present(view(state), theme: theme)
      for event in screen.events(within: Self.patience) { handle(event) }
      apply(performer.inbox.drain())
    }
  }

  private func handle(_ event: Event) {
    switch event {
    case .input(let inputs):
      for input in inputs { apply([action(of: input)]) }
    case .resized(let size): apply([.resized(size)])
    case .signalled:
      leaving = true
      wasSignalled = true
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
    for action in actions {
      for request in update(&state, action) { perform(request) }
      let choosing = state.screen == .inspect ? state.selection : nil
      clock.show(
        choosing.flatMap { state.isVeiled($0) ? $0 : nil }, at: ProcessInfo.processInfo.systemUptime
      )
    }
  }

  private func perform(_ request: Request) {
    switch request {
    case .quit: leaving = true
    case .label(var label):
      label.seconds = clock.seconds(
        of: label.trajectory, at: ProcessInfo.processInfo.systemUptime)
      apply(performer.perform(.label(label), state: state))
    case .suspend: screen.suspend()
    case .redraw: screen.repaint()
    case .theme(let name): change(to: name)
    case .copy(let text): apply([screen.copied(text)])
    case .saveDisplay(let path): apply([performer.save(view(state), to: path)])
    default: apply(performer.perform(request, state: state))
    }
    readStore()
  }

  private func change(to name: String) {
    do {
      theme = try themes.theme(named: name)
      state.theme = name
      apply(themes.warnings(of: name).map { .message($0, .warning) })
    } catch { apply([.message("\(error)", .error)]) }
  }

  /// Says on the screen whether another process trains this run.
  private func lookForOthers() {
    guard let store = engine.run?.store else { return }
    // By the clock: while the engine reports there may be no quiet moment.
    guard Date().timeIntervalSince(lastLook) * 1000 > Double(Self.patience) else { return }
    lastLook = Date()
    let holder = TrainingLock.holder(of: store.folder).map(Int.init)
    let other = holder == Int(getpid()) ? nil : holder
    if other != state.otherTrainer { apply([.trainedElsewhere(other)]) }
  }

  /// Whatever process wrote them, events reach the screen by this one way.
  private func readStore() {
    guard let store = engine.run?.store else { return }
    do {
      let new = try store.events(after: known)
      guard let last = new.last else { return }
      known = last.id
      apply([.events(new.map(\.event))])
    } catch { apply([.message("\(error)", .error)]) }
  }
}
