import Foundation
import LanguageModel
import Synchronization
import Testing
import Trajectories
import Workbench

@testable import Records
@testable import ServerTesting
@testable import Session
@testable import TerminalTesting

extension ProcessWideTests {
  /// A run whose rollouts a server draws.
  struct ServedRunTests {
    private static let samples = Workplace.root.appendingPathComponent("samples")

    /// A right answer of the recorded run.
    private func recorded() throws -> Trajectory {
      let run = try RunStore(opening: Self.samples.appendingPathComponent("run"), readOnly: true)
      let answers = try run.events().compactMap { recorded -> Trajectory? in
        if case .sampled(let answer) = recorded.event { answer } else { nil }
      }
      return try #require(answers.first { $0.reward == 1 && $0.forkedFrom == nil })
    }

    private func asked(_ answer: Trajectory) -> AskedProblem {
      var dumped = DumpedTrajectory(
        id: "theirs", prompt: answer.problem.prompt, response: answer.text, fidelity: .ids)
      dumped.promptTokens = answer.promptTokens
      dumped.responseTokens = answer.responseTokens
      dumped.reference = answer.problem.reference
      return AskedProblem(dumped, id: "mine/1")
    }

    /// A server that goes on as the answer does where a seed is even, and ends at once otherwise.
    private func server(
      _ answer: Trajectory, _ manners: PlayedServer.Manners = PlayedServer.Manners()
    ) throws -> PlayedServer {
      let whole = (answer.promptTokens + answer.responseTokens).map(Int.init)
      var manners = manners
      let end = try #require(whole.last)
      manners.endToken = end
      return try PlayedServer(manners) { prompt, seed in
        seed % 2 == 0 && whole.starts(with: prompt) ? Array(whole[prompt.count...]) : [end]
      }
    }

    private func begun(
      _ answer: Trajectory, on server: PlayedServer, in place: Workplace
    ) throws -> DrivenSession {
      var recipe = Recipe()
      recipe.server = ServerChoice(urls: [server.url])
      let beginning = RunBeginning(
        recipe: recipe, recipeForModel: { [recipe] _ in recipe }, recipeFolder: nil,
        isLimitChosen: true, model: Self.samples.appendingPathComponent("tiny"),
        source: "mine.jsonl", problems: [asked(answer)], runs: place.runs)
      return try DrivenSession(
        RunSession(.beginning(beginning), blind: BlindMode(), inbox: Inbox()))
    }

    private func folder(of driven: DrivenSession) throws -> URL {
      try #require((driven.session as? RunSession)?.run?.folder)
    }

    private func wait(for what: String, until isReached: () throws -> Bool) throws {
      let deadline = Date(timeIntervalSinceNow: 60)
      while try !isReached() {
        try #require(Date() < deadline, "\(what) did not come")
        usleep(5_000)
      }
    }

    @Test func `a server values, branches and measures in place of the engine`() throws {
      let place = try Workplace()
      defer { place.remove() }
      let answer = try recorded()
      let server = try server(answer)
      let driven = try begun(answer, on: server, in: place)
      #expect(driven.state.server.first == "byte on vLLM")
      let told = "draws: vLLM 0.32.0; model: byte;"
      #expect(driven.state.history.warnings.contains { $0.contains(told) })
      #expect(server.rollouts.isEmpty)
      try driven.perform(.estimate(trajectory: "mine/1", rollouts: 4))
      let steps = answer.steps.count
      #expect(server.rollouts.count == 4 * steps)
      let values = try #require(driven.state.history.newestValuation(of: "mine/1"))
      #expect(values.values.dropLast().allSatisfy { $0.rollouts == 4 })
      #expect(values.cost?.rollouts == 4 * steps)
      #expect((values.cost?.tokens ?? 0) > 4 * steps)
      try driven.perform(.reset(trajectory: "mine/1", step: 1, count: 3))
      let branches = driven.state.history.branches(of: "mine/1")
      #expect(branches.count == 3)
      #expect(branches.allSatisfy { $0.logProbabilities.count == $0.responseTokens.count })
      try driven.perform(.measureFresh(trajectory: "mine/1", step: 1))
      #expect(!driven.state.history.measurements(of: "mine/1").isEmpty)
      #expect(server.rollouts.count == 4 * steps + 3 + 128)
      driven.close()
      // All of it is in events by now.
      let store = try RunStore(opening: try folder(of: driven), readOnly: true)
      #expect(try store.arrivals.count == 0)
      try store.close()
    }

