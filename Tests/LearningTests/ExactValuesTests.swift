import Foundation
import LanguageModel
import Tensors
import Testing
import Trajectories

@testable import Learning

/// A policy of the chains that writes the right value with a chance and else any value.
@Suite struct ExactValuesTests {
  static let chance = 0.4
  let words = ClockChains.vocabulary(modulus: 5)

  func valuer(_ reward: RewardKind = .answer) throws -> StepValuer {
    var recipe = Recipe()
    recipe.task.length = 3
    recipe.task.modulus = 5
    recipe.task.hard = 3
    recipe.task.reward = reward
    recipe.values.estimator = .exact
    let words = words
    let policy = TablePolicy(vocabulary: words.words.count) { Self.logits(after: $0, words) }
    return StepValuer(
      RolloutSampler(
        policy: policy, codec: words, task: try recipe.task.makeTask(), recipe: recipe, version: 0))
  }

  /// Logits that write the lines of the prompt in turn, its values right by chance.
  static func logits(after prefix: [Token], _ words: TaskVocabulary) -> [Float] {
    let text = words.decode(prefix)
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let chain = Chain(prompt: parts[0] + ":", modulus: 5)
    let written = TaskVocabulary.split(String(parts.last ?? ""))
    let operations = chain?.operations ?? []
    let lines = written.filter { $0 == "\n" }.count
    let line = written.reversed().prefix { $0 != "\n" }.count
    let last = written.last { Int($0) != nil && !$0.hasPrefix("+") && !$0.hasPrefix("-") }
    let value = last.flatMap { Int($0) } ?? chain?.start ?? 0
    var logits = Array(repeating: Float(-60), count: words.words.count)
    func set(_ word: String, _ logit: Float = 0) { logits[Int(words[word] ?? 0)] = logit }
    switch (lines < operations.count, line) {
    case (true, 0): set(operations[lines].word)
    case (true, 1):
      let right = operations[lines].applied(to: value, modulus: 5)
      for other in 0..<5 { set("\(other)", Float(log((1 - chance) / 4))) }
      set("\(right)", Float(log(chance)))
    case (true, _): set("\n")
    case (false, 0): set("#")
    case (false, 1): set("\(value)")
    case (false, _): set("$")
    }
    return logits
  }

  func answer(_ sampler: RolloutSampler) throws -> Trajectory {
    let problem = sampler.problem(.drawn, [0])
    return try #require(try sampler.sample(problem, seeds: [1], name: { _ in "a" }).first)
  }

  @Test func `enumeration gives the exact value of every state`() throws {
    let valuer = try valuer()
    let base = try answer(valuer.sampler)
    let values = try valuer.values(of: base)
    // From a right state: one more line is right with .4; an error is undone by one of 4 values.
    // A line keeps right with c and turns wrong right with (1 − c) / 4.
    func value(_ lines: Int, right: Bool) -> Double {
      guard lines > 0 else { return right ? 1 : 0 }
      let chance = right ? Self.chance : (1 - Self.chance) / 4
      return chance * value(lines - 1, right: true) + (1 - chance) * value(lines - 1, right: false)
    }
    let truth = Chain(prompt: base.problem.prompt, modulus: 5)?.values ?? []
    for boundary in 0...3 {
      let said = boundary == 0 ? nil : base.steps[boundary - 1].text.split(separator: " ").last
      let isRight = said.map { Int($0.dropLast()) == truth[boundary - 1] } ?? true
      let found = values.value(boundary)
      let expected = value(3 - boundary, right: isRight)
      #expect(abs(found.mean - expected) < 0.002, "boundary \(boundary)")
      #expect(found.low <= expected + 1e-5 && found.high >= expected - 1e-5)
      #expect(found.high - found.low <= ChainEnumeration.tolerance + 1e-5)
      #expect(found.basis == .exact && found.rollouts == 0)
    }
    #expect(values.spent == 0 && values.tokens > 0)
  }

  @Test func `a strict value is one product`() throws {
    let valuer = try valuer(.strict)
    let base = try answer(valuer.sampler)
    let found = try valuer.values(of: base).value(0)
    #expect(abs(found.mean - pow(Self.chance, 3)) < 1e-5 && found.low == found.high)
  }
}
