import LanguageModel
import Trajectories

extension Explorer {
  /// A pair as the recipe compares it; nil where that leaves both sides alike.
  ///
  /// With `objective.span` a step, both sides end with the first step after the prefix, as in
  /// Step-DPO (Lai and others 2024). With `objective.prefix` the response, the kept part of the
  /// response moves from the prefix into both sides.
  func compared(_ pair: Preference, after prefix: Prefix) -> BuiltPair? {
    var pair = pair
    if recipe.objective.span == .step {
      pair.chosen = firstStep(of: pair.chosen, after: prefix)
      pair.rejected = firstStep(of: pair.rejected, after: prefix)
      guard pair.chosen != pair.rejected else { return nil }
    }
    if recipe.objective.prefix == .response {
      pair = Preference(
        prefix: prefix.prompt, chosen: prefix.kept + pair.chosen,
        rejected: prefix.kept + pair.rejected)
    }
    return BuiltPair(preference: pair, advantages: nil)
  }

  private func firstStep(of continuation: [Token], after prefix: Prefix) -> [Token] {
    let steps = steps(of: prefix.kept + continuation, problem: prefix.problem)
    guard let first = steps.first(where: { $0.end > prefix.kept.count }) else {
      return continuation
    }
    return Array(continuation.prefix(first.end - prefix.kept.count))
  }
}
