import Foundation
import LanguageModel
import Learning

/// A data set of a file of reference losses.
struct LossTable: Decodable {
  var logprob: [[Float]]
  var old_logprob: [[Float]]?
  var ref_logprob: [[Float]]?
  var entropy: [[Float]]?
  var mask: [[Double]]
  var rewards: [Double]?
  var group_ids: [Int]?
  var value: [[Float]]?
  var old_value: [[Float]]?
  var returns: [[Double]]?

  var scores: [TokenScores] {
    logprob.indices.map { row in
      TokenScores(
        logProbabilities: logprob[row],
        entropies: entropy?[row] ?? logprob[row].map { _ in 0 }, values: value?[row] ?? [])
    }
  }

  /// Rows without credit.
  var rows: [GradedRow] {
    logprob.indices.map { index in
      var row = GradedRow(
        old: (old_logprob ?? logprob)[index], reference: ref_logprob?[index], advantage: 0,
        mask: mask[index].map { $0 != 0 })
      row.oldValues = old_value?[index] ?? []
      row.returns = returns?[index] ?? []
      return row
    }
  }

  /// Rows with the credit of each token.
  func rows(_ advantages: [[Double]]) -> [GradedRow] {
    zip(rows, advantages).map { row, credit in
      var row = row
      row.advantages = credit
      return row
    }
  }

  /// Rows with one credit each.
  func rows(_ advantages: [Double]) -> [GradedRow] {
    zip(rows, advantages).map { row, credit in
      var row = row
      row.advantage = credit
      return row
    }
  }

  var counted: [[Int]] {
    mask.map { row in row.indices.filter { row[$0] != 0 } }
  }

  /// An advantage a row, 0 where a token does not count.
  func spread(_ advantages: [Double]) -> [[Double]] {
    zip(advantages, mask).map { one, mask in mask.map { $0 != 0 ? one : 0 } }
  }
}

extension PolicyGradient.Averaging {
  /// verl's name of an average.
  init(verl name: String?) {
    self =
      switch name {
      case "seq-mean-token-mean": .tellingSequences()
      case "seq-mean-token-sum": .sequenceSums()
      default: .tokens()
      }
  }
}

/// The largest distance of two tables, relative to the larger of the largest expected number and 1.
func distance(_ found: [[Double]], _ expected: [[Double]]) -> Double {
  let pairs = zip(found.flatMap { $0 }, expected.flatMap { $0 })
  let largest = expected.flatMap { $0 }.reduce(1) { max($0, abs($1)) }
  guard found.map(\.count) == expected.map(\.count) else { return .infinity }
  return pairs.reduce(0) { max($0, $1.0.isFinite ? abs($1.0 - $1.1) : .infinity) } / largest
}
