import ArgumentParser
import Foundation
import Grading
import LanguageModel
import Learning
import Records
import Session
import Trajectories

/// Measures a policy on benchmarks, checks answer graders, and scores finders of the first error.
struct EvalCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval",
    abstract: "Measure a policy on benchmarks: accuracy, pass@k, several token budgets.",
    discussion: """
      Files are the public ones of BBH, GSM8K, MATH, MMLU, MMLU-Pro, AIME and reasoning-gym, known \
      by their fields, or JSON lines {"prompt": …, "reference": …}; without one the recipe's task \
      asks its held-out problems. Shares come with Wilson's 95 % interval; pass@k is the unbiased \
      estimate. crux evaluate sweeps temperatures on the recipe's own task.

      --check-grader reads pairs of a reference and an answer with somebody's verdict, perhaps a \
      third judge's too, and prints how far Crux agrees and what each missed or accepted wrongly; \
      --answers then writes the rows where Crux differs.

      --step-labels reads solutions with their first wrong step and, with a model, looks for it by \
      rollouts (--rollouts from each step, of at most --limits new tokens), drawing as many \
      solutions with an error as without. --answers writes each as soon as it is done; the same \
      command goes on from there. Without a file the policy's own answers to the recipe's task are \
      scored, where the task says which step is wrong. --rule names the rules; without it those that \
      look at values and random share the same rollouts.
      """)

  @Argument(help: "Files or folders of problems.")
  var files: [String] = []

  @Option(help: "A recipe (TOML) with the sampling, the prompt and, without files, the task.")
  var recipe: String?

  @Option(help: "Problems of each file, drawn by --seed; all where it is not given.")
  var count: Int?

  @Option(help: "Answers drawn to each problem beside the likeliest one.")
  var samples = 0

  @Flag(inversion: .prefixedNo, help: "Ask for the likeliest tokens too.")
  var greedy = true

  @Option(help: "Temperature of the drawn answers; the recipe's where it is not given.")
  var temperature: Double?

  @Option(help: "Token budgets, separated by commas, such as 128,256.")
  var limits: String?

  @Option(name: .customLong("k"), help: "The k of pass@k, separated by commas.")
  var attempts = "1"

  @Option(help: "What prompts of a file ask for beside the question; steps if not given.")
  var style: PromptStyle?

  @Option(help: "Write every answer with its judgement to this file (JSON lines).")
  var answers: String?

  @Flag(help: "Print JSON lines.")
  var json = false

  @Flag(help: "Compare Crux's judgements with verdicts that stand in the files; no model is used.")
  var checkGrader = false

  @Flag(help: "Read solutions with their first wrong step; with --model look for it by rollouts.")
  var stepLabels = false

  @Option(help: "Somebody's labels to score against those of the files (with --step-labels).")
  var labels: String?

  @Option(help: "A benchmark with the right answers of labelled solutions that come without.")
  var gold: String?

  @Option(help: "Rollouts from each step of a labelled solution; the recipe's otherwise.")
  var rollouts: Int?

  @Option(help: "Rules that name the first error, separated by commas; see crux help eval.")
  var rule: String?

  @OptionGroup var server: ServerOptions
  @OptionGroup var options: RecipeOptions

  func validate() throws {
    guard samples >= 0, count ?? 1 > 0, greedy || samples > 0 else {
      throw ValidationError("Ask for greedy answers, or for --samples above 0, of some problems.")
    }
    _ = try (numbers(attempts, "--k"), limits.map { try numbers($0, "--limits") })
    try refuseUnused()
  }

  func run() throws {
    if stepLabels { return try runStepLabels() }
    if checkGrader { return try GraderCheck(files: files, differences: answers, json: json).run() }
    Interruption.watch()
    // Without a file the model's own task is asked.
    let (recipe, model) =
      try files.isEmpty
      ? options.prepare(self.recipe, serves: true, adjust: adjust) : ofFiles()
    let sampler = RolloutSampler(
      policy: model.policy, codec: try model.codec(for: recipe),
      task: try recipe.makeTask(report: tell), recipe: recipe, version: 0)
    let sets = try sets(sampler.task, sampler.codec, recipe)
    let writer = try answers.map { try LineWriter($0) }
    try server.serving(sampler) { sampler in
      for set in sets { try measure(set, sampler, writer) }
    }
  }

  private func measure(
    _ set: BenchmarkSet, _ sampler: RolloutSampler, _ writer: LineWriter?
  ) throws {
    for odd in set.oddRows { tell(odd) }
    tellUnknownTasks(of: set)
    let measurement = measurement(set.problems, sampler.task, sampler.codec, sampler.recipe)
    let began = Date()
    let report = try measurement(
      of: sampler.policy,
      progress: WorkProgress { drawn throws(Stopped) in
        tellProgress("\(set.name): \(drawn.done) of \(drawn.total) answers")
        try Interruption.check()
      })
    endProgress()
    try sampler.task.check()
    try writer?.write(report, of: set)
    let row = EvaluatedSet(
      set, report, temperature: sampler.recipe.sampling.temperature, samples: samples,
      seconds: Date().timeIntervalSince(began))
    show(try json ? row.json() : row.text, json: json)
  }

  private func ofFiles() throws -> (recipe: Recipe, model: LoadedModel) {
    let recipe = try chosenRecipe()
    return (recipe, try options.load(recipe, besides: self.recipe, serves: true))
  }

  func chosenRecipe() throws -> Recipe {
    var defaults = Recipe()
    if !files.isEmpty { defaults.sampling.limit = 256 }
    var recipe = try options.recipe(from: self.recipe, over: defaults)
    adjust(&recipe)
    try recipe.check()
    return recipe
  }

  private func adjust(_ recipe: inout Recipe) {
    if let temperature { recipe.sampling.temperature = temperature }
    server.put(into: &recipe)
  }

  /// The files' problems, or the task's held-out ones.
  private func sets(
    _ task: any ReasoningTask, _ codec: any TextCodec, _ recipe: Recipe
  ) throws -> [BenchmarkSet] {
    guard !files.isEmpty else {
      var evaluation = Evaluation(recipe, task: task, codec: codec)
      if let count { evaluation.problems = count }
      if let seed = options.seed { evaluation.seed = seed }
      return [
        BenchmarkSet(
          name: recipe.task.name.rawValue, kind: .own, problems: evaluation.heldOut(), oddRows: [])
      ]
    }
    return try files.map { file in
      var set = try BenchmarkFile.read(URL(fileURLWithPath: file), style: style ?? .steps)
      if let count, count < set.problems.count {
        let order = FileTask.shuffled(
          set.problems, seed: options.seed ?? recipe.evaluation.seed)
        set.problems = Array(order.prefix(count))
      }
      return set
    }
  }

  private func measurement(
    _ problems: [Problem], _ task: any ReasoningTask, _ codec: any TextCodec, _ recipe: Recipe
  ) -> BenchmarkMeasurement {
    let budgets = limits.flatMap { try? numbers($0, "--limits") } ?? [recipe.sampling.limit]
    var measurement = BenchmarkMeasurement(
      problems: problems, task: task, codec: codec, samples: samples, greedy: greedy,
      sampling: Sampling(recipe.sampling), limits: budgets,
      attempts: (try? numbers(attempts, "--k")) ?? [1],
      seed: options.seed ?? recipe.evaluation.seed)
    measurement.truncated = recipe.rewards.truncated
    return measurement
  }

  func numbers(_ list: String, _ name: String) throws -> [Int] {
    try list.split(separator: ",").map { word in
      guard let number = Int(word.trimmingCharacters(in: .whitespaces)), number > 0 else {
        throw ValidationError("“\(word)” in \(name) is no whole number above 0.")
      }
      return number
    }
  }
}

