import Foundation
package import LanguageModel
package import Learning
import Records
package import ServedPolicy
package import Trajectories
import Workbench

/// Servers that draw in place of the embedded engine; they are asked when they are first needed.
///
/// It lives on the engine's thread.
final class ServedModel {
  /// Which servers.
  let choice: ServerChoice
  /// Asked whenever something arrives; true closes the connections.
  private let isStopWanted: () -> Bool
  /// Their policy; nil until they answered.
  private(set) var policy: ServedPolicy?
  private var paid: PaidPolicy?

  /// The servers of a choice.
  init(_ choice: ServerChoice, isStopWanted: @escaping () -> Bool) {
    (self.choice, self.isStopWanted) = (choice, isStopWanted)
  }

  /// The sampler whose rollouts the servers draw; each is in the run's record before it is heard of.
  ///
  /// - Throws: A sentence where a server does not answer as it should.
  func sampler(in place: RolloutSampler, of run: RunStore) throws -> RolloutSampler {
    let policy = try policy ?? place.connect(to: choice, isStopWanted: isStopWanted)
    let paid =
      self.paid
      ?? PaidPolicy(policy, name: policy.model, store: run, reason: { policy.failure })
    (self.policy, self.paid) = (policy, paid)
    return place.served(by: paid)
  }

  /// Begins work of which nothing is in an event yet.
  func begin() { paid?.begin() }

  /// Lets the record forget what an event tells of by now.
  func settle() throws { try paid?.settle() }

  /// Why the last work ended before its time, as a sentence; nil where it did not.
  var failure: String? { paid?.failure.map { sentence(for: $0) } }

  /// Has the servers forget the adapter.
  func end() {
    guard !choice.adapter.isEmpty, let policy else { return }
    try? policy.dropAdapter(policy.model)
  }
}

// What the engine asks of servers, and tells of them.
extension Engine {
  /// Asks the servers that the run, or whoever opened it, names; answers whether there are any.
  ///
  /// One that does not answer is told, and asked again when something is to be drawn.
  func serve(_ trainer: Trainer) -> Bool {
    guard let server = server(of: trainer.run) else { return false }
    label = "asking \(server.choice.urls)"
    inbox.post(
      .progress(
        EngineProgress(label: label, done: 0, total: 0, secondsLeft: nil, rollouts: 0)))
    do { _ = try sampler() } catch {
      inbox.post(.served(["no server yet"]))
      if !thread.isCancelled { inbox.post(.message(sentence(for: error), .error)) }
    }
    return true
  }

  /// The servers that draw in place of a run's own policy; nil where it draws itself.
  private func server(of run: OpenedRun) -> ServedModel? {
    let choice = wantedServer ?? run.recipe.server
    if server == nil, choice.isNamed {
      server = ServedModel(choice) { [thread] in thread.isCancelled }
    }
    return server
  }

  /// The same sampler with the servers' policy; nil where the embedded one draws.
  func served(_ sampler: RolloutSampler, of run: OpenedRun) throws -> RolloutSampler? {
    guard let server = server(of: run) else { return nil }
    let isNew = server.policy == nil
    let served = try server.sampler(in: sampler, of: run.store)
    if isNew, let policy = server.policy {
      try announce(policy, policy.words(of: server.choice, Sampling(sampler.recipe.sampling)), run)
    }
    return served
  }

  /// Tells which servers draw, and what they can do, here and in the run's record.
  private func announce(_ policy: ServedPolicy, _ words: String, _ run: OpenedRun) throws {
    inbox.post(.served(policy.titles))
    if run.readOnly == nil, try ready().history.warnings.last != words {
      try ready().append([.warned(message: words)])
    }
    let waiting = try run.store.arrivals.count
    let before = waiting > 0 ? "\(waiting) rollouts that it drew before are at hand. " : ""
    let isText = policy.capabilities.fidelity == .text
    inbox.post(.message(before + words, isText ? .warning : .information))
  }

  /// Tells why a server ended the work under way; what was drawn until then counts.
  func tellServerFailure() {
    guard !thread.isCancelled, let failure = server?.failure else { return }
    inbox.post(.message(failure, .error))
  }

  /// Refuses to train what lives elsewhere.
  func refuseServedTraining() throws {
    guard let server else { return }
    throw Complaint(
      "The weights live on the server at \(server.choice.urls): export what was marked "
        + "(crux export) and train there.")
  }

  /// Refuses another version of a policy that a server draws by.
  func refuseServedComparison() throws {
    guard let server else { return }
    throw Complaint(
      "The server at \(server.choice.urls) holds one version of the policy; serve the trained one "
        + "and open the run with it to ask the same step again.")
  }
}

extension ServedPolicy {
  /// The policy of the servers of a choice, with the adapter that it names.
  ///
  /// - Throws: A sentence where nobody named a server, or one does not answer as it should.
  package static func connect(
    to choice: ServerChoice, coding: TextCoding? = nil, vocabulary: Int,
    contextLength: Int? = nil, isStopWanted: @escaping () -> Bool
  ) throws -> ServedPolicy {
    try ServerConsent.check(choice)
    do {
      let (policy, _) = try connect(
        urls: choice.addresses, model: choice.model.isEmpty ? nil : choice.model, coding: coding,
        vocabulary: vocabulary, contextLength: contextLength, isStopWanted: isStopWanted)
      if !choice.adapter.isEmpty {
        try policy.useAdapter(
          URL(fileURLWithPath: choice.adapter).lastPathComponent, at: choice.adapter)
      }
      return policy
    } catch { throw Complaint("\(error)") }
  }
}

extension RolloutSampler {
  /// A policy of servers with the tokenizer and the vocabulary of this sampler's model.
  ///
  /// - Throws: A sentence where a server does not answer as it should.
  package func connect(
    to choice: ServerChoice, isStopWanted: @escaping () -> Bool
  ) throws -> ServedPolicy {
    let codec = codec
    let coding = TextCoding(encode: { codec.encode($0) }, decode: { codec.decode($0) })
    return try ServedPolicy.connect(
      to: choice, coding: coding, vocabulary: policy.vocabulary,
      contextLength: policy.contextLength, isStopWanted: isStopWanted)
  }

  /// The same problems and judge with another policy.
  package func served(by policy: any Policy) -> RolloutSampler {
    RolloutSampler(
      policy: policy, codec: codec, task: task, recipe: recipe, version: version,
      newTokens: newTokens)
  }
}

extension ServedPolicy {
  /// What draws, as the title line says it, the longest first; that it is text is said as long as
  /// anything is.
  var titles: [String] {
    let kind = capabilities.family == .other ? "a server" : capabilities.family.name
    guard capabilities.fidelity == .text else {
      return ["\(model) on \(kind)", "\(model), served", "served"]
    }
    return ["\(model) on \(kind), as text", "\(model), as text", "as text"]
  }

  /// All that was found out of the servers of a choice, in a sentence or two.
  func words(of choice: ServerChoice, _ sampling: Sampling) -> String {
    let note = logProbabilityNote(sampling).map { " " + $0 } ?? ""
    let lines = capabilities.lines
    let first = lines.first?.value ?? ""
    let others = lines.dropFirst().map { "; \($0.name): \($0.value)" }.joined()
    return "\(choice.addresses.joined(separator: ", ")) draws: \(first)\(others).\(note)"
  }
}
