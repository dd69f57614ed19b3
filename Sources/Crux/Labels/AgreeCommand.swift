import ArgumentParser
import Foundation
import Records
import Session
import Trajectories
import Workbench

/// Compares what people chose as critical steps with the rule and with each other.
struct AgreeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "agree",
    abstract: "Tell how far people and the rule chose the same critical steps.",
    discussion: """
      Several runs are taken together, such as copies of one run in which several people chose; \
      trajectories of the same name and the same tokens are one. Choices are made in blind mode: \
      crux open RUN --blind --person NAME.
      """)

  @Argument(help: "Folders of runs.")
  var runs: [String]

  @Flag(help: "Count choices too that were made with the values in sight.")
  var includeOpen = false

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard !runs.isEmpty else { throw ValidationError("Name a run's folder.") }
  }

  func run() throws {
    let report = AgreementReport(try answers(), includingOpen: includeOpen)
    guard json else {
      show(agreementLines(report, columns: 100).joined(separator: "\n"), json: false)
      return
    }
    show(try jsonPages(report), json: true)
  }

  /// What was judged in any of the runs, each trajectory once.
  private func answers() throws -> [AgreementReport.Answer] {
    var order: [String] = []
    var known: [String: AgreementReport.Answer] = [:]
    for path in runs {
      let store = try RunStore(opening: URL(fileURLWithPath: path), readOnly: true)
      let history = RunHistory(try store.events().map(\.event))
      try store.close()
      for answer in history.answers {
        let key = "\(answer.trajectory.id) \(answer.trajectory.responseTokens)"
        guard known[key] != nil else {
          order.append(key)
          known[key] = answer
          continue
        }
        // A copy of a run repeats what was chosen before it was copied.
        let new = answer.labels.filter { known[key]?.labels.contains($0) == false }
        known[key]?.labels += new
        if known[key]?.proposal == nil { known[key]?.proposal = answer.proposal }
      }
    }
    return order.compactMap { known[$0] }
  }
}
