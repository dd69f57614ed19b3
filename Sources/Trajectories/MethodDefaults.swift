extension Recipe {
  /// The defaults of a method: what holds where a recipe names the method and no more.
  ///
  /// The offline ones share learning rate and schedule; pulls and weights are each method's own.
  public static func standard(for method: Method) -> Recipe {
    var recipe = Recipe()
    recipe.objective.method = method
    guard method.isOffline else { return recipe }
    recipe.optimiser.learningRate = 1e-4
    recipe.optimiser.beta2 = 0.999
    recipe.optimiser.schedule = .linear
    recipe.objective.takeStandard(of: method)
    return recipe
  }
}

extension ObjectiveChoice {
  fileprivate mutating func takeStandard(of method: Method) {
    nllWeight = method == .dpo || method == .orpo ? 1 : 0
    switch method {
    case .kto: beta = 0.1
    case .simpo: (form, beta, margin) = (.sigmoidNorm, 2, 0.5)
    case .orpo: beta = 1
    case .awr: beta = 0.3
    default: break
    }
  }
}
