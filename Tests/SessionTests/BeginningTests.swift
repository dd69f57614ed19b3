import Foundation
import LanguageModel
import Testing
import Trajectories
import Workbench

@testable import Records
@testable import Session
@testable import TerminalTesting

extension ProcessWideTests {
  /// Runs that begin in front of the reader: with problems, with answers that came along, with answers
  /// that were written elsewhere.
  struct BeginningTests {
    private static let samples = Workplace.root.appendingPathComponent("samples")

    private func begun(
      _ problems: [AskedProblem], in place: Workplace, recipe: Recipe = Recipe()
    ) throws -> DrivenSession {
      let beginning = RunBeginning(
        recipe: recipe, recipeForModel: { _ in recipe }, recipeFolder: nil, isLimitChosen: true,
        model: Self.samples.appendingPathComponent("tiny"), source: "mine.jsonl",
        problems: problems, runs: place.runs)
      return try DrivenSession(
        RunSession(.beginning(beginning), blind: BlindMode(), inbox: Inbox()))
    }

    /// An answer of the recorded run as its policy's tokens.
    private func recorded() throws -> Trajectory {
      let run = try RunStore(opening: Self.samples.appendingPathComponent("run"), readOnly: true)
      let answers = try run.events().compactMap { recorded -> Trajectory? in
        if case .sampled(let answer) = recorded.event { answer } else { nil }
      }
      return try #require(answers.first { $0.reward == 1 && $0.forkedFrom == nil })
    }

    private func dumped(_ answer: Trajectory) -> DumpedTrajectory {
      var dumped = DumpedTrajectory(
        id: "theirs", prompt: answer.problem.prompt, response: answer.text, fidelity: .ids)
      dumped.promptTokens = answer.promptTokens
      dumped.responseTokens = answer.responseTokens
      dumped.reference = answer.problem.reference
      return dumped
    }

    @Test func `an answer written elsewhere is gone on from on the tokens that were drawn`() throws
    {
      let place = try Workplace()
      defer { place.remove() }
      let known = try recorded()
      var text = dumped(known)
      (text.promptTokens, text.responseTokens, text.fidelity) = (nil, nil, .text)
      var ids = dumped(known)
      // Whatever the text says: it is not encoded again.
      (ids.prompt, ids.response) = ("?", "?")
      let driven = try begun(
        [AskedProblem(ids, id: "mine/1"), AskedProblem(text, id: "mine/2")], in: place)
      for id in ["mine/1", "mine/2"] {
        let answer = try #require(driven.state.history.trajectory(id))
        #expect(answer.promptTokens == known.promptTokens)
        #expect(answer.responseTokens == known.responseTokens)
        #expect(answer.reward == 1)
      }
      try driven.perform(
        .estimate(trajectory: "mine/1", rollouts: 4),
        .reset(trajectory: "mine/1", step: 1, count: 2))
      #expect(driven.state.history.newestValuation(of: "mine/1") != nil)
      let branch = try #require(driven.state.history.branches(of: "mine/1").first)
      let kept = try #require(branch.forkedFrom?.keptTokens)
      #expect(branch.responseTokens.prefix(kept) == known.responseTokens.prefix(kept))
      driven.close()
    }

    @Test(arguments: ["a token beyond the vocabulary", "too long", "stripped"])
    func `what cannot be this policy's is refused with its name`(_ fault: String) throws {
      let place = try Workplace()
      defer { place.remove() }
      var odd = dumped(try recorded())
      switch fault {
      case "stripped": (odd.promptTokens, odd.fidelity) = (nil, .stripped)
      case "too long": odd.responseTokens = Array(repeating: 5, count: 4000)
      default: odd.responseTokens?.append(1_000_000)
      }
      let beginning = RunBeginning(
        recipe: Recipe(), recipeForModel: { _ in Recipe() }, recipeFolder: nil,
        isLimitChosen: true, model: Self.samples.appendingPathComponent("tiny"),
        source: "mine.jsonl", problems: [AskedProblem(odd, id: "mine/1")], runs: place.runs)
      let session = RunSession(.beginning(beginning), blind: BlindMode(), inbox: Inbox())
      session.start(patience: 60)
      let deadline = Date(timeIntervalSinceNow: 60)
      while session.failure == nil, Date() < deadline { usleep(5_000) }
      #expect(session.failure?.contains("mine/1") == true, "\(session.failure ?? "")")
      #expect(session.end())
    }

