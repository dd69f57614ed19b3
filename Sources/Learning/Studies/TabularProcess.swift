import Foundation
import Tensors

/// A small decision process whose values are known exactly: an answer of some steps, each of which
/// may be right.
///
/// State 2h is “h steps written, all right”, state 2h + 1 “h steps written, one of them wrong”; action
/// 0 writes the right step. What is wrong stays wrong. The end is rewarded with probability 1 where
/// all is right, else with `luck`: the process that the chains task draws from.
public struct TabularProcess: Equatable, Sendable {
  /// Probability of the right step at each place under the starting policy.
  public var chances: [Double]
  /// Probability that a wrong answer is rewarded.
  public var luck: Double

  /// A process with every field given.
  public init(chances: [Double], luck: Double = 0) {
    self.chances = chances
    self.luck = luck
  }

  /// Probabilities of the right and the wrong step at each state.
  public typealias Table = [[Double]]

  /// Number of steps.
  public var length: Int { chances.count }
  /// Number of states before the end.
  public var states: Int { 2 * length }

  /// The starting policy; where all is lost already it chooses as elsewhere.
  public var start: Table {
    (0..<states).map { [chances[$0 / 2], 1 - chances[$0 / 2]] }
  }

  /// A best policy: the right step everywhere.
  public var optimal: Table { (0..<states).map { _ in [1, 0] } }

  /// The state after a step; `states` and `states` + 1 are the two ends.
  func next(_ state: Int, _ action: Int) -> Int {
    state + 2 + (state % 2 == 0 && action == 1 ? 1 : 0)
  }

  /// Mean reward of an end.
  func reward(of end: Int) -> Double { end % 2 == 0 ? 1 : luck }

  /// The exact value of every state and of both ends, from the end backwards.
  public func values(_ policy: Table) -> [Double] {
    var values = (0...(states + 1)).map { reward(of: $0) }
    for state in (0..<states).reversed() {
      values[state] = (0...1).reduce(0.0) { $0 + policy[state][$1] * values[next(state, $1)] }
    }
    return values
  }

  /// A(s, a) = V(next) − V(s) of every state and action, exact.
  public func advantages(_ policy: Table) -> Table {
    let values = values(policy)
    return (0..<states).map { state in
      (0...1).map { values[next(state, $0)] - values[state] }
    }
  }

  /// Share of the steps that are taken in each state by rollouts that start as `starts` says.
  public func visits(_ policy: Table, from starts: [Double]) -> [Double] {
    var flow = starts + [0, 0]
    for state in 0..<states {
      for action in 0...1 { flow[next(state, action)] += flow[state] * policy[state][action] }
    }
    let visited = flow.prefix(states)
    let all = visited.reduce(0, +)
    return visited.map { $0 / all }
  }

  /// Concentrability: the largest ratio of a best policy's visits to those of training,
  /// ‖d* / d‖∞; infinite where training never comes to a state that a best policy visits.
  public func mismatch(_ policy: Table, from starts: [Double]) -> Double {
    let best = visits(optimal, from: atPrompt)
    let mine = visits(policy, from: starts)
    return zip(best, mine).map { $0 > 0 ? $0 / $1 : 0 }.max() ?? 0
  }

  /// Every rollout starts with nothing written.
  public var atPrompt: [Double] { at(0) }

  /// Every rollout starts with so many right steps written.
  public func at(_ place: Int) -> [Double] { (0..<states).map { $0 == 2 * place ? 1 : 0 } }

  /// Draws an answer from a state on: the steps taken, and the reward.
  func rollout(
    from state: Int, _ policy: Table, _ random: inout Random
  ) -> (path: [(state: Int, action: Int)], reward: Double) {
    var state = state
    var path: [(state: Int, action: Int)] = []
    while state < states {
      let action = Double(random.uniform()) < policy[state][0] ? 0 : 1
      path.append((state, action))
      state = next(state, action)
    }
    return (path, Double(random.uniform()) < reward(of: state) ? 1 : 0)
  }
}
