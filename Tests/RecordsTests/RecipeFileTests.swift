import Foundation
import Testing
import Trajectories

@testable import Records

struct RecipeFileTests {
  private func faults(_ text: String) -> [String] {
    do { _ = try RecipeFile.recipe(from: text, name: "r.toml") } catch let error as RecordsError {
      return error.sentences
    } catch { return ["unexpected: \(error)"] }
    return []
  }

  @Test func `an empty file is the default recipe`() throws {
    #expect(try RecipeFile.recipe(from: "", name: "r.toml") == Recipe())
  }

  @Test func `the default recipe survives being written and read`() throws {
    let text = RecipeFile.text(of: Recipe())
    #expect(try RecipeFile.recipe(from: text, name: "r.toml") == Recipe())
  }

  @Test func `the old name of the top-two search is still read`() throws {
    let old = try RecipeFile.recipe(from: "[values]\nadaptive = true\n", name: "r.toml")
    #expect(old.values.estimator == .topTwo)
    let off = try RecipeFile.recipe(from: "[values]\nadaptive = false\n", name: "r.toml")
    #expect(off.values.estimator == .uniform)
    #expect(faults("[values]\nadaptive = 3\n").count == 1)
  }

  @Test func `every key survives being written and read`() throws {
    // Each key in turn is given a value that is not its default.
    for key in Recipe.keys {
      for value in other(than: key.value(in: Recipe()), key.kind) {
        var recipe = Recipe()
        #expect(key.put(value, into: &recipe) && recipe != Recipe(), "\(key.name)")
        let text = RecipeFile.text(of: recipe)
        var reading = RecipeReading(
          document: try TOMLDocument(text, name: "r.toml"), base: Recipe())
        reading.take(reading.document.root)
        #expect(reading.faults.isEmpty && reading.recipe == recipe, "\(key.name)")
      }
    }
  }

  private func other(than value: RecipeValue, _ kind: RecipeKey.Kind) -> [RecipeValue] {
    switch value {
    case .whole(let old): [.whole(old + 1), .whole(-7), .whole(.max)]
    case .natural(let old): [.natural(old + 1), .natural(.max)]
    case .number(let old):
      [.number(old + 1.0 / 3), .number(.leastNonzeroMagnitude), .number(1e22), .number(-2)]
    case .flag(let old): [.flag(!old)]
    case .text(let old):
      ["a \"b\" \\ ü 🙂\t\n\u{1B}\u{85}#", ""].filter { $0 != old }.map { .text($0) }
    case .word(let old):
      if case .word(let allowed) = kind {
        allowed.filter { $0 != old }.map { .word($0) }
      } else {
        []
      }
    }
  }

  @Test func `a value of another kind is not put`() {
    for key in Recipe.keys {
      var recipe = Recipe()
      let wrong: RecipeValue = if case .flag = key.kind { .number(1) } else { .flag(true) }
      #expect(!key.put(wrong, into: &recipe) && recipe == Recipe(), "\(key.name)")
    }
  }

  @Test func `what a key was called before is read as it is`() throws {
    for key in Recipe.keys {
      for name in key.formerNames {
        for value in other(than: key.value(in: Recipe()), key.kind) {
          var recipe = Recipe()
          _ = key.put(value, into: &recipe)
          var reading = RecipeReading(
            document: try TOMLDocument("\(name) = \(value.toml)", name: "r.toml"), base: Recipe())
          reading.take(reading.document.root)
          #expect(reading.faults.isEmpty && reading.recipe == recipe, "\(name)")
        }
      }
    }
    let said = faults("[optimiser]\nlearning_rate = 7\n")
    #expect(said.first?.hasPrefix("r.toml:2: optimizer.learning_rate is 7") == true, "\(said)")
    #expect(faults("[optimiser]\nlearning_rat = 1\n").first?.contains("“learning_rate”") == true)
  }

  @Test func `a written recipe tells range, unit and words`() {
    let lines = RecipeFile.text(of: Recipe()).split(separator: "\n")
    func line(_ key: String) -> String { lines.first { $0.hasPrefix(key) }.map(String.init) ?? "" }
    #expect(line("learning_rate").hasPrefix("learning_rate = 0.0002 "))
    #expect(line("learning_rate").hasSuffix("# 0 to 1 a step"))
    #expect(line("schedule").hasSuffix("# constant, linear, cosine"))
    #expect(lines.contains("[optimizer]"))
    #expect(lines.allSatisfy { $0.count <= 100 })
  }

  @Test func `what the file says lies over the defaults`() throws {
    let text = """
      seed = 7
      [task]
      name = "countdown"   # a comment
      [optimizer]
      learning_rate = 1
      """
    var expected = Recipe()
    expected.seed = 7
    expected.task.name = .countdown
    expected.optimizer.learningRate = 1
    #expect(try RecipeFile.recipe(from: text, name: "r.toml") == expected)
  }

  @Test func `a method brings its defaults, and what is said otherwise stays`() throws {
    let kto = try RecipeFile.recipe(from: "[objective]\nmethod = \"kto\"", name: "r.toml")
    #expect(kto == Recipe.standard(for: .kto) && kto.objective.beta == 0.1)
    let said = "[objective]\nmethod = \"simpo\"\nbeta = 5\n"
    let simpo = try RecipeFile.recipe(from: said, name: "r.toml")
    #expect(simpo.objective.beta == 5 && simpo.objective.margin == 0.5)
    // Over another recipe, what stood at the old method's default follows; the rest stays.
    let orpo = try RecipeFile.recipe(
      from: "objective.method = \"orpo\"", name: "--set", over: simpo)
    #expect(orpo.objective.beta == 5 && orpo.objective.margin == 0)
    #expect(orpo.objective.form == .sigmoid && orpo.optimizer.learningRate == 1e-4)
    let back = try RecipeFile.recipe(from: "objective.method = \"grpo\"", name: "--set", over: kto)
    #expect(back == Recipe())
  }