    @Test func `one answer that does not fit is left out, and the rest is there`() throws {
      let place = try Workplace()
      defer { place.remove() }
      var odd = dumped(try recorded())
      odd.responseTokens?.append(1_000_000)
      let driven = try begun(
        [AskedProblem(odd, id: "mine/1"), AskedProblem(dumped(try recorded()), id: "mine/2")],
        in: place)
      #expect(driven.state.history.trajectories.map(\.id) == ["mine/2"])
      #expect(
        driven.state.message?.text.contains("1 answers are left out; the first: mine/1") == true)
      driven.close()
    }

    @Test func `problems of a file are answered, scored or labelled as they come`() throws {
      let place = try Workplace()
      defer { place.remove() }
      let known = try recorded()
      let problem = Problem(
        id: "p", task: Problem.fileTask, prompt: known.problem.prompt,
        reference: known.problem.reference, guessChance: 0)
      let steps = known.steps.map { $0.text.filter { !$0.isNewline } }
      let solution = StepLabelledSolution(
        problem: problem, steps: steps, firstError: 2, isFinalRight: false)
      let driven = try begun(
        [
          AskedProblem(entry: ProblemEntry(problem: problem, response: nil), id: "mine/1"),
          AskedProblem(entry: ProblemEntry(problem: problem, response: known.text), id: "mine/2"),
          AskedProblem(
            entry: ProblemEntry(problem: problem, response: known.text), id: "mine/3",
            solution: solution, labeller: "ProcessBench"),
        ], in: place)
      let history = driven.state.history
      #expect(Set(history.trajectories.map(\.id)) == ["mine/1", "mine/2", "mine/3"])
      #expect(history.trajectory("mine/2")?.responseTokens == known.responseTokens)
      let labelled = try #require(history.trajectory("mine/3"))
      #expect(labelled.steps.map(\.verdict).prefix(3) == [.right, .right, .wrong])
      #expect(labelled.chainCorrect == false)
      #expect(history.labels(of: "mine/3").map(\.step) == [2])
      try driven.perform(.ask(prompt: "3 *8 +2 ?v :", reference: ""), .draw(1))
      #expect(driven.state.history.trajectories.count == 5)
      try driven.perform(.reset(trajectory: "mine/3", step: 2, count: 2))
      #expect(driven.state.history.branches(of: "mine/3").count == 2)
      driven.close()
    }

    @Test func `a run in which nothing happened is not kept, and one that trained is`() throws {
      let place = try Workplace()
      defer { place.remove() }
      var recipe = Recipe()
      recipe.updates = 2
      recipe.objective.groups = 4
      recipe.evaluation.problems = 4
      recipe.evaluation.samples = 1
      try begun([], in: place, recipe: recipe).close()
      #expect(try FileManager.default.contentsOfDirectory(atPath: place.runs.path) == [])
      let driven = try begun([], in: place, recipe: recipe)
      try driven.perform(.train(.start))
      #expect(driven.state.history.status == .finished)
      driven.close()
      let run = place.runs.appendingPathComponent("mine")
      #expect(CheckpointFolder.newest(in: run)?.update == 2)
      let names = try FileManager.default.contentsOfDirectory(atPath: run.path)
      #expect(names.contains(TrackerFiles.metricsName))
      #expect(names.contains { $0.hasPrefix(TrackerFiles.boardPrefix) })
      let tracked = try String(
        contentsOf: run.appendingPathComponent(TrackerFiles.metricsName), encoding: .utf8)
      #expect(tracked.contains("\"step\": 2") && tracked.contains("train/reward"))
    }
  }
}
