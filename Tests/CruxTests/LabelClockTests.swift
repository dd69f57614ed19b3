import Testing
import Trajectories

@testable import Crux

struct LabelClockTests {
  @Test func `only the time before the person counts, in pieces`() {
    var clock = LabelClock()
    clock.show("a", at: 10)
    clock.show("a", at: 11)
    #expect(clock.seconds(of: "a", at: 14) == 4)
    clock.show("b", at: 15)
    clock.show(nil, at: 17)
    clock.show("a", at: 30)
    #expect(clock.seconds(of: "a", at: 33) == 8)
    #expect(clock.seconds(of: "b", at: 33) == 2)
    #expect(clock.seconds(of: "c", at: 33) == nil)
  }
}
