import LanguageModel
import Tensors
import Trajectories

/// Where the groups of an update start, and their rollouts.
struct GroupSampling {
  let sampler: RolloutSampler
  let buffer: CriticalBuffer

  /// The update that is being made, from 1.
  private var update: Int { sampler.version + 1 }

  /// What the names of its answers begin with.
  ///
  /// After a return to an earlier update this one may be made again while a person's word, or a
  /// stored state, still speaks of an answer it gave then: the new answers get names of their own,
  /// so that no word moves to an answer nobody saw, and none is forked from its own name.
  private var name: String {
    let spokenOf = buffer.trajectories
    var name = "update-\(update)"
    var time = 1
    while spokenOf.contains(where: { $0.hasPrefix(name + "/") }) {
      time += 1
      name = "update-\(update).\(time)"
    }
    return name
  }

  /// How many groups there are and rollouts each has; where nothing is compared within a group,
  /// every rollout is a group of its own.
  private var shape: (groups: Int, size: Int) {
    let it = sampler.recipe.objective
    return it.comparesGroups ? (it.groups, it.groupSize) : (it.groups * it.groupSize, 1)
  }

  /// The starting state of each group: the prompt of a new problem, or with the recipe's share a
  /// state of the buffer.
  func starts() throws -> [Prefix] {
    let recipe = sampler.recipe
    return try (0..<shape.groups).map { group in
      var random = Random(seed: recipe.seed(for: .start, [update, group]))
      let wanted = recipe.resets.start != .none && Double(random.uniform()) < recipe.resets.share
      if wanted, let state = buffer.draw(&random, priority: recipe.resets.priority) {
        return sampler.scored(state.prefix)
      }
      return try sampler.start(of: sampler.problem(.problem, [update, group]))
    }
  }

  /// Draws all groups in one call of the policy.
  func draw(_ progress: WorkProgress<PartsDone>) throws -> [RolloutGroup] {
    let starts = try starts()
    let size = shape.size
    let requests = starts.enumerated().map { group, prefix in
      let seeds = (0..<size).map {
        sampler.recipe.seed(for: .rollout, [update, group, $0])
      }
      return sampler.request(prefix, seeds: seeds)
    }
    let name = name
    let all = try sampler.continuations(of: requests, progress: progress.ofRollouts)
    return zip(starts, all).enumerated().map { group, drawn in
      let (prefix, continuations) = drawn
      let trajectories = continuations.enumerated().map { number, continuation in
        sampler.trajectory(
          id: "\(name)/\(group * size + number)", from: prefix, continuation)
      }
      return RolloutGroup(prefix: prefix, trajectories: trajectories)
    }
  }
}
