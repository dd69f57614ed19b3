import Comparing
import LanguageModel
import Testing
import Trajectories

@testable import Learning

@Suite struct WarmUpTests {
  /// Chains of one operation on a clock of three hours: a table can learn them by heart.
  func settings() -> WarmUpSettings {
    var settings = WarmUpSettings()
    settings.modulus = 3
    settings.length = 1
    settings.fewestHard = 1
    settings.batch = 48
    settings.noise = 0.3
    settings.countdownShare = 0
    settings.optimizer.learningRate = 0.5
    settings.optimizer.warmUp = 5
    settings.decaySteps = 60
    settings.mostSteps = 120
    settings.checkFrom = 10
    settings.checkEvery = 10
    settings.checkProblems = 60
    settings.checkSamples = 4
    settings.greedyTarget = 1
    settings.sampledTarget = 0.5
    return settings
  }

  /// One row of the table for each prefix that occurs.
  func table(_ words: TaskVocabulary) -> TablePolicy {
    var rows: [[Token]: Int] = [:]
    return TablePolicy(vocabulary: words.words.count, states: 2000) { prefix in
      if let row = rows[prefix] { return row }
      rows[prefix] = min(rows.count, 1999)
      return rows[prefix] ?? 0
    }
  }

  @Test func `it stops when the measured targets are met`() throws {
    let warmUp = try WarmUp(settings())
    var reports: [WarmUpReport] = []
    let outcome = warmUp(
      table(warmUp.vocabulary), progress: WorkProgress { reports.append($0) })
    #expect(outcome.reached)
    #expect(outcome.steps < 120)
    #expect(reports.count == outcome.steps)
    let checked = reports.filter { $0.check != nil }.map(\.step)
    #expect(checked == Array(stride(from: 10, through: outcome.steps, by: 10)))
    let check = try #require(outcome.check)
    #expect(check.greedyChain == 1)
    // Noise of .3 leaves about .8 of the samples right, 1/3 of the replaced ones included.
    #expect(check.sampledChain >= 0.5 && check.sampledChain < 0.95)
    let (first, last) = (try #require(reports.first), try #require(reports.last))
    #expect(last.loss < first.loss / 3)
  }

  @Test func `targets that are never met end at the most steps`() throws {
    var settings = settings()
    settings.sampledTarget = 1
    settings.mostSteps = 25
    let warmUp = try WarmUp(settings)
    let outcome = warmUp(table(warmUp.vocabulary))
    #expect(!outcome.reached)
    #expect(outcome.steps == 25)
  }

  @Test func `a report that asks to stop ends it`() throws {
    let warmUp = try WarmUp(settings())
    let outcome = warmUp(
      table(warmUp.vocabulary),
      progress: WorkProgress { report throws(Stopped) in
        if report.step == 3 { throw Stopped() }
      })
    #expect(outcome == WarmUpOutcome(steps: 3, check: nil, reached: false))
  }

  @Test func `the same seed makes the same weights`() throws {
    let weights = try [UInt64(0), 0, 1].map { seed in
      var settings = settings()
      settings.seed = seed
      settings.mostSteps = 8
      let warmUp = try WarmUp(settings)
      let policy = table(warmUp.vocabulary)
      _ = warmUp(policy)
      return Array(policy.parameters.weights)
    }
    expectEqual(weights[0], weights[1])
    #expect(weights[0] != weights[2])
  }

  @Test func `examples hold all answers, and countdowns where they are asked for`() throws {
    var settings = WarmUpSettings()
    settings.countdownShare = 0.25
    let warmUp = try WarmUp(settings)
    let rows = (1...4).flatMap(warmUp.examples)
    let prompts = rows.map { warmUp.vocabulary.decode(Array($0.tokens.prefix($0.firstPredicted))) }
    for question in ["?v", "?4", "?2", "?t"] {
      let share = prompts.filter { $0.contains(question) }.count
      #expect((90...170).contains(share), "\(question)")
    }
    #expect(rows.allSatisfy { $0.tokens.last == 1 && $0.tokens[$0.firstPredicted - 1] == 3 })
  }

  @Test func `numbers that do not fit are refused in a sentence`() throws {
    var settings = WarmUpSettings()
    settings.noise = 2
    #expect(settings.problems() == ["noise is 2.0; it must lie between 0.0 and 1.0."])
    #expect(throws: TaskError.self) { try WarmUp(settings) }
    #expect(WarmUpSettings().problems() == [])
  }
}
