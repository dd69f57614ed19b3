import Trajectories

/// One line of the tree of branches.
enum BranchRow: Equatable, Sendable {
  /// A trajectory, with the lines that lead to it.
  case trajectory(id: String, lead: String)
  /// The place where branches leave a trajectory.
  case fork(parent: String, step: Int, lead: String)

  /// The trajectory of the row; nil for a fork.
  var id: String? {
    if case .trajectory(let id, _) = self { id } else { nil }
  }
}

/// The tree that the selected trajectory belongs to, from its root, line by line.
func branchRows(of state: WorkbenchState) -> [BranchRow] {
  guard let selection = state.selection else { return [] }
  var builder = TreeBuilder(state: state)
  let root = state.root(of: selection)
  builder.add(root, lead: "", below: "")
  return builder.rows
}

private struct TreeBuilder {
  let state: WorkbenchState
  var rows: [BranchRow] = []
  var seen: Set<String> = []

  mutating func add(_ id: String, lead: String, below: String) {
    // A file may hold a circle of forks; each trajectory is shown once.
    guard seen.insert(id).inserted, seen.count < 4096 else { return }
    rows.append(.trajectory(id: id, lead: lead))
    let glyphs = Glyphs.of(state.glyphs)
    let children = state.allBranches(of: id)
    let steps = Set(children.compactMap { $0.forkedFrom?.step }).sorted()
    for (place, step) in steps.enumerated() {
      let last = place + 1 == steps.count
      rows.append(
        .fork(parent: id, step: step, lead: below + (last ? glyphs.lastBranch : glyphs.branch)))
      let inner = below + (last ? "  " : glyphs.trunk)
      let siblings = children.filter { $0.forkedFrom?.step == step }
      for (index, child) in siblings.enumerated() {
        let end = index + 1 == siblings.count
        add(
          child.id, lead: inner + (end ? glyphs.lastBranch : glyphs.branch),
          below: inner + (end ? "  " : glyphs.trunk))
      }
    }
  }
}

extension [Trajectory] {
  /// The same by the policy that drew them, the oldest first; what was drawn by different policies
  /// is never one estimate.
  var byPolicy: [(version: Int, drawn: [Trajectory])] {
    Set(map(\.policyVersion)).sorted().map { version in
      (version, filter { $0.policyVersion == version })
    }
  }
}

extension WorkbenchState {
  /// The trajectory from which all forks lead to this one.
  func root(of id: String) -> String {
    var id = id
    var seen: Set<String> = []
    while seen.insert(id).inserted, let parent = anyTrajectory(id)?.forkedFrom?.trajectory,
      anyTrajectory(parent) != nil
    {
      id = parent
    }
    return id
  }

  /// The branches that leave a trajectory, those on the way included.
  func allBranches(of id: String) -> [Trajectory] {
    let known = history.branches(of: id)
    let coming = partialBranches.filter { branch in
      branch.forkedFrom?.trajectory == id && history.trajectory(branch.id) == nil
    }
    return known + coming
  }

  /// A trajectory that was recorded or is on the way.
  func anyTrajectory(_ id: String) -> Trajectory? {
    history.trajectory(id) ?? partialBranches.first { $0.id == id }
  }

  /// The branches that leave a trajectory at one step.
  func branches(of id: String, at step: Int) -> [Trajectory] {
    allBranches(of: id).filter { $0.forkedFrom?.step == step }
  }

  /// The first step at which a branch differs from the trajectory it left; nil where none does.
  func firstDivergence(of branch: Trajectory) -> Int? {
    guard let fork = branch.forkedFrom, let parent = anyTrajectory(fork.trajectory) else {
      return nil
    }
    let start = max(0, fork.step)
    if history.isRecut(parent.id) || history.isRecut(branch.id) {
      // Steps of the two no longer stand beside each other; tokens do.
      let tokens = zip(branch.responseTokens, parent.responseTokens)
      let same = tokens.prefix { $0 == $1 }.count
      guard same < max(branch.responseTokens.count, parent.responseTokens.count) else { return nil }
      return branch.steps.place(ofToken: same)
    }
    let longest = max(branch.steps.count, parent.steps.count)
    guard start < longest else { return nil }
    return (start..<longest).first { place in
      guard place < branch.steps.count, place < parent.steps.count else { return true }
      return branch.steps[place].text != parent.steps[place].text
    }
  }
}
