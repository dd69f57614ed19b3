import ArgumentParser
import Foundation
import Grading
import Learning
import Records
import Session
import Trajectories

/// Names the critical steps of answers whose steps somebody else valued.
struct ValuesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "values",
    abstract: "Read step values or rollouts that others made and name the critical steps.",
    discussion: """
      FILE holds JSON lines, {"steps": […], "reward": 1, "boundaries": [{"rollouts": [{"text": …, \
      "reward": 1}, …]}, …]} with one boundary before each step, or Thought Anchors' summaries, \
      {"base_is_correct": true, "chunks": [{"i": 0, "accuracy": 0.75, "n_resamples": 100}, …]}; or \
      it is a folder of Thought Anchors' rollouts. No model is needed.

      Where the rollouts' texts are known, kept-else is the mean reward of those that keep a step \
      less that of those that say something else, whose number follows; KL is how far the step \
      moves the answers, in nats.
      """)

  @Argument(help: "A file (JSON lines) or a folder.")
  var file: String

  @Option(
    help: "Rule: \(Rule.allCases.filter(\.looksAtValues).map(\.rawValue).joined(separator: ", ")).")
  var rule = Rule.paperAbsolute.rawValue

  @Option(help: "Probability from which on a step is clear.")
  var confidence = ValueChoice().confidence

  @Option(help: "Of long answers print only that many steps, those of largest |A|; else 12.")
  var most: Int?

  @Flag(help: "Print JSON lines.")
  var json = false

  func validate() throws {
    if let most, most < 1 { throw ValidationError("--most is \(most); take 1 or more.") }
    try refuse(["--most": json && most != nil], "--json prints every step.")
  }

  func run() throws {
    let rules = try Rule.named(in: rule, valuesOnly: true)
    guard let rule = rules.first, rules.count == 1 else {
      throw ValidationError("--rule is “\(rule)”; take one rule.")
    }
    var recipe = Recipe()
    recipe.values.rule = rule
    recipe.values.confidence = confidence
    try recipe.check()
    for answer in try ValueDump.read(URL(fileURLWithPath: file)) {
      let inspection = try inspection(of: answer, recipe)
      show(json ? try inspection.json() : inspection.text(most: most ?? 12), json: json)
    }
  }

  private func inspection(of answer: ValuedAnswer, _ recipe: Recipe) throws -> Inspection {
    let values = StepValues(answer)
    guard var critical = values.criticalStep(recipe) else {
      throw Complaint("\(answer.trajectory.id) has no steps.")
    }
    // Nobody here knows how the rollouts were shared out.
    critical.estimator = nil
    var valuation = values.valuation()
    valuation.anchors = answer.anchors
    return Inspection(
      trajectory: answer.trajectory, valuation: valuation, critical: critical,
      floor: recipe.values.floor)
  }
}

extension StepValues {
  /// The values that a dump counted.
  init(_ answer: ValuedAnswer) {
    self.init(
      trajectory: answer.trajectory, policyVersion: 0,
      counted: answer.counts.map { ($0.sum, $0.rollouts) })
  }
}

extension ValuedAnswer {
  /// Thought Anchors' scores, where the rollouts are known.
  var anchors: [StepAnchor]? {
    guard hasRollouts else { return nil }
    let texts = rollouts.map { drawn in
      drawn.map { TextRollout(text: $0.text, reward: $0.reward, answer: $0.answer) }
    }
    return StepAnchor.all(
      steps: trajectory.steps.map(\.text), rollouts: texts,
      answer: ExtractedAnswer(of: trajectory.text).shown)
  }
}
