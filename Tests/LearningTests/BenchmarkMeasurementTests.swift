import LanguageModel
import Testing
import Trajectories

@testable import Learning

@Suite struct BenchmarkMeasurementTests {
  private func measurement(limits: [Int], samples: Int) -> BenchmarkMeasurement {
    let task = RightWrong(chances: [0.5])
    let problems = (0..<40).map {
      Problem(
        id: "p\($0)", task: "right-wrong", prompt: "go", reference: "right", guessChance: 0)
    }
    return BenchmarkMeasurement(
      problems: problems, task: task, codec: task, samples: samples, greedy: true,
      sampling: Sampling(), limits: limits, attempts: [1, 2, 4], seed: 3)
  }

  /// Says “right” as often as “wrong”, then a line end and the end; greedily “right”.
  private let policy = TablePolicy(vocabulary: RightWrong.words.count) { prefix in
    switch prefix.last {
    case 5: [-40, -40, -40, 0.001, 0, -40]
    case 3, 4: [-40, -40, 0, -40, -40, -40]
    default: [-40, 0, -40, -40, -40, -40]
    }
  }

  @Test func `pass at k grows as the mean over problems says`() throws {
    let report = try measurement(limits: [8], samples: 4)(of: policy)
    let result = report.results[0]
    let sampled = try #require(result.sampled)
    #expect(result.greedy?.right.mean == 1)
    #expect(abs(sampled.right.mean - 0.5) < 0.12)
    let (one, two, four) = (sampled.pass[1] ?? 0, sampled.pass[2] ?? 0, sampled.pass[4] ?? 0)
    #expect(abs(one - sampled.right.mean) < 1e-12)
    #expect(abs(two - 0.75) < 0.15 && abs(four - 0.94) < 0.15)
    #expect(one < two && two < four)
    #expect(sampled.truncated == 0)
    #expect(sampled.tokens == 3)
    #expect(report.answers.count == 40 * 5)
  }

  @Test func `a smaller budget sees the beginning of the same answers`() throws {
    let both = try measurement(limits: [8, 2], samples: 2)(of: policy)
    let small = try measurement(limits: [2], samples: 2)(of: policy)
    #expect(both.results.map(\.limit) == [2, 8])
    #expect(both.results[0] == small.results[0])
    #expect(both.results[0].greedy?.truncated == 1)
    #expect(both.results[0].greedy?.right.successes == 0)
    #expect(both.results[1].greedy?.right.successes == 40)
  }

  @Test func `a measurement stops where it is asked to`() throws {
    var heard = 0
    #expect(throws: Stopped.self) {
      _ = try measurement(limits: [8], samples: 2)(
        of: policy,
        progress: WorkProgress { drawn throws(Stopped) in
          heard = drawn.done
          if heard > 3 { throw Stopped() }
        })
    }
    #expect(heard == 4)
  }
}
