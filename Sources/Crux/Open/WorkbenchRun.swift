import Foundation
import Glibc
import Session
import Terminal
import Trajectories
import Workbench

/// The workbench in front of a session: keys and events in, frames out, until the reader leaves.
final class WorkbenchRun {
  private let screen: Screen
  private let session: any WorkbenchSession
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

  /// How often the session is asked for what other processes did, milliseconds.
  private static let patience = 200

  /// A workbench whose session has been started.
  init(screen: Screen, session: any WorkbenchSession, themes: Themes, options: WorkbenchOptions)
    throws
  {
    self.screen = screen
    self.themes = themes
    self.session = session
    // Lines and marks of boxes are of ambiguous width: where that is two cells, ASCII draws them.
    let glyphs = screen.widths.ambiguous == 2 ? .ascii : options.glyphs
    state = session.state(of: screen.size, glyphs: glyphs)
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
    let said = session.inbox.drain()
    // Events that a reader sent are older than any that are read now.
    let isReading = said.contains { if case .events = $0 { true } else { false } }
    if !isReading { apply(session.news()) }
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
      apply(session.perform(.label(label), state: state))
    case .suspend:
      if !screen.suspend() { tellNotStopped() }
    case .redraw: screen.repaint()
    case .theme(let name): change(to: name)
    case .copy(let text): apply([screen.copied(text)])
    case .trust(let command): apply([trust(command)])
    case .saveDisplay(let path): apply([save(to: path)])
    default: apply(session.perform(request, state: state))
    }
    // What was asked for is seen at once.
    apply(session.news())
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

/// When the next frame is due: at once where somebody did something, else at most twenty times a second;
/// never where nothing changed.
struct FramePace {
  /// Least seconds between two frames that nobody asked for.
  static let interval = 0.05
  /// The same as a duration.
  static let step = Duration.seconds(interval)
  /// The same while a run is read, when the processor has better to do than to draw how it fills.
  static let readingInterval = 0.5

  /// Whether a run is read.
  var isReading = false
  private var last = -Double.infinity
  private var isChanged = true
  private var isAwaited = true

  /// Notes that what is shown may have changed, and whether somebody waits for it.
  mutating func change(awaited: Bool) {
    isChanged = true
    if awaited { isAwaited = true }
  }

  /// Whether a frame is due; where it is, it counts as shown.
  mutating func isDue(at now: Double) -> Bool {
    guard isChanged, isAwaited || now - last >= interval else { return false }
    (last, isChanged, isAwaited) = (now, false, false)
    return true
  }

  /// Milliseconds until the next frame is due, at most so many.
  func wait(at now: Double, most: Int) -> Int {
    guard isChanged else { return most }
    guard !isAwaited else { return 0 }
    return min(most, max(0, Int(((last + interval - now) * 1000).rounded(.up))))
  }

  private var interval: Double { isReading ? Self.readingInterval : Self.interval }
}

extension Inbox {
  /// An inbox that wakes the screen, for progress no more often than it draws.
  static var waking: Inbox { Inbox(interval: FramePace.step) { Waker().wake() } }
}

/// How long each trajectory was in front of a person who had not chosen yet.
struct LabelClock {
  private var shown: (id: String, since: Double)?
  private var spent: [String: Double] = [:]

  /// Notes what is in front of the person now; nil for nothing to choose.
  mutating func show(_ id: String?, at now: Double) {
    guard id != shown?.id else { return }
    if let shown { spent[shown.id, default: 0] += max(0, now - shown.since) }
    shown = id.map { ($0, now) }
  }

  /// Seconds that a trajectory was shown so far; nil where it never was.
  func seconds(of id: String, at now: Double) -> Double? {
    let present = shown.flatMap { $0.id == id ? max(0, now - $0.since) : nil }
    guard present != nil || spent[id] != nil else { return nil }
    return (spent[id] ?? 0) + (present ?? 0)
  }
}
