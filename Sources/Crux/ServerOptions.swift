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

  /// The policy of the servers; what its answers are not is told.
  ///
  /// - Throws: A sentence where a server does not answer as it should.
  func policy(vocabulary: Int, coding: TextCoding? = nil) throws -> ServedPolicy {
    let (policy, found) = try ServedPolicy.connect(
      urls: servers, model: serverModel, coding: coding, vocabulary: vocabulary)
    if found.fidelity == .text {
      tell("The server takes only text, which it cuts into tokens again: a state may be another.")
    }
    policy.isStopWanted = { Interruption.isAsked }
    return policy
  }

  /// What works with the policy of a server where one is named, else as it is.
  ///
  /// - Parameters:
  ///   - sampler: With the files' policy and tokenizer.
  ///   - work: What is done with it.
  /// - Throws: A sentence where a server does not answer as it should; what `work` throws.
  func serving(_ sampler: RolloutSampler, _ work: (RolloutSampler) throws -> Void) throws {
    guard !servers.isEmpty else { return try work(sampler) }
    let codec = sampler.codec
    let coding = TextCoding(encode: { codec.encode($0) }, decode: { codec.decode($0) })
    let policy = try policy(vocabulary: sampler.policy.vocabulary, coding: coding)
    if let note = policy.logProbabilityNote(Sampling(sampler.recipe.sampling)) { tell(note) }
    let served = RolloutSampler(
      policy: policy, codec: codec, task: sampler.task, recipe: sampler.recipe,
      version: sampler.version)
    try adapted(policy) {
      do { try work(served) } catch is Stopped {
        // The policy stops where its server fails, and keeps why.
        throw policy.failure.map { Complaint($0.description) as any Error } ?? Stopped()
      }
    }
    let cost = policy.cost
    tell(
      "The server answered \(cost.requests) requests: \(cost.promptTokens) tokens read, "
        + "\(cost.cachedTokens) of them cached, \(cost.completionTokens) drawn.")
  }

  /// Works with the adapter that was named, where one was.
  private func adapted(_ policy: ServedPolicy, _ work: () throws -> Void) throws {
    guard let serverAdapter else { return try work() }
    let place = URL(fileURLWithPath: serverAdapter)
    let name = place.lastPathComponent
    try policy.useAdapter(name, at: place.path)
    defer { try? policy.dropAdapter(name) }
    try work()
  }
}
