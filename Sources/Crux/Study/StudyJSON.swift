import Foundation
import Learning
import Trajectories

/// A study's numbers for programs: a row a method of a task setting, with curves and every seed.
struct StudyJSON: Encodable {
  var rows: [Row]

  struct Row: Encodable {
    var task: String
    var method: String
    var against: String?
    var measures: [String: Value]
    var curve: [Point]
    var outcomes: [TrainingOutcome]
    var failures: [String]
  }

  struct Value: Encodable {
    var mean: Double
    var standardError: Double?
    var difference: Double?
    var low: Double?
    var high: Double?
  }

  struct Point: Encodable {
    var update: Int
    var tokens: Double
    var sampled: Double
    var standardError: Double?
  }

  init(_ rows: [StudyRow]) {
    self.rows = rows.map { row in
      var measures: [String: Value] = [:]
      for measure in Measure.allCases {
        guard let spread = row.spread(measure) else { continue }
        let difference = row.differences[measure]
        let interval = difference?.interval
        measures[measure.rawValue] = Value(
          mean: spread.mean, standardError: spread.standardError,
          difference: difference?.spread.mean,
          low: interval?.lowerBound, high: interval?.upperBound)
      }
      return Row(
        task: row.task, method: row.method.name, against: row.method.against, measures: measures,
        curve: row.curve(.sampled).map {
          Point(
            update: $0.update, tokens: $0.tokens, sampled: $0.value.mean,
            standardError: $0.value.standardError)
        }, outcomes: row.outcomes, failures: row.failures)
    }
  }
}
