import LanguageModel
import Testing
import Trajectories

@testable import Learning

@Suite struct TopTwoTests {
  let task = RightWrong(chances: [1, 1, 0.9, 1, 1, 0.3, 1, 1])

  var recipe: Recipe {
    var recipe = Recipe()
    recipe.values.rule = .paperSigned
    recipe.values.estimator = .topTwo
    recipe.values.confidence = 0.95
    return recipe
  }

  @Test func `finds the planted step with fewer rollouts than the uniform search`() throws {
    var hits = 0
    var spent = 0
    for seed in 0..<20 {
      let base = task.trajectory(Array(repeating: true, count: 8), seed: UInt64(seed))
      let values = try task.valuer(recipe).values(of: base)
      let critical = try #require(values.criticalStep(recipe))
      hits += critical.leader == 5 ? 1 : 0
      spent += values.spent
    }
    #expect(hits >= 19)
    // 16 rollouts at each of 9 boundaries are 144.
    #expect(spent / 20 < 110)
  }

  @Test func `spends the extra rollouts beside the leading steps`() throws {
    let base = task.trajectory(Array(repeating: true, count: 8), seed: 3)
    var harder = recipe
    harder.values.confidence = 0.999
    let values = try task.valuer(harder).values(of: base)
    let counts = values.rollouts.map(\.count)
    #expect(counts[5] > 4)
    #expect(counts.allSatisfy { $0 >= 4 })
  }

  @Test func `keeps to its budget`() throws {
    let flat = RightWrong(chances: [0.8, 0.8, 0.8, 0.8])
    var recipe = recipe
    recipe.values.budget = 61
    recipe.values.confidence = 0.999
    let values = try flat.valuer(recipe).values(of: flat.trajectory([true, true, true, true]))
    #expect(values.spent == 61)
  }

  @Test func `reports the whole search and stops when asked`() throws {
    let base = task.trajectory(Array(repeating: true, count: 8))
    var last = 0
    let progress = WorkProgress<ValueReport> { report throws(Stopped) in
      #expect(report.finished == last + 1 && report.total == 512)
      last = report.finished
      if last == 40 { throw Stopped() }
    }
    #expect(throws: Stopped.self) {
      _ = try task.valuer(recipe).values(of: base, progress: progress)
    }
    #expect(last == 40)
  }
}
