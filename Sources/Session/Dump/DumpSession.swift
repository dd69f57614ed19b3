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
    var found = Findings()
    while !shared.withLock({ $0.isStopped }), found.held < Self.most {
      do {
        guard let next = try cursor.next() else { break }
        found.add(next)
        waiting += events.events(of: next, format: dump.files[next.place.file].format.title)
        if waiting.count >= Self.batch { tell(&waiting, at: cursor) }
      } catch { found.add(fault: "\(error)") }
    }
    waiting += events.close()
    tell(&waiting, at: cursor)
    inbox.post(.reading(nil))
    inbox.post(.engine(.idle))
    let words = found.words(shown: found.held < Self.most ? nil : share(of: cursor), of: dump)
    if let words { inbox.post(.message(words, .warning)) }
  }

  private func tell(_ events: inout [RunEvent], at cursor: DumpCursor) {
    guard !events.isEmpty else { return }
    inbox.post(.reading(RunReading(done: cursor.bytesRead, total: dump.size)))
    inbox.post(.events(events))
    events = []
  }

  /// How much is read, in hundredths.
  private func share(of cursor: DumpCursor) -> Int { cursor.bytesRead * 100 / max(1, dump.size) }

  /// What was met on the way.
  private struct Findings {
    /// Bytes of text, about.
    private(set) var held = 0
    private var unjudged = 0
    private var faults = 0
    private var firstFault = ""

    mutating func add(_ next: DumpedTrajectory) {
      held += 2 * (next.prompt.utf8.count + next.response.utf8.count) + 512
      if next.reward == nil { unjudged += 1 }
    }

    mutating func add(fault: String) {
      if faults == 0 { firstFault = fault }
      faults += 1
    }

    /// What the reader should know of a dump that is read; nil where all of it is there.
    func words(shown share: Int?, of dump: DumpReader) -> String? {
      if let share {
        return "The first \(share) % are shown; split the dump, or name fewer of its files."
      }
      if faults > 0 {
        return faults == 1 ? firstFault : "\(faults) rows are left out; the first: \(firstFault)"
      }
      if unjudged > 0 {
        return "\(unjudged) answers come without a reward; they are shown as if it were 0."
      }
      guard let first = dump.passedOver.first else { return nil }
      return "\(dump.passedOver.count) files are no dump; the first: \(first.why)"
    }
  }

  package func perform(_ request: Request, state: WorkbenchState) -> [Action] {
    switch request {
    case .search(let text): search(text, in: state.history.trajectories)
    case .pieces, .theme, .copy, .saveDisplay, .trust, .suspend, .redraw, .quit, .cancel: break
    default:
      return [.message("\(name) can only be looked at: name its policy with --model.", .warning)]
    }
    return []
  }

  /// Searches all texts, which may take a while, beside the screen's thread.
  private func search(_ text: String, in answers: [Trajectory]) {
    let inbox = inbox
    DispatchQueue.global(qos: .userInitiated).async {
      let found = answers.filter { answer in
        [answer.problem.prompt, answer.text].contains {
          $0.range(of: text, options: .caseInsensitive) != nil
        }
      }
      inbox.post(.found(text, trajectories: found.map(\.id)))
    }
  }

  package func news() -> [Action] { [] }

  package func end() -> Bool {
    shared.withLock { $0.isStopped = true }
    return true
  }
}
