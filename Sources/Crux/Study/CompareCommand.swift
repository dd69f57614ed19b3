import ArgumentParser
import Foundation
import Learning
import Records
import Session
import Tensors
import Trajectories

/// Trains methods on task settings over seeds and compares what they reach.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Train methods over tasks and seeds, and print tables with standard errors.",
    discussion: """
      Takes recipes, or one study: a TOML file with [methods.NAME] and [tasks.NAME] that lay keys \
      over a recipe. All start from the same policy and meet the same held-out problems. Tokens \
      drawn to estimate values are counted apart. Nothing is written to runs/. Every finished \
      training of a study is a line of a file beside it, STUDY.jsonl, so the same command goes on \
      after an interruption.
      """)

  @Argument(help: "Recipes, or a study (TOML).")
  var files: [String]

  @Option(help: "Seeds, separated by commas; a study's own where it is not given, else 0,2,4,6.")
  var seeds: String?

  @Option(help: "The file of finished trainings (JSON lines); what is there is not made again.")
  var log: String?

  @Option(help: "Trainings at once; as many as processors for small models where it is not given.")
  var jobs: Int?

  @Flag(help: "Train nothing; tell what is finished.")
  var finished = false

  @Flag(help: "Print the table as Markdown.")
  var markdown = false

  @Flag(help: "Print all numbers as CSV.")
  var csv = false

  @Flag(help: "Print all numbers, curves and seeds as JSON.")
  var json = false

  @Option(help: "Write the learning curves to a file (SVG).")
  var svg: String?

  @Flag(help: "Let the curves run over tokens, those for estimates included.")
  var overTokens = false

  @Option(help: "What the curves show; sampled where it is not given.")
  var measure: Measure?

  @OptionGroup var options: RecipeOptions

  func validate() throws {
    if let jobs, !(1...256).contains(jobs) {
      throw ValidationError("--jobs is \(jobs); take 1 to 256.")
    }
    if let seeds { _ = try parsed(seeds) }
    try options.refuseSeed("trainings are made with several seeds; name them with --seeds.")
    guard [markdown, csv, json].count(where: { $0 }) < 2 else {
      throw ValidationError("Take one of --markdown, --csv and --json.")
    }
    try refuse(["--jobs": finished && jobs != nil], "with --finished nothing is trained.")
    try refuse(
      ["--measure": hidesCurves && measure != nil, "--over-tokens": hidesCurves && overTokens],
      "they are about curves, which need --svg beside --markdown, --csv and --json.")
  }

  /// Whether no curve is drawn.
  private var hidesCurves: Bool { (markdown || csv || json) && svg == nil }

  func run() throws {
    Interruption.watch()
    let isStudy = try files.count == 1 && StudyFile.isStudy(URL(fileURLWithPath: files[0]))
    guard isStudy || log != nil || !finished else {
      throw ValidationError("--finished needs a study, or --log with what is finished of recipes.")
    }
    let study = try isStudy ? study(from: URL(fileURLWithPath: files[0])) : studyOfRecipes()
    let folders = study.methods.indices.map { number in
      URL(fileURLWithPath: files[isStudy ? 0 : number]).deletingLastPathComponent()
    }
    let plan = try StudyPlan(study, folders: folders)
    let log =
      log.map { URL(fileURLWithPath: $0) }
      ?? (isStudy ? OutcomeFile.place(of: URL(fileURLWithPath: files[0])) : nil)
    let file = try log.map { try OutcomeFile($0, isWritten: !finished) }
    var printer = StudyPrinter(study)
    let run = StudyRun(
      study, plan: plan, gate: StudyGate { Interruption.isAsked },
      hear: { printer.tell($0) })
    if finished {
      if let file { run.read(file) }
    } else {
      defer { endProgress() }
      try run.train(jobs: jobs ?? plan.jobs, file: file)
    }
    try tellResults(of: study, run)
    guard !Interruption.isAsked else {
      if let log {
        tell("Stopped; what is finished is in \(log.path), and the same command goes on.")
      }
      throw ExitCode(Interruption.exitCode)
    }
  }

  private func study(from file: URL) throws -> Study {
    var study = try options.study(from: file)
    if let seeds { study.seeds = try parsed(seeds) }
    return study
  }

  private func studyOfRecipes() throws -> Study {
    let names = files.map { URL(fileURLWithPath: $0).deletingPathExtension().lastPathComponent }
    return Study(
      methods: names.enumerated().map { number, name in
        StudyMethod(name: name, against: number == 0 ? nil : names[0])
      }, tasks: ["the task"], recipes: try files.map { [try options.recipe(from: $0)] },
      seeds: try parsed(seeds ?? "0,2,4,6"))
  }

  private func parsed(_ seeds: String) throws -> [UInt64] {
    try seeds.split(separator: ",").map { word in
      guard let seed = UInt64(word) else { throw ValidationError("“\(word)” is no seed.") }
      return seed
    }
  }

  private func tellResults(of study: Study, _ run: StudyRun) throws {
    let rows = study.rows(known: run.outcome)
    let report = StudyReport(study: study, rows: rows)
    let curves = StudyCurves(
      study: study, rows: rows, measure: measure ?? .sampled, overTokens: overTokens)
    if let svg { try Data(curves.picture.svg.utf8).write(to: URL(fileURLWithPath: svg)) }
    if json { return show(try jsonPages(StudyJSON(rows)), json: true) }
    if csv { return show(report.csv) }
    if markdown { return show(report.tables.map(\.markdown).joined(separator: "\n\n")) }
    guard !report.tables.isEmpty else { return show("No training is finished yet.") }
    let columns = ProcessInfo.processInfo.environment["COLUMNS"].flatMap { Int($0) } ?? 120
    show(report.tables.map(\.text).joined(separator: "\n\n"))
    show("")
    TerminalCharts(curves.picture).show(columns: columns)
    show("\n" + report.notes.joined(separator: "\n"))
  }
}

/// A study's progress as lines on standard error.
struct StudyPrinter {
  private let study: Study
  private var progress: StudyProgress
  private var lastTold = Date.distantPast

  init(_ study: Study) {
    self.study = study
    progress = StudyProgress(study)
  }

  /// Tells news: a line that stays for a training that is finished, one that is replaced, at most
  /// five a second, on the way.
  mutating func tell(_ news: StudyNews) {
    progress.take(news, now: ProcessInfo.processInfo.systemUptime)
    let counts = "\(progress.done) of \(progress.total)"
    switch news {
    case .progressed(let cell, let said):
      guard Date().timeIntervalSince(lastTold) > 0.2 else { return }
      lastTold = Date()
      tellProgress("\(counts); \(study.name(of: cell)): update \(said.update)\(timeLeft)")
    case .finished(let cell, let outcome):
      endProgress()
      let seconds = String(format: "; %.0f s", progress.lastSeconds)
      Crux.tell(
        "\(counts)  \(study.name(of: cell)): \(Self.words(for: outcome))\(seconds)\(timeLeft)")
    case .ahead, .skipped: break
    }
  }

  private static func words(for outcome: TrainingOutcome) -> String {
    if let failure = outcome.failure { return failure }
    guard let end = outcome.curve.last else { return "nothing was measured" }
    let chain = end.sampledChain.map { String(format: ", every line right %.3f", $0) } ?? ""
    return String(format: "sampled %.3f%@, greedy %.3f", end.sampled, chain, end.greedy)
  }

  private var timeLeft: String {
    guard let seconds = progress.secondsLeft, seconds > 0 else { return "" }
    return seconds < 90
      ? String(format: "; %.0f s left", seconds) : String(format: "; %.0f min left", seconds / 60)
  }
}
