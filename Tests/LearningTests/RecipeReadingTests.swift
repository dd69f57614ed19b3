import Testing
import Trajectories

@testable import Learning

/// What the rows of a recipe say of when they are read.
struct RecipeReadingTests {
  /// Recipes that read different keys.
  static let recipes: [Recipe] = {
    var all = Method.allCases.map { method in
      var recipe = LoopFixture.recipe
      recipe.follow(method)
      return recipe
    }
    for estimator in [Estimator.halving, .topTwo, .confidence, .binary, .entropy] {
      var recipe = LoopFixture.recipe
      recipe.values.estimator = estimator
      all.append(recipe)
    }
    var plain = LoopFixture.recipe
    plain.resets.start = .none
    var pulled = LoopFixture.recipe
    pulled.objective.klCoefficient = 0.1
    return all + [plain, pulled]
  }()

  @Test(arguments: recipes.indices)
  func `a key that is not read changes no weight`(number: Int) throws {
    let recipe = Self.recipes[number]
    var other = recipe
    for key in Recipe.keys where !key.reading.holds(recipe) {
      var changed = other
      guard let value = another(than: key.value(in: other), key), key.put(value, into: &changed),
        changed.problems() == recipe.problems(), !key.reading.holds(changed)
      else { continue }
      other = changed
    }
    #expect(other != recipe)
    #expect(try weights(of: other) == weights(of: recipe))
  }

  @Test func `a key that is read changes them`() throws {
    var other = LoopFixture.recipe
    other.objective.clipHigh = 0.01
    other.optimizer.learningRate = 0.05
    #expect(try weights(of: other) != weights(of: LoopFixture.recipe))
  }

  private func weights(of recipe: Recipe) throws -> [Float] {
    let fixture = try LoopFixture(recipe)
    try fixture.update(3)
    return fixture.weights
  }

  private func another(than value: RecipeValue, _ key: RecipeKey) -> RecipeValue? {
    switch (key.kind, value) {
    case (.whole(let range, _), .whole(let old)):
      .whole(old < range.upperBound ? old + 1 : old - 1)
    case (.number(let range, _), .number(let old)):
      .number(old == range.lowerBound ? min(range.upperBound, 2) : range.lowerBound)
    case (.flag, .flag(let old)): .flag(!old)
    case (.word(let words), .word(let old)): words.last { $0 != old }.map { .word($0) }
    default: nil
    }
  }
}
