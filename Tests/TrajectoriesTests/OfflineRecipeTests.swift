import Testing
import Trajectories

struct OfflineRecipeTests {
  @Test(arguments: Method.allCases) func `the defaults of a method fit together`(method: Method) {
    let recipe = Recipe.standard(for: method)
    #expect(recipe.objective.method == method)
    #expect(recipe.problems().isEmpty)
    #expect(method.forms.isEmpty || method.forms.contains(recipe.objective.form))
  }

  private func problem(_ change: (inout Recipe) -> Void, of method: Method) -> String {
    var recipe = Recipe.standard(for: method)
    change(&recipe)
    return recipe.problems().joined(separator: "\n")
  }

  @Test func `a form of another method is refused with those that fit`() {
    let found = problem({ $0.objective.form = .apoZero }, of: .dpo)
    #expect(found.contains("is no form of dpo") && found.contains("\"sigmoid-norm\""))
    #expect(problem({ $0.objective.form = .robust }, of: .kto).contains("\"apo-zero\""))
    #expect(problem({ $0.objective.form = .apoZero }, of: .kto).isEmpty)
    // What an online recipe does not read is no fault.
    #expect(problem({ $0.objective.form = .apoZero }, of: .grpo).isEmpty)
  }

  @Test func `what would not be read or could not be done is told`() {
    #expect(problem({ $0.objective.smoothing = 0.1 }, of: .kto).contains("does not read it"))
    #expect(problem({ $0.objective.smoothing = 0.1 }, of: .simpo).isEmpty)
    #expect(
      problem(
        {
          $0.objective.span = .step
          $0.resets.start = .none
        }, of: .dpo
      ).contains("no step to compare at"))
    #expect(problem({ $0.objective.span = .step }, of: .awr).contains("every step"))
    #expect(problem({ $0.objective.rounds = 61 }, of: .sft).contains("lower it to 60"))
  }

  @Test func `KTO needs both kinds of example, and more than one`() {
    #expect(problem({ $0.objective.desirableWeight = 0 }, of: .kto).contains("no right"))
    #expect(problem({ $0.objective.undesirableWeight = 0 }, of: .kto).contains("no wrong"))
    #expect(problem({ $0.objective.batch = 1 }, of: .kto).contains("at least 2"))
    #expect(problem({ $0.objective.pairs = 1 }, of: .kto).contains("take 2 pairs"))
    #expect(
      problem(
        {
          $0.objective.pairs = 5
          $0.objective.rounds = 3
        }, of: .kto
      ).contains("take 6 pairs"))
    let alone = problem(
      {
        $0.objective.form = .apoZero
        $0.objective.pairs = 1
        $0.objective.batch = 1
      }, of: .kto)
    #expect(alone.isEmpty)
    #expect(problem({ $0.objective.batch = 1 }, of: .dpo).isEmpty)
  }
}
