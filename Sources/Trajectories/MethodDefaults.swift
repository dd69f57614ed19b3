extension Recipe {
  /// The defaults of a method: what holds where a recipe names the method and no more.
  ///
  /// The offline ones share learning rate and schedule, and score at temperature 1, as TRL's do;
  /// pulls and weights are each method's own.
  /// PPO draws 256 rollouts, each from a start of its own, and learns from them in four small steps.
  public static func standard(for method: Method) -> Recipe {
    var recipe = Recipe()
    recipe.objective.method = method
    guard method.isOffline else {
      recipe.takeOnlineStandard(of: method)
      return recipe
    }
    recipe.optimiser.learningRate = 1e-4
    recipe.optimiser.beta2 = 0.999
    recipe.optimiser.schedule = .linear
    recipe.objective.takeStandard(of: method)
    recipe.objective.scoreTemperature = .one
    return recipe
  }
}

extension Recipe {
  fileprivate mutating func takeOnlineStandard(of method: Method) {
    switch method {
    case .ppo:
      (objective.groups, objective.groupSize, objective.normaliser) = (256, 1, .dapo)
      (objective.passes, objective.minibatches) = (2, 2)
      optimiser.learningRate = 1e-4
    case .reinforcePlusPlus:
      (objective.groups, objective.groupSize, objective.normaliser) = (256, 1, .dapo)
    case .rloo: objective.scaleRewards = .none
    default: break
    }
  }
}

extension ObjectiveChoice {
  fileprivate mutating func takeStandard(of method: Method) {
    nllWeight = method == .dpo || method == .orpo ? 1 : 0
    switch method {
    case .kto: beta = 0.1
    case .simpo: (form, beta, margin) = (.sigmoidNorm, 2, 0.5)
    case .orpo: beta = 1
    case .awr: (beta, weightLimit) = (0.05, 1000)
    default: break
    }
  }
}
