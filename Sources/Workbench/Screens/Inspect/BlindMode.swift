public import Trajectories

/// Judging without seeing what rollouts, rules and others say, until one has chosen.
public struct BlindMode: Equatable, Sendable {
  /// Who chooses.
  public var person: String
  /// Whether values are hidden.
  public var isOn: Bool
  /// The trajectories to judge, in order.
  public var trajectories: [String]
  /// Trajectories of which values were in sight before the person chose.
  public var seen: Set<String> = []

  /// A way to judge with every field given.
  public init(person: String = "you", isOn: Bool = false, trajectories: [String] = []) {
    self.person = person
    self.isOn = isOn
    self.trajectories = trajectories
  }
}

// What is hidden, and until when.
extension WorkbenchState {
  /// What this person has chosen of a trajectory first; nil where nothing yet.
  func choice(of id: String) -> StepLabel? {
    history.labels(of: id).first { $0.person == blind.person }
  }

  /// Whether all that is known of a trajectory is hidden, because this person has not chosen yet.
  public func isVeiled(_ id: String) -> Bool { blind.isOn && choice(of: id) == nil }

  /// Whether the trajectory in front of the person is veiled.
  var isVeiled: Bool { selection.map { isVeiled($0) } ?? false }

  /// How many of those to judge are judged.
  var judgedCount: Int {
    guard blind.isOn else { return blind.trajectories.count { choice(of: $0) != nil } }
    let chosen = Set(history.labels.lazy.filter { $0.person == blind.person }.map(\.trajectory))
    return chosen.count { list.listing.ranks[$0] != nil }
  }

  /// Whether all were judged that were to be.
  public var isStudyDone: Bool {
    !blind.trajectories.isEmpty && judgedCount == blind.trajectories.count
  }

  /// What a person said last of a trajectory, as far as it may be seen.
  func mark(of id: String) -> Mark? { isVeiled(id) ? nil : history.mark(of: id) }

  /// Why a command must wait until the person has chosen; nil where it need not.
  func blindObstacle(to command: Command) -> String? {
    switch command {
    case .chooseNone where !blind.isOn:
      return "That belongs to blind mode; \(key(.blind)) hides the values."
    case .agreement where blind.isOn && !isStudyDone && !blind.trajectories.isEmpty:
      let left = blind.trajectories.count - judgedCount
      return "Blind: \(left) of \(blind.trajectories.count) are still to choose; "
        + "the agreement appears then."
    case .filter, .sort, .reverse:
      guard blind.isOn else { return nil }
      return "Blind mode lists what is to be judged, in its order."
    case .confirm, .reject, .clear, .estimate, .sample, .sampleMany, .locate, .fresh, .measure,
      .reset, .branches, .compare, .split, .join:
      guard isVeiled else { return nil }
      return "Blind: choose first; \(key(.mark)) takes this step, \(key(.chooseNone)) none."
    default: return nil
    }
  }

  /// Hides the values of what is listed, or shows them again.
  mutating func changeBlindness() {
    blind.isOn.toggle()
    guard blind.isOn else {
      tell("Values, proposals and verdicts are shown again.")
      return
    }
    if blind.trajectories.isEmpty {
      let all = listed.map(\.id)
      let valued = all.filter { history.proposal(for: $0) != nil }
      blind.trajectories = valued.isEmpty ? all : valued
    }
    step = 0
    tell(
      "Blind as \(inert(blind.person)): what is known is hidden until you chose. "
        + "\(key(.mark)) chooses a step, \(key(.chooseNone)) none.")
  }

  /// Asks for the person's choice to be kept; nil for none of the steps.
  func label(as step: Int?) -> [Request] {
    guard let trajectory else { return [] }
    return [
      .label(
        StepLabel(
          person: blind.person, trajectory: trajectory.id, step: step,
          starts: trajectory.steps.map(\.start),
          blind: isVeiled(trajectory.id) && !blind.seen.contains(trajectory.id)))
    ]
  }

  /// Remembers what was in sight, so that nobody is said to have chosen blind who was not.
  mutating func rememberSight() {
    guard !blind.isOn else { return }
    if let selection { blind.seen.insert(selection) }
    guard screen == .trajectories else { return }
    let rows = Layout(of: self).visibleRows(of: .list, on: screen)
    for row in listed.dropFirst(top(of: .list)).prefix(rows) { blind.seen.insert(row.id) }
  }

  /// Tells what the person chose beside what the rule says, now that it may be seen.
  mutating func take(_ label: StepLabel) {
    guard label.person == blind.person, blind.isOn else { return }
    let mine = label.step.map { "step \($0 + 1)" } ?? "none"
    var words = "You chose \(mine)"
    if let proposal = history.proposal(for: label.trajectory) {
      let other = "step \(proposal.leader + 1)" + (proposal.step == nil ? ", not clear" : "")
      let same = label.step == proposal.leader
      words += same ? ", and so does the rule" : "; \(ruleWords(proposal.rule)): \(other)"
    }
    words += othersWords(beside: label)
    words += label.blind ? "." : "; not blind, you saw its values before."
    if isStudyDone {
      if screen == .inspect { goTo(.agreement) }
      words += " All \(blind.trajectories.count) are judged; \(key(.back)) returns to the steps."
    } else {
      words += " \(key(.nextTrajectory)): the next."
    }
    tell(words)
    if label.trajectory == selection, let step = label.step { move(to: step) }
  }

  /// What somebody else said of the same trajectory first, such as the labels of a set.
  private func othersWords(beside label: StepLabel) -> String {
    let others = history.labels(of: label.trajectory).filter { $0.person != label.person }
    guard let other = others.first, let steps = history.trajectory(label.trajectory)?.steps else {
      return ""
    }
    let name = inert(other.person)
    guard other.step(in: steps) != label.step(in: steps) else { return ", and so does \(name)" }
    return "; \(name): " + (other.step(in: steps).map { "step \($0 + 1)" } ?? "none")
  }
}

extension Trajectory {
  /// Whether its steps were labelled by those who made its file: no task reads such problems.
  public var isLabelled: Bool { problem.isOwn && steps.contains { $0.verdict != nil } }
}
