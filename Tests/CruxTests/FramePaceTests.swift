import Testing

@testable import Crux

struct FramePaceTests {
  @Test func `what nobody waits for is shown twenty times a second at most`() {
    var pace = FramePace()
    var frames = 0
    for milliseconds in 0..<2000 {
      pace.change(awaited: false)
      if pace.isDue(at: Double(milliseconds) / 1000) { frames += 1 }
    }
    #expect((39...41).contains(frames))
  }

  @Test func `what somebody waits for is shown at once, and nothing where nothing changed`() {
    var pace = FramePace()
    var due: [Bool] = []
    func look(_ now: Double) { due.append(pace.isDue(at: now)) }
    look(0)
    look(10)
    #expect(pace.wait(at: 10, most: 200) == 200)
    pace.change(awaited: false)
    look(10)
    pace.change(awaited: false)
    look(10.01)
    #expect((39...41).contains(pace.wait(at: 10.01, most: 200)))
    #expect(pace.wait(at: 10.01, most: 5) == 5)
    pace.change(awaited: true)
    #expect(pace.wait(at: 10.01, most: 200) == 0)
    look(10.01)
    look(20)
    #expect(due == [true, false, true, false, true, false])
  }
}
