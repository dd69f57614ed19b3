import LanguageModel
import Testing
import Trajectories

@testable import Learning

@Suite struct ResetTests {
  let task = RightWrong(chances: [0.5, 0.5, 0.5])

  @Test func `a branch keeps the prefix and names its origin`() throws {
    let sampler = task.sampler(Recipe())
    let base = task.trajectory([true, true, false], id: "base")
    let seeds = sampler.branchSeeds(of: base, at: 2, 0..<6)
    let branches = try sampler.branches(of: base, at: 2, seeds: seeds, name: { "branch-\($0)" })
    #expect(branches.map(\.id) == (0..<6).map { "branch-\($0)" })
    for branch in branches {
      #expect(branch.forkedFrom == Fork(trajectory: "base", step: 2, keptTokens: 4))
      #expect(branch.responseTokens.prefix(4) == base.responseTokens.prefix(4))
      #expect(branch.logProbabilities.count == branch.responseTokens.count)
      #expect(Array(branch.steps.prefix(2)) == Array(base.steps.prefix(2)))
    }
    #expect(Set(branches.map(\.reward)) == [0, 1])
  }

  @Test func `asking for more goes on with new seeds`() {
    let sampler = task.sampler(Recipe())
    let base = task.trajectory([true, true, false])
    let all = sampler.branchSeeds(of: base, at: 1, 0..<8)
    #expect(
      all == sampler.branchSeeds(of: base, at: 1, 0..<3)
        + sampler.branchSeeds(of: base, at: 1, 3..<8))
    #expect(Set(all).count == 8)
  }

  @Test func `a stop gives nothing and each branch was reported`() throws {
    let sampler = task.sampler(Recipe())
    let base = task.trajectory([true, true, false])
    var seen = 0
    let progress = WorkProgress<AnswerReport> { report throws(Stopped) in
      seen += 1
      #expect(report.finished == seen && report.total == 4)
      if seen == 2 { throw Stopped() }
    }
    #expect(throws: Stopped.self) {
      _ = try sampler.branches(
        of: base, at: 0, seeds: [1, 2, 3, 4], name: { "\($0)" }, progress: progress)
    }
    #expect(seen == 2)
  }

  @Test func `a prefix takes its tokens off the limit`() throws {
    var recipe = Recipe()
    recipe.sampling.limit = 5
    let base = task.trajectory([true, true, false])
    let branches = try task.sampler(recipe).branches(
      of: base, at: 2, seeds: [1], name: { "\($0)" })
    #expect(branches[0].responseTokens.count == 5 && branches[0].truncated)
  }
}