  @Test func `changes are laid over a recipe together`() throws {
    var base = Recipe()
    base.updates = 5
    // The first alone would be a contradiction: more hard operations than operations.
    let changes = "task.hard = 12\ntask.length = 12"
    let recipe = try RecipeFile.recipe(from: changes, name: "--set", over: base)
    #expect(recipe.updates == 5 && recipe.task.hard == 12 && recipe.task.length == 12)
  }

  @Test(arguments: [
    ("seed = 1\n\n[optimizer]\nlearning_rat = 1.0\n", "r.toml:4: “learning_rat”"),
    ("[optimizer]\nlearning_rat = 1.0\n", "did you mean “learning_rate”?"),
    ("[optimzer]\nbeta1 = 0.5\n", "r.toml:1: “optimzer” is not a key of a recipe; did you mean"),
    ("[task]\nname = \"chain\"\n", "r.toml:2: task.name is “chain”; did you mean “chains”?"),
    ("[task]\nlength = \"8\"\n", "r.toml:2: task.length is a text; it must be a whole number"),
    ("[task]\nlength = 8.5\n", "it must be a whole number"),
    ("task = 3\n", "r.toml:1: task is a whole number, but it is a section"),
    ("seed = -1\n", "seed is a whole number; it must be a whole number from 0 on"),
    ("[sampling]\ntemperature = nan\n", "r.toml:2: sampling.temperature"),
    ("\n[task]\n\nmodulus = 30\n", "r.toml:4: task.modulus is 30, which is not prime"),
    ("[task]\nmodulus = 9223372036854775807\n", "task.modulus is 9"),
    ("[sampling]\ntop_p = 2\n", "r.toml:2: sampling.top_p is 2"),
    ("[task\n", "r.toml:1: "), ("a = 1\na = 2\n", "r.toml:2: "), ("seed = 1\0", "is left over"),
    ("seed = [[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", "nested deeper"),
  ])
  func `a fault is told with its line`(text: String, sentence: String) {
    let found = faults(text)
    #expect(found.contains { $0.contains(sentence) }, "\(found)")
  }

  @Test func `all faults are told at once`() {
    #expect(faults("a = 1\nb = 2\n[task]\nlength = true\n").count == 3)
  }

  @Test func `a recipe is written and read as a file`() throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appendingPathComponent("recipe.toml")
    var recipe = Recipe()
    recipe.updates = 3
    try RecipeFile.write(Recipe(), to: url)
    try RecipeFile.write(recipe, to: url)
    #expect(try RecipeFile.read(url) == recipe)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).count == 1)
    #expect(throws: RecordsError.self) { try RecipeFile.read(folder.url) }
    #expect(throws: RecordsError.self) {
      try RecipeFile.read(folder.url.appendingPathComponent("none"))
    }
  }

  @Test(arguments: [
    "", " ", "plain", "5", "true", "a = 1", "\"", "\\", "\\n", "it's \"so\"", "one\ntwo\r\n", "#",
    "\u{1B}[0m\u{7F}\u{85}", "\u{2028}é\u{301}\u{1F600}", "\"\"\"", "'''", "\0",
  ])
  func `a text that is set arrives as it is`(text: String) throws {
    var wanted = Recipe()
    wanted.task.rewardCommand = text
    let changes = [(key: "task.reward_command", value: text)]
    let found = try RecipeFile.recipe(setting: changes, name: "--set", over: Recipe())
    #expect(found == wanted)
    #expect(try RecipeFile.recipe(from: RecipeFile.text(of: found), name: "r.toml") == wanted)
  }

  @Test func `any text that is set arrives as it is`() throws {
    var state: UInt64 = 5
    func below(_ limit: UInt32) -> UInt32 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt32(state >> 33) % limit
    }
    for _ in 0..<200 {
      var text = String.UnicodeScalarView()
      for _ in 0..<below(12) {
        if let scalar = Unicode.Scalar(below(below(2) == 0 ? 0x80 : 0x11_0000)) {
          text.append(scalar)
        }
      }
      let changes = [(key: "prompt.system", value: String(text))]
      let found = try RecipeFile.recipe(setting: changes, name: "--set", over: Recipe())
      #expect(Array(found.prompt.system.unicodeScalars) == Array(text))
    }
  }

  @Test func `numbers, truths and words may stand between blanks`() throws {
    let found = try RecipeFile.recipe(
      setting: [
        ("task.hard", " 4 "), ("optimizer.learning_rate", "1e-5"), ("task.reward", " strict "),
        ("values.reuse", "true"), ("seed", "18446744073709551615"),
      ], name: "--set", over: Recipe())
    #expect(found.task.hard == 4 && found.optimizer.learningRate == 1e-5)
    #expect(found.task.reward == .strict && found.values.reuse && found.seed == .max)
    #expect(throws: RecordsError.self) {
      try RecipeFile.recipe(setting: [("task.hard", "")], name: "--set", over: Recipe())
    }
  }
}
