import Foundation
import LanguageModel
import Tensors
import Testing
import Trajectories

@testable import Learning

@Suite struct CriticalBufferTests {
  let task = RightWrong(chances: [0.5, 0.5, 0.5])

  func state(_ id: String, step: Int = 1, right: [Bool] = [true, true, true]) -> CriticalState {
    CriticalState(of: task.trajectory(right, id: id), step: step, values: nil, marked: false)
  }

  func mark(_ id: String, _ step: Int, _ kind: MarkKind) -> Mark {
    Mark(trajectory: id, step: step, kind: kind)
  }

  @Test func `the oldest leaves first`() {
    var buffer = CriticalBuffer(capacity: 2)
    for id in ["a", "b", "c"] { buffer.insert(state(id)) }
    #expect(buffer.states.map(\.trajectory) == ["b", "c"])
  }

  @Test func `a state keeps the prefix exactly`() {
    let state = state("a", step: 2)
    #expect(state.promptTokens == [5] && state.keptTokens == [3, 2, 3, 2])
    #expect(state.logProbabilities.count == 4)
    #expect(state.prefix.fork == Fork(trajectory: "a", step: 2, keptTokens: 4))
  }

  @Test func `a mark replaces the rule's step and clearing it restores that`() {
    var buffer = CriticalBuffer(capacity: 4)
    buffer.insert(state("a", step: 1))
    let base = task.trajectory([true, true, true], id: "a")
    buffer.follow(mark("a", 2, .marked), on: base)
    #expect(buffer.states.map(\.step) == [2] && buffer.marked == 1)
    buffer.follow(mark("a", 0, .marked), on: base)
    #expect(buffer.states.map(\.step) == [0])
    buffer.follow(mark("a", 0, .cleared), on: base)
    #expect(buffer.states.map(\.step) == [1] && buffer.marked == 0)
  }

  @Test func `a marked trajectory enters even if no rule would take it`() {
    var buffer = CriticalBuffer(capacity: 4)
    let wrong = task.trajectory([false, true, true], id: "w")
    buffer.follow(mark("w", 0, .confirmed), on: wrong)
    #expect(buffer.states.map(\.trajectory) == ["w"])
    buffer.follow(mark("w", 99, .marked), on: wrong)
    #expect(buffer.states.map(\.step) == [3])
  }

  @Test func `a rejected trajectory leaves and does not come back by a rule`() {
    var buffer = CriticalBuffer(capacity: 4)
    buffer.insert(state("a"))
    buffer.follow(mark("a", 1, .rejected), on: task.trajectory([true, true, true], id: "a"))
    #expect(buffer.states.isEmpty)
    buffer.insert(state("a"))
    #expect(buffer.states.isEmpty)
  }

  @Test func `following the same word twice changes nothing`() {
    var buffer = CriticalBuffer(capacity: 4)
    buffer.insert(state("a"))
    let base = task.trajectory([true, true, true], id: "a")
    buffer.follow(mark("a", 2, .marked), on: base)
    let once = buffer
    buffer.follow(mark("a", 2, .marked), on: base)
    #expect(buffer == once)
  }

  @Test func `purity counts the states whose kept steps are right`() {
    var buffer = CriticalBuffer(capacity: 4)
    #expect(buffer.purity == nil)
    buffer.insert(state("a", step: 2))
    buffer.insert(state("b", step: 2, right: [false, true, true]))
    buffer.insert(state("c", step: 0, right: [false, true, true]))
    #expect(buffer.purity == 2.0 / 3)
  }

  @Test func `survives being written down`() throws {
    var buffer = CriticalBuffer(capacity: 4)
    buffer.insert(state("a"))
    buffer.follow(mark("a", 2, .marked), on: task.trajectory([true, true, true], id: "a"))
    let data = try JSONEncoder().encode(buffer)
    #expect(try JSONDecoder().decode(CriticalBuffer.self, from: data) == buffer)
  }
}
