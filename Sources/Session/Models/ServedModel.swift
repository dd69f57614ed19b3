import Foundation
package import LanguageModel
package import Learning
import Records
package import ServedPolicy
package import Trajectories

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
