import Testing
import Trajectories

struct RecipeTests {
  @Test func `the defaults have no problems`() {
    #expect(Recipe().problems().isEmpty)
  }

  @Test func `a number out of range is named with its unit and its range`() {
    var recipe = Recipe()
    recipe.sampling.temperature = 11
    #expect(
      recipe.problems() == ["sampling.temperature is 11 factor; it must lie between 0 and 10."])
  }

  @Test func `a modulus that is not prime is refused`() {
    var recipe = Recipe()
    recipe.task.modulus = 100
    #expect(recipe.problems().count == 1)
    #expect(recipe.problems().first?.contains("not prime") == true)
  }

  @Test func `more hard steps than steps are refused`() {
    var recipe = Recipe()
    recipe.task.hard = 9
    #expect(recipe.problems().first?.contains("task.hard") == true)
  }

  @Test func `what only a chat template can say is refused without one`() {
    for change: (inout PromptChoice) -> Void in [
      { $0.system = "Be brief." }, { $0.examples = "1 + 1" }, { $0.thinking = .off },
      { $0.date = "26 Jul 2024" },
    ] {
      var recipe = Recipe()
      change(&recipe.prompt)
      #expect(recipe.problems().isEmpty)
      recipe.prompt.chat = .off
      #expect(recipe.problems().first?.contains("prompt.thinking") == true)
    }
  }

  @Test func `not a number is out of every range`() {
    var recipe = Recipe()
    recipe.optimizer.learningRate = .nan
    #expect(recipe.problems().count == 1)
  }

  @Test func `an adapter's layers are named as PEFT names them`() {
    var recipe = Recipe()
    #expect(recipe.adapter.chosenLayers == AdapterChoice.layers)
    recipe.adapter.targets = "down_proj, q_proj"
    #expect(recipe.problems().isEmpty)
    #expect(recipe.adapter.chosenLayers == ["q_proj", "down_proj"])
    recipe.adapter.targets = "q_proj,lm_head"
    #expect(recipe.problems().first?.contains("“lm_head”") == true)
    recipe.adapter.targets = " , "
    #expect(recipe.problems().first?.contains("no layer") == true)
  }

  @Test func `every key is named once and means one sentence`() {
    let names = Recipe.keys.flatMap { [$0.name] + $0.formerNames }
    #expect(Set(names).count == names.count)
    for key in Recipe.keys {
      #expect(key.meaning.hasSuffix(".") && key.meaning.count < 160, "\(key.name)")
      #expect(key.meaning.first?.isUppercase == true, "\(key.name)")
    }
  }

  /// What a property is worth without a key: it could be neither read nor written.
  @Test func `every property has a key`() {
    func properties(of owner: Any) -> Int {
      Mirror(reflecting: owner).children.reduce(0) { count, child in
        let isPart =
          Mirror(reflecting: child.value).displayStyle == .struct
          && !(child.value is String || child.value is Int || child.value is UInt64
            || child.value is Double || child.value is Bool)
        return count + (isPart ? properties(of: child.value) : 1)
      }
    }
    #expect(properties(of: Recipe()) == Recipe.keys.count)
  }

  @Test func `a method's defaults are read by that method`() {
    for method in Method.allCases {
      let recipe = Recipe.standard(for: method)
      #expect(recipe.problems().isEmpty, "\(method)")
      for key in Recipe.keys where key.ownStandards.contains(where: { $0.method == method }) {
        let isZero = key.standard(of: method) == .number(0)
        #expect(isZero || key.reading.holds(recipe), "\(key.name) of \(method)")
      }
    }
  }
}
