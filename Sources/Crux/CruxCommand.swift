import ArgumentParser
import Workbench

/// The command line: `crux` alone opens the workbench on the recorded run in `samples/`.
struct CruxCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "crux",
    abstract: "A terminal workbench for the decisive step of a reasoning trajectory.",
    discussion: """
      Without a subcommand, crux opens the workbench on the recorded run that ships with it.

      Exit codes: 0 done; 1 failed, with a sentence on standard error; 64 wrong usage; \
      128 and the number of a signal that interrupted (130 for Ctrl-C), what was made is kept.
      """,
    version: Version.text,
    subcommands: [
      OpenCommand.self, TrainCommand.self, InspectCommand.self, SampleCommand.self,
      EvalCommand.self, EvaluateCommand.self, CompareCommand.self, AgreeCommand.self,
      LabelsCommand.self,
      WarmUpCommand.self,
      ScoreCommand.self,
      TokensCommand.self, ShowCommand.self, RolloutsCommand.self, ExportCommand.self,
      BenchCommand.self,
      DoctorCommand.self, StudyCommand.self, ValuesCommand.self,
      ResetTerminalCommand.self,
    ],
    defaultSubcommand: OpenCommand.self)
}

extension CruxCommand {
  /// Runs what the command line asks for and ends with its exit code.
  ///
  /// A failure may quote a file, so its sentence is made inert before a terminal sees it.
  static func start() -> Never {
    do {
      var command = try parseAsRoot()
      try command.run()
      exit()
    } catch {
      guard !(error is ExitCode), exitCode(for: error) == .failure else { exit(withError: error) }
      tell(inert(fullMessage(for: error) + (fileSizeSentence ?? ""), keepingNewlines: true))
      exit(withError: ExitCode.failure)
    }
  }
}

/// The version of Crux.
enum Version {
  static let text = "0.1.0"
}
