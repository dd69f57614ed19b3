import ArgumentParser

/// Measurements of the method itself.
struct StudyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "study",
    abstract: "Measure the method itself: what estimators find, and what that costs.",
    subcommands: [
      StudyEstimatorsCommand.self, StudyCriticCommand.self, StudyTheoryCommand.self,
      StudyCoverageCommand.self,
    ])
}
