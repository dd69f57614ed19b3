import ArgumentParser
import Foundation
import Glibc
import Learning
import Records
import Session
import Terminal
import Trajectories
import Workbench

/// How the workbench is shown.
struct WorkbenchOptions: ParsableArguments {
  @Option(help: "Theme, one of themes/*.toml.")
  var theme = "default"

  @Option(help: "Colours: auto, never, 16, 256 or true.")
  var color = ColourWish.auto

  @Flag(help: "Draw with ASCII characters only, as on the Linux console.")
  var ascii = false

  @OptionGroup var widths: WidthOptions

  @Flag(help: "Leave the mouse to the terminal.")
  var noMouse = false

  @Flag(help: "Change nothing.")
  var readOnly = false

  /// What frames are drawn with; a font without more than letters gets no more.
  var glyphs: GlyphSet {
    let name = ProcessInfo.processInfo.environment["TERM"] ?? ""
    return ascii || TerminalType.hasPlainFont(name) ? .ascii : .unicode
  }

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
      model (a folder, a .gguf, or organisation/name in Hugging Face's cache) or a file of \
      problems (.jsonl) begins a new run in runs/; where nothing is done in it, it is not kept. \
      Of a file of labelled solutions (ProcessBench and the like) --blind hides the labels until \
      you have named the first error; then stands how often you and the labels agree. \
      What trainers and evaluations write (verl, TRL, prime-rl, NeMo-RL, inspect, lm-eval and \
      others: a file, a folder of steps or a pattern) is shown as a run that cannot be changed; \
      with --model its answers begin a run, and --server lets the model that is served there value \
      and continue them, while --model names its files: tokenizer, template, shape. \
      A study (.toml, see crux compare) is shown as it is, also while another crux trains it, \
      or trained from here. \
      Without an argument the recorded run that ships with crux is opened, as a copy in \
      runs/sample.
      """)

  @Argument(help: "A run's folder, a recipe, a model, a file of problems or a study.")
  var path: String?

  @Option(help: "What prompts of a file ask for beside the question; steps if not given.")
  var style: PromptStyle?

  @Option(help: "A benchmark with the right answers of labelled solutions that come without.")
  var gold: String?

  @OptionGroup var show: WorkbenchOptions
  @OptionGroup var blindness: BlindOptions
  @OptionGroup var server: ServerOptions
  @OptionGroup var options: RecipeOptions

  /// What is loaded by then stands in the first frame; what cannot be opened needs no screen.
  static let patience = 0.04

  func run() throws {
    RewardConsent.ask(show.readOnly ? .never("Crux was opened with --read-only") : .workbench)
    JudgeErrors.beSilent()
    if let study = try studyFile() {
      try refuse(
        [
          "--style": style != nil, "--gold": gold != nil, "--blind": blindness.blind,
          "--person": blindness.person != nil, "--server": server.isNamed,
        ], "a study keeps no answers; name a run's folder or a file of problems.")
      let session = StudySession(
        try options.study(from: study), in: study, readOnly: show.readOnly, inbox: .waking)
      return try show(session) {}
    }
    if let dump = try dump() {
      let name = URL(fileURLWithPath: path ?? "").lastPathComponent
      return try show(DumpSession(dump, name: name, inbox: .waking)) {}
    }
    let source = RunSource(
      path: path, options: options, server: server, style: style, gold: gold)
    let opening = try source.opening(readOnly: show.readOnly)
    let blind = try blindness.mode(for: opening)
    let named = server.isNamed ? server.choice() : nil
    let session = RunSession(opening, blind: blind, server: named, inbox: .waking)
    try show(session) {
      if blind.isOn { tellAgreement(of: session.run, person: blind.person) }
    }
  }

  /// What another program wrote, where it is that and no policy is named to work on it.
  private func dump() throws -> DumpReader? {
    guard let path, options.model == nil else { return nil }
    guard let dump = try DumpSource(path: path).reader() else { return nil }
    try refuse(
      [
        "--style": style != nil, "--gold": gold != nil, "--blind": blindness.blind,
        "--server": server.isNamed,
      ], "a dump is shown as it was written; name its policy with --model to work on it.")
    return dump
  }

  /// The file, where it is a study.
  private func studyFile() throws -> URL? {
    guard let path, path.hasSuffix(".toml"), FileManager.default.fileExists(atPath: path) else {
      return nil
    }
    let url = URL(fileURLWithPath: path)
    return try StudyFile.isStudy(url) ? url : nil
  }

  /// Shows the workbench in front of a session until the reader leaves; `farewell` is called once the
  /// terminal is given back.
  private func show(_ session: any WorkbenchSession, farewell: () -> Void) throws {
    let themes = Themes()
    // A theme that cannot be read is told before the terminal is taken.
    _ = try themes.theme(named: show.theme)
    // Beneath the screen, which hears signals first: until the last checkpoint is written.
    Interruption.watch()
    session.start(patience: Self.patience)
    var signal: EndSignal?
    let shown = Result {
      if session.failure == nil, !Interruption.isAsked {
        signal = try showWorkbench(session, themes)
      }
    }
    farewell()
    let inTime = EndRequests.held { end(session) }
    if case .failure(let error) = shown { tell("\(error)") }
    if let failure = session.failure { tell(failure) }
    let failed = session.failure != nil || (try? shown.get()) == nil
    if let signal { EndRequests.ask(signal.number) }
    let code = Interruption.isAsked ? Interruption.exitCode : failed ? 1 : 0
    guard inTime else {
      // The engine is inside OpenBLAS, whose exit handler would wait for it for ever.
      JudgeProcess.endAll()
      fflush(nil)
      _exit(code)
    }
    if code != 0 { throw ExitCode(code) }
  }

  /// Ends the work, and says so where that takes more than a moment.
  private func end(_ session: any WorkbenchSession) -> Bool {
    let words = DispatchWorkItem { tell("Waiting for the work under way, to keep what it made…") }
    DispatchQueue.global().asyncAfter(deadline: .now() + 1, execute: words)
    defer { words.cancel() }
    return session.end()
  }

  /// Shows the workbench until the reader leaves; answers which signal ended it, if one did.
  private func showWorkbench(_ session: any WorkbenchSession, _ themes: Themes) throws -> EndSignal?
  {
    var choice = Screen.Options()
    choice.colour = show.color.depth
    choice.mouse = !show.noMouse
    choice.widths = show.widths.known
    choice.asksWidths = !show.ascii
    let screen = try Screen(choice)
    // The terminal is given back before the engine ends, which may take a moment.
    defer { screen.close() }
    return try CellWidths.$current.withValue(screen.widths) {
      let shown = try WorkbenchRun(screen: screen, session: session, themes: themes, options: show)
      try shown.loop()
      return shown.endSignal
    }
  }

  /// Prints what came of choosing blind, once the terminal is given back.
  private func tellAgreement(of run: OpenedRun?, person: String) {
    guard let events = try? run?.store.events().map(\.event) else { return }
    let report = RunHistory(events).agreement()
    guard report.people.contains(where: { $0.name == person }) else { return }
    Crux.show(agreementLines(report, columns: 80).joined(separator: "\n"), json: false)
  }
}

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

/// How wide the terminal draws characters, where it shall not be asked.
struct WidthOptions: ParsableArguments {
  @Option(
    help: """
      The newest Unicode version that the terminal can draw, such as 14; newer characters are \
      shown by number. Else CRUX_UNICODE; else the terminal is asked.
      """)
  var unicode: Int?

  @Option(
    help: """
      Cells of characters that are wide only in East Asian fonts: 1 or 2. Else \
      CRUX_AMBIGUOUS; else the terminal is asked.
      """)
  var ambiguous: Int?

  private static let versions = 5...CellWidths.newestVersion

  func validate() throws {
    if let version = try Self.number(unicode, "--unicode", "CRUX_UNICODE"),
      !Self.versions.contains(version)
    {
      throw ValidationError(
        "There is no Unicode \(version) here; --unicode and CRUX_UNICODE take "
          + "\(Self.versions.lowerBound) to \(Self.versions.upperBound).")
    }
    if let cells = try Self.number(ambiguous, "--ambiguous", "CRUX_AMBIGUOUS"),
      !(1...2).contains(cells)
    {
      throw ValidationError("--ambiguous and CRUX_AMBIGUOUS take 1 or 2, not \(cells).")
    }
  }

  /// What is given, as far as it is.
  var known: WidthProbe.Known { Self.known(unicode, ambiguous) }

  /// What the options say, else the variables, as far as they say anything that can be used.
  static func known(_ unicode: Int? = nil, _ ambiguous: Int? = nil) -> WidthProbe.Known {
    WidthProbe.Known(
      version: (try? number(unicode, "--unicode", "CRUX_UNICODE")) ?? nil,
      ambiguous: (try? number(ambiguous, "--ambiguous", "CRUX_AMBIGUOUS")) ?? nil)
  }

  /// The option, else the variable; “auto” and nothing are nil.
  private static func number(_ option: Int?, _ name: String, _ variable: String) throws -> Int? {
    if let option { return option }
    let text = ProcessInfo.processInfo.environment[variable] ?? ""
    if text.isEmpty || text == "auto" { return nil }
    guard let number = Int(text) else {
      throw ValidationError("\(variable) is “\(text)”; it must be a number or auto.")
    }
    return number
  }
}
