import Trajectories

/// Which trajectories are listed: those that fulfil every word.
struct ListFilter: Equatable, Sendable {
  /// Facts that a word can ask for.
  private enum Fact: Equatable, Sendable {
    case right, wrong, chainRight, lucky, marked, valued, unvalued, forked, truncated
    /// Drawn under that version of the policy; nil for what is no number, which none fulfils.
    case update(Int?)
    /// An answer to the problem of that name, in small letters, or whose name ends so after a slash:
    /// what a dump calls a group.
    case group(String)
  }

  private var facts: [Fact] = []
  private var texts: [TextNeedle] = []

  /// The filter that somebody typed; an empty one lists all.
  init(_ words: String) {
    for word in words.lowercased().split(separator: " ").map(String.init) {
      if let fact = Self.fact(word) {
        if !facts.contains(fact) { facts.append(fact) }
      } else {
        let needle = TextNeedle(word)
        if !texts.contains(needle) { texts.append(needle) }
      }
    }
  }

  /// Whether all are listed.
  var isEmpty: Bool { facts.isEmpty && texts.isEmpty }

  /// Whether the texts of trajectories have to be read.
  var readsTexts: Bool { !texts.isEmpty }

  /// Whether whatever fulfils this one fulfils another too, as far as the words tell.
  func implies(_ other: ListFilter) -> Bool {
    other.facts.allSatisfy(facts.contains)
      && other.texts.allSatisfy { wanted in texts.contains { wanted.isFound(in: $0.text) } }
  }

  /// Whether a trajectory fulfils every word.
  func holds(for trajectory: Trajectory, in state: WorkbenchState) -> Bool {
    guard facts.allSatisfy({ Self.holds($0, for: trajectory, in: state) }) else { return false }
    guard readsTexts else { return true }
    let text = trajectory.text
    return texts.allSatisfy { Self.mentions(trajectory, text, $0) }
  }

  /// Whether a text stands in the problem, the answer or the name of a trajectory.
  static func mentions(_ trajectory: Trajectory, _ text: String, _ needle: TextNeedle) -> Bool {
    needle.isFound(in: text) || needle.isFound(in: trajectory.problem.prompt)
      || needle.isFound(in: trajectory.id)
  }

  /// The words a filter knows.
  static let words = [
    "right", "wrong", "chain-right", "lucky", "marked", "valued", "unvalued", "forked",
    "truncated", "update:", "group:",
  ]

  private static func fact(_ word: String) -> Fact? {
    switch word {
    case "right": .right
    case "wrong": .wrong
    case "chain-right": .chainRight
    case "lucky": .lucky
    case "marked": .marked
    case "valued": .valued
    case "unvalued": .unvalued
    case "forked": .forked
    case "truncated": .truncated
    default:
      word.hasPrefix("update:")
        ? .update(Int(word.dropFirst(7)))
        : word.hasPrefix("group:") ? .group(String(word.dropFirst(6))) : nil
    }
  }

  private static func holds(
    _ fact: Fact, for trajectory: Trajectory, in state: WorkbenchState
  ) -> Bool {
    switch fact {
    case .right: trajectory.reward >= 0.5
    case .wrong: trajectory.reward < 0.5
    case .chainRight: trajectory.chainCorrect == true
    case .lucky: state.luck(of: trajectory) != nil
    case .marked: state.history.mark(of: trajectory.id) != nil
    case .valued: state.valuation(of: trajectory.id) != nil
    case .unvalued: state.valuation(of: trajectory.id) == nil
    case .forked: trajectory.forkedFrom != nil
    case .truncated: trajectory.truncated
    case .update(let version): trajectory.policyVersion == version
    case .group(let name): isNamed(trajectory.problem.id.lowercased(), name)
    }
  }

  private static func isNamed(_ problem: String, _ name: String) -> Bool {
    problem == name || (!name.isEmpty && problem.hasSuffix("/" + name))
  }
}
