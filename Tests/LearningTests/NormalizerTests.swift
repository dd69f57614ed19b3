import LanguageModel
import Tensors
import Testing
import Trajectories

@testable import Learning

/// What the parts are worth that a batch is differentiated in: nothing but memory.
@Suite struct NormalizerTests {
  /// Groups of answers of very different lengths, with rewards that differ.
  static let groups: [RolloutGroup] = {
    var random = Random(seed: 21)
    return (0..<3).map { group in
      let prompt = (0..<5).map { _ in Token(random.below(97)) }
      let problem = Problem(
        id: "p\(group)", task: "t", prompt: "", reference: "", guessChance: 0)
      let answers = (0..<4).map { number in
        let length = 1 + 7 * number + random.below(5)
        let tokens = (0..<length).map { _ in Token(random.below(97)) }
        return Trajectory(
          id: "g\(group)/\(number)", problem: problem, promptTokens: prompt,
          responseTokens: tokens, logProbabilities: tokens.map { _ in -4 },
          steps: [Step(start: 0, end: length, text: "")], reward: number % 3 == 0 ? 1 : 0,
          chainCorrect: nil, seed: 0, policyVersion: 0, truncated: false)
      }
      return RolloutGroup(
        prefix: Prefix(
          problem: problem, prompt: prompt, kept: [], logProbabilities: [], fork: nil),
        trajectories: answers)
    }
  }()

  func gradientNorm(_ recipe: Recipe, partTokens: Int) throws -> Double {
    var recipe = recipe
    recipe.optimizer.microBatchTokens = partTokens
    let task = RightWrong(chances: [])
    let start = try GoldenPolicy.llamaTiny()
    let loop = try TrainingLoop(
      policy: try GoldenPolicy.llamaTiny(), reference: { start }, codec: task, task: task,
      recipe: recipe, now: { 0 })
    let batch = Batch(groups: Self.groups)
    return try loop.learn(batch, progress: .unheard).gradientNorm
  }

  @Test(arguments: Normalizer.allCases, [0, 0.1])
  func `no normalizer depends on the parts a batch is differentiated in`(
    _ normalizer: Normalizer, kl: Double
  ) throws {
    var recipe = Recipe()
    recipe.objective.normalizer = normalizer
    recipe.objective.klCoefficient = kl
    recipe.objective.entropyCoefficient = kl / 10
    recipe.sampling.temperature = 0.8
    let tokens = Batch(groups: Self.groups).rows.reduce(0) { $0 + $1.tokens.count }
    let whole = try gradientNorm(recipe, partTokens: 0)
    #expect(whole > 0.01)
    for part in [tokens / 2, 1] {
      let norm = try gradientNorm(recipe, partTokens: part)
      #expect(abs(norm - whole) <= 1e-6 * whole, "\(part) tokens: \(norm) against \(whole)")
    }
  }
}
