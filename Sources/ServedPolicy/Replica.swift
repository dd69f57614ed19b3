import LanguageModel

/// One of the servers that hold the same weights, and how much it is asked at once.
///
/// The number of requests at once begins at 32, is halved when the server says that it is too much,
/// and grows by one for every round that goes well: additive increase, multiplicative decrease.
struct Replica {
  /// Where it is.
  let address: ServerAddress
  /// Jobs that wait for it, first to be sent first.
  var waiting: [Int] = []
  /// How many requests are under way.
  var underWay = 0
  /// No request is sent before this moment.
  var pausedUntil = 0.0
  /// Whether it was given up for the rest of the call.
  var isLost = false
  /// Failures since the last answer.
  private(set) var failures = 0
  /// Grows with every halving, so that the answers to one burst halve once.
  private(set) var generation = 0
  private(set) var limit: Double

  init(_ address: ServerAddress, limit: Int) {
    self.address = address
    self.limit = Double(limit)
  }

  /// Whether another request may be sent.
  func isFree(at now: Double) -> Bool {
    !isLost && !waiting.isEmpty && underWay < Int(limit) && now >= pausedUntil
  }

  /// An answer came.
  mutating func succeeded(atMost: Int) {
    failures = 0
    limit = min(Double(atMost), limit + 1 / limit)
  }

  /// A request failed that had been sent in that generation.
  mutating func failed(_ failure: ServerFailure, sentIn sent: Int, resume: Double?) {
    switch failure.cause {
    case .status(429), .status(503):
      if let resume { pausedUntil = max(pausedUntil, resume) }
      guard sent == generation else { return }
      limit = max(1, (limit / 2).rounded(.down))
      generation += 1
    case .unreachable, .cut, .status: failures += 1
    case .unusable: break
    }
  }

  /// How well a key suits this server; the highest of all gets it.
  ///
  /// When a server is lost, only its own keys move (rendezvous hashing).
  func weight(of key: UInt64) -> UInt64 {
    var mixed = key ^ StateKey.of(address.api.utf8.map { UInt64($0) })
    mixed = (mixed ^ (mixed >> 33)) &* 0xff51_afd7_ed55_8ccd
    mixed = (mixed ^ (mixed >> 33)) &* 0xc4ce_b9fe_1a85_ec53
    return mixed ^ (mixed >> 33)
  }
}

/// The key of a state, by which its rollouts find the server that has its prefix at hand.
enum StateKey {
  /// The key of a prefix.
  static func of(_ prefix: some Sequence<Token>) -> UInt64 {
    of(prefix.map { UInt64(bitPattern: Int64($0)) })
  }

  /// FNV-1a over the numbers.
  static func of(_ numbers: [UInt64]) -> UInt64 {
    numbers.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ $1) &* 0x100_0000_01b3 }
  }
}
