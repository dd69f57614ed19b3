import Learning
import Testing

@Suite struct AdvantageTests {
  struct File: Decodable {
    var advantages: [Case]
  }

  struct Case: Decodable {
    var name: String
    var params: [String: String]
    var inputs: Inputs
    var expected: [String: [Double]]
  }

  struct Inputs: Decodable {
    var rewards: [Double]
    var group_ids: [Int]
  }

  @Test func `advantages are those of TRL and verl`() throws {
    let cases = try Golden.read("grpo", as: File.self).advantages
    #expect(cases.count == 8)
    for test in cases {
      let trl = test.params["library"] == "trl"
      let epsilon = trl ? 1e-4 : 1e-6
      let scale: GroupAdvantage.Scale =
        switch test.params["scale_rewards"] {
        case "group": .group(epsilon: epsilon)
        case "batch": .batch(epsilon: epsilon)
        default: .none
        }
      let credit = GroupAdvantage(scale: scale, alone: trl ? .nothing : .reward)
      let found = credit(test.inputs.rewards, groups: test.inputs.group_ids)
      let expected = try #require(test.expected["advantages"])
      #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-10 }, "\(test.name)")
      #expect(found.count == expected.count)
    }
  }

  @Test func `equal rewards earn nothing, and so does a rollout alone`() {
    #expect(GroupAdvantage()([1, 1, 0.5], groups: [3, 3, 9]) == [0, 0, 0])
    #expect(GroupAdvantage()([], groups: []) == [])
  }
}
