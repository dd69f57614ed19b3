import ArgumentParser
import Foundation
import Glibc
import Learning
import Records
import Terminal
import Trajectories
import Workbench

/// How the workbench is shown.
struct WorkbenchOptions: ParsableArguments {
  @Option(help: "Theme, one of themes/*.toml.")
  var theme = "default"

  @Option(help: "Colours: auto, never, 16, 256 or true.")
  var color = ColourWish.auto

  @Flag(help: "Draw with ASCII characters only.")
  var ascii = false

  @Flag(help: "Leave the mouse to the terminal.")
  var noMouse = false

  @Flag(help: "Change nothing.")
  var readOnly = false

  var glyphs: GlyphSet { ascii ? .ascii : .unicode }

  /// What `--color` accepts.
  enum ColourWish: String, ExpressibleByArgument, CaseIterable {
    case auto
    case never
    case sixteen = "16"
    case indexed = "256"
    case direct = "true"

    /// The depth wished for; nil lets the terminal decide.
    var depth: ColourDepth? {
      switch self {
      case .auto: nil
      case .never: ColourDepth.none
      case .sixteen: .sixteen
      case .indexed: .indexed
      case .direct: .direct
      }
    }
  }
}

/// Opens the workbench.
struct OpenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "open",
    abstract: "Open the workbench on a run, a recipe, a model or a file of problems.",
    discussion: """
      A run's folder is opened as it is, also while another crux trains it. A recipe (.toml), a \
      model's folder or a file of problems (.jsonl) begins a new run in runs/. Without an argument \
      the recorded run that ships with crux is opened, as a copy in runs/sample.
      """)

  @Argument(help: "A run's folder, a recipe, a model's folder or a file of problems.")
  var path: String?

  @OptionGroup var show: WorkbenchOptions
  @OptionGroup var options: RecipeOptions

  func run() throws {
    let run = try RunSource(path: path, options: options).open(readOnly: show.readOnly)
    let (inTime, wasSignalled) = try showWorkbench(run)
    let code = wasSignalled ? Interruption.exitCode : 0
    guard inTime else {
      // The engine is inside OpenBLAS, whose exit handler would wait for it for ever.
      fflush(nil)
      _exit(code)
    }
    if code != 0 { throw ExitCode(code) }
  }

  private func showWorkbench(_ run: OpenedRun) throws -> (inTime: Bool, wasSignalled: Bool) {
    let themes = Themes()
    var choice = Screen.Options()
    choice.colour = show.color.depth
    choice.mouse = !show.noMouse
    // A theme that cannot be read is told before the terminal is taken.
    _ = try themes.theme(named: show.theme)
    let screen = try Screen(choice)
    defer { screen.close() }
    let shown = try WorkbenchRun(screen: screen, run: run, themes: themes, options: show)
    return (try shown.loop(), shown.wasSignalled)
  }
}
