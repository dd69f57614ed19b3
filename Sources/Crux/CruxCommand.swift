import ArgumentParser
import LanguageModel
import Learning
import Session
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
      BenchCommand.self, RecipeCommand.self,
      DoctorCommand.self, StudyCommand.self, ValuesCommand.self,
      TrustCommand.self, ResetTerminalCommand.self,
    ],
    defaultSubcommand: OpenCommand.self)
}

extension CruxCommand {
  /// Runs what the command line asks for and ends with its exit code.
  static func start() -> Never {
    do {
      var command = try parseAsRoot(arguments)
      try command.run()
      JudgeProcess.endAll()
      exit()
    } catch {
      JudgeProcess.endAll()
      exit(withError: ExitCode(end(with: error)))
    }
  }

  /// What was typed; a recipe has help of its own.
  private static var arguments: [String] {
    let typed = Array(CommandLine.arguments.dropFirst())
    return typed.starts(with: ["help", "recipe"]) ? Array(typed.dropFirst()) : typed
  }

  /// Says what ended the command, and with which code.
  ///
  /// A failure may quote a file and wrong usage quotes what was typed, so both are told inertly.
  private static func end(with error: any Error) -> Int32 {
    if error is Stopped {
      endProgress()
      return Interruption.exitCode
    }
    // A judge that was stopped with all else has not failed.
    if error is TaskError, Interruption.isAsked { return Interruption.exitCode }
    let code = exitCode(for: error)
    let message = error is ExitCode ? "" : fullMessage(for: error) + (fileSizeSentence ?? "")
    if !message.isEmpty {
      if code.isSuccess { showVerbatim(message) } else { tell(message) }
    }
    return code.rawValue
  }
}
