import Foundation
import Testing
import Trajectories

@testable import Records

struct StudyFileTests {
  private static let folder = FileManager.default.temporaryDirectory

  private func study(_ text: String) throws -> Study {
    try StudyFile.study(from: text, name: "s.toml", in: Self.folder)
  }

  private func faults(_ text: String) -> [String] {
    do { _ = try study(text) } catch let error as RecordsError {
      return error.sentences
    } catch { return ["unexpected: \(error)"] }
    return []
  }

  static let whole = """
    seeds = [3, 1]
    baseline = "plain"
    updates = 7
    [budget]
    tokens = 5000
    estimation = false
    [tasks."4 hard"]
    task.hard = 4
    [tasks.strict]
    task.reward = "strict"
    values.rollouts = 6
    [methods.plain]
    resets.start = "none"
    [methods.gpo]
    values.rollouts = 8
    [methods.fair]
    resets.start = "none"
    tokens_of = "gpo"
    against = "gpo"
    [methods.cool]
    untrained = true
    sampling.temperature = 0.5
    """

  @Test func `layers lie over each other: all, the task, the method`() throws {
    let study = try study(Self.whole)
    #expect(study.methods.map(\.name) == ["plain", "gpo", "fair", "cool"])
    #expect(study.tasks == ["4 hard", "strict"])
    #expect(study.seeds == [3, 1])
    #expect(study.budget.tokens == 5000)
    #expect(!study.budget.countsEstimation)
    #expect(study.recipes.allSatisfy { $0.allSatisfy { $0.updates == 7 } })
    #expect(study.recipes[0][0].task.hard == 4)
    #expect(study.recipes[0][0].resets.start == .none)
    #expect(study.recipes[0][1].values.rollouts == 6)
    #expect(study.recipes[1][1].values.rollouts == 8)
    #expect(study.recipes[1][1].task.reward == .strict)
  }

  @Test func `methods know what they are compared with and what they may use`() throws {
    let methods = try study(Self.whole).methods
    #expect(methods.map(\.against) == [nil, "plain", "gpo", "plain"])
    #expect(methods[2].tokensOf == "gpo")
    #expect(methods[3].isUntrained)
  }

  @Test func `a budget of updates holds for all`() throws {
    let study = try study("[budget]\nupdates = 5\n[methods.a]\nupdates = 9\n")
    #expect(study.recipes[0][0].updates == 5)
    #expect(study.tasks == ["the task"])
    #expect(study.seeds.count == 5)
  }

  @Test(arguments: [
    ("seeds = [1, 1]\n[methods.a]\n", "s.toml:1", "second time"),
    ("seeds = 4\n[methods.a]\n", "s.toml:1", "list of whole numbers"),
    ("[methods.a]\nseed = 4\n", "s.toml:2", "seeds"),
    ("seeds = [0]\n", "s.toml", "no method"),
    ("baseline = \"b\"\n[methods.a]\n", "s.toml:1", "no method “b”"),
    ("[methods.a]\ntokens_of = \"b\"\n", "s.toml:2", "no method “b”"),
    ("[methods.a]\nagainst = \"a\"\n", "s.toml:2", "itself"),
    ("[methods.a]\ntokens_of = \"a\"\n", "s.toml:2", "of which the other"),
    ("[methods.a]\ntask.hrad = 4\n", "s.toml:2", "“hrad”"),
    ("[methods.a]\ntask.hard = 99\n", "s.toml:2", "task.hard is 99"),
    ("[tasks.x]\ntask.hard = 9\n[methods.a]\n", "s.toml:2", "only 8 operations"),
    ("methods = 4\n", "s.toml:1", "section"),
    ("methods.a = 4\n", "s.toml:1", "section"),
    ("[budget]\ntokens = -4\n[methods.a]\n", "s.toml:2", "out of range"),
    ("[budget]\ntoken = 4\n[methods.a]\n", "s.toml:2", "did you mean “tokens”"),
    ("recipe = \"none.toml\"\n[methods.a]\n", "s.toml:1", "none.toml"),
    ("[methods.a]\nuntrained = 1\n", "s.toml:2", "true or false"),
  ])
  func `a fault is told with its line`(text: String, place: String, words: String) {
    let found = faults(text)
    #expect(
      found.contains { $0.hasPrefix(place) && $0.contains(words) }, "\(found)")
  }

  @Test func `no study ends the process`() throws {
    var mutations = Mutations(seed: 11, words: ["[methods.b]", "\n", "true", "against", "[1]"])
    let text = "seeds = [3]\n[tasks.x] # easy\ntask.hard = 4\n[methods.a]\nagainst = \"b\"\n"
    let original = Array((text + "[methods.b]\nvalues.rollouts = 8 # as the paper\n").utf8)
    var counts = (read: 0, refused: 0)
    for _ in 0..<600 {
      let bytes = Data(mutations.spoil(original))
      do {
        _ = try study(try DurableFiles.text(from: bytes, name: "s.toml"))
        counts.read += 1
      } catch let error as RecordsError {
        try #require(error.sentences.allSatisfy { $0.hasSuffix(".") }, "\(error)")
        try #require(!error.description.unicodeScalars.contains { $0.value == 0x1B })
        counts.refused += 1
      }
    }
    #expect(counts.read > 20 && counts.refused > 20)
  }
}
