import Grading
import Learning
import Tensors
import Testing
import Trajectories

@Suite struct TaskFuzzTests {
  @Test(arguments: [TaskName.chains, .countdown, .sums]) func `no text is too broken to judge`(
    name: TaskName
  ) throws {
    var choice = TaskChoice()
    choice.name = name
    choice.length = 4
    choice.hard = 2
    let task = try choice.makeTask()
    var random = Random(seed: 21)
    var problem = task.problem(id: "x", random: &random)
    let solution = Array(try #require(problem.solution).unicodeScalars)
    let prompt = Array(problem.prompt.unicodeScalars)
    for round in 0..<20_000 {
      let response = mutated(solution, &random)
      if round % 4 == 0 { problem.prompt = mutated(prompt, &random) }
      let judgement = task.judge(response, to: problem)
      #expect(judgement.reward == 0 || judgement.reward == 1)
      let steps = response.split(separator: "\n").map {
        Step(start: 0, end: 0, text: String($0))
      }
      #expect(task.examine(steps, of: problem).count == steps.count)
      _ = ClockChains.hardSteps(of: problem)
    }
  }

  private func mutated(_ text: [Unicode.Scalar], _ random: inout Random) -> String {
    let strange: [Unicode.Scalar] = [
      "9", "-", "+", "*", "#", "$", " ", "\n", "\r", "\0", "٣", "=", ":", "?", "\u{301}",
      "\u{1F600}",
    ]
    var text = text
    for _ in 0...random.below(6) {
      guard !text.isEmpty else { break }
      let place = random.below(text.count)
      switch random.below(4) {
      case 0: text.remove(at: place)
      case 1: text.insert(strange[random.below(strange.count)], at: place)
      case 2: text[place] = strange[random.below(strange.count)]
      default: text.insert(contentsOf: text[place...].prefix(random.below(20)), at: place)
      }
    }
    var string = ""
    string.unicodeScalars.append(contentsOf: text)
    return string
  }
}
