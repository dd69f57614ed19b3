import ArgumentParser
import LanguageModel
import Learning
import ServedPolicy
import Session

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

  @Option(help: "The model's name on the server; the first that it serves where it is not given.")
  var serverModel: String?

  func validate() throws {
    try refuse(
      ["--server-model": serverModel != nil && servers.isEmpty], "it belongs to --server.")
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
    let (policy, found) = try ServedPolicy.connect(
      urls: servers, model: serverModel, coding: coding, vocabulary: sampler.policy.vocabulary)
    for line in found.lines where line.name == "fidelity" { tell("\(line.name): \(line.value)") }
    policy.isStopWanted = { Interruption.isAsked }
    let served = RolloutSampler(
      policy: policy, codec: codec, task: sampler.task, recipe: sampler.recipe,
      version: sampler.version)
    do { try work(served) } catch is Stopped {
      // The policy stops where its server fails, and keeps why.
      throw policy.failure.map { Complaint($0.description) as any Error } ?? Stopped()
    }
  }
}
