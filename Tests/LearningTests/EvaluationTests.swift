import LanguageModel
import Learning
import Tensors
import Testing
import Trajectories

@Suite struct EvaluationTests {
  let words = TaskVocabulary(modulus: 31)

  func task() throws -> ClockChains {
    var choice = TaskChoice()
    choice.length = 3
    choice.hard = 1
    choice.answer = .yesNo
    return try ClockChains(choice)
  }

  func evaluation(problems: Int = 40, samples: Int = 6) throws -> Evaluation {
    Evaluation(
      task: try task(), codec: words, problems: problems, samples: samples, limit: 20, seed: 5)
  }

  /// Says `# yes $` or `# no $`, yes with the given logit more than no.
  func guesser(yes: Float) -> TablePolicy {
    let words = words
    return TablePolicy(vocabulary: words.words.count) { prefix in
      var logits = [Float](repeating: -40, count: words.words.count)
      let next: [(String, Float)] =
        switch words.decode(Array(prefix.suffix(1))) {
        case ":": [("#", 0)]
        case "#": [("yes", yes), ("no", 0)]
        default: [("$", 0)]
        }
      for (word, logit) in next { logits[Int(words[word] ?? 0)] = logit }
      return logits
    }
  }

  @Test func `greedy and sampled accuracy are shares of right answers`() throws {
    let evaluation = try evaluation(problems: 60, samples: 40)
    let even = evaluation.heldOut().filter { $0.reference == "yes" }.count
    let result = try evaluation(of: guesser(yes: 0.01), version: 3)
    #expect(result.policyVersion == 3)
    #expect(result.greedy == Double(even) / 60)
    #expect(result.greedyChain == 0)
    #expect(abs(result.sampled - 0.5) < 0.05)
    #expect(result.sampledChain == 0)
    let share = result.greedy
    #expect(abs(result.greedyError - (share * (1 - share) / 59).squareRoot()) < 1e-12)
    #expect(result.sampledError > 0 && result.sampledError < 0.03)
  }

  @Test func `every policy and temperature meets the same problems`() throws {
    var warm = try evaluation()
    warm.sampling.temperature = 1.5
    #expect(try evaluation().heldOut() == warm.heldOut())
    let sure = guesser(yes: 2)
    let hot = try warm(of: sure)
    let plain = try evaluation()
    let cold = try plain(of: sure)
    #expect(hot.temperature == 1.5)
    #expect(hot.greedy == cold.greedy)
    #expect(try plain(of: sure) == cold)
  }

  @Test func `a report that asks to stop ends it`() throws {
    var heard = 0
    let progress = WorkProgress<PartsDone> { drawn throws(Stopped) in
      heard = drawn.done
      #expect(drawn.total == 280)
      if drawn.done == 9 { throw Stopped() }
    }
    #expect(throws: Stopped.self) {
      _ = try evaluation()(of: guesser(yes: 0), progress: progress)
    }
    #expect(heard == 9)
  }

  @Test func `a prompt that does not fit counts as wrong`() throws {
    let small = TablePolicy(vocabulary: words.words.count, contextLength: 4) { _ in [] }
    let evaluation = try evaluation()
    let result = try evaluation(of: small)
    #expect(result.sampled == 0 && result.greedy == 0 && result.sampledChain == nil)
  }

  @Test func `a policy that knows the solutions is right throughout`() throws {
    let evaluation = try evaluation()
    let knower = Knower(evaluation.heldOut(), words: words)
    let result = try evaluation(of: knower.policy)
    #expect(result.sampled == 1 && result.greedyChain == 1 && result.sampledChain == 1)
    #expect(result.greedyError == 0 && result.sampledError == 0)
  }
}

/// A policy that recites the solutions of given problems.
private struct Knower {
  let policy: TablePolicy

  init(_ problems: [Problem], words: TaskVocabulary) {
    let texts = problems.map { words.encode($0.prompt + " " + ($0.solution ?? "")) }
    policy = TablePolicy(vocabulary: words.words.count) { prefix in
      var logits = [Float](repeating: -60, count: words.words.count)
      let text = texts.first { $0.starts(with: prefix) && $0.count > prefix.count }
      logits[Int(text?[prefix.count] ?? 1)] = 0
      return logits
    }
  }
}
