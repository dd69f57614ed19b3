extension Method {
  /// Whether trajectories are drawn first, a round at a time, and only then learnt from.
  public var isOffline: Bool {
    switch self {
    case .dpo, .kto, .simpo, .orpo, .sft, .awr: true
    default: false
    }
  }

  /// The forms of its loss; empty where it has one alone.
  public var forms: [PreferenceForm] {
    switch self {
    case .dpo: [.sigmoid, .robust, .hinge, .ipo, .ipoSum, .sigmoidNorm]
    case .kto: [.sigmoid, .apoZero]
    case .simpo: [.sigmoidNorm, .sigmoid, .hinge, .ipo]
    default: []
    }
  }
}

/// What a preference turns into; the names are TRL's.
public enum PreferenceForm: String, Codable, CaseIterable, Equatable, Sendable {
  /// Logistic in the log-ratio's sum: DPO, and KTO without its pairs.
  case sigmoid
  /// The same, unbiased where a known share of labels is wrong.
  case robust
  /// A hinge on the log-ratio's sum (SLiC).
  case hinge
  /// Squared distance of token means from a target (IPO as TRL has it).
  case ipo
  /// Squared distance of sums from a target (IPO as its paper has it).
  case ipoSum = "ipo-sum"
  /// Logistic in token means; without a reference and with a margin it is SimPO.
  case sigmoidNorm = "sigmoid-norm"
  /// KTO without its reference point.
  case apoZero = "apo-zero"
}

/// Which part of a continuation an offline method compares.
public enum ComparedSpan: String, Codable, CaseIterable, Equatable, Sendable {
  /// All of it, to the answer.
  case rest
  /// Its first step alone (Step-DPO).
  case step
}

/// What the part that two continuations share counts as.
public enum SharedPrefix: String, Codable, CaseIterable, Equatable, Sendable {
  /// Prompt: it carries no loss.
  case prompt
  /// Response: it stands on both sides and carries loss.
  case response
}

/// What a sum over tokens is divided by.
public enum LossAverage: String, Codable, CaseIterable, Equatable, Sendable {
  /// All counted tokens: a token mean.
  case tokens
  /// Rows; each gives the mean of its tokens.
  case sequences
  /// Rows; each gives the sum of its tokens.
  case sums
}
