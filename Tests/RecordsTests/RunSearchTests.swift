import Foundation
import Testing
import Trajectories

@testable import Records

struct RunSearchTests {
  let folder: TemporaryFolder
  let store: RunStore

  init() throws {
    folder = try TemporaryFolder()
    store = try RunStore(creating: folder.url.appendingPathComponent("run"), recipe: "")
    try store.append([
      .sampled(Samples.trajectory("first", response: "*3 20\n+4 24\n")),
      .sampled(Samples.trajectory("second", response: "Wait, über \"99%\" sure\n")),
      .sampled(Samples.trajectory("third", prompt: "5 *2 :", response: "*2 10\n")),
    ])
  }

  @Test(arguments: [
    ("+4 24", ["first"]), ("17 *3", ["first", "second"]), ("wait", ["second"]),
    ("\"99%\"", ["second"]), ("+4", ["first", "second"]), ("*", ["first", "second", "third"]),
    ("  10\n", ["third"]), ("nowhere", []), ("", []), ("OR", []), ("first", []),
    ("a* NEAR(", []), ("\0\0", []),
  ])
  func `a text is found as it stands`(text: String, expected: [String]) throws {
    #expect(try store.search(text) == expected)
  }

  @Test func `no more than the limit is returned`() throws {
    #expect(try store.search("*", limit: 2) == ["first", "second"])
  }
}
