import Foundation
import LanguageModel
import Trajectories

/// Enumerates what a policy may write on a chain, line by line, and adds up what ends rightly.
///
/// Of each line every value 0 ..< modulus is followed; the likeliest ways go on, until what was left
/// out weighs `tolerance` or there are `width` of them. What was left out, and what does
/// not have the form of a chain, bounds the value from above; a wrong answer line counts as the
/// end. With a strict reward there is one right way to go on, so the value is exact.
struct ChainEnumeration {
  /// Ways to write the lines so far that go on to the next line, at most.
  static let width = 256
  /// What may be left out of all lines together.
  static let tolerance = 0.002

  let sampler: RolloutSampler
  let task: ClockChains
  let chain: Chain

  /// Lines written so far after a boundary, and how likely they are.
  private struct Node {
    var tokens: [Token]
    var mass: Double
    /// The value the last line wrote.
    var value: Int
  }

  init?(_ sampler: RolloutSampler, _ problem: Problem) {
    guard let task = sampler.task as? ClockChains,
      let chain = Chain(prompt: problem.prompt, modulus: task.modulus)
    else { return nil }
    (self.sampler, self.task, self.chain) = (sampler, task, chain)
  }

  /// The value of a state; what can be said where it does not stand between lines is nothing.
  func value(of prefix: Prefix) -> KnownValue {
    let kept = sampler.codec.decode(prefix.kept)
    let lines = kept.split(separator: "\n", omittingEmptySubsequences: false).count - 1
    guard kept.isEmpty || kept.hasSuffix("\n"), lines <= chain.operations.count else {
      return KnownValue(mean: 0.5, low: 0, high: 1, tokens: 0)
    }
    if task.reward == .strict { return strict(prefix, kept) }
    var tokens = 0
    let last = TaskVocabulary.split(kept).last { $0 != "\n" }
    let value = last.flatMap { Chain.value($0, modulus: chain.modulus) } ?? 0
    var nodes = [Node(tokens: prefix.tokens, mass: 1, value: lines == 0 ? chain.start : value)]
    for operation in chain.operations[lines...] {
      nodes = children(of: nodes, operation, &tokens)
    }
    let right = score(nodes, "# \(chain.answer(to: chain.values.last ?? chain.start)) $", &tokens)
    let low = zip(nodes, right).reduce(0) { $0 + $1.0.mass * $1.1 }
    // Whoever has gone wrong is right by luck.
    let rest = max(0, 1 - nodes.reduce(0) { $0 + $1.mass })
    let mean = min(1, low + rest * chain.answer.guessChance(modulus: chain.modulus))
    return KnownValue(mean: mean, low: min(1, low), high: min(1, low + rest), tokens: tokens)
  }

  private func strict(_ prefix: Prefix, _ kept: String) -> KnownValue {
    let whole = chain.response()
    guard whole.hasPrefix(kept) else { return KnownValue(mean: 0, low: 0, high: 0, tokens: 0) }
    var tokens = 0
    let start = [Node(tokens: prefix.tokens, mass: 1, value: chain.start)]
    let value = score(start, String(whole.dropFirst(kept.count)), &tokens)[0]
    return KnownValue(mean: value, low: value, high: value, tokens: tokens)
  }

  /// Each node with every value the operation's line may write; the likeliest of them all.
  ///
  /// The value that follows is looked at first: where it is almost sure, as on an easy line, the
  /// others are left out.
  private func children(
    of nodes: [Node], _ operation: ChainOperation, _ tokens: inout Int
  ) -> [Node] {
    let follows = nodes.map { operation.applied(to: $0.value, modulus: chain.modulus) }
    var found = lines(zip(nodes, follows).map { ($0, $1) }, operation, &tokens)
    let worth = Self.tolerance / Double(2 * chain.operations.count * max(1, nodes.count))
    let others = nodes.indices.filter { nodes[$0].mass - found[$0].mass > worth }.flatMap { index in
      (0..<chain.modulus).filter { $0 != follows[index] }.map { (nodes[index], $0) }
    }
    found += lines(others, operation, &tokens)
    return likeliest(of: found)
  }

  /// Nodes with one more line that writes the value beside each.
  private func lines(
    _ nodes: [(node: Node, value: Int)], _ operation: ChainOperation, _ tokens: inout Int
  ) -> [Node] {
    let words = (0..<chain.modulus).map {
      sampler.codec.encode("\(operation.word) \($0)\n")
    }
    let rows = nodes.map { node, value in
      TokenRow(tokens: node.tokens + words[value], firstPredicted: node.tokens.count)
    }
    tokens += rows.reduce(0) { $0 + $1.predicted }
    return zip(nodes, zip(rows, sampler.policy.score(rows))).map { node, scored in
      Node(
        tokens: scored.0.tokens, mass: node.node.mass * probability(scored.1), value: node.value)
    }
  }

  private func likeliest(of found: [Node]) -> [Node] {
    let ranked = found.enumerated().sorted {
      ($1.element.mass, $0.offset) < ($0.element.mass, $1.offset)
    }
    .map(\.element)
    let goal =
      ranked.reduce(0) { $0 + $1.mass } - Self.tolerance / Double(chain.operations.count)
    var mass = 0.0
    var kept: [Node] = []
    for node in ranked where mass < goal && kept.count < Self.width {
      kept.append(node)
      mass += node.mass
    }
    return kept
  }

  /// Probability of a text after each node.
  private func score(_ nodes: [Node], _ text: String, _ tokens: inout Int) -> [Double] {
    let written = sampler.codec.encode(text)
    let rows = nodes.map {
      TokenRow(tokens: $0.tokens + written, firstPredicted: $0.tokens.count)
    }
    tokens += rows.reduce(0) { $0 + $1.predicted }
    return sampler.policy.score(rows).map(probability)
  }

  private func probability(_ scores: TokenScores) -> Double {
    exp(scores.logProbabilities.reduce(0) { $0 + Double($1) })
  }
}
