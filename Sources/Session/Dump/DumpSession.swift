import Foundation
package import Records
import Synchronization
import Trajectories
package import Workbench

/// What another program wrote, shown as a run that nobody can change.
///
/// It is read on a thread of its own, from the first trajectory on, so that the first frame waits for
/// none.
package final class DumpSession: WorkbenchSession, @unchecked Sendable {
  package let inbox: Inbox
  private let name: String
  private let dump: DumpReader
  private let isOver = DispatchSemaphore(value: 0)
  private let shared = Mutex(Shared())

  /// What both threads know.
  private struct Shared {
    var isStopped = false
  }

  /// Trajectories that are told at once: some milliseconds of reading.
  private static let batch = 64
  /// Bytes of text that are held; what lies behind them is counted and told.
  private static let most = 128 << 20

  /// A session in front of a dump; what it has to tell goes to the inbox.
  ///
  /// - Parameters:
  ///   - dump: What is read.
  ///   - name: What the title line says is open.
  ///   - inbox: What it has to tell goes there.
  package init(_ dump: DumpReader, name: String, inbox: Inbox) {
    self.dump = dump
    self.name = name
    self.inbox = inbox
  }

  package var failure: String? { nil }

  package func state(of size: Size, glyphs: GlyphSet) -> WorkbenchState {
    WorkbenchState(
      runName: name, policyName: dump.formats.map(\.title).joined(separator: ", "), size: size,
      glyphs: glyphs,
      readOnly: "it was written by another program; name its policy with --model to work on it")
  }

  package func start(patience seconds: Double) {
    let thread = Thread { [self] in
      read()
      isOver.signal()
    }
    thread.name = "dump"
    thread.stackSize = 4 << 20
    thread.start()
    _ = isOver.wait(timeout: .now() + seconds)
  }

  private func read() {
    let cursor = dump.cursor()
    var events = DumpEvents()
    var waiting: [RunEvent] = []
    var held = 0
    var faults: [String] = []
    var unjudged = 0
    let tell = { [self] in
      guard !waiting.isEmpty else { return }
      inbox.post(.reading(RunReading(done: cursor.bytesRead, total: dump.size)))
      inbox.post(.events(waiting))
      waiting = []
    }
    while !shared.withLock({ $0.isStopped }), held < Self.most {
      do {
        guard let next = try cursor.next() else { break }
        held += 2 * (next.prompt.utf8.count + next.response.utf8.count) + 512
        if next.reward == nil { unjudged += 1 }
        waiting += events.events(of: next, format: dump.files[next.place.file].format.title)
        if waiting.count >= Self.batch { tell() }
      } catch { faults.append("\(error)") }
    }
    waiting += events.close()
    tell()
    inbox.post(.reading(nil))
    inbox.post(.engine(.idle))
    if let words = closing(faults, unjudged, isCut: held >= Self.most, cursor) {
      inbox.post(.message(words, .warning))
    }
  }

  /// What the reader should know of a dump that is read; nil where all of it is there.
  private func closing(
    _ faults: [String], _ unjudged: Int, isCut: Bool, _ cursor: DumpCursor
  ) -> String? {
    if isCut, dump.size > 0 {
      let share = cursor.bytesRead * 100 / dump.size
      return "The first \(share) % are shown; split the dump, or name fewer of its files, for more."
    }
    guard let first = faults.first else {
      return unjudged == 0
        ? nil : "\(unjudged) answers come without a reward; they are shown as if it were 0."
    }
    return faults.count == 1 ? first : "\(faults.count) rows are left out; the first: \(first)"
  }

  package func perform(_ request: Request, state: WorkbenchState) -> [Action] {
    switch request {
    case .search(let text):
      let found = state.history.trajectories.filter {
        $0.text.contains(text) || $0.problem.prompt.contains(text)
      }
      return [.found(text, trajectories: found.map(\.id))]
    case .pieces, .theme, .copy, .saveDisplay, .trust, .suspend, .redraw, .quit, .cancel: return []
    default:
      return [.message("\(name) can only be looked at: name its policy with --model.", .warning)]
    }
  }

  package func news() -> [Action] { [] }

  package func end() -> Bool {
    shared.withLock { $0.isStopped = true }
    return true
  }
}