// Each way to use crux eval looks at some options; the others are refused.
extension EvalCommand {
  /// Refuses options that the chosen way to use crux eval does not look at.
  func refuseUnused() throws {
    if checkGrader { return try refuseBesideGrader() }
    guard stepLabels else { return try refuseBesideMeasuring() }
    try refuse(drawing, "with --step-labels rollouts are drawn, as many as --rollouts says.")
    if labels != nil {
      try refuseFinder("--labels are scored as they stand, without a policy.")
    } else if files.isEmpty {
      try refuse(
        ["--style": style != nil, "--gold": gold != nil],
        "the task words its own problems and knows the answers.")
    } else if options.model == nil, recipe == nil {
      try refuseFinder("the files are only shown; name a policy with --model.")
    }
    guard try limits.map({ try numbers($0, "--limits") })?.count ?? 1 == 1 else {
      throw ValidationError("With --step-labels, --limits is one number.")
    }
  }

  private func refuseBesideGrader() throws {
    let reason = "--check-grader compares verdicts that stand in the files."
    try refuse(["--step-labels": stepLabels, "--labels": labels != nil], reason)
    try refuse(drawing, reason)
    try refuse(asking, reason)
    try options.refuse(reason)
  }

  private func refuseBesideMeasuring() throws {
    try refuse(
      [
        "--labels": labels != nil, "--gold": gold != nil, "--rollouts": rollouts != nil,
        "--rule": rule != nil,
      ], "they belong to --step-labels.")
    try refuse(
      ["--style": style != nil && files.isEmpty], "the task words its own problems; name a file.")
    try refuse(
      [
        "--k": attempts != "1" && samples == 0, "--temperature": temperature != nil && samples == 0,
      ],
      "they are about drawn answers; ask for some with --samples.")
  }

