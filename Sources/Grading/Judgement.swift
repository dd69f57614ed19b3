/// The judge's word on one response.
public struct Judgement: Equatable, Sendable {
  /// 0…1.
  public var reward: Double
  /// Whether every step is right; nil where the task cannot tell.
  public var chainCorrect: Bool?

  /// A judgement with every field given.
  public init(reward: Double, chainCorrect: Bool?) {
    self.reward = reward
    self.chainCorrect = chainCorrect
  }
}
