public import Trajectories

extension WorkbenchState {
  /// The trajectories as they are listed: filtered and ordered.
  public var listed: [Trajectory] {
    if blind.isOn, !blind.trajectories.isEmpty {
      return blind.trajectories.compactMap { history.trajectory($0) }
    }
    let words = list.filter.lowercased().split(separator: " ").map(String.init)
    var result = history.trajectories
    if !words.isEmpty {
      result = result.filter { trajectory in words.allSatisfy { fulfils(trajectory, $0) } }
    }
    if list.sorting != .order {
      let keyed = result.map { (trajectory: $0, key: sortKey(of: $0)) }
      // The sort is stable, so that equal ones stay in the order in which they came.
      result = keyed.sorted { $0.key < $1.key }.map(\.trajectory)
    }
    return list.descending ? result.reversed() : result
  }

  private func sortKey(of trajectory: Trajectory) -> Double {
    switch list.sorting {
    case .order: 0
    case .reward: trajectory.reward
    case .steps: Double(trajectory.steps.count)
    case .length: Double(trajectory.responseTokens.count)
    case .critical: criticalSize(of: trajectory.id)
    case .update: Double(trajectory.policyVersion)
    }
  }

  private func criticalSize(of id: String) -> Double {
    guard let step = criticalStep(of: id) ?? proposal(for: id)?.leader,
      let credit = credit(of: step, in: id)
    else { return -1 }
    return abs(credit.advantage)
  }

  private func fulfils(_ trajectory: Trajectory, _ word: String) -> Bool {
    switch word {
    case "right": trajectory.reward >= 0.5
    case "wrong": trajectory.reward < 0.5
    case "chain-right": trajectory.chainCorrect == true
    case "lucky": luck(of: trajectory) != nil
    case "marked": history.mark(of: trajectory.id) != nil
    case "valued": valuation(of: trajectory.id) != nil
    case "unvalued": valuation(of: trajectory.id) == nil
    case "forked": trajectory.forkedFrom != nil
    case "truncated": trajectory.truncated
    default:
      if word.hasPrefix("update:") {
        trajectory.policyVersion == Int(word.dropFirst(7))
      } else {
        mentions(trajectory, word)
      }
    }
  }

  /// Whether a lowercase text stands in the problem, the answer or the name of a trajectory.
  func mentions(_ trajectory: Trajectory, _ text: String) -> Bool {
    trajectory.problem.prompt.lowercased().contains(text)
      || trajectory.text.lowercased().contains(text)
      || trajectory.id.lowercased().contains(text)
  }

  /// The words a filter knows.
  static let filterWords = [
    "right", "wrong", "chain-right", "lucky", "marked", "valued", "unvalued", "forked",
    "truncated", "update:",
  ]

  /// The number a trajectory is called by, such as `#17`.
  func number(of id: String) -> String {
    history.place(of: id).map { "#\($0 + 1)" } ?? "#?"
  }
}
