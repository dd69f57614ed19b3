import Foundation
import Testing
import Workbench

@testable import Session

/// A workbench without a terminal in front of a session.
final class DrivenSession {
  let session: any WorkbenchSession
  private(set) var state: WorkbenchState
  /// All that the session said.
  private(set) var heard: [Action] = []

  init(_ session: any WorkbenchSession) throws {
    self.session = session
    state = session.state(of: Size(columns: 120, rows: 40), glyphs: .unicode)
    session.start(patience: 60)
    try settle()
  }

  /// In front of a run that is there.
  convenience init(_ folder: URL) throws {
    let run = try OpenedRun(folder, readOnly: false)
    try self.init(RunSession(.recorded(run), blind: BlindMode(), inbox: Inbox()))
  }

  func perform(_ requests: Request...) throws {
    for request in requests {
      take(session.perform(request, state: state))
      try settle()
    }
  }

  /// Asks for something without waiting for it.
  func start(_ request: Request) { take(session.perform(request, state: state)) }

  /// Waits until the engine has nothing to do and all it wrote is on the screen; what it says of a
  /// failure is an issue unless one is expected.
  func settle(failing: Bool = false) throws {
    let deadline = Date(timeIntervalSinceNow: 120)
    var quiet = 0
    while quiet < 10 {
      try #require(Date() < deadline, "the engine did not come to rest")
      waitForEngine(until: deadline)
      // As the workbench does: what is recorded before what was said after it.
      let told = session.inbox.drain()
      let said = session.news() + told
      take(said)
      let rests = [.idle, .paused].contains(state.engine)
      quiet = rests && state.waiting.isEmpty && said.isEmpty ? quiet + 1 : 0
      usleep(5_000)
    }
    if !failing, let message = state.message, message.severity == .error {
      Issue.record("\(message.text)")
    }
  }

  /// Waits until the engine has begun and ended what was asked of it, however busy the machine is.
  private func waitForEngine(until deadline: Date) {
    guard let run = session as? RunSession else { return }
    let isThrough = DispatchSemaphore(value: 0)
    repeat {
      // What is cancelled takes this with it.
      run.engine.thread.submit { isThrough.signal() }
    } while isThrough.wait(timeout: .now() + 1) == .timedOut && Date() < deadline
  }

  private func take(_ actions: [Action]) {
    heard += actions
    for action in actions { _ = update(&state, action) }
  }

  func close() { #expect(session.end()) }
}
