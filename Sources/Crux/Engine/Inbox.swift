import Synchronization
import Terminal
import Workbench

/// What other threads have to tell the screen: actions in order, and a wake-up.
final class Inbox: Sendable {
  private let actions = Mutex<[Action]>([])

  /// Adds an action and wakes the screen.
  func post(_ action: Action) {
    actions.withLock { waiting in
      // Only the newest progress counts; a slow screen must not gather old ones.
      if case .progress = action, case .progress = waiting.last { waiting.removeLast() }
      waiting.append(action)
    }
    Waker().wake()
  }

  /// Takes what has gathered.
  func drain() -> [Action] {
    actions.withLock { waiting in
      defer { waiting = [] }
      return waiting
    }
  }
}
