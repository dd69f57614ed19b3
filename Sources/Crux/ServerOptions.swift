import ArgumentParser
import Foundation
import LanguageModel
import Learning
import ServedPolicy
import Session
import Trajectories

/// Which server draws and scores in place of the embedded engine.
struct ServerOptions: ParsableArguments {
  @Option(
    name: .customLong("server"),
    help: ArgumentHelp(
      """
      Address of a server that draws in place of the embedded engine, such as \
      http://127.0.0.1:8000 (vLLM, SGLang, llama-server); again for each replica. --model names \
      the files of the model that it serves.
      """, valueName: "url"))
  var servers: [String] = []

  @Option(
    help: """
      Folder of an adapter (PEFT) that the server shall load and draw with (vLLM with \
      --enable-lora and VLLM_ALLOW_RUNTIME_LORA_UPDATING=1); it is dropped at the end.
      """)
  var serverAdapter: String?

  @Option(help: "The model's name on the server; the first that it serves where it is not given.")
  var serverModel: String?

  func validate() throws {
    try refuse(
      [
        "--server-model": serverModel != nil && servers.isEmpty,
        "--server-adapter": serverAdapter != nil && servers.isEmpty,
      ], "it belongs to --server.")
  }

  /// Whether the command line names a server.
  var isNamed: Bool { !servers.isEmpty }

  /// The servers of the command line; those of a recipe where it names none.
  func choice(over recipe: ServerChoice = ServerChoice()) -> ServerChoice {
    guard !servers.isEmpty else { return recipe }
    let adapter = serverAdapter.map { URL(fileURLWithPath: $0).standardizedFileURL.path }
    let named = ServerChoice(urls: servers, model: serverModel ?? "", adapter: adapter ?? "")
    ServerConsent.grant(named)
    return named
  }

  /// A recipe with the servers of the command line in it.
  func put(into recipe: inout Recipe) { recipe.server = choice(over: recipe.server) }

  /// What works with the policy of a server where one is named, here or in the recipe, else as it is.
  ///
  /// - Parameters:
  ///   - sampler: With the files' policy and tokenizer.
  ///   - work: What is done with it.
  /// - Throws: A sentence where a server does not answer as it should; what `work` throws.
  func serving(_ sampler: RolloutSampler, _ work: (RolloutSampler) throws -> Void) throws {
    let choice = choice(over: sampler.recipe.server)
    guard choice.isNamed else { return try work(sampler) }
    var recipe = sampler.recipe
    recipe.server = choice
    try recipe.check()
    let policy = try sampler.connect(to: choice) { Interruption.isAsked }
    defer { if !choice.adapter.isEmpty { try? policy.dropAdapter(policy.model) } }
    if policy.capabilities.fidelity == .text {
      tell("The server takes only text, which it cuts into tokens again: a state may be another.")
    }
    if let note = policy.logProbabilityNote(Sampling(sampler.recipe.sampling)) { tell(note) }
    do { try work(sampler.served(by: policy)) } catch is Stopped {
      // The policy stops where its server fails, and keeps why.
      throw policy.failure.map { Complaint($0.description) as any Error } ?? Stopped()
    }
    tellCost(of: policy)
  }

  private func tellCost(of policy: ServedPolicy) {
    let cost = policy.cost
    tell(
      "The server answered \(cost.requests) requests: \(cost.promptTokens) tokens read, "
        + "\(cost.cachedTokens) of them cached, \(cost.completionTokens) drawn.")
  }
}
