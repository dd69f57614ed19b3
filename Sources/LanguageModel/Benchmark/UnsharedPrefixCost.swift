/// What rollouts from one prefix would cost if every one read the prefix again and kept it beside its
/// own tokens: computed from what they cost with one copy of it.
public struct UnsharedPrefixCost: Equatable, Sendable {
  /// Seconds of all rollouts.
  public var seconds: Double
  /// Bytes of their caches.
  public var bytes: Int

  /// - Parameters:
  ///   - seconds: Seconds of all rollouts with one copy.
  ///   - readingSeconds: Seconds of them until the prefix was read.
  ///   - bytes: Bytes with one copy.
  ///   - prefix: Tokens of the prefix.
  ///   - keyValueBytes: Bytes of the keys and values of one token.
  ///   - rollouts: How many there are.
  public init(
    seconds: Double, readingSeconds: Double, bytes: Int, prefix: Int, keyValueBytes: Int,
    rollouts: Int
  ) {
    self.seconds = seconds + Double(rollouts - 1) * readingSeconds
    self.bytes = bytes + (rollouts - 1) * prefix * keyValueBytes
  }
}