    @Test func `what a server draws is neither trained nor compared here`() throws {
      let place = try Workplace()
      defer { place.remove() }
      let answer = try recorded()
      let server = try server(answer)
      let driven = try begun(answer, on: server, in: place)
      driven.start(.train(.start))
      try driven.settle(failing: true)
      #expect(driven.state.message?.text.contains("weights live on the server") == true)
      #expect(driven.state.engine == .idle)
      driven.start(.compare(trajectory: "mine/1", step: 0, first: 0, second: 0))
      try driven.settle(failing: true)
      #expect(driven.state.message?.text.contains("holds one version") == true)
      driven.close()
    }

    @Test func `after a crash nothing that was drawn is asked for again`() throws {
      let place = try Workplace()
      defer { place.remove() }
      let answer = try recorded()
      let server = try server(answer)
      let driven = try begun(answer, on: server, in: place)
      let needed = 8 * answer.steps.count
      server.allow(11)
      driven.start(.estimate(trajectory: "mine/1", rollouts: 8))
      let run = try folder(of: driven)
      let store = try RunStore(opening: run, readOnly: true)
      try wait(for: "eleven rollouts on disk") { try store.arrivals.count == 11 }
      try wait(for: "others in flight") { server.rollouts.count > 11 }
      // Whatever lies on the disk at this moment is what a kill -9 leaves.
      let left = place.runs.appendingPathComponent("left")
      try FileManager.default.copyItem(at: run, to: left)
      driven.start(.cancel)
      try driven.settle()
      driven.close()
      let sent = server.rollouts.count
      server.allow(nil)
      let again = try DrivenSession(left)
      #expect(again.state.history.newestValuation(of: "mine/1") == nil)
      try again.perform(.estimate(trajectory: "mine/1", rollouts: 8))
      #expect(server.rollouts.count - sent == needed - 11)
      let values = try #require(again.state.history.newestValuation(of: "mine/1"))
      #expect(values.values.dropLast().allSatisfy { $0.rollouts == 8 })
      again.close()
    }

