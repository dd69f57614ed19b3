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
    #expect(pace.isDue(at: 0))
    #expect(!pace.isDue(at: 10))
    #expect(pace.wait(at: 10, most: 200) == 200)
    pace.change(awaited: false)
    #expect(pace.isDue(at: 10))
    pace.change(awaited: false)
    #expect(!pace.isDue(at: 10.01))
    #expect((39...41).contains(pace.wait(at: 10.01, most: 200)))
    #expect(pace.wait(at: 10.01, most: 5) == 5)
    pace.change(awaited: true)
    #expect(pace.wait(at: 10.01, most: 200) == 0)
    #expect(pace.isDue(at: 10.01))
    #expect(!pace.isDue(at: 20))
  }
}
