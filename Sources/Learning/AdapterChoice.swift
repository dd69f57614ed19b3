public import LanguageModel
public import Trajectories

extension AdapterChoice {
  /// The recipe's choice as a policy takes it; nil where all weights learn.
  public var settings: LowRankSettings? {
    guard rank > 0 else { return nil }
    var settings = LowRankSettings()
    settings.rank = rank
    settings.alpha = alpha
    settings.isRankStabilised = rankStabilized
    settings.targets = chosenLayers.compactMap { LinearLayer(rawValue: $0) }
    return settings
  }

  /// The choice that stands for an adapter that was read from its files.
  public init(_ settings: LowRankSettings, start: String) {
    self.init()
    rank = settings.rank
    alpha = settings.alpha
    rankStabilized = settings.isRankStabilised
    if settings.targets.count < LinearLayer.allCases.count {
      targets = settings.targets.map(\.rawValue).joined(separator: ",")
    }
    self.start = start
  }
}
