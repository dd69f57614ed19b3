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

/// A data set with the credit of each row, or of each token where `Credit` is a row of numbers; none
/// where the file leaves it out.
struct CreditedTable<Credit: Decodable>: Decodable {
  var table: LossTable
  var advantages: [Credit]

  private enum Key: String, CodingKey { case advantages }

  init(from decoder: any Decoder) throws {
    table = try LossTable(from: decoder)
    advantages =
      try decoder.container(keyedBy: Key.self)
      .decodeIfPresent([Credit].self, forKey: .advantages) ?? []
  }

  var scores: [TokenScores] { table.scores }
}

extension CreditedTable<Double> {
  var rows: [GradedRow] { table.rows(advantages) }
}

extension CreditedTable<[Double]> {
  var rows: [GradedRow] { table.rows(advantages) }
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
