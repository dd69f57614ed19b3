import Foundation
import Records
import Testing
import Trajectories
import Workbench

@testable import TerminalTesting

/// Two people choose blind, one splits a step; report and labels come of it.
extension CruxProcessTests {
  @Test func `five answers are judged blind, and the agreement is told`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let (terminal, _) = try place.open(["open", "--blind", "--problems", "5", "--person", "Ada"])
    defer { terminal.close() }
    try terminal.expect("BLIND 0 of 5")
    try terminal.expect("hidden")
    #expect(!terminal.screen.text.contains("+ right"))
    terminal.type("\r")
    try terminal.expect("Blind: which step decides")
    for number in 1...5 {
      try terminal.expect("Blind: which step decides")
      terminal.type(number == 3 ? "M" : "jm")
      try terminal.expect("BLIND \(number) of 5")
      if number < 5 { terminal.type("L") }
    }
    try terminal.expect("Ada: 5 judged, all blind, 1 with no critical step")
    terminal.type("\u{1B}")
    try terminal.expect("7 agreement")
    try split(terminal, place)
    terminal.type(":quit\r")
    #expect(terminal.waitForExit() == 0)
    terminal.expectRestored("after a study")
    #expect(terminal.screen.text.contains("Ada: 5 judged"))
    try exchange(place)
  }

  /// Splits the step, values what is new, joins it again, and takes both back.
  private func split(_ terminal: PseudoTerminal, _ place: Workplace) throws {
    let id = try #require(RunHistory(try place.events(of: "sample")).labels.last?.trajectory)
    func steps() throws -> Int? {
      RunHistory(try place.events(of: "sample")).trajectory(id)?.steps.count
    }
    terminal.type("gg")
    try terminal.insist(on: "|", until: "split step 1 after token 1")
    terminal.type("\r")
    try terminal.expect("is split; values of the other")
    #expect(try steps() == 10)
    terminal.type("J")
    try terminal.expect("is joined with the next")
    #expect(try steps() == 9)
    terminal.type("uu")
    try terminal.expect("is split.")
    #expect(try steps() == 9)
    let events = try place.events(of: "sample")
    #expect(events.suffix(4).map(\.isCutOrUndo) == [true, true, true, true])
  }

  /// Labels go out as PRM800K and come in again; a copy is another person.
  private func exchange(_ place: Workplace) throws {
    let run = place.runs.appendingPathComponent("sample").path
    let file = place.runs.appendingPathComponent("labels.jsonl")
    let out = try place.run(["labels", "export", run, file.path])
    #expect(out.code == 0 && out.output.contains("5 labels"), "\(out.errors)")
    let again = try place.run(["labels", "import", file.path, run])
    #expect(again.code == 0 && again.output.contains("5 labels were known"), "\(again.errors)")
    let text = try String(contentsOf: file, encoding: .utf8)
    try Data(text.replacingOccurrences(of: "Ada", with: "Bo\\u001b[31m").utf8).write(to: file)
    #expect(try place.run(["labels", "import", file.path, run]).output.contains("5 labels, 0 new"))
    let report = try place.run(["agree", run])
    #expect(report.output.contains("Ada and Bo^[[31m: the same: 5 of 5, 1.00"), "\(report.output)")
    #expect(report.output.contains("kappa +1.00"))
    let json = try place.run(["agree", run, "--json"])
    let decoded = try JSONDecoder().decode(AgreementReport.self, from: Data(json.output.utf8))
    #expect(decoded.people.map(\.labels) == [5, 5])
    #expect(decoded.pairs.first?.agreement.same == 5)
  }

  @Test func `labels of new solutions become trajectories with marks`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let shipped = Workplace.root.appendingPathComponent("samples/run")
    let run = place.runs.appendingPathComponent("copy")
    try FileManager.default.copyItem(at: shipped, to: run)
    let solution = RatedSolution(
      labeler: "Cy", problem: "3 *8 +2 ?v :", answer: "26", steps: ["*8 24", "+2 27", "# 27"],
      ratings: [1, -1, nil], finish: .foundError, seconds: 12)
    var unknown = solution
    unknown.problem = "How many apples?"
    let file = place.runs.appendingPathComponent("prm.jsonl")
    try PRM800KFile.write([solution, unknown], to: file)
    let outcome = try place.run(["labels", "import", file.path, run.path])
    #expect(outcome.output.contains("1 labels, 1 new trajectories"), "\(outcome.errors)")
    #expect(outcome.errors.contains("1 lines were left out"))
    let history = RunHistory(try place.events(of: "copy"))
    let taken = try #require(history.trajectory("prm/1"))
    #expect(taken.steps.map(\.verdict) == [.right, .wrong, .inherited])
    #expect(taken.steps.map { withoutEndMark($0.text) }.first == "*8 24\n")
    #expect(history.mark(of: "prm/1")?.step == 1)
    #expect(history.labels(of: "prm/1").first?.finish == .foundError)
  }

  @Test func `blind mode says what it needs`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let file = try place.file("p.jsonl", "{\"prompt\": \"3 *8 ?v :\", \"reference\": \"24\"}\n")
    for (arguments, words) in [
      (["open", file.path, "--blind"], "--blind is for a run's folder"),
      (["open", "--blind", "--read-only"], "Blind choices cannot be kept"),
      (["open", "--blind", "--problems", "9999"], "fewer than 9999"),
      (["open", "--problems", "5"], "--problems belongs to --blind"),
    ] {
      let outcome = try place.run(arguments)
      #expect(outcome.code != 0 && outcome.errors.contains(words), "\(outcome.errors)")
    }
  }
}

extension RunEvent {
  fileprivate var isCutOrUndo: Bool {
    switch self {
    case .recut, .undone: true
    default: false
    }
  }
}
