import LanguageModel
import Tensors

/// Log-probabilities of no model, for losses that never see one.
enum RandomTable {
  /// Rows of three to five tokens, each between −3 and 0.
  static func logProbabilities(rows: Int, seed: UInt64 = 12) -> [[Float]] {
    var random = Random(seed: seed)
    return (0..<rows).map { row in (0..<3 + row % 3).map { _ in -3 * random.uniform() } }
  }

  /// The same, each moved by up to one half.
  static func near(_ logs: [[Float]], seed: UInt64 = 13) -> [[Float]] {
    var random = Random(seed: seed)
    return logs.map { $0.map { $0 + random.uniform() - 0.5 } }
  }

  /// Every other token of every row, the first included.
  static func holes(_ logs: [[Float]]) -> [[Bool]] {
    logs.map { $0.indices.map { $0.isMultiple(of: 2) } }
  }
}

extension [[Float]] {
  /// Scores with these log-probabilities.
  var scores: [TokenScores] { map { TokenScores(logProbabilities: $0, entropies: $0) } }
}
