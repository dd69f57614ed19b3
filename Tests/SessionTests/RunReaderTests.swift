import Foundation
import Records
import Testing
import Trajectories
import Workbench

@testable import Session
@testable import TerminalTesting

/// A run is read on a thread of its own, in order, and what is written meanwhile comes after it.
struct RunReaderTests {
  private func read(_ actions: [Action]) -> [RunEvent] {
    actions.flatMap { action -> [RunEvent] in
      if case .events(let events) = action { events } else { [] }
    }
  }

  @Test func `all events come once and in order, with how many are read`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let folder = place.runs.appendingPathComponent("long")
    let store = try RunStore(creating: folder, recipe: "")
    let warnings = (0..<3000).map { RunEvent.warned(message: "\($0)") }
    try store.append(warnings)
    let inbox = Inbox()
    let reader = RunReader(store, inbox: inbox)
    reader.start()
    // Whatever is written while it reads is not lost and comes in its turn.
    try store.append([.warned(message: "late")])
    reader.wait(seconds: 60)
    let first = inbox.drain()
    var events = read(first)
    for _ in 0..<20 { events += read(reader.news()) }
    #expect(events == warnings + [.warned(message: "late")])
    #expect(reader.news().isEmpty)
    let readings = first.compactMap { action -> RunReading?? in
      if case .reading(let reading) = action { reading } else { nil }
    }
    #expect(readings.last == .some(nil))
    let done = readings.compactMap { $0 }.map(\.done)
    #expect(done.count > 5 && done == done.sorted())
    #expect(readings.first??.total ?? 0 >= 3000)
  }

  @Test func `what comes at once is given in batches`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let store = try RunStore(creating: place.runs.appendingPathComponent("burst"), recipe: "")
    let reader = RunReader(store, inbox: Inbox())
    try store.append((0..<1000).map { RunEvent.warned(message: "\($0)") })
    let batches = (0..<8).map { _ in read(reader.news()).count }
    #expect(batches.reduce(0, +) == 1000)
    #expect((batches.max() ?? 0) < 500)
  }

  @Test func `reading stops when it is told to`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let store = try RunStore(creating: place.runs.appendingPathComponent("left"), recipe: "")
    try store.append((0..<20_000).map { RunEvent.warned(message: "\($0)") })
    let inbox = Inbox()
    let reader = RunReader(store, inbox: inbox)
    reader.start()
    reader.stop()
    reader.wait(seconds: 60)
    #expect(read(inbox.drain()).count < 20_000)
  }
}