  /// Refuses what is about looking for the first error with a policy.
  private func refuseFinder(_ reason: String) throws {
    try refuse(["--answers": answers != nil], reason)
    try refuse(asking, reason)
    try options.refuse(reason)
  }

  /// What is about answers to benchmarks.
  private var drawing: KeyValuePairs<String, Bool> {
    ["--samples": samples != 0, "--no-greedy": !greedy, "--k": attempts != "1"]
  }

  /// What is about a policy that looks for first errors.
  private var asking: KeyValuePairs<String, Bool> {
    [
      "--recipe": recipe != nil, "--count": count != nil, "--temperature": temperature != nil,
      "--limits": limits != nil, "--style": style != nil, "--gold": gold != nil,
      "--rollouts": rollouts != nil, "--rule": rule != nil,
    ]
  }
}

// Finders of the first error, scored on labelled solutions.
extension EvalCommand {
  /// Own answers that are scored where nobody says how many.
  private static let ownCount = 100

  func runStepLabels() throws {
    let asked = style ?? .steps
    if files.isEmpty, labels == nil { return try scoreOwn(asked) }
    let check = try StepLabelCheck(files: files, style: asked, count: count, json: json)
    if let labels { return try check.score(labels: labels) }
    guard options.model != nil || self.recipe != nil else { return try check.show() }
    let gold = try GoldAnswers(gold)
    try scoring(asked) { try check.score(by: $0, gold: gold) }
  }

  /// Scores rules on the policy's own answers.
  private func scoreOwn(_ style: PromptStyle) throws {
    let count = count ?? Self.ownCount
    try scoring(style) { scoring in
      let items = try LabelledItem.own(count, scoring.valuer.sampler)
      let order = byTurns(items, seed: scoring.valuer.recipe.seed) { $0.label != nil }
      try StepLabelCheck.score(
        Array(order.prefix(count)), by: scoring, scoring.valuer.recipe.task.name.rawValue,
        "own answers", StepLabelTable.LeftOut(), json: json)
    }
  }

  /// What scores, with the model's policy or a server's.
  private func scoring(
    _ style: PromptStyle, _ work: (StepLabelScoring) throws -> Void
  ) throws {
    Interruption.watch()
    var recipe = try chosenRecipe()
    let rules = try chosenRules()
    recipe.values.rule = rules.first ?? .largestDrop
    if let rollouts { recipe.values.rollouts = rollouts }
    let model = try options.load(recipe, besides: self.recipe, serves: true)
    let limit = try limits.map { try numbers($0, "--limits") }?.max()
    let sampler = RolloutSampler(
      policy: model.policy, codec: try model.codec(for: recipe), task: try recipe.makeTask(),
      recipe: recipe, version: 0, newTokens: limit ?? recipe.sampling.limit)
    try server.serving(sampler) { sampler in
      try work(
        try StepLabelScoring(
          valuer: StepValuer(sampler), rules: rules, answers: answers, style: style))
    }
  }

  private func chosenRules() throws -> [Rule] {
    guard let rule else {
      return [.largestDrop] + Rule.allCases.filter { $0 != .largestDrop && $0.looksAtValues }
        + [.random]
    }
    return try Rule.named(in: rule)
  }
}

/// Right answers from a benchmark's file, for solutions that come without.
struct GoldAnswers {
  private var byQuestion: [String: String] = [:]

  /// Reads the answers of a file; none without one.
  init(_ file: String?) throws {
    guard let file else { return }
    let set = try BenchmarkFile.read(URL(fileURLWithPath: file), style: .bare)
    for problem in set.problems { byQuestion[Self.key(problem.prompt)] = problem.reference }
  }

  /// A solution with its right answer: the file's own, that of the same question, or the final one
  /// where it is known to be right; nil where nobody says it.
  func completed(_ solution: StepLabelledSolution, question: String) -> StepLabelledSolution? {
    var solution = solution
    guard solution.problem.reference.isEmpty else { return solution }
    if let known = byQuestion[Self.key(question)] {
      solution.problem.reference = known
    } else if solution.isFinalRight == true, let last = solution.steps.last {
      solution.problem.reference = ExtractedAnswer(of: last).shown
    } else {
      return nil
    }
    return solution
  }

  /// The letters and digits of a question: copies differ in white space and signs.
  private static func key(_ question: String) -> String {
    question.lowercased().filter { $0.isLetter || $0.isNumber }
  }
}
