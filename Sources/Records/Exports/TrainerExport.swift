public import Trajectories

/// The formats of other trainers that a run is written in.
public enum TrainerFormat: String, CaseIterable, Sendable {
  /// Pairs for TRL's DPO, CPO and ORPO.
  case trlDPO = "trl-dpo"
  /// Judged continuations for TRL's KTO.
  case trlKTO = "trl-kto"
  /// Right continuations for TRL's SFT.
  case trlSFT = "trl-sft"
  /// Reset states for TRL's GRPO and RLOO.
  case trlGRPO = "trl-grpo"
  /// Reset states for verl.
  case verl
  /// Reset states for OpenRLHF.
  case openRLHF = "openrlhf"
  /// Steps with their values, for a process reward model.
  case prm
  /// Continuations with the weights of advantage-weighted regression.
  case awr
}

/// Writes what a run has to teach as folders that other trainers read.
///
/// Every row carries its token ids, and text made from them. A text prefix is not the state: where
/// `boundary` is `moved`, encoding the text again gives other ids than were drawn, and a trainer that
/// takes the text trains on another state. Text keeps its end token, so that no trainer adds one.
public struct TrainerExport {
  /// Text of tokens, special ones shown.
  public var decode: ([Int32]) -> String
  /// Tokens of a text, nothing added.
  public var encode: (String) -> [Int32]
  /// The weight of an advantage, for regression.
  public var weight: (Double) -> Double
  /// Reward from which on a continuation counts as right.
  private static let right = 0.5

  /// An export that goes through a tokenizer.
  public init(
    decode: @escaping ([Int32]) -> String, encode: @escaping (String) -> [Int32],
    weight: @escaping (Double) -> Double
  ) {
    self.decode = decode
    self.encode = encode
    self.weight = weight
  }

  /// The rows of a format, each an object.
  public func rows(
    of examples: TrainingExamples, for format: TrainerFormat
  ) -> [[String: ExportedValue]] {
    switch format {
    case .trlDPO: examples.pairs.map(pair)
    case .trlKTO: examples.continuations.map(judged)
    case .trlSFT: examples.continuations.filter { $0.reward > Self.right }.map(labelled)
    case .trlGRPO: examples.states.map(state)
    case .verl: examples.states.enumerated().map { verl($1, $0) }
    case .openRLHF: examples.states.map(openRLHF)
    case .prm: examples.valued.map(valued)
    case .awr: examples.continuations.map(weighted)
    }
  }

  private func boundary(_ prefix: [Int32]) -> ExportedValue {
    .text(encode(decode(prefix)) == prefix ? "stable" : "moved")
  }

  private func pair(_ pair: ContinuationPair) -> [String: ExportedValue] {
    let ids = pair.preference
    return [
      "prompt": .text(decode(ids.prefix)), "chosen": .text(decode(ids.chosen)),
      "rejected": .text(decode(ids.rejected)), "prompt_ids": .ids(ids.prefix),
      "chosen_ids": .ids(ids.chosen), "rejected_ids": .ids(ids.rejected),
      "boundary": boundary(ids.prefix),
    ]
  }

  private func judged(_ row: JudgedContinuation) -> [String: ExportedValue] {
    [
      "prompt": .text(decode(row.prefix)), "completion": .text(decode(row.tokens)),
      "prompt_ids": .ids(row.prefix), "completion_ids": .ids(row.tokens),
      "label": .flag(row.reward > Self.right), "boundary": boundary(row.prefix),
    ]
  }

  /// Ids with the labels of a causal model: −100 where nothing is learnt.
  private func labelled(_ row: JudgedContinuation) -> [String: ExportedValue] {
    let masked = [Int32](repeating: -100, count: row.prefix.count)
    return ["input_ids": .ids(row.prefix + row.tokens), "labels": .ids(masked + row.tokens)]
  }

  private func weighted(_ row: JudgedContinuation) -> [String: ExportedValue] {
    var found = labelled(row)
    found["advantage"] = .number(row.advantage)
    found["weight"] = .number(weight(row.advantage))
    return found
  }

  private func state(_ state: ResetState) -> [String: ExportedValue] {
    [
      "prompt": .text(decode(state.tokens)), "prompt_ids": .ids(state.tokens),
      "reference": .text(state.problem.reference), "boundary": boundary(state.tokens),
      "crux": .object(origin(of: state)),
    ]
  }

  private func verl(_ state: ResetState, _ index: Int) -> [String: ExportedValue] {
    let kept = Array(state.tokens.dropFirst(state.promptTokens))
    return [
      "data_source": .text("crux/\(state.problem.task)"), "agent_name": .text("crux_reset"),
      "prompt": .list([
        .object(["role": .text("user"), "content": .text(state.problem.prompt)])
      ]),
      "ability": .text("reasoning"),
      "reward_model": .object([
        "style": .text("rule"), "ground_truth": .text(state.problem.reference),
      ]),
      "extra_info": .object([
        "split": .text("train"), "index": .integer(index),
        "prompt_ids": .ids(state.tokens), "prefix_text": .text(decode(kept)),
        "boundary": boundary(state.tokens), "crux": .object(origin(of: state)),
      ]),
    ]
  }

  private func openRLHF(_ state: ResetState) -> [String: ExportedValue] {
    let label = ExportedValue.object([
      "reference": .text(state.problem.reference), "prompt_ids": .ids(state.tokens),
    ])
    return [
      "input": .text(decode(state.tokens)), "label": .text(label.json),
      "boundary": boundary(state.tokens),
    ]
  }

  private func origin(of state: ResetState) -> [String: ExportedValue] {
    var found: [String: ExportedValue] = [
      "trajectory": .text(state.trajectory), "step": .integer(state.step + 1),
      "kept": .integer(state.tokens.count - state.promptTokens),
      "by": .text(state.isByPerson ? "person" : "rule"),
      "rule": state.rule.map { .text($0.rawValue) } ?? .null,
      "confidence": state.confidence.map { .number($0) } ?? .null,
    ]
    found["advantage"] = state.advantage.map { .number($0.mean) } ?? .null
    found["low"] = state.advantage.map { .number($0.low) } ?? .null
    found["high"] = state.advantage.map { .number($0.high) } ?? .null
    return found
  }

  /// Steps labelled as in Math-Shepherd (Wang and others 2024): right where any rollout after the
  /// step was, the hard estimate; the values are the soft one.
  private func valued(_ steps: ValuedSteps) -> [String: ExportedValue] {
    [
      "prompt": .text(decode(steps.answer.promptTokens)),
      "completions": .list(steps.answer.steps.map { .text($0.text) }),
      "labels": .list(steps.values.map { .flag($0.mean > 0) }),
      "values": .list(steps.values.map { .number($0.mean) }),
      "low": .list(steps.values.map { .number($0.low) }),
      "high": .list(steps.values.map { .number($0.high) }),
      "rollouts": .list(steps.values.map { .integer($0.rollouts) }),
    ]
  }
}
