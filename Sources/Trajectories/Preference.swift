/// Two continuations of one prefix, the better first.
public struct Preference: Codable, Equatable, Sendable {
  /// Prompt and kept response; carries no loss.
  public var prefix: [Int32]
  /// The continuation with the higher reward.
  public var chosen: [Int32]
  /// The continuation with the lower reward.
  public var rejected: [Int32]

  /// A preference with every field given.
  public init(prefix: [Int32], chosen: [Int32], rejected: [Int32]) {
    self.prefix = prefix
    self.chosen = chosen
    self.rejected = rejected
  }
}
