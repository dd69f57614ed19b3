import Foundation
import LanguageModel
import Records
import Tensors
import Trajectories

/// A policy whose rollouts cost something: each is in the run's record when anybody hears of it, and
/// what is there is not asked for again.
///
/// Seeds follow from the recipe and the place in the run, so whoever asks again after a crash asks for
/// the same. Once an event tells of the rollouts, `settle` lets the record forget them.
final class PaidPolicy: Policy {
  private let paid: any Policy
  /// What the policy is called there: another model answers otherwise to the same.
  private let name: String
  private let store: RunStore
  /// Why the policy itself ended a call.
  private let reason: () -> (any Error)?
  /// What was heard of since the work began, by state.
  private var heard: [String: [UInt64]] = [:]
  /// Why a call since then ended before its time; nil where none did, or somebody stopped it.
  private(set) var failure: (any Error)?

  /// The policy of that name before a run's record; `reason` says why it ended a call itself.
  init(
    _ paid: any Policy, name: String, store: RunStore,
    reason: @escaping () -> (any Error)? = { nil }
  ) {
    (self.paid, self.name, self.store, self.reason) = (paid, name, store, reason)
  }

  /// Begins work of which nothing is in an event yet.
  func begin() { (heard, failure) = ([:], nil) }

  /// Lets the record forget what an event tells of by now.
  func settle() throws {
    try store.arrivals.settle(heard)
    heard = [:]
  }

  var vocabulary: Int { paid.vocabulary }
  var contextLength: Int { paid.contextLength }
  var parameters: Parameters { paid.parameters }

  func continuations(
    of requests: [RolloutRequest], sampling: Sampling, endTokens: Set<Token>,
    progress: WorkProgress<RolloutReport>
  ) throws(Stopped) -> [[Continuation]] {
    let states = requests.map { state(of: $0, sampling, endTokens) }
    var board = RolloutBoard(requests)
    for (request, state) in states.enumerated() {
      let known = try kept { try store.arrivals.rollouts(from: state) }
      for (rollout, seed) in requests[request].seeds.enumerated() {
        guard let found = known[seed] else { continue }
        heard[state, default: []].append(seed)
        try progress(board.take(Continuation(found), request: request, rollout: rollout))
      }
    }
    let missing = board.missing(of: requests)
    guard !missing.requests.isEmpty else { return board.answers }
    do throws(Stopped) {
      _ = try paid.continuations(
        of: missing.requests, sampling: sampling, endTokens: endTokens,
        progress: WorkProgress { report throws(Stopped) in
          let place = missing.places[report.request][report.rollout]
          try self.keep(report.continuation, from: states[place.request])
          try progress(
            board.take(report.continuation, request: place.request, rollout: place.rollout))
        })
    } catch {
      failure = failure ?? reason()
      throw error
    }
    return board.answers
  }

  /// Writes a rollout down before anybody hears of it.
  private func keep(_ rollout: Continuation, from state: String) throws(Stopped) {
    try kept { try store.arrivals.keep(RolloutRecord(paid: rollout), from: state) }
    heard[state, default: []].append(rollout.seed)
  }

  /// Reads or writes the record; what goes wrong ends the call and is kept.
  private func kept<Answer>(_ work: () throws -> Answer) throws(Stopped) -> Answer {
    do { return try work() } catch {
      failure = error
      throw Stopped()
    }
  }

  /// The name of a state and of how it is continued.
  private func state(
    of request: RolloutRequest, _ sampling: Sampling, _ endTokens: Set<Token>
  ) -> String {
    let how =
      "\(name)\n\(sampling.temperature) \(sampling.topK) \(sampling.topP) \(sampling.minP)\n"
      + "\(request.limit) \(endTokens.sorted())\n"
    var digest = Digest()
    Data(how.utf8).withUnsafeBytes { digest.add($0) }
    request.prefix.map(\.littleEndian).withUnsafeBytes { digest.add($0) }
    return digest.hexadecimal
  }

  func score(_ rows: [TokenRow], temperature: Float) -> [TokenScores] {
    paid.score(rows, temperature: temperature)
  }

  func differentiate(
    _ rows: [TokenRow], precision: ProductPrecision, temperature: Float,
    objective: ([TokenScores]) -> [ScoreGradients]
  ) {
    paid.differentiate(
      rows, precision: precision, temperature: temperature, objective: objective)
  }

  func weightsChanged() { paid.weightsChanged() }
}

/// Which of the rollouts that were asked for are there.
private struct RolloutBoard {
  private var found: [[Continuation?]]
  private var finished = 0
  private let total: Int

  init(_ requests: [RolloutRequest]) {
    found = requests.map { $0.seeds.map { _ in nil } }
    total = requests.reduce(0) { $0 + $1.seeds.count }
  }

  /// Puts a rollout in its place; answers the report of that.
  mutating func take(
    _ continuation: Continuation, request: Int, rollout: Int
  ) -> RolloutReport {
    found[request][rollout] = continuation
    finished += 1
    return RolloutReport(
      request: request, rollout: rollout, continuation: continuation, finished: finished,
      total: total)
  }

  /// Requests for what is not there yet, and for each the places of its rollouts.
  func missing(
    of requests: [RolloutRequest]
  ) -> (requests: [RolloutRequest], places: [[(request: Int, rollout: Int)]]) {
    var asked: [RolloutRequest] = []
    var places: [[(request: Int, rollout: Int)]] = []
    for (number, request) in requests.enumerated() {
      let open = request.seeds.indices.filter { found[number][$0] == nil }
      guard !open.isEmpty else { continue }
      var rest = request
      rest.seeds = open.map { request.seeds[$0] }
      asked.append(rest)
      places.append(open.map { (number, $0) })
    }
    return (asked, places)
  }

  /// All rollouts, in the order that they were asked for in.
  var answers: [[Continuation]] { found.map { $0.compactMap(\.self) } }
}

extension RolloutRecord {
  /// A rollout as it arrived, which nobody has judged yet.
  fileprivate init(paid it: Continuation) {
    self.init(
      tokens: it.tokens, logProbabilities: it.logProbabilities, reward: 0,
      truncated: it.truncated, seed: it.seed)
  }
}

extension Continuation {
  /// A rollout that arrived before.
  fileprivate init(_ it: RolloutRecord) {
    self.init(
      tokens: it.tokens, logProbabilities: it.logProbabilities, truncated: it.truncated,
      seed: it.seed)
  }
}
