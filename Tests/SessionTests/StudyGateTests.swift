import Foundation
import LanguageModel
import Synchronization
import Testing

@testable import Session

struct StudyGateTests {
  @Test func `an open gate lets through, and a stopped one says so`() throws {
    let isStopped = Atomic<Bool>(false)
    let gate = StudyGate { isStopped.load(ordering: .relaxed) }
    try gate.pass()
    isStopped.store(true, ordering: .relaxed)
    #expect(throws: Stopped.self) { try gate.pass() }
    gate.pause()
    #expect(throws: Stopped.self) { try gate.pass() }
  }

  @Test func `the clock stands still in a pause and does not jump after it`() {
    let gate = StudyGate { false }
    gate.pause()
    let before = gate.now
    let began = ProcessInfo.processInfo.systemUptime
    usleep(30_000)
    #expect(gate.now == before)
    gate.resume()
    let after = gate.now
    let whole = ProcessInfo.processInfo.systemUptime - began
    #expect(after >= before && after - before <= whole - 0.03)
  }

  @Test func `whoever waits in a pause goes on when it ends`() {
    let gate = StudyGate { false }
    gate.pause()
    let done = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      try? gate.pass()
      done.signal()
    }
    #expect(done.wait(timeout: .now() + 0.05) == .timedOut)
    gate.resume()
    #expect(done.wait(timeout: .now() + 20) == .success)
  }
}
