import Foundation
import Records
import Testing
import Trajectories
import Workbench

@testable import Session
@testable import TerminalTesting

/// What trainers wrote, in front of the workbench.
struct DumpSessionTests {
  private static let dumps = Workplace.root
    .appendingPathComponent("Tests/RecordsTests/Fixtures/Dumps")

  private func driven(_ path: String) throws -> DrivenSession {
    try DrivenSession(DumpSession(try DumpReader(opening: path), name: "dump", inbox: Inbox()))
  }

  @Test func `a dump fills the list and can only be looked at`() throws {
    let driven = try driven(Self.dumps.appendingPathComponent("verl_v1").path)
    #expect(driven.state.history.trajectories.count == 4)
    #expect(driven.state.history.metrics.map(\.update) == [3])
    #expect(driven.state.readOnly?.contains("--model") == true)
    let refused = driven.session.perform(.draw(1), state: driven.state)
    guard case .message(let words, .warning)? = refused.first else {
      Issue.record("\(refused)")
      return
    }
    #expect(words.contains("--model"))
    driven.close()
  }

  @Test func `only what a dump tells is drawn, and nothing offers what is refused`() throws {
    let driven = try driven(Self.dumps.appendingPathComponent("verl_v1").path)
    defer { driven.close() }
    func screen(_ keys: Key...) -> String {
      var state = driven.state
      for key in keys { _ = update(&state, .key(key)) }
      return view(state).text
    }
    let curves = screen(.character("4"))
    #expect(curves.contains("reward"))
    for word in ["KL", "loss", "gradient", "buffer", "tokens", "length"] {
      #expect(!curves.contains(word), "\(word)")
    }
    let step = screen(.enter)
    #expect(step.contains("--model"))
    #expect(!step.contains("draws"))
  }

  @Test func `a search finds answers whatever the case of their letters`() throws {
    let driven = try driven(Self.dumps.appendingPathComponent("prime_rl").path)
    let wanted = try #require(driven.state.history.trajectories.first?.id)
    try driven.perform(.search("THE ANSWER IS -2"))
    let deadline = Date(timeIntervalSinceNow: 30)
    var found: [String]?
    while found == nil, Date() < deadline {
      for case .found(_, let ids) in driven.heard + driven.session.inbox.drain() { found = ids }
    }
    #expect(found?.contains(wanted) == true)
    driven.close()
  }

  @Test func `answers of one name in several files are all there`() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let text = try String(
      contentsOf: Self.dumps.appendingPathComponent("nemo_rl/train_data_step3.jsonl"),
      encoding: .utf8)
    for step in [3, 4] {
      try text.write(
        to: folder.appendingPathComponent("train_data_step\(step).jsonl"), atomically: true,
        encoding: .utf8)
    }
    let driven = try driven(folder.path)
    #expect(driven.state.history.trajectories.count == 8)
    #expect(driven.state.history.metrics.map(\.update) == [3, 4])
    driven.close()
  }

  @Test func `rows that do not fit are told, and the rest is there`() throws {
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("\(UUID().uuidString).jsonl")
    defer { try? FileManager.default.removeItem(at: file) }
    let row = #"{"input": "a", "output": "b\nc", "score": 1e300, "step": 9223372036854775807}"#
    try (row + "\nnothing\n" + row + "\n").write(to: file, atomically: true, encoding: .utf8)
    let driven = try driven(file.path)
    #expect(driven.state.history.trajectories.count == 2)
    #expect(driven.state.message?.text.contains("\(file.lastPathComponent):2") == true)
    for screen in ScreenName.allCases where screen != .study {
      var shown = driven.state
      shown.screen = screen
      _ = update(&shown, .goOn)
      #expect(!view(shown).text.isEmpty)
    }
    driven.close()
  }
}
