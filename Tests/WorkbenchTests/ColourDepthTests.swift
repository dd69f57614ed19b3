import Testing

@testable import Workbench

@Suite struct ColourDepthTests {
  @Test(arguments: [
    (Colour.rgb(0, 0, 0), 16 as UInt8), (.rgb(255, 255, 255), 231), (.rgb(255, 0, 0), 196),
    (.rgb(95, 135, 175), 67), (.rgb(128, 128, 128), 244), (.rgb(8, 8, 8), 232), (.named(9), 9),
  ])
  func `the nearest of 256 is found`(colour: Colour, index: UInt8) {
    #expect(colour.nearestOf256 == index)
  }

  @Test(arguments: [
    (Colour.rgb(0, 0, 0), 0 as UInt8), (.rgb(255, 255, 255), 15), (.rgb(250, 10, 10), 9),
    (.rgb(200, 0, 0), 1), (.rgb(127, 127, 127), 8), (.named(3), 3),
  ])
  func `the nearest of 16 is found`(colour: Colour, index: UInt8) {
    #expect(colour.nearestOf16 == index)
  }

  @Test func `plus and minus differ at every depth`() {
    let theme = Theme.standard
    let positive = theme.style(of: .barPositive).foreground
    let negative = theme.style(of: .barNegative).foreground
    #expect(positive?.nearestOf256 != negative?.nearestOf256)
    #expect(positive?.nearestOf16 != negative?.nearestOf16)
  }
}
