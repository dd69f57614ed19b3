import Foundation
import Testing
import Trajectories

@testable import Records

struct VerlDumpTests {
  @Test func `rollouts of verl 0_9 tell their groups by uid`() throws {
    let reader = try DumpReader(opening: Dumps.fixture("verl_v1").path)
    #expect(reader.formats == [.verl])
    let all = try Dumps.all(reader)
    #expect(all.count == 4)
    #expect(all.map(\.reward) == [1, 0, 1, 1])
    #expect(Set(all.compactMap(\.group)).count == 2)
    #expect(all[0].group == "5f0e7c52-8a8a-4f6e-9d35-0a5f0d1f2c3a")
    #expect(all.allSatisfy { $0.fidelity == .stripped && $0.trainingStep == 3 })
    #expect(all[1].reference == "-2" && all[1].response.hasSuffix("The answer is -1."))
  }

  @Test func `legacy rollouts tell them by their prompts`() throws {
    let all = try Dumps.all(try DumpReader(opening: Dumps.fixture("verl_legacy/3.jsonl").path))
    #expect(all.map(\.id) == ["req0", "req1", "req2", "req3"])
    #expect(all[0].group == all[1].group && all[1].group != all[2].group)
    #expect(all[1].rewardParts == [DumpedReward(name: "acc", value: 0)])
  }
}
