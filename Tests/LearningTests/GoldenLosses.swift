import Learning
import Testing

/// The reference losses of one family: data sets, and cases that each name one of them.
struct GoldenLosses<Table: Decodable, Parameters: Decodable, Expected: Decodable>: Decodable {
  var datasets: [String: Table]
  var cases: [GoldenCase<Parameters, Expected>]

  /// Hands every case of a family's file and its data set to `check`.
  static func check(
    _ family: String, count: Int, _ check: (GoldenCase<Parameters, Expected>, Table) throws -> Void
  ) throws {
    let file = try Golden.read(family, as: Self.self)
    try file.cases.check(on: file.datasets, count: count, check)
  }
}

/// One setting of a family and what comes of it on a data set.
struct GoldenCase<Parameters: Decodable, Expected: Decodable>: Decodable {
  var name: String
  var dataset: String
  var params: Parameters
  var expected: Expected
}

extension Array {
  /// Hands every case and its data set to `check`; `count` is how many there must be, so that none
  /// is passed over.
  func check<Parameters, Expected, Table>(
    on datasets: [String: Table], count: Int, _ check: (Element, Table) throws -> Void
  ) throws where Element == GoldenCase<Parameters, Expected> {
    #expect(self.count == count)
    for test in self { try check(test, #require(datasets[test.dataset])) }
  }
}

/// What a case of rows expects: the loss and its derivatives.
struct RowLoss: Decodable {
  var loss: Double
  var grad_logprob: [[Double]]
}

/// How far a loss may be from the expected one.
enum LossTolerance {
  /// By 1e-5.
  case absolute
  /// By 1e-5 of the larger of 1 and the expected loss.
  case relative
}

extension LossGradient {
  /// Expects a loss within its tolerance and derivatives by log-probability within 1e-5 of the
  /// largest; those by entropy too, which are 0 where the loss names none.
  func expect(
    loss expected: Double, _ tolerance: LossTolerance, gradient: [[Double]],
    entropies expectedEntropies: [[Double]]? = nil, of name: String,
    at place: SourceLocation = #_sourceLocation
  ) {
    let largest = tolerance == .relative ? max(1, abs(expected)) : 1
    #expect(abs(loss - expected) <= 1e-5 * largest, "\(name)", sourceLocation: place)
    #expect(
      Golden.error(logProbabilities, gradient) <= 1e-5, "\(name)", sourceLocation: place)
    guard let expectedEntropies else { return }
    let found = entropies.isEmpty ? expectedEntropies.map { $0.map { _ in 0 } } : entropies
    #expect(Golden.error(found, expectedEntropies) <= 1e-5, "\(name)", sourceLocation: place)
  }

  /// Expects that parts of a batch, in order, add up to this whole.
  func expect(parts: [LossGradient], at place: SourceLocation = #_sourceLocation) {
    let sum = parts.reduce(0) { $0 + $1.loss }
    #expect(abs(sum - loss) < 1e-12, sourceLocation: place)
    #expect(parts.flatMap(\.logProbabilities) == logProbabilities, sourceLocation: place)
    #expect(parts.flatMap(\.entropies) == entropies, sourceLocation: place)
  }
}
