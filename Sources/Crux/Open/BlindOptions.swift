import ArgumentParser
import Foundation
import Learning
import Records
import Trajectories
import Workbench

/// How people choose critical steps without seeing what is known of them.
struct BlindOptions: ParsableArguments {
  @Flag(help: "Hide values, proposals, verdicts and labels until you have chosen.")
  var blind = false

  @Option(help: "With --blind: so many trajectories, drawn by seed, clear ones first.")
  var problems: Int?

  @Option(help: "With --problems: draws them; the same seed draws the same; 1 if not given.")
  var blindSeed: UInt64?

  @Option(help: "Who chooses; the name of the user if not given.")
  var person: String?

  var name: String {
    let environment = ProcessInfo.processInfo.environment
    let name = person ?? environment["USER"] ?? environment["LOGNAME"] ?? ""
    return name.isEmpty ? "you" : name
  }

  func validate() throws {
    if problems != nil, !blind { throw ValidationError("--problems belongs to --blind.") }
    if blindSeed != nil, problems == nil {
      throw ValidationError("--blind-seed belongs to --problems.")
    }
    if let problems, problems < 1 { throw ValidationError("--problems must be at least 1.") }
    if person?.isEmpty == true { throw ValidationError("--person needs a name.") }
  }

  /// The way to judge that was asked for.
  ///
  /// - Throws: A sentence where there is nothing to judge blind.
  func mode(for opening: Opening) throws -> BlindMode {
    guard blind else { return BlindMode(person: name) }
    guard let run = opening.run else { return try mode(of: opening.problems) }
    if let reason = run.readOnly { throw Complaint("Blind choices cannot be kept: \(reason).") }
    let history = RunHistory(try run.store.events().map(\.event))
    let valued = history.trajectories.filter {
      $0.forkedFrom == nil && $0.steps.count > 1
        && (history.proposal(for: $0.id) != nil || $0.isLabelled)
    }
    guard !valued.isEmpty else {
      throw Complaint(
        "No trajectory of \(run.name) has values to compare a choice with; open it, press e on "
          + "some, then use --blind.")
    }
    if let problems, valued.count < problems {
      throw Complaint(
        "\(run.name) has \(valued.count) valued trajectories, fewer than \(problems); press e on "
          + "more of them, or ask for fewer.")
    }
    // Where the rule itself is in doubt there is little to agree with.
    let clear = valued.filter { history.proposal(for: $0.id)?.step != nil }
    let chosen = problems.map { count in
      StudySelection.draw(count, of: clear.count >= count ? clear : valued, seed: blindSeed ?? 1)
    }
    return BlindMode(person: name, isOn: true, trajectories: chosen ?? valued.map(\.id))
  }

  /// The way to judge labelled solutions that are opened just now.
  private func mode(of asked: [AskedProblem]) throws -> BlindMode {
    let labelled = asked.filter { $0.solution != nil }.map {
      (id: $0.id, prompt: $0.entry.problem.prompt)
    }
    guard !labelled.isEmpty else {
      throw Complaint(
        "--blind is for a run's folder or a file of labelled solutions: what begins now has "
          + "nothing to hide yet.")
    }
    if let problems, labelled.count < problems {
      throw Complaint("There are \(labelled.count) labelled solutions, fewer than \(problems).")
    }
    let chosen = problems.map { StudySelection.draw($0, of: labelled, seed: blindSeed ?? 1) }
    return BlindMode(person: name, isOn: true, trajectories: chosen ?? labelled.map(\.id))
  }
}
