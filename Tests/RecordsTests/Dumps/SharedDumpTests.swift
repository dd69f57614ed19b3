import Foundation
import Testing
import Trajectories

@testable import Records

/// Every dump that lies beside the package, against what Python counted in the same files.
struct SharedDumpTests {
  struct Case: Sendable {
    let path: String
    let format: DumpFormat
    let count: Int
    let groups: Int
    /// Sum of the rewards; nil where there are none.
    let reward: Double?
    let fidelity: TokenFidelity
  }

  static let cases: [Case] = [
    Case(
      path: "own/dumps/verl_v1", format: .verl, count: 4, groups: 2,
      reward: 3.0, fidelity: .stripped),
    Case(
      path: "own/dumps/verl_legacy", format: .verlLegacy, count: 4, groups: 2,
      reward: 3.0, fidelity: .stripped),
    Case(
      path: "own/rollouts_tiny/verl_rollouts/1.jsonl", format: .verlLegacy, count: 192, groups: 24,
      reward: 117.0, fidelity: .stripped),
    Case(
      path: "own/dumps/trl_text", format: .trl, count: 4, groups: 1,
      reward: 0.0, fidelity: .stripped),
    Case(
      path: "own/dumps/trl_conversational", format: .trl, count: 2, groups: 1,
      reward: 1.0, fidelity: .stripped),
    Case(
      path: "own/formats/trl", format: .trl, count: 128, groups: 16,
      reward: 80.0, fidelity: .stripped),
    Case(
      path: "own/dumps/prime_rl", format: .primeRL, count: 2, groups: 1,
      reward: 1.0, fidelity: .ids),
    Case(
      path: "own/dumps/nemo_rl", format: .nemoRL, count: 4, groups: 2,
      reward: 3.0, fidelity: .ids),
    Case(
      path: "own/dumps/slime", format: .slime, count: 4, groups: 2,
      reward: 3.0, fidelity: .ids),
    Case(
      path: "own/dumps/areal", format: .areal, count: 4, groups: 2,
      reward: 3.0, fidelity: .text),
    Case(
      path: "own/dumps/lm_eval", format: .lmEval, count: 8, groups: 2,
      reward: 0.0, fidelity: .text),
    Case(
      path: "own/rollouts_tiny/chat_messages.jsonl", format: .chat, count: 192, groups: 24,
      reward: 117.0, fidelity: .stripped),
    Case(
      path: "own/rollouts_tiny/mc_values.jsonl", format: .stepValues, count: 24, groups: 24,
      reward: 13.0, fidelity: .text),
    Case(
      path: "own/rollouts_tiny/verifiers", format: .verifiers, count: 48, groups: 6,
      reward: 28.0, fidelity: .stripped),
    Case(
      path: "third-party/formats/verifiers", format: .verifiers, count: 2, groups: 2,
      reward: 2.0, fidelity: .stripped),
    Case(
      path: "own/rollouts_tiny/thought_anchors", format: .thoughtAnchors, count: 4, groups: 4,
      reward: 2.0, fidelity: .text),
    Case(
      path: "third-party/formats/chat_messages", format: .chat, count: 4, groups: 4,
      reward: nil, fidelity: .stripped),
    Case(
      path: "third-party/formats/docent", format: .docent, count: 1, groups: 1,
      reward: 0.0, fidelity: .stripped),
    Case(
      path: "third-party/formats/thought_anchors_cots", format: .anchorSolutions, count: 30,
      groups: 3,
      reward: nil, fidelity: .text),
    Case(
      path: "own/formats/inspect/chain_sum_4epochs.eval", format: .inspect, count: 24, groups: 6,
      reward: 17.0, fidelity: .stripped),
    Case(
      path: "own/formats/inspect/chain_sum_4epochs.json", format: .inspect, count: 24, groups: 6,
      reward: 15.0, fidelity: .stripped),
    Case(
      path: "third-party/formats/inspect/"
        + "2025-02-11T15-18-04-05-00_popularity_mj7khqpMM4GBCfVQozKgzB.eval",
      format: .inspect, count: 10, groups: 10,
      reward: 8.0, fidelity: .stripped),
    Case(
      path: "third-party/formats/inspect/2025-05-12T20-28-13-04-00_popularity.json",
      format: .inspect, count: 3, groups: 3,
      reward: 2.0, fidelity: .stripped),
    Case(
      path: "third-party/formats/inspect/log_formats.eval", format: .inspect, count: 1, groups: 1,
      reward: 0.0, fidelity: .stripped),
    Case(
      path: "third-party/formats/inspect/log_formats.json", format: .inspect, count: 1, groups: 1,
      reward: 0.0, fidelity: .stripped),
    Case(
      path: "third-party/formats/inspect/log_length_stop_reason.txt", format: .inspect, count: 1,
      groups: 1,
      reward: 0.0, fidelity: .stripped),
    Case(
      path: "third-party/formats/inspect/log_streaming.eval", format: .inspect, count: 4, groups: 2,
      reward: 3.0, fidelity: .stripped),
    Case(
      path: "third-party/formats/inspect/log_with_nan.txt", format: .inspect, count: 0, groups: 0,
      reward: nil, fidelity: .stripped),
    Case(
      path: "third-party/formats/inspect/mmlu-summary-choices.eval", format: .inspect, count: 1,
      groups: 1,
      reward: 0.0, fidelity: .stripped),
    Case(
      path: "third-party/formats/inspect/vivaria_six_epochs.eval", format: .inspect, count: 6,
      groups: 1,
      reward: 6.0, fidelity: .stripped),
  ]

  @Test(arguments: cases)
  func `a dump beside the package is read whole`(wanted: Case) throws {
    let url = Dumps.shared(wanted.path)
    guard Dumps.isThere(url) else { return }
    let reader = try DumpReader(opening: url.path)
    #expect(reader.formats == [wanted.format])
    let all = try Dumps.all(reader)
    #expect(all.count == wanted.count)
    #expect(Set(all.map(\.group)).count == wanted.groups)
    #expect(all.allSatisfy { $0.fidelity == wanted.fidelity })
    let rewards = all.compactMap(\.reward)
    if let reward = wanted.reward {
      #expect(rewards.count == all.count && abs(rewards.reduce(0, +) - reward) < 1e-9)
    } else {
      #expect(rewards.isEmpty)
    }
  }

  @Test func `Monte-Carlo values are the same from every form of them`() throws {
    let lines = Dumps.shared("own/rollouts_tiny/mc_values.jsonl")
    let anchors = Dumps.shared("own/rollouts_tiny/thought_anchors")
    guard Dumps.isThere(lines), Dumps.isThere(anchors) else { return }
    let valued = try Dumps.all(try DumpReader(opening: lines.path))
    for answer in try Dumps.all(try DumpReader(opening: anchors.path)) {
      #expect(answer.model == "tiny_chain_sum")
      #expect(answer.steps.allSatisfy { $0.valueBefore != nil && $0.rollouts == 32 })
      let same = valued.first { $0.prompt == answer.prompt && $0.response == answer.response }
      #expect(same?.steps.map(\.valueBefore) == answer.steps.map(\.valueBefore))
    }
  }

  @Test func `a run of an agent has the turns of its tools as segments`() throws {
    let url = Dumps.shared("third-party/formats/docent/tb_airline.json")
    guard Dumps.isThere(url) else { return }
    let answer = try #require(try Dumps.all(try DumpReader(opening: url.path)).first)
    #expect(answer.messages.map(\.role) == [.system, .user])
    #expect(Set(answer.segments.map(\.role)) == [.assistant, .tool, .user])
  }
}
