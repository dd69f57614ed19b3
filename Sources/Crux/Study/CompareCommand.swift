import ArgumentParser
import Foundation
import Learning
import Records
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

/// How far a study is: what is done, what is under way, and how long the rest may take.
struct StudyProgress {
  private let study: Study
  private var jobs = 1
  private var left: Set<StudyCell> = []
  private var began: [StudyCell: Double] = [:]
  private var costs: [[Int]: (seconds: Double, count: Int)] = [:]
  /// Trainings that this is about.
  private(set) var total = 0
  /// How many of them are done.
  private(set) var done = 0
  /// Trainings under way, with the share of their updates that is made.
  private(set) var underWay: [StudyCell: Double] = [:]
  /// Seconds that the training which was finished last took.
  private(set) var lastSeconds = 0.0

  init(_ study: Study) { self.study = study }

  /// Takes news; `now` are seconds from any beginning.
  mutating func take(_ news: StudyNews, now: Double) {
    switch news {
    case .ahead(let cells, let jobs):
      (left, total, done, self.jobs) = (Set(cells), cells.count, 0, jobs)
    case .progressed(let cell, let said):
      if began[cell] == nil { began[cell] = now }
      let updates = study.recipes[cell.method][cell.task].updates
      underWay[cell] = min(1, Double(max(0, said.update - 1)) / Double(max(1, updates)))
    case .skipped(let cell):
      left.remove(cell)
      done += 1
    case .finished(let cell, _): finish(cell, now: now)
    }
  }

  private mutating func finish(_ cell: StudyCell, now: Double) {
    done += 1
    left.remove(cell)
    lastSeconds = began[cell].map { now - $0 } ?? 0
    for key in [[cell.method, cell.task], [cell.method], []] {
      let old = costs[key] ?? (0, 0)
      costs[key] = (old.seconds + lastSeconds, old.count + 1)
    }
    (began[cell], underWay[cell]) = (nil, nil)
  }

  /// Seconds to go at the pace so far, by what the like has cost; nil while nothing is known.
  var secondsLeft: Double? {
    guard costs[[]] != nil else { return nil }
    let ahead = left.reduce(0.0) { sum, cell in
      let known = costs[[cell.method, cell.task]] ?? costs[[cell.method]] ?? costs[[]]
      guard let known else { return sum }
      return sum + known.seconds / Double(known.count) * (1 - (underWay[cell] ?? 0))
    }
    return ahead / Double(max(1, min(jobs, left.count)))
  }
}

/// What a study says while it is trained.
enum StudyNews {
  /// These trainings lie ahead, so many at once.
  case ahead([StudyCell], jobs: Int)
  /// How far a training is.
  case progressed(StudyCell, LoopProgress)
  /// A training turned out to be another one, which is done.
  case skipped(StudyCell)
  /// A training is finished.
  case finished(StudyCell, TrainingOutcome)
}
