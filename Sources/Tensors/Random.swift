/// A counter-based generator: number n of a stream is a function of its key and n alone.
///
/// SplitMix64 (Steele, Lea, Flood 2014): the state walks by a fixed odd step and is mixed. Streams
/// are split by hashing a key into the seed, so that each rollout has its own.
public struct Random: Equatable, Sendable {
  /// The state before the next draw; a checkpoint may keep it.
  public var state: UInt64

  /// The stream of that seed.
  public init(seed: UInt64) { state = Random.mix(seed &+ 0x9E37_79B9_7F4A_7C15) }

  /// A seed that depends on this seed and every key, in order.
  public static func seed(_ seed: UInt64, _ keys: UInt64...) -> UInt64 {
    keys.reduce(mix(seed)) { mix($0 &+ 0x9E37_79B9_7F4A_7C15 &* ($1 &+ 1)) }
  }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Random.mix(state)
  }

  /// The next number in 0 ..< 1, 24 bits fine.
  public mutating func uniform() -> Float { Float(next() >> 40) * 0x1p-24 }

  /// The next whole number in 0 ..< `bound`, without bias; `bound` is at least 1.
  public mutating func below(_ bound: Int) -> Int {
    precondition(bound > 0, "Random.below needs a positive bound, not \(bound)")
    return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
