import Synchronization
package import Workbench

/// What other threads have to tell the screen: actions in order, and a wake-up.
package final class Inbox: Sendable {
  private let shared: Mutex<Shared>
  private let interval: Duration
  /// Wakes the screen.
  let wake: @Sendable () -> Void

  private struct Shared {
    var actions: [Action] = []
    /// When progress last woke the screen.
    var lastProgress: ContinuousClock.Instant
  }

  /// An empty inbox.
  ///
  /// - Parameters:
  ///   - interval: Least time between two wake-ups for progress: the screen draws no more often.
  ///   - wake: Wakes the screen; any thread calls it.
  package init(interval: Duration = .milliseconds(50), wake: @escaping @Sendable () -> Void = {}) {
    self.interval = interval
    self.wake = wake
    shared = Mutex(Shared(lastProgress: .now - interval))
  }

  /// Adds an action and wakes the screen.
  func post(_ action: Action) {
    let wakes = shared.withLock { shared in
      guard case .progress = action else {
        shared.actions.append(action)
        return true
      }
      // Only the newest progress counts; a slow screen must not gather old ones, and none wakes it
      // more often than it draws.
      if case .progress = shared.actions.last { shared.actions.removeLast() }
      shared.actions.append(action)
      let now = ContinuousClock.now
      guard now - shared.lastProgress >= interval else { return false }
      shared.lastProgress = now
      return true
    }
    if wakes { wake() }
  }

  /// Whether events wait that a reader sent.
  var holdsEvents: Bool {
    shared.withLock { $0.actions.contains { if case .events = $0 { true } else { false } } }
  }

  /// Takes what has gathered.
  package func drain() -> [Action] {
    shared.withLock { shared in
      defer { shared.actions = [] }
      return shared.actions
    }
  }
}