    @Test func `a failure of the server is told, and what was drawn until then counts`() throws {
      let place = try Workplace()
      defer { place.remove() }
      let answer = try recorded()
      let server = try server(answer)
      let driven = try begun(answer, on: server, in: place)
      let needed = 8 * answer.steps.count
      server.allow(9)
      driven.start(.estimate(trajectory: "mine/1", rollouts: 8))
      let store = try RunStore(opening: try folder(of: driven), readOnly: true)
      try wait(for: "nine rollouts on disk") { try store.arrivals.count == 9 }
      server.refuse((400, #"{"error":{"message":"the budget is spent"}}"#))
      server.allow(nil)
      try driven.settle(failing: true)
      #expect(driven.state.message?.text.contains("the budget is spent") == true)
      #expect(driven.state.engine == .idle)
      let values = try #require(driven.state.history.newestValuation(of: "mine/1"))
      let drawn = values.values.reduce(0) { $0 + $1.rollouts }
      #expect(drawn >= 9 && drawn < needed)
      server.refuse(nil)
      driven.start(.estimate(trajectory: "mine/1", rollouts: 8))
      try driven.settle(failing: true)
      let whole = try #require(driven.state.history.newestValuation(of: "mine/1"))
      #expect(whole.values.dropLast().allSatisfy { $0.rollouts == 8 })
      driven.close()
      let events = try store.events().map(\.event)
      let seeds = try store.evidence(of: try #require(sampled(in: events)), version: 0)
        .map { $0.rollouts.map(\.seed) }
      #expect(seeds.joined().count == needed)
      // No rollout counts twice, whichever of them had come when the server failed.
      #expect(Set(seeds.joined()).count == needed)
    }

    private func sampled(in events: [RunEvent]) -> Trajectory? {
      events.lazy.compactMap { if case .sampled(let it) = $0 { it } else { nil } }.first
    }

    @Test func `a server that is away is asked again when something is to be drawn`() throws {
      let place = try Workplace()
      defer { place.remove() }
      let answer = try recorded()
      let server = try server(answer)
      let driven = try begun(answer, on: server, in: place)
      driven.close()
      let run = try folder(of: driven)
      server.refuse((503, "{}"))
      let again = try DrivenSession(run)
      #expect(again.state.server.first == "byte on vLLM")
      server.refuse(nil)
      try again.perform(.estimate(trajectory: "mine/1", rollouts: 1))
      #expect(again.state.history.newestValuation(of: "mine/1") != nil)
      again.close()
    }

    @Test func `the weights of a served model are left where they are`() throws {
      let place = try Workplace()
      defer { place.remove() }
      let answer = try recorded()
      let server = try server(answer)
      let driven = try begun(answer, on: server, in: place)
      driven.close()
      let run = try folder(of: driven)
      let first = run.appendingPathComponent("checkpoints/0")
      let names = try FileManager.default.contentsOfDirectory(atPath: first.path)
      #expect(names.contains("base.json") && !names.contains("model.safetensors"))
      let whole = try LoadedModel(Self.samples.appendingPathComponent("tiny"))
      let hollow = try BaseModel.load(of: run, isServed: true)
      #expect(hollow.isHollow && hollow.policy.base.count < whole.policy.base.count / 10)
      #expect(hollow.weightCount == whole.policy.base.count)
      #expect(hollow.policy.vocabulary == whole.policy.vocabulary)
      #expect(hollow.policy.contextLength == whole.policy.contextLength)
      // Whoever wants the weights has them from where they lie.
      #expect(try BaseModel.load(of: run).policy.base.count == whole.policy.base.count)
      let opened = try OpenedRun(run, readOnly: false)
      let trainer = try Trainer(opened)
      #expect(throws: Complaint.self) { try trainer.takeLock() }
      try opened.store.close()
    }

    @Test func `a served model needs no weights here and may be of any family`() throws {
      let place = try Workplace()
      defer { place.remove() }
      let tiny = Self.samples.appendingPathComponent("tiny")
      let folder = place.runs.deletingLastPathComponent().appendingPathComponent("theirs")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      for name in ["tokenizer.json", "tokenizer_config.json", "generation_config.json"] {
        try? FileManager.default.copyItem(
          at: tiny.appendingPathComponent(name), to: folder.appendingPathComponent(name))
      }
      let whole = try LoadedModel(tiny)
      let configuration = """
        {"model_type": "giant_moe", "num_experts": 128, "eos_token_id": 1,
         "text_config": {"vocab_size": \(whole.policy.vocabulary), "max_position_embeddings": 64}}
        """
      let file = folder.appendingPathComponent("config.json")
      try Data(configuration.utf8).write(to: file)
      let served = try LoadedModel(folder, isServed: true)
      #expect(served.isHollow && served.weightCount == 0)
      #expect(served.policy.vocabulary == whole.policy.vocabulary)
      #expect(served.policy.contextLength == 64)
      // Whoever wants to compute is told why not.
      #expect(throws: (any Error).self) { _ = try LoadedModel(folder) }
      try Data(#"{"model_type": "giant_moe"}"#.utf8).write(to: file)
      #expect {
        _ = try LoadedModel(folder, isServed: true)
      } throws: {
        "\($0)".contains("‘vocab_size’ is missing")
      }
    }

    @Test func `a server of texts says so in the title`() throws {
      let place = try Workplace()
      defer { place.remove() }
      let answer = try recorded()
      var manners = PlayedServer.Manners()
      manners.isTextOnly = true
      let last = try #require(answer.steps.last).text
      manners.text = { _, _ in last }
      let server = try server(answer, manners)
      let driven = try begun(answer, on: server, in: place)
      #expect(
        driven.state.server == [
          "byte on llama-cpp-python, as text", "byte, as text", "as text",
        ])
      #expect(driven.state.history.warnings.contains { $0.contains("text only") })
      try driven.perform(.reset(trajectory: "mine/1", step: 1, count: 2))
      let branches = driven.state.history.branches(of: "mine/1")
      #expect(branches.count == 2)
      // It tells no log-probabilities, so none are made up.
      #expect(branches.allSatisfy { $0.logProbabilities.isEmpty && $0.text.hasSuffix(last) })
      #expect(driven.state.history.skipped.words == nil)
      driven.close()
    }
  }
}
